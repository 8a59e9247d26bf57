//! The figures at the top, and how many events came lately.

use jiff::SignedDuration;
use maud::{Markup, html};

use super::NowView;
use crate::badge::severity;
use crate::chart::{Point, sparkline};
use crate::format::count;
use crate::link::Links;
use crate::parts::{Figure, figures};

/// Shows the figures.
pub(super) fn figures_of(view: &NowView, links: &Links) -> Markup {
    let headline = &view.headline;
    let link = |address: &str, how_many: i64| html! { a href=(address) { (count(how_many)) } };
    let lately: i64 = view.arrivals.iter().rev().take(2).next_back().copied().unwrap_or_default();
    let all = [
        Figure::plain("Customers", link(&links.list(), headline.customer_count)),
        Figure::plain("Events", html! { (count(headline.event_count)) }),
        Figure {
            name: "Interventions not resolved",
            value: open(view, links),
            is_alert: view.open_count() > 0,
        },
        Figure {
            name: "Reviews waiting",
            value: link(&links.reviews(None), headline.pending_review_count),
            is_alert: headline.pending_review_count > 0,
        },
        Figure {
            name: "Messages refused",
            value: link(&links.system(), headline.dead_letter_count),
            is_alert: headline.dead_letter_count > 0,
        },
    ];
    html! {
        div.lead {
            (figures(&all))
            section.card aria-label="Events by the minute" {
                p.small {
                    strong { (count(lately)) } " events in the last whole minute, "
                    strong { (count(view.arrivals.iter().sum())) } " in the last hour"
                }
                (sparkline("Events of the last hour", "Minute", &points(view)))
            }
        }
    }
}

fn open(view: &NowView, links: &Links) -> Markup {
    html! {
        a href=(links.interventions(&[])) { (count(view.open_count())) }
        span.sub {
            @for (name, how_many) in view.open_by_severity() {
                a href=(links.interventions(&[("severity", name)])) {
                    (severity(name)) " " (count(how_many))
                }
                " "
            }
        }
    }
}

/// Names the minutes by their time of day.
fn points(view: &NowView) -> Vec<Point> {
    let length = i64::try_from(view.arrivals.len()).unwrap_or(i64::MAX);
    let minute = |(index, value): (i64, &i64)| {
        let at = view.as_of.checked_sub(SignedDuration::from_mins(length - 1 - index));
        let label = at.map(|at| at.strftime("%H:%M").to_string()).unwrap_or_default();
        Point { label, value: *value }
    };
    (0..).zip(&view.arrivals).map(minute).collect()
}
