//! The account of a customer: how far it has come, how it is used, and how well that goes.

use ciq_event::AccountStage;
use ciq_store::{AccountView, HealthView};
use maud::{Markup, html};
use serde::Deserialize;

use crate::badge;
use crate::format::{count, cut, day, text, time, words};
use crate::parts::state;

/// Most characters of a text that an event gave.
const TEXT_LENGTH_MAX: usize = 80;

/// A part of a health score, as the file keeps it.
#[derive(Debug, Deserialize)]
struct Part {
    name: String,
    points: u8,
    points_max: u8,
    reason: String,
}

/// Shows the card; nothing for a customer without an account.
pub(super) fn account(account: Option<&AccountView>, health: Option<&HealthView>) -> Markup {
    let Some(account) = account else { return html! {} };
    html! {
        section.card #account {
            div.event {
                h2 { "Account" }
                @if let Some(health) = health {
                    span {
                        (badge::band(&health.band)) " "
                        strong { (health.score) } " of 100 "
                        span.small.muted { "as of " (time(health.as_of.as_deref())) }
                    }
                }
            }
            (stepper(&account.stage))
            (facts(account))
            @match health {
                Some(health) => (parts(health)),
                None => p.small.muted { "Its health is worked out when the monitor checks it next." },
            }
        }
    }
}

fn stepper(stage: &str) -> Markup {
    let at = AccountStage::ALL.iter().position(|it| it.name() == stage);
    html! {
        ol.stepper aria-label="Stages of an account" {
            @for (place, step) in AccountStage::ALL.iter().enumerate() {
                @let is_done = at.is_some_and(|at| place < at);
                li class=[is_done.then_some("done")] aria-current=[(at == Some(place)).then_some("step")] {
                    (words(step.name()))
                    @if is_done { span.unseen { " (done)" } }
                }
            }
        }
    }
}

fn facts(account: &AccountView) -> Markup {
    html! {
        dl.facts {
            div { dt { "Tier" } dd { (words(&account.tier)) } }
            div {
                dt { "API calls" }
                dd {
                    (count(account.total_api_calls))
                    @if account.last_api_call.is_some() {
                        span.sub { "last " (day(account.last_api_call.as_deref())) }
                    }
                }
            }
            div { dt { "Error rate" } dd { (format!("{:.1} %", 100.0 * account.error_rate)) } }
            div { dt { "Use" } dd { (trend(&account.usage_trend)) } }
            div {
                dt { "Integration" }
                dd {
                    @match &account.integration_status {
                        Some(status) => (state(&cut(status, TEXT_LENGTH_MAX))),
                        None => (text(None)),
                    }
                }
            }
            div { dt { "Signed up" } dd { (day(account.signed_up_at.as_deref())) } }
        }
    }
}

fn trend(trend: &str) -> Markup {
    let sign = match trend {
        "increasing" => "\u{2197}",
        "declining" => "\u{2198}",
        _ => "\u{2192}",
    };
    html! { span aria-hidden="true" { (sign) " " } (words(trend)) }
}

fn parts(health: &HealthView) -> Markup {
    let parts: Vec<Part> = serde_json::from_str(health.parts.get()).unwrap_or_default();
    html! {
        h3 { "What the health is made of" }
        ul.plain {
            @for part in &parts {
                li {
                    div.event {
                        span { (words(&part.name)) }
                        span.strength {
                            meter min="0" max=(part.points_max) value=(part.points)
                                low=(f64::from(part.points_max) * 0.4)
                                high=(f64::from(part.points_max) * 0.7)
                                optimum=(part.points_max) aria-label=(words(&part.name)) { (part.points) }
                            (part.points) " of " (part.points_max)
                        }
                    }
                    div.small.muted { (part.reason) }
                }
            }
        }
    }
}
