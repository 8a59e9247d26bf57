//! JSON for other programs, in cents.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::mrr::MonthRevenue;

/// The version of the layout.
const VERSION: u32 = 1;

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    currency: &'static str,
    /// What counts as recurring revenue.
    counted: [&'static str; 2],
    months: Vec<Month<'a>>,
}

#[derive(Serialize)]
struct Month<'a> {
    month: &'a str,
    opening_cents: i64,
    new_cents: i64,
    expansion_cents: i64,
    contraction_cents: i64,
    churn_cents: i64,
    involuntary_churn_cents: i64,
    reactivation_cents: i64,
    closing_cents: i64,
    past_due_cents: i64,
    customer_count: u32,
    paying_customer_count: u32,
    arppu_cents: Option<i64>,
    by_plan_cents: &'a BTreeMap<String, i64>,
}

impl<'a> Month<'a> {
    fn new(month: &'a MonthRevenue) -> Self {
        let MonthRevenue {
            month,
            opening_cents,
            new_cents,
            expansion_cents,
            contraction_cents,
            churn_cents,
            involuntary_churn_cents,
            reactivation_cents,
            closing_cents,
            customer_count,
            paying_customer_count,
            arppu_cents,
            by_plan,
            past_due_cents,
        } = month;
        Self {
            month,
            opening_cents: *opening_cents,
            new_cents: *new_cents,
            expansion_cents: *expansion_cents,
            contraction_cents: *contraction_cents,
            churn_cents: *churn_cents,
            involuntary_churn_cents: *involuntary_churn_cents,
            reactivation_cents: *reactivation_cents,
            closing_cents: *closing_cents,
            past_due_cents: *past_due_cents,
            customer_count: *customer_count,
            paying_customer_count: *paying_customer_count,
            arppu_cents: *arppu_cents,
            by_plan_cents: by_plan,
        }
    }
}

/// Renders JSON with a version, in cents. Contraction and churn are positive.
#[must_use]
pub fn render_json(months: &[MonthRevenue]) -> String {
    let report = Report {
        version: VERSION,
        currency: crate::CURRENCY,
        counted: ["active", "past_due"],
        months: months.iter().map(Month::new).collect(),
    };
    let text = serde_json::to_string_pretty(&report);
    debug_assert!(text.is_ok(), "text and numbers always have JSON: {text:?}");
    text.unwrap_or_default() + "\n"
}
