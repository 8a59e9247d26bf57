//! The automations themselves.

use maud::{Markup, html};
use serde_json::Value;

use super::reads::{AutomationsView, Definition, OneView};
use crate::format::{NOTHING, count, text, time, words};
use crate::parts::{empty, folded_json, state};
use crate::visitor::Visitor;

/// States of messages in which somebody waits, or has to look.
const OUTBOX: [&str; 4] = ["queued", "sending", "failed", "sent"];

/// Says how to begin.
pub(super) fn none() -> Markup {
    empty(
        "No automations yet",
        &html! {
            p {
                "An automation writes to a customer by itself, such as two hours after a cart was \
                 left. Begin with those that come along, which are all switched off:"
            }
            pre {
                "cargo run -p customeriq -- automations defaults > automations.toml\n"
                "cargo run -p customeriq -- automations add automations.toml"
            }
        },
    )
}

/// Shows the automations.
pub(super) fn defined(visitor: &Visitor, view: &AutomationsView) -> Markup {
    html! {
        @if !view.delivery_counts.is_empty() { (outbox(view)) }
        section.card aria-label="Automations" {
            div.wide role="region" aria-label="Automations" tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Automation" }
                            th scope="col" { "State" }
                            th scope="col" { "When" }
                            th scope="col" { "Does" }
                            th scope="col" { "Lately" }
                            th scope="col" { "Last triggered" }
                        }
                    }
                    tbody {
                        @for automation in &view.automations { (automation_row(visitor, automation)) }
                    }
                }
            }
        }
    }
}

/// Shows how many messages are in each state.
fn outbox(view: &AutomationsView) -> Markup {
    let counts = OUTBOX.map(|name| (name, view.delivery_counts.get(name).copied().unwrap_or(0)));
    html! {
        dl.figures {
            @for (name, how_many) in counts {
                div class=[(name == "failed" && how_many > 0).then_some("alert")] {
                    dt { "Messages " (name) } dd { (count(how_many)) }
                }
            }
        }
    }
}

fn automation_row(visitor: &Visitor, automation: &Definition) -> Markup {
    html! {
        tr {
            th.name scope="row" {
                a href=(visitor.links.automation(&automation.id)) { (automation.name) }
                @if automation.name != automation.id { span.sub.id { (automation.id) } }
            }
            td { (on_or_off(automation)) (switch(visitor, automation, None)) }
            td { (text(trigger(&automation.value).as_deref())) }
            td { (actions(&automation.value)) }
            td { (lately(automation)) }
            td { (time(automation.figures.last_triggered_at.as_deref())) }
        }
    }
}

fn on_or_off(automation: &Definition) -> Markup {
    html! {
        @if automation.is_on { span.tag.good { "On" } } @else { span.tag.plain { "Off" } }
    }
}

/// The form that switches an automation; it leads back to the automation's own page where it
/// stands there.
fn switch(visitor: &Visitor, automation: &Definition, back: Option<&str>) -> Markup {
    let (to, label) = if automation.is_on { ("off", "Switch off") } else { ("on", "Switch on") };
    html! {
        @if visitor.may_act() {
            form method="post" action=(visitor.links.switch_automation(&automation.id)) {
                input type="hidden" name="to" value=(to);
                @if let Some(back) = back { input type="hidden" name="back" value=(back); }
                button.quiet.small type="submit" {
                    (label) span.unseen { " " (automation.name) }
                }
            }
        }
    }
}

fn trigger(definition: &Value) -> Option<String> {
    definition["trigger"]["type"].as_str().map(words)
}

fn actions(definition: &Value) -> Markup {
    let actions = definition["actions"].as_array().into_iter().flatten();
    html! { @for action in actions { span.line { (action_words(action)) } } }
}

fn action_words(action: &Value) -> String {
    let kind = action["type"].as_str().map_or_else(String::new, words);
    match action["channel"].as_str() {
        Some(channel) => format!("{kind} by {}", words(channel)),
        None => kind,
    }
}

/// Shows how an automation did lately.
fn lately(automation: &Definition) -> Markup {
    let executions = &automation.figures.executions;
    html! {
        @if executions.is_empty() { (NOTHING) }
        @for (status, how_many) in executions {
            span.line { (count(*how_many)) " " (words(status).to_lowercase()) }
        }
    }
}

/// Shows all of one automation.
pub(super) fn one(visitor: &Visitor, view: &OneView) -> Markup {
    let definition = &view.definition;
    html! {
        div.bar {
            div.person { h1 { (definition.name) } (on_or_off(definition)) }
            (switch(visitor, definition, Some("here")))
        }
        section.card {
            dl.pairs {
                dt { "Id" } dd.id { (definition.id) }
                dt { "When" } dd { (text(trigger(&definition.value).as_deref())) }
                dt { "Does" } dd { (actions(&definition.value)) }
                dt { "Changed" } dd { (time(definition.updated_at.as_deref())) }
                dt { "Last triggered" }
                dd { (time(definition.figures.last_triggered_at.as_deref())) }
                dt { "Lately" }
                dd {
                    @if definition.figures.executions.is_empty() { (NOTHING) }
                    @for (status, how_many) in &definition.figures.executions {
                        span { (count(*how_many)) " " (state(status)) }
                    }
                }
            }
            (folded_json("The whole definition", &definition.value))
        }
    }
}
