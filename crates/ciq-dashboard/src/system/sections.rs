//! The sections beside the dead letters.

use ciq_event::Brand;
use ciq_store::{CursorView, ModelView};
use jiff::Timestamp;
use maud::{Markup, html};
use serde_json::Value;

use super::SystemView;
use super::reads::OfBrand;
use crate::chart::{Point, sparkline};
use crate::format::{NOTHING, count, time};
use crate::link::Links;
use crate::parts::{Figure, figures};
use crate::visitor::Visitor;

/// Models that are shown.
const MODELS_SHOWN: usize = 10;

/// Units of sizes, each a thousand of the one before.
const UNITS: [&str; 5] = ["B", "kB", "MB", "GB", "TB"];

/// Shows what matters first.
pub(super) fn headline(view: &SystemView) -> Markup {
    let mut all = vec![
        Figure::plain("Version", html! { (env!("CARGO_PKG_VERSION")) }),
        Figure::plain("Running for", html! { (lasting(view.started_at, view.now)) }),
    ];
    if let Some(of_brand) = &view.of_brand {
        let OfBrand { arrivals, letter_count, .. } = of_brand;
        let this_minute = arrivals.last().copied().unwrap_or_default();
        all.push(Figure::plain("Events this minute", html! { (count(this_minute)) }));
        all.push(Figure::plain("Events, last hour", html! { (count(arrivals.iter().sum())) }));
        all.push(Figure::alert("Messages refused", *letter_count));
    }
    figures(&all)
}

/// Shows the parts of the service, and whether each is ready.
pub(super) fn parts(parts: &[(&'static str, Option<String>)]) -> Markup {
    html! {
        section.card #parts {
            h2 { "Parts" }
            ul.plain {
                // Whoever reads this was let in through it.
                li { div.event { span { "HTTP" } span.tag.good { "Ready" } } }
                @for (name, reason) in parts {
                    li {
                        div.event {
                            span { (name) }
                            @match reason {
                                None => span.tag.good { "Ready" },
                                Some(_) => span.tag.bad { "Not ready" },
                            }
                        }
                        @if let Some(reason) = reason { span.sub { (reason) } }
                    }
                }
            }
        }
    }
}

/// Shows how far those who follow what changed have come.
pub(super) fn followers(view: &SystemView) -> Markup {
    let cursors = view.of_brand.as_ref().map(|it| it.cursors.as_slice()).unwrap_or_default();
    html! {
        section.card #followers {
            h2 { "Who follows" }
            @if cursors.is_empty() { p.muted { "Nobody has read what changed yet." } } @else {
                ul.plain { @for cursor in cursors { (follower(cursor)) } }
            }
        }
    }
}

/// Shows how many events came in each of the last minutes.
pub(super) fn arrivals(view: &SystemView) -> Markup {
    let Some(of_brand) = &view.of_brand else { return html! {} };
    let last = of_brand.arrivals.len();
    let point = |(minute, value): (usize, &i64)| {
        let label = match last - minute {
            1 => "this minute".to_owned(),
            2 => "a minute ago".to_owned(),
            ago => format!("{} minutes ago", ago - 1),
        };
        Point { label, value: *value }
    };
    let points: Vec<Point> = of_brand.arrivals.iter().enumerate().map(point).collect();
    html! {
        section.card #arrivals {
            h2 { "Events of the last hour" }
            (sparkline("Events of the last hour", "Minute", &points))
        }
    }
}

fn follower(cursor: &CursorView) -> Markup {
    let what = match cursor.name.as_str() {
        "insight" => "Passes over histories",
        "nats" => "Publishing to NATS",
        other => other,
    };
    html! {
        li {
            div.event {
                span { (what) }
                @if cursor.events_behind == 0 { span.tag.good { "Up to date" } } @else {
                    span.tag.warn { (count(cursor.events_behind)) " events behind" }
                }
            }
            span.sub.id { "at " (cursor.position) }
        }
    }
}

/// Shows what the brand's file or schema is like.
pub(super) fn database(visitor: &Visitor, view: &SystemView) -> Markup {
    html! {
        section.card #database {
            h2 { "Database" }
            @match &view.of_brand {
                None => p.muted { "This brand has no tables yet. The first event makes them." },
                Some(of_brand) => {
                    (facts(of_brand))
                    // Where it is concerns whoever runs the service.
                    @if visitor.may_decide() {
                        p.small.muted { span.id { (of_brand.location) } }
                    }
                }
            }
        }
    }
}

