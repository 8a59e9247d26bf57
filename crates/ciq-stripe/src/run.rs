//! What a run leaves behind for others to read: ids, prices and invoices.

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::plan::RunSettings;

/// `stripe_prices.json`: which price is which price plan.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PriceFile {
    /// `price_…` by the name of the price plan.
    pub prices: BTreeMap<String, String>,
    /// `prod_…` by the name of the price plan.
    pub products: BTreeMap<String, String>,
    /// The name of the price plan by `price_…`.
    pub price_to_plan: BTreeMap<String, String>,
}

/// `current_run.json`: which customers and clocks belong to the run, and how far it came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// The version of this layout.
    pub version: u32,
    /// The run's name: clocks are named `stripe-seed NAME NN`.
    pub run: String,
    /// Fresh for each run; idempotency keys begin with it.
    pub run_id: String,
    /// Where it runs.
    pub server: Server,
    /// The 1st of month 0.
    pub start: Date,
    /// What the plan follows from.
    pub settings: RunSettings,
    /// When it began.
    pub started_at: Timestamp,
    /// When its last month was done.
    pub finished_at: Option<Timestamp>,
    /// Months whose snapshot is written; month 0 is one of them.
    pub months_done: u32,
    /// `clock_…`, in the plan's order.
    pub clock_ids: Vec<String>,
    /// `cus_…`, in the plan's order.
    pub customer_ids: Vec<String>,
}

impl RunFile {
    /// The version of the layout that this program writes.
    pub const VERSION: u32 = 1;

    /// Returns the name of a clock, counted from 0.
    #[must_use]
    pub fn clock_name(run: &str, clock: u32) -> String {
        format!("{CLOCK_PREFIX}{run} {:02}", clock + 1)
    }
}

/// Every clock's name begins with it.
pub const CLOCK_PREFIX: &str = "stripe-seed ";

/// Which Stripe a run talks to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Server {
    /// Stripe itself, in test mode.
    Stripe,
    /// Another server, by its address.
    At {
        /// Such as `http://127.0.0.1:12111`.
        url: String,
    },
    /// The twin that runs inside the program, its state beside the files.
    Twin,
}

/// `invoices.json`: one invoice as the server told it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceRow {
    /// `in_…`.
    pub invoice_id: String,
    /// `cus_…`.
    pub customer_id: String,
    /// `sub_…`, where it is a subscription's.
    pub subscription_id: Option<String>,
    /// When it was made, on the clock's time.
    pub created_at: Timestamp,
    /// Such as `subscription_create`, `subscription_cycle`.
    pub billing_reason: Option<String>,
    /// `draft`, `open`, `paid`, `uncollectible` or `void`.
    pub status: String,
    /// What is to be paid, in cents.
    pub total_cents: i64,
    /// What was paid, in cents.
    pub amount_paid_cents: i64,
    /// How often a charge was tried.
    pub attempt_count: u64,
    /// When it was paid.
    pub paid_at: Option<Timestamp>,
    /// Its lines.
    pub lines: Vec<InvoiceLine>,
}

/// A line of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceLine {
    /// In cents; a credit is negative.
    pub amount_cents: i64,
    /// `price_…`, where the line has one.
    pub price_id: Option<String>,
    /// How many screens.
    pub quantity: Option<u64>,
    /// Whether it settles a change in the middle of a period.
    pub is_proration: bool,
    /// The period that it is for.
    pub period_start: Timestamp,
    /// Its end.
    pub period_end: Timestamp,
}
