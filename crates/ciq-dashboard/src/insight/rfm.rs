//! Everyone who ordered, in fifths: how lately, and how often or for how much.

use ciq_event::{Currency, Money};
use ciq_store::{RfmGrid, RfmGrids};
use maud::{Markup, html};

use super::toggles::{Beside, Toggles, choices};
use super::{cell, part_of, shade};
use crate::format::{NOTHING, counted, money};
use crate::visitor::Visitor;

/// Shows the grid.
pub(super) fn grid(visitor: &Visitor, grids: Option<&RfmGrids>, toggles: Toggles) -> Markup {
    html! {
        section.card #rfm {
            h2 { "Who buys lately, often and much" }
            @match grids {
                None => p.muted { "There are fifths as soon as 25 customers have ordered." },
                Some(grids) => (chosen(visitor, grids, toggles)),
            }
        }
    }
}

fn chosen(visitor: &Visitor, grids: &RfmGrids, toggles: Toggles) -> Markup {
    let is_spend = toggles.beside == Beside::Spend;
    let (frequency, spend) = (
        Toggles { beside: Beside::Frequency, ..toggles },
        Toggles { beside: Beside::Spend, ..toggles },
    );
    let entries = [("How often", frequency, !is_spend), ("For how much", spend, is_spend)];
    let grid = if is_spend { grids.by_spend.as_ref() } else { Some(&grids.by_frequency) };
    html! {
        (choices(&visitor.links, "rfm", &entries))
        @match grid {
            None => p.muted { "Fewer than 25 customers ordered in " (grids.currency) "." },
            Some(grid) => {
                (table(grid, &columns(grid, toggles.beside, &grids.currency)))
                p.small.muted {
                    (counted(grid.customer_count, "customer")) " who ordered, in fifths: those at \
                     the top ordered last, those to the right "
                    @if is_spend { "spent most in " (grids.currency) "." } @else { "most often." }
                    " Fifths without a range hold nobody, since too many have the same number."
                }
            }
        }
    }
}

fn table(grid: &RfmGrid, columns: &[String; 5]) -> Markup {
    let most = grid.counts.iter().flatten().copied().max().unwrap_or_default();
    let days = ranges(&grid.recency_borders, |days| counted(days, "day"));
    html! {
        div.scroll role="region" aria-label="Customers in fifths" tabindex="0" {
            table.heat {
                caption.unseen { "Customers by when they ordered last, and by what they ordered" }
                thead {
                    tr {
                        th scope="col" { "Ordered last" }
                        @for column in columns { th scope="col" { (column) } }
                    }
                }
                tbody {
                    // The best fifth of recency is that of the fewest days.
                    @for (row, range) in grid.counts.iter().rev().zip(&days) {
                        tr {
                            th scope="row" { (range) @if range.as_str() != NOTHING { " ago" } }
                            @for how_many in row {
                                td class=[shade(part_of(*how_many, most))] { (cell(*how_many)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// What the fifths beside recency are called.
fn columns(grid: &RfmGrid, beside: Beside, currency: &str) -> [String; 5] {
    let currency = Currency::parse(currency).unwrap_or(Currency::USD);
    ranges(&grid.other_borders, |border| match beside {
        Beside::Frequency => counted(border, "order"),
        Beside::Spend => money(Money { minor: border, currency }),
    })
}

/// What fifths are called by their borders, the lowest first. A fifth that holds nobody, since its
/// borders are one, has no name.
fn ranges(borders: &[i64; 4], write: impl Fn(i64) -> String) -> [String; 5] {
    let [first, second, third, fourth] = *borders;
    let between = |below: i64, border: i64| {
        if below == border { NOTHING.to_owned() } else { format!("up to {}", write(border)) }
    };
    [
        format!("up to {}", write(first)),
        between(first, second),
        between(second, third),
        between(third, fourth),
        format!("over {}", write(fourth)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::count;

    #[test]
    fn a_fifth_of_nobody_has_no_name() {
        let shown = ranges(&[1, 1, 1, 2], count);
        assert_eq!(shown, ["up to 1", NOTHING, NOTHING, "up to 2", "over 2"]);
    }
}