fn facts(of_brand: &OfBrand) -> Markup {
    let OfBrand { location, file, log_bytes, .. } = of_brand;
    let unsigned = |bytes: i64| u64::try_from(bytes).unwrap_or_default();
    html! {
        dl.pairs {
            dt { "Size" } dd { (size(unsigned(file.size_bytes))) }
            // A server keeps both for all of its databases.
            @if location.file().is_some() {
                dt { "Free in it" } dd { (size(unsigned(file.free_bytes))) }
                dt { "Write-ahead log" } dd { (size(*log_bytes)) }
            }
            dt { "Schema" } dd { (file.schema_version) }
            dt { "Program" } dd { (file.engine) }
        }
    }
}

/// Shows the trained models.
pub(super) fn models(view: &SystemView) -> Markup {
    let models = view.of_brand.as_ref().map(|it| it.models.as_slice()).unwrap_or_default();
    let is_trained = models.iter().any(|model| model.is_in_use);
    html! {
        section.card #models {
            h2 { "Models" }
            ul.plain {
                li {
                    div.event {
                        span { "Scorecard, without training" }
                        @if !is_trained { span.tag.good { "In use" } }
                    }
                }
                @for one in models.iter().take(MODELS_SHOWN) { (model(one)) }
            }
            @if models.len() > MODELS_SHOWN {
                p.small.muted { (models.len() - MODELS_SHOWN) " more, trained earlier" }
            }
        }
    }
}

fn model(model: &ModelView) -> Markup {
    let stored: Value = serde_json::from_str(model.report.get()).unwrap_or_default();
    let auc = stored["report"]["auc"].as_f64();
    html! {
        li {
            div.event {
                span.id { (model.version) }
                @if model.is_in_use { span.tag.good { "In use" } }
            }
            span.sub {
                "trained " (time(model.trained_at.as_deref()))
                ", AUC " (auc.map_or_else(|| NOTHING.to_owned(), |auc| format!("{auc:.2}")))
            }
        }
    }
}

/// Shows the brands of the process, where anyone may know.
pub(super) fn brands(visitor: &Visitor, brands: &[Brand]) -> Markup {
    if brands.is_empty() {
        return html! {};
    }
    html! {
        section.card #brands {
            h2 { "Brands of this process" }
            ul.tags {
                @for brand in brands {
                    @let address = Links::new(Some(brand.clone())).system();
                    li.tag {
                        @if *brand == visitor.brand { strong { (brand) } } @else {
                            a href=(address) { (brand) }
                        }
                    }
                }
            }
        }
    }
}

/// Writes how long something has lasted: the two largest units.
fn lasting(from: Timestamp, to: Timestamp) -> String {
    let seconds = to.duration_since(from).as_secs().max(0);
    let (days, hours) = (seconds / 86_400, seconds / 3_600 % 24);
    let (minutes, rest) = (seconds / 60 % 60, seconds % 60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{rest} s"),
        (0, 0, _) => format!("{minutes} min {rest} s"),
        (0, _, _) => format!("{hours} h {minutes} min"),
        (_, _, _) => format!("{} d {hours} h", count(days)),
    }
}

/// Writes a size: `1.5 MB`, a megabyte being a million bytes.
fn size(bytes: u64) -> String {
    let mut unit = 0;
    let mut tenths = bytes.saturating_mul(10);
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1_000;
        unit += 1;
    }
    let name = UNITS.get(unit).copied().unwrap_or_default();
    if unit == 0 {
        format!("{bytes} {name}")
    } else {
        format!("{}.{} {name}", tenths / 10, tenths % 10)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_that_is_not_ready_says_why() {
        let shown = parts(&[("nats", Some("no <server>".to_owned())), ("other", None)]);
        let shown = shown.into_string();
        assert!(shown.contains("Not ready") && shown.contains("no &lt;server&gt;"), "{shown}");
        assert_eq!(shown.matches(">Ready<").count(), 2, "{shown}");
    }

    #[test]
    fn a_size_has_a_unit_that_fits() {
        for (bytes, shown) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_550_000, "1.5 MB"),
            (36_347_904, "36.3 MB"),
            (2_000_000_000_000_000, "2000.0 TB"),
        ] {
            assert_eq!(size(bytes), shown);
        }
    }

    #[test]
    fn a_time_has_its_two_largest_units() {
        let from: Timestamp = "2024-01-01T00:00:00Z".parse().unwrap();
        for (seconds, shown) in
            [(5, "5 s"), (65, "1 min 5 s"), (3_700, "1 h 1 min"), (90_000, "1 d 1 h"), (-5, "0 s")]
        {
            let to = from + jiff::SignedDuration::from_secs(seconds);
            assert_eq!(lasting(from, to), shown);
        }
    }
}
