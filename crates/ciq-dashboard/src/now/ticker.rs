//! What came last.

use ciq_store::{EventView, LatestEvent};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use maud::{Markup, html};

use super::NowView;
use crate::format::{money, words};
use crate::link::Links;

/// Shows what came last, the latest first.
pub(super) fn ticker(view: &NowView, links: &Links) -> Markup {
    html! {
        @if view.latest.is_empty() {
            p.muted { "None yet. Events stand here as they come." }
        } @else {
            ol.ticker { @for latest in &view.latest { (row(latest, links, view.as_of)) } }
        }
    }
}

fn row(latest: &LatestEvent, links: &Links, now: Timestamp) -> Markup {
    let LatestEvent { event, customer_name } = latest;
    let kind = words(&event.event_type);
    html! {
        // By its id, a morph knows a row again.
        li #(event.id) {
            (short_time(event.occurred_at.as_deref(), now))
            div.what {
                a href=(links.customer(&event.customer_id)) { (customer_name) }
                span.sub {
                    (kind)
                    @if let Some(title) = title_of(event, &kind) {
                        ": " (title)
                    }
                }
            }
            span.amount { @if let Some(amount) = event.amount { (money(amount.0)) } }
        }
    }
}

/// The title of an event, where it says more than what kind it is of.
fn title_of<'a>(event: &'a EventView, kind: &str) -> Option<&'a str> {
    event.title.as_deref().filter(|title| !title.eq_ignore_ascii_case(kind))
}

/// Writes the time of day, or the day where it is another one.
fn short_time(at: Option<&str>, now: Timestamp) -> Markup {
    let parsed = at.and_then(|at| at.parse::<Timestamp>().ok());
    let (Some(at), Some(parsed)) = (at, parsed) else { return html! { span {} } };
    let day = |at: Timestamp| at.to_zoned(TimeZone::UTC).date();
    let pattern = if day(parsed) == day(now) { "%H:%M:%S" } else { "%-d %b" };
    let full = parsed.strftime("%-d %b %Y, %H:%M:%S UTC").to_string();
    html! { time datetime=(at) title=(full) { (parsed.strftime(pattern).to_string()) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(at: &str, shown: &str) {
        let now = "2026-11-21T10:00:00Z".parse().unwrap();
        let written = short_time(Some(at), now).into_string();
        assert!(written.contains(&format!(">{shown}</time>")), "{written}");
    }

    #[test]
    fn a_time_of_today_is_the_time_of_day() {
        check("2026-11-21T00:00:01Z", "00:00:01");
        check("2026-11-20T23:59:59Z", "20 Nov");
    }
}
