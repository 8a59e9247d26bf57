//! The segments, and the stages of the journey.

use ciq_store::{Figures, SegmentFigures};
use maud::{Markup, html};

use super::part_of;
use crate::chart::{Bar, bars};
use crate::format::{NOTHING, count, money, percent};
use crate::parts::{share, state};
use crate::visitor::Visitor;

/// Shows the segments.
pub(super) fn segments(visitor: &Visitor, figures: &Figures) -> Markup {
    html! {
        section.card #segments {
            h2 { "Segments" }
            @if figures.customer_count == 0 {
                p.muted {
                    "Nothing is computed yet. While the service runs, this takes a second or so; \
                     then load this page again."
                }
            } @else {
                div.wide role="region" aria-label="Segments" tabindex="0" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Segment" }
                                th.number scope="col" { "Customers" }
                                th.number scope="col" { "Share" }
                                th.number scope="col" { "Predicted lifetime value" }
                                th scope="col" { "Likely to leave, on average" }
                            }
                        }
                        tbody {
                            @for segment in &figures.segments {
                                (row(visitor, segment, figures.customer_count))
                            }
                        }
                    }
                }
            }
        }
    }
}

fn row(visitor: &Visitor, segment: &SegmentFigures, all: i64) -> Markup {
    let address = visitor.links.to("/customers", &[("segment", &segment.name)]);
    html! {
        tr {
            th scope="row" { a href=(address) { (state(&segment.name)) } }
            td.number { (count(segment.customer_count)) }
            td.number { (percent(part_of(segment.customer_count, all))) " %" }
            td.number {
                @for amount in segment.lifetime_values.values() {
                    span.line { (money(amount.0)) }
                }
                @if segment.lifetime_values.is_empty() { (NOTHING) }
            }
            td {
                @if segment.customer_count > 0 {
                    (share("Likely to leave", percent(segment.mean_churn)))
                } @else { (NOTHING) }
            }
        }
    }
}

/// Shows the stages.
pub(super) fn stages(figures: &Figures) -> Markup {
    let bar = |(name, how_many): &(String, i64)| Bar {
        label: crate::format::words(name),
        value: part_of(*how_many, figures.customer_count),
        shown: format!(
            "{} ({} %)",
            count(*how_many),
            percent(part_of(*how_many, figures.customer_count))
        ),
        tone: match name.as_str() {
            "at_risk" => "bad",
            "retention" | "advocacy" => "good",
            _ => "plain",
        },
    };
    let all: Vec<Bar> = figures.stages.iter().map(bar).collect();
    html! {
        section.card #stages {
            h2 { "Stages of the journey" }
            (bars("Customers at each stage", &all))
        }
    }
}
