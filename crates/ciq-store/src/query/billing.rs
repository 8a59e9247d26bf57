//! Subscriptions, and how a customer pays for them.

use std::collections::BTreeMap;

use ciq_event::{BillingHealth, Currency, CustomerId, Money, SubscriptionStatus};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::{Amount, amount, rfc3339};
use crate::sql::{OptionalExtension, Row};
use crate::{Reader, StoreError, sql};

/// A subscription of a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SubscriptionView {
    /// Its id, such as `sub_…`.
    pub subscription_id: String,
    /// What it is called.
    pub plan: Option<String>,
    /// How many screens it covers: its quantity.
    pub screens: Option<i64>,
    /// What it brings in a month: nothing unless it is active or past due.
    #[schema(value_type = Option<f64>)]
    pub mrr: Option<Amount>,
    /// The currency of `mrr`.
    pub currency: Option<String>,
    /// How it stands, in Stripe's words; `null` where only payments told of it.
    pub status: Option<String>,
    /// When it began.
    pub started_at: Option<String>,
    /// When it ended.
    pub cancelled_at: Option<String>,
    /// When it was last paid.
    pub last_paid_at: Option<String>,
    /// When a payment for it last failed.
    pub last_payment_failed_at: Option<String>,
}

/// What a customer subscribes to, and how it pays.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BillingView {
    /// `none`, `good`, `past_due` or `cancelled`.
    pub health: String,
    /// The plans that run.
    pub plans: Vec<String>,
    /// How many screens they cover.
    pub screens: i64,
    /// What they bring in a month, by currency.
    #[schema(value_type = BTreeMap<String, f64>)]
    pub mrr: BTreeMap<String, Amount>,
    /// Subscriptions that run and whose last payment failed.
    pub open_failure_count: i64,
    /// When anything was last paid.
    pub last_paid_at: Option<String>,
    /// When a payment last failed.
    pub last_payment_failed_at: Option<String>,
    /// All subscriptions: those that run first, then by when they began, the latest first.
    pub subscriptions: Vec<SubscriptionView>,
}

/// Subscriptions that are shown of a customer. Further ones count in no sum.
const SUBSCRIPTIONS_MAX: u32 = 100;

const SUBSCRIPTIONS: &str = "SELECT id, plan, screens, mrr_minor, currency, status, started_at,
        cancelled_at, last_paid_at, last_payment_failed_at
    FROM subscription WHERE customer_key = ?1
    ORDER BY status IS NOT NULL AND status IN ('canceled', 'incomplete_expired'),
        started_at DESC, id LIMIT ?2";

const BILLING: &str = "SELECT health, open_failure_count, last_paid_at, last_payment_failed_at
    FROM billing WHERE customer_key = ?1";

impl Reader {
    /// Returns what a customer subscribes to and how it pays, by any id that ever named it. Whoever
    /// never had a subscription has a view that says so.
    pub fn billing(&self, id: &CustomerId) -> Result<BillingView, StoreError> {
        let mut view = BillingView {
            health: BillingHealth::None.name().to_owned(),
            plans: Vec::new(),
            screens: 0,
            mrr: BTreeMap::new(),
            open_failure_count: 0,
            last_paid_at: None,
            last_payment_failed_at: None,
            subscriptions: Vec::new(),
        };
        let Some(key) = self.key_of(id)? else { return Ok(view) };
        let doing = StoreError::doing("read subscriptions");
        let mut statement = self.connection.prepare_cached(BILLING).map_err(&doing)?;
        let found = statement
            .query_row([key.0], |row| {
                view.health = row.get(0)?;
                view.open_failure_count = row.get(1)?;
                view.last_paid_at = rfc3339(row.get(2)?);
                view.last_payment_failed_at = rfc3339(row.get(3)?);
                Ok(())
            })
            .optional()
            .map_err(&doing)?;
        if found.is_none() {
            return Ok(view);
        }
        let mut statement = self.connection.prepare_cached(SUBSCRIPTIONS).map_err(&doing)?;
        let rows = statement.query_map((key.0, SUBSCRIPTIONS_MAX), view_of).map_err(&doing)?;
        view.subscriptions = rows.collect::<Result<_, _>>().map_err(&doing)?;
        sum_up(&mut view);
        Ok(view)
    }
}

/// Sums up what runs.
fn sum_up(view: &mut BillingView) {
    for held in view.subscriptions.iter().filter(|held| !is_over(held)) {
        view.plans.extend(held.plan.clone());
        view.screens = view.screens.saturating_add(held.screens.unwrap_or(0));
        let Some(Amount(mrr)) = held.mrr else { continue };
        let nothing = Amount(Money { minor: 0, ..mrr });
        let sum = view.mrr.entry(mrr.currency.to_string()).or_insert(nothing);
        sum.0.minor = sum.0.minor.saturating_add(mrr.minor);
    }
    view.plans.sort_unstable();
    view.plans.dedup();
}

fn is_over(held: &SubscriptionView) -> bool {
    let status = held.status.as_deref().and_then(SubscriptionStatus::parse);
    status.is_some_and(SubscriptionStatus::is_over)
}

fn view_of(row: &Row<'_>) -> sql::Result<SubscriptionView> {
    let (minor, currency): (Option<i64>, Option<String>) = (row.get(3)?, row.get(4)?);
    let status: Option<String> = row.get(5)?;
    let known = status.as_deref().and_then(SubscriptionStatus::parse);
    let is_revenue = known.is_none_or(SubscriptionStatus::is_revenue);
    let code = currency.as_deref().unwrap_or(Currency::USD.as_str()).to_owned();
    Ok(SubscriptionView {
        subscription_id: row.get(0)?,
        plan: row.get(1)?,
        screens: row.get(2)?,
        mrr: minor.map(|minor| amount(if is_revenue { minor } else { 0 }, &code)),
        currency,
        status,
        started_at: rfc3339(row.get(6)?),
        cancelled_at: rfc3339(row.get(7)?),
        last_paid_at: rfc3339(row.get(8)?),
        last_payment_failed_at: rfc3339(row.get(9)?),
    })
}
