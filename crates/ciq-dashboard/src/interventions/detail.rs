//! One intervention: what showed it, what to do, and what people did.

use ciq_store::{InterventionChangeView, InterventionDetail, InterventionView};
use jiff::Timestamp;
use maud::{Markup, html};

use super::list::acting_as;
use super::notice::notice;
use super::queue::{Back, Pane, buttons, hidden, is_overdue};
use super::words::evidence;
use crate::badge::severity;
use crate::format::{money, text, time, words};
use crate::layout::{Tab, page};
use crate::parts::state;
use crate::visitor::Visitor;

/// What the page shows.
#[derive(Debug)]
pub(super) struct DetailView {
    /// The intervention with its history.
    pub(super) detail: InterventionDetail,
    /// How to go about it, step by step.
    pub(super) playbook: Vec<String>,
    /// What was just done, as the address says it.
    pub(super) done: Option<String>,
    /// The time.
    pub(super) now: Timestamp,
}

/// Makes the page.
pub(super) fn detail_page(visitor: &Visitor, view: &DetailView) -> Markup {
    let one = &view.detail.view;
    let links = &visitor.links;
    let pane = Pane { links, may_act: visitor.may_act(), back: Back::Detail, now: view.now };
    let body = html! {
        p.crumb { a href=(links.interventions(&[])) { "All interventions" } }
        (notice(view.done.as_deref()))
        div.bar {
            div.person { h1 { (one.title) } (severity(&one.severity)) (state(&one.status)) }
            @if pane.may_act { (acting_as()) }
        }
        section.card aria-label="How it stands" {
            (facts(visitor, view))
            // An item by itself, so that its keys are at hand.
            @if pane.may_act { div { (buttons(&pane, one)) } }
        }
        div.columns {
            div {
                (why(one))
                (how(one, &view.playbook))
            }
            section.card {
                h2 { "History" }
                @if pane.may_act { (comment_form(&pane, one)) }
                ol.timeline { @for step in view.detail.history.iter().rev() { (happened(step)) } }
            }
        }
    };
    page(visitor, Tab::Interventions, &one.title, &body)
}

fn facts(visitor: &Visitor, view: &DetailView) -> Markup {
    let one = &view.detail.view;
    html! {
        dl.facts {
            div {
                dt { "Customer" }
                dd { a href=(visitor.links.customer(&one.customer_id)) { (one.customer_name) } }
            }
            div { dt { "Value at risk" } dd { (money(one.value_at_risk.0)) } }
            div { dt { "With" } dd { (text(one.assignee.as_deref())) } }
            div { dt { "Opened" } dd { (time(one.opened_at.as_deref())) } }
            div {
                dt { "Due" }
                dd {
                    (time(one.due_at.as_deref()))
                    @if is_overdue(one, view.now) { " " span.tag.bad { "Overdue" } }
                }
            }
            @if one.status == "snoozed" {
                div { dt { "Snoozed until" } dd { (time(one.snoozed_until.as_deref())) } }
            }
            @if one.closed_at.is_some() {
                div {
                    dt { "Resolved" }
                    dd {
                        (time(one.closed_at.as_deref()))
                        @if let Some(reason) = &one.close_reason { span.sub { (words(reason)) } }
                    }
                }
            }
            div { dt { "Rule" } dd { (words(&one.kind)) } }
        }
    }
}

fn why(one: &InterventionView) -> Markup {
    html! {
        section.card {
            h2 { "Why" }
            @if one.evidence.is_empty() { p.muted { "The rule gives no figures." } }
            ul.plain {
                @for figure in &one.evidence { li { (evidence(std::slice::from_ref(figure))) } }
            }
        }
    }
}

fn how(one: &InterventionView, playbook: &[String]) -> Markup {
    html! {
        section.card {
            h2 { "What to do" }
            @if !one.action.is_empty() { p.next { (one.action) } }
            @if !playbook.is_empty() { ol { @for step in playbook { li { (step) } } } }
        }
    }
}

fn comment_form(pane: &Pane<'_>, one: &InterventionView) -> Markup {
    html! {
        form.stack method="post" action=(pane.links.change_intervention(&one.id, "comment")) {
            (hidden(pane))
            label for="text" { "Comment" }
            textarea #text name="text" maxlength="2000" required data-key="c" {}
            div { button.small type="submit" { "Comment" } " " kbd { "c" } }
        }
    }
}

fn happened(step: &InterventionChangeView) -> Markup {
    let letter = words(&step.action).chars().take(1).collect::<String>();
    html! {
        li {
            span.mark aria-hidden="true" { (letter) }
            div {
                div.event {
                    h3 { (words(&step.action)) }
                    span.small.muted { (time(step.changed_at.as_deref())) }
                }
                div.small.muted { "by " (step.actor) " \u{b7} " (words(&step.status)) }
                @if let Some(detail) = &step.detail { p.told { (detail) } }
            }
        }
    }
}
