//! CSV for a spreadsheet, in dollars with two decimals.

use csv::{Error, Writer};

use super::{of_plan, plan_names};
use crate::money::decimal;
use crate::mrr::MonthRevenue;

/// The columns before those of the price plans. Amounts end in `_usd`.
const COLUMNS: [&str; 14] = [
    "month",
    "opening_usd",
    "new_usd",
    "expansion_usd",
    "contraction_usd",
    "churn_usd",
    "involuntary_churn_usd",
    "reactivation_usd",
    "closing_usd",
    "past_due_usd",
    "customers",
    "paying_customers",
    "arppu_usd",
    "currency",
];

/// Renders CSV, a line by month and a column by price plan. Contraction and churn are positive.
#[must_use]
pub fn render_csv(months: &[MonthRevenue]) -> String {
    let written = write(months);
    debug_assert!(written.is_ok(), "memory takes everything: {written:?}");
    String::from_utf8(written.unwrap_or_default()).unwrap_or_default()
}

fn write(months: &[MonthRevenue]) -> Result<Vec<u8>, Error> {
    let plans = plan_names(months);
    let mut writer = Writer::from_writer(Vec::new());
    let named = plans.iter().map(|plan| format!("{}_usd", slug(plan)));
    writer.write_record(COLUMNS.map(str::to_owned).into_iter().chain(named))?;
    for month in months {
        let amounts = plans.iter().map(|plan| decimal(of_plan(month, plan)));
        writer.write_record(cells(month).into_iter().chain(amounts))?;
    }
    writer.into_inner().map_err(|error| error.into_error().into())
}

/// Returns a name in small letters, its words joined by `_`.
fn slug(name: &str) -> String {
    let words = name.split(|sign: char| !sign.is_alphanumeric());
    let words: Vec<_> = words.filter(|word| !word.is_empty()).map(str::to_lowercase).collect();
    words.join("_")
}

fn cells(month: &MonthRevenue) -> [String; COLUMNS.len()] {
    [
        month.month.clone(),
        decimal(month.opening_cents),
        decimal(month.new_cents),
        decimal(month.expansion_cents),
        decimal(month.contraction_cents),
        decimal(month.churn_cents),
        decimal(month.involuntary_churn_cents),
        decimal(month.reactivation_cents),
        decimal(month.closing_cents),
        decimal(month.past_due_cents),
        month.customer_count.to_string(),
        month.paying_customer_count.to_string(),
        month.arppu_cents.map(decimal).unwrap_or_default(),
        crate::CURRENCY.to_owned(),
    ]
}
