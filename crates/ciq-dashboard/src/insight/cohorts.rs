//! Who came back, by the month that they came in.

use ciq_store::{Cohort, Cohorts, Figures};
use maud::{Markup, html};

use super::toggles::{Return, Toggles, choices};
use super::{part_of, shade};
use crate::format::{NOTHING, count, counted, percent};
use crate::visitor::Visitor;

/// Shows the triangle.
pub(super) fn cohorts(visitor: &Visitor, figures: &Figures, toggles: Toggles) -> Markup {
    let has_orders = has_any(&figures.order_cohorts);
    let unsaid = if has_orders { Return::Order } else { Return::Event };
    let back = toggles.back.unwrap_or(unsaid);
    let of = |back| Toggles { back: Some(back), ..toggles };
    let entries = [
        ("With another order", of(Return::Order), back == Return::Order),
        ("With anything", of(Return::Event), back == Return::Event),
    ];
    let (shown, first) = match back {
        Return::Order => (&figures.order_cohorts, "first order"),
        Return::Event => (&figures.event_cohorts, "first event"),
    };
    html! {
        section.card #cohorts {
            h2 { "Who comes back" }
            (choices(&visitor.links, "cohorts", &entries))
            @match (in_months(shown), shown.earlier_count) {
                (0, 0) => p.muted { "Nobody has done that yet." },
                (0, earlier) => p.muted {
                    "Everyone came before the last twelve months: " (counted(earlier, "customer")) "."
                },
                (_, _) => (triangle(shown, first)),
            }
        }
    }
}

/// How many customers came in the months that are looked at.
fn in_months(cohorts: &Cohorts) -> i64 {
    cohorts.rows.iter().map(|row| row.customer_count).sum()
}

fn has_any(cohorts: &Cohorts) -> bool {
    cohorts.earlier_count > 0 || in_months(cohorts) > 0
}

fn triangle(cohorts: &Cohorts, first: &str) -> Markup {
    let rows = shown(cohorts);
    html! {
        div.scroll role="region" aria-label="Who comes back" tabindex="0" {
            table.heat {
                caption.unseen { "Customers by the month of their " (first) ", and how many came back" }
                thead {
                    tr {
                        th scope="col" { "Month of the " (first) }
                        th.number scope="col" { "Customers" }
                        @for month in 1..rows.len() { th scope="col" { "+" (month) } }
                    }
                }
                tbody { @for row in rows { (cohort(row, rows.len())) } }
            }
        }
        p.small.muted {
            "Months are of the calendar, in UTC. +1 is the month after that of the " (first) ". The \
             last month of each row may not be over yet."
            @if cohorts.earlier_count > 0 {
                " " (counted(cohorts.earlier_count, "customer")) " came before that."
            }
        }
    }
}

/// The months that are shown: from the first one on in which anybody came.
fn shown(cohorts: &Cohorts) -> &[Cohort] {
    let is_some = |row: &Cohort| row.customer_count > 0 || cohorts.earlier_count > 0;
    let first = cohorts.rows.iter().position(is_some).unwrap_or_default();
    cohorts.rows.get(first..).unwrap_or_default()
}

fn cohort(row: &Cohort, month_count: usize) -> Markup {
    let later = row.returned.get(1..).unwrap_or_default();
    html! {
        tr {
            th scope="row" { (row.month.strftime("%b %Y").to_string()) }
            td.number { (count(row.customer_count)) }
            @for returned in later {
                @let share = part_of(*returned, row.customer_count);
                @if row.customer_count == 0 { td { (NOTHING) } } @else {
                    td class=[shade(share)] {
                        (percent(share)) " %" span.sub { (count(*returned)) }
                    }
                }
            }
            // Months that are still to come.
            @for _ in later.len() + 1..month_count { td {} }
        }
    }
}
