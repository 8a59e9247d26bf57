//! A table for a terminal, in dollars.

use super::{of_plan, plan_names};
use crate::money::dollars;
use crate::mrr::MonthRevenue;

/// Renders two tables for a terminal, in dollars: what moved the revenue, and where it comes from.
#[must_use]
pub fn render_table(months: &[MonthRevenue]) -> String {
    let mut movements = vec![texts(&[
        "month",
        "opening",
        "new",
        "expansion",
        "contraction",
        "churn",
        "reactivation",
        "closing",
    ])];
    movements.extend(months.iter().map(movement_row));

    let plans = plan_names(months);
    let mut sources = vec![texts(&["month"])];
    sources[0].extend(plans.iter().map(|plan| (*plan).to_owned()));
    sources[0].extend(texts(&["past due", "customers", "paying", "ARPPU"]));
    sources.extend(months.iter().map(|month| source_row(month, &plans)));
    format!("{}\n{}", aligned(&movements), aligned(&sources))
}

fn movement_row(month: &MonthRevenue) -> Vec<String> {
    let mut row = vec![month.month.clone()];
    let amounts = [
        month.opening_cents,
        month.new_cents,
        month.expansion_cents,
        -month.contraction_cents,
        -month.churn_cents,
        month.reactivation_cents,
        month.closing_cents,
    ];
    row.extend(amounts.map(dollars));
    row
}

fn source_row(month: &MonthRevenue, plans: &[&str]) -> Vec<String> {
    let mut row = vec![month.month.clone()];
    row.extend(plans.iter().map(|plan| dollars(of_plan(month, plan))));
    row.push(dollars(month.past_due_cents));
    row.push(month.customer_count.to_string());
    row.push(month.paying_customer_count.to_string());
    row.push(month.arppu_cents.map_or_else(|| "-".to_owned(), dollars));
    row
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Puts rows under each other: the first column to the left, numbers to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let count = rows.iter().map(Vec::len).max().unwrap_or_default();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..count).map(width).collect();
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(column, (cell, width))| match column {
            0 => format!("{cell:<width$}"),
            _ => format!("  {cell:>width$}"),
        });
        cells.collect::<String>() + "\n"
    };
    rows.iter().map(line).collect()
}
