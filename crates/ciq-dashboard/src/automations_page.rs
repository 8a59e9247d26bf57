//! Automations: which there are, and what they did.

use std::collections::BTreeMap;

use ciq_store::{AutomationView, CampaignView, ExecutionView};
use maud::{Markup, html};
use serde_json::Value;

use crate::format::{text, time, words};
use crate::layout::{Tab, page};
use crate::parts::outcome;
use crate::visitor::Visitor;

/// What the page shows.
#[derive(Debug, Default)]
pub(crate) struct AutomationsView {
    /// The automations.
    pub(crate) automations: Vec<AutomationView>,
    /// The last executions, the latest first.
    pub(crate) executions: Vec<ExecutionView>,
    /// The last messages and other actions, the latest first.
    pub(crate) campaigns: Vec<CampaignView>,
    /// What the customers among them are called, by id.
    pub(crate) names: BTreeMap<String, String>,
}

/// Makes the page.
pub(crate) fn automations_page(visitor: &Visitor, view: &AutomationsView) -> Markup {
    let body = html! {
        div.bar { h1 { "Automations" } }
        @if view.automations.is_empty() { (none()) } @else { (defined(&view.automations)) }
        (executions(visitor, view))
        (campaigns(visitor, view))
    };
    page(visitor, Tab::Automations, "Automations", &body)
}

fn none() -> Markup {
    html! {
        section.card.empty {
            h2 { "No automations yet" }
            p {
                "An automation writes to a customer by itself, such as two hours after a cart was \
                 left. Begin with those that come along, which are all switched off:"
            }
            pre {
                "cargo run -p customeriq -- automations defaults > automations.toml\n"
                "cargo run -p customeriq -- automations add automations.toml"
            }
        }
    }
}

fn defined(automations: &[AutomationView]) -> Markup {
    html! {
        section.card aria-label="Automations" {
            div.wide role="region" aria-label="Automations" tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Automation" }
                            th scope="col" { "State" }
                            th scope="col" { "When" }
                            th scope="col" { "Does" }
                            th scope="col" { "Changed" }
                        }
                    }
                    tbody { @for automation in automations { (automation_row(automation)) } }
                }
            }
        }
    }
}

fn automation_row(automation: &AutomationView) -> Markup {
    let definition: Value = serde_json::from_str(automation.definition.get()).unwrap_or_default();
    let name = definition["name"].as_str().unwrap_or(&automation.id);
    let trigger = definition["trigger"]["type"].as_str().map(words);
    let actions = definition["actions"].as_array().into_iter().flatten();
    let is_on = definition["enabled"] == true;
    html! {
        tr {
            th.name scope="row" {
                (name)
                @if name != automation.id { span.sub.id { (automation.id) } }
            }
            td { @if is_on { span.tag.good { "On" } } @else { span.tag.plain { "Off" } } }
            td { (text(trigger.as_deref())) }
            td { @for action in actions { span.line { (action_words(action)) } } }
            td { (time(automation.updated_at.as_deref())) }
        }
    }
}

fn action_words(action: &Value) -> String {
    let kind = action["type"].as_str().map_or_else(String::new, words);
    match action["channel"].as_str() {
        Some(channel) => format!("{kind} by {}", words(channel)),
        None => kind,
    }
}

fn executions(visitor: &Visitor, view: &AutomationsView) -> Markup {
    html! {
        section.card {
            h2 { "Last executions" }
            @if view.executions.is_empty() {
                p.muted { "None yet. One is kept here each time an automation is triggered." }
            } @else {
                div.wide role="region" aria-label="Last executions" tabindex="0" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Customer" }
                                th scope="col" { "Automation" }
                                th scope="col" { "State" }
                                th scope="col" { "Triggered" }
                            }
                        }
                        tbody {
                            @for one in &view.executions {
                                tr {
                                    th.name scope="row" { (customer(visitor, view, &one.customer_id)) }
                                    td.name { (one.automation_name) span.sub { (words(&one.trigger_type)) } }
                                    td { (outcome(&one.status, one.reason.as_deref())) }
                                    td { (time(one.triggered_at.as_deref())) }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn campaigns(visitor: &Visitor, view: &AutomationsView) -> Markup {
    html! {
        section.card {
            h2 { "Last messages and actions" }
            @if view.campaigns.is_empty() {
                p.muted { "None yet." }
            } @else {
                div.wide role="region" aria-label="Last messages and actions" tabindex="0" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Customer" }
                                th scope="col" { "By" }
                                th scope="col" { "Words" }
                                th scope="col" { "State" }
                                th scope="col" { "When" }
                            }
                        }
                        tbody { @for one in &view.campaigns { (campaign_row(visitor, view, one)) } }
                    }
                }
            }
        }
    }
}

fn campaign_row(visitor: &Visitor, view: &AutomationsView, one: &CampaignView) -> Markup {
    html! {
        tr {
            th.name scope="row" {
                (customer(visitor, view, &one.customer_id))
                @if let Some(recipient) = &one.recipient { span.sub { (recipient) } }
            }
            td { (words(&one.channel)) }
            td.name {
                @if let Some(subject) = &one.subject { strong { (subject) } " " }
                (text(one.content.as_deref()))
            }
            td {
                (outcome(&one.status, one.reason.as_deref()))
                @if one.attempt_count > 1 { span.sub { (one.attempt_count) " tries" } }
            }
            td { (time(one.sent_at.as_deref().or(one.created_at.as_deref()))) }
        }
    }
}

fn customer(visitor: &Visitor, view: &AutomationsView, id: &str) -> Markup {
    let name = view.names.get(id).map_or(id, String::as_str);
    html! { a href=(visitor.links.customer(id)) { (name) } }
}
