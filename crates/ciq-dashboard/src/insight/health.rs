//! How well accounts go.

use ciq_store::HealthFigures;
use maud::{Markup, html};

use crate::badge::band;
use crate::chart::{Bar, bars};
use crate::format::count;

/// The lowest scores of the tens that are shown.
const TENS: [i64; 10] = [0, 10, 20, 30, 40, 50, 60, 70, 80, 90];

/// Shows how many accounts have which score.
pub(super) fn health(all: &[HealthFigures]) -> Markup {
    html! {
        section.card #health {
            h2 { "Health of accounts" }
            @if all.is_empty() {
                p.muted {
                    "No account was checked yet. Events such as " code { "account_created" } " and "
                    code { "api_usage" } " make accounts, and the next check scores them."
                }
            } @else {
                ul.tags { @for (name, how_many) in by_band(all) { li { (band(name)) " " (count(how_many)) } } }
                (bars("Accounts by score", &TENS.map(|from| bar(all, from))))
            }
        }
    }
}

/// The bands and how many accounts are in each, the best first.
fn by_band(all: &[HealthFigures]) -> Vec<(&str, i64)> {
    let mut bands: Vec<(&str, i64)> = Vec::new();
    for figures in all.iter().rev() {
        match bands.iter_mut().find(|(held, _)| *held == figures.band) {
            Some((_, sum)) => *sum += figures.customer_count,
            None => bands.push((&figures.band, figures.customer_count)),
        }
    }
    bands
}

fn bar(all: &[HealthFigures], from: i64) -> Bar {
    let here = || all.iter().filter(|figures| figures.score_from == from);
    let how_many: i64 = here().map(|figures| figures.customer_count).sum();
    let until = if from == 90 { 100 } else { from + 9 };
    Bar {
        label: format!("{from}\u{2013}{until}"),
        value: f64::from(u32::try_from(how_many).unwrap_or(u32::MAX)),
        shown: count(how_many),
        tone: match here().next().map(|figures| figures.band.as_str()) {
            Some("healthy") => "good",
            Some("watch") => "warn",
            Some("at_risk") => "bad",
            Some(_) | None => "plain",
        },
    }
}
