//! What automations did, what they have to send, and what they ask people to do.

use ciq_store::{DeliveryView, ExecutionView, TaskView};
use maud::{Markup, html};

use super::reads::{Acts, AutomationsView};
use super::shown::{List, Shown};
use crate::format::{counted, text, time, words};
use crate::parts::{outcome, state};
use crate::visitor::Visitor;

/// Shows what was triggered.
pub(super) fn executions(visitor: &Visitor, shown: &Shown, acts: &Acts) -> Markup {
    let list = List::Executions;
    html! {
        section.card #executions {
            h2 { "Last executions" }
            (shown.choices(&visitor.links, list))
            @if acts.executions.is_empty() {
                p.muted {
                    @if shown.is_filtered(list) { "None in this state." } @else {
                        "None yet. One is kept here each time an automation is triggered."
                    }
                }
            } @else {
                div.wide role="region" aria-label="Last executions" tabindex="0" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Customer" }
                                th scope="col" { "Automation" }
                                th scope="col" { "State" }
                                th scope="col" { "Triggered" }
                                th scope="col" { "Due" }
                            }
                        }
                        tbody {
                            @for one in &acts.executions { (execution_row(visitor, acts, one)) }
                        }
                    }
                }
            }
        }
        (shown.paging(&visitor.links, list, acts.next_execution.as_deref()))
    }
}

fn execution_row(visitor: &Visitor, acts: &Acts, one: &ExecutionView) -> Markup {
    html! {
        tr {
            th.name scope="row" { (customer(visitor, acts, &one.customer_id)) }
            td.name { (one.automation_name) span.sub { (words(&one.trigger_type)) } }
            td { (outcome(&one.status, one.reason.as_deref())) }
            td { (time(one.triggered_at.as_deref())) }
            td { (time(one.due_at.as_deref())) }
        }
    }
}

/// Shows what is sent, or was, or could not be.
pub(super) fn deliveries(visitor: &Visitor, shown: &Shown, acts: &Acts) -> Markup {
    let list = List::Deliveries;
    html! {
        section.card #messages {
            h2 { "Last messages and actions" }
            (shown.choices(&visitor.links, list))
            @if acts.deliveries.is_empty() {
                p.muted {
                    @if shown.is_filtered(list) { "None in this state." } @else { "None yet." }
                }
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
                        tbody {
                            @for one in &acts.deliveries { (delivery_row(visitor, acts, one)) }
                        }
                    }
                }
            }
        }
        (shown.paging(&visitor.links, list, acts.next_delivery.as_deref()))
    }
}

fn delivery_row(visitor: &Visitor, acts: &Acts, one: &DeliveryView) -> Markup {
    let tries = i64::from(one.attempt_count);
    html! {
        tr {
            th.name scope="row" {
                (customer(visitor, acts, &one.customer_id))
                @if let Some(recipient) = &one.recipient { span.sub { (recipient) } }
            }
            td { (words(&one.channel)) span.sub { (one.automation_name) } }
            td.name {
                @if let Some(subject) = &one.subject { strong { (subject) } " " }
                (text(one.content.as_deref()))
            }
            td {
                (outcome(&one.status, one.reason.as_deref()))
                @if tries > 1 || (tries > 0 && one.next_try_at.is_some()) {
                    span.sub { (tries) @if tries == 1 { " try" } @else { " tries" } }
                }
            }
            td {
                (time(one.sent_at.as_deref().or(one.created_at.as_deref())))
                @if one.next_try_at.is_some() {
                    span.sub { "next try " (time(one.next_try_at.as_deref())) }
                }
            }
        }
    }
}

/// Shows what automations ask people to do.
pub(super) fn tasks(visitor: &Visitor, view: &AutomationsView) -> Markup {
    let open = view.tasks.iter().filter(|task| task.status == "open").count();
    html! {
        section.card #tasks {
            h2 { "Tasks for people" }
            @if view.tasks.is_empty() {
                p.muted { "None. An automation may ask for something that a person has to do." }
            } @else {
                p.small.muted {
                    (counted(i64::try_from(open).unwrap_or(i64::MAX), "task"))
                    " of the latest " (view.tasks.len()) " to do."
                }
                ul.plain { @for task in &view.tasks { (task_item(visitor, view, task)) } }
            }
        }
    }
}

fn task_item(visitor: &Visitor, view: &AutomationsView, task: &TaskView) -> Markup {
    html! {
        li {
            div.event {
                strong { (task.title) }
                span.small.muted { (time(task.created_at.as_deref())) }
            }
            @if let Some(body) = &task.body { p.told { (body) } }
            p.small.muted {
                (state(&task.status)) " about " (customer(visitor, &view.acts, &task.customer_id))
            }
        }
    }
}

fn customer(visitor: &Visitor, acts: &Acts, id: &str) -> Markup {
    let name = acts.names.get(id).map_or(id, String::as_str);
    html! { a href=(visitor.links.customer(id)) { (name) } }
}
