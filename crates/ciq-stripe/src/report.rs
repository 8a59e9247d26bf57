//! Revenue for people and for other programs: a table, CSV, JSON and a chart.

mod chart;
mod csv;
mod json;
mod table;
#[cfg(test)]
mod tests;

pub use self::chart::render_svg;
pub use self::csv::render_csv;
pub use self::json::render_json;
pub use self::table::render_table;

use std::collections::BTreeSet;

use crate::PricePlan;
use crate::mrr::MonthRevenue;

/// Returns the names of all price plans of some months: our own first, the cheapest at the front,
/// then any other.
fn plan_names(months: &[MonthRevenue]) -> Vec<&str> {
    let mut found: BTreeSet<&str> =
        months.iter().flat_map(|month| month.by_plan.keys()).map(String::as_str).collect();
    let ours = PricePlan::ALL.map(PricePlan::name);
    let mut names: Vec<&str> = ours.into_iter().filter(|name| found.remove(name)).collect();
    names.extend(found);
    names
}

/// Returns what a price plan brings in a month.
fn of_plan(month: &MonthRevenue, name: &str) -> i64 {
    month.by_plan.get(name).copied().unwrap_or_default()
}
