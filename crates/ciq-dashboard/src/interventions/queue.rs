//! A list of interventions to work through, with a button for everything that can be done.

use ciq_monitor::Status;
use ciq_store::InterventionView;
use jiff::Timestamp;
use maud::{Markup, html};

use super::words::evidence;
use crate::badge::severity;
use crate::format::{money, time, words};
use crate::link::Links;

/// Where a list stands, and for whom.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pane<'a> {
    /// The addresses to lead to.
    pub(crate) links: &'a Links,
    /// Whether there are buttons.
    pub(crate) may_act: bool,
    /// Where a form leads back to.
    pub(crate) back: Back<'a>,
    /// The time.
    pub(crate) now: Timestamp,
}

/// Where a form leads back to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Back<'a> {
    /// What is going on.
    Now,
    /// The list, with filters as an address has them.
    List(&'a str),
    /// The intervention itself.
    Detail,
}

impl<'a> Back<'a> {
    /// Reads what a form says; one that says nothing came from the intervention.
    pub(super) fn of(form: &'a crate::asked::Asked) -> Self {
        match form.get("back") {
            Some("now") => Self::Now,
            Some("list") => Self::List(form.get("filters").unwrap_or_default()),
            Some(_) | None => Self::Detail,
        }
    }
}

/// Shows interventions, each with what can be done.
pub(crate) fn queue(pane: &Pane<'_>, interventions: &[InterventionView]) -> Markup {
    html! {
        ul.queue data-keys { @for one in interventions { (item(pane, one)) } }
    }
}

fn item(pane: &Pane<'_>, one: &InterventionView) -> Markup {
    let links = pane.links;
    let figures = evidence(&one.evidence);
    html! {
        // By its id, a morph knows an item again.
        li #(one.id) data-item {
            div.head {
                (severity(&one.severity))
                a.name href=(links.intervention(&one.id)) data-open { (one.title) }
                span { a href=(links.customer(&one.customer_id)) { (one.customer_name) } }
                span.risk.small title="What the customer spent so far" {
                    (money(one.value_at_risk.0)) " at risk"
                }
            }
            p {
                @if !figures.is_empty() { (figures) ". " }
                @if !one.action.is_empty() { strong { (one.action) } }
            }
            (standing(pane, one))
            @if pane.may_act { (buttons(pane, one)) }
        }
    }
}

/// Shows how it stands: state, due time, assignee.
fn standing(pane: &Pane<'_>, one: &InterventionView) -> Markup {
    html! {
        p.small.muted {
            (words(&one.status))
            @if one.status == "snoozed" { " until " (time(one.snoozed_until.as_deref())) }
            @if one.status == "resolved" {
                " " (time(one.closed_at.as_deref()))
                @if let Some(reason) = &one.close_reason { " (" (words(reason).to_lowercase()) ")" }
            } @else if one.due_at.is_some() {
                " \u{b7} "
                @if is_overdue(one, pane.now) { span.tag.bad { "Overdue" } " since " } @else { "due " }
                (time(one.due_at.as_deref()))
            }
            " \u{b7} "
            @match &one.assignee { Some(name) => { "with " strong { (name) } }, None => "with nobody" }
            " \u{b7} opened " (time(one.opened_at.as_deref()))
        }
    }
}

pub(super) fn is_overdue(one: &InterventionView, now: Timestamp) -> bool {
    let due_at = one.due_at.as_deref().and_then(|at| at.parse::<Timestamp>().ok());
    one.status != "resolved" && due_at.is_some_and(|due_at| due_at < now)
}

/// A button of a form: what it does and how it looks.
struct Act {
    verb: &'static str,
    label: &'static str,
    key: &'static str,
    class: &'static str,
    hours: Option<u32>,
}

/// What a press of a button does, in the order of the buttons.
const ACTS: [Act; 5] = [
    Act { verb: "acknowledge", label: "Acknowledge", key: "a", class: "quiet small", hours: None },
    Act { verb: "snooze", label: "Snooze 4 h", key: "s", class: "quiet small", hours: Some(4) },
    Act { verb: "snooze", label: "Snooze 1 d", key: "d", class: "quiet small", hours: Some(24) },
    Act { verb: "resolve", label: "Resolve", key: "e", class: "quiet small", hours: None },
    Act { verb: "reopen", label: "Reopen", key: "o", class: "quiet small", hours: None },
];

/// Shows a button for everything that can be done as the intervention stands.
pub(super) fn buttons(pane: &Pane<'_>, one: &InterventionView) -> Markup {
    let allowed = Status::parse(&one.status).map_or(&[][..], Status::allowed);
    let about = format!(": {}, {}", one.title, one.customer_name);
    let address = |verb: &str| pane.links.change_intervention(&one.id, verb);
    html! {
        div.actions {
            @for act in ACTS.iter().filter(|act| allowed.contains(&act.verb)) {
                form method="post" action=(address(act.verb)) {
                    (hidden(pane))
                    @if let Some(hours) = act.hours { input type="hidden" name="hours" value=(hours); }
                    button.(act.class) type="submit" data-key=(act.key) {
                        (act.label) span.unseen { (about) }
                    }
                }
            }
            @if allowed.contains(&"assign") {
                // Its id keeps what is being typed when the list changes around it.
                form method="post" action=(address("assign")) {
                    (hidden(pane))
                    input #{ "to-" (one.id) } type="text" name="to" maxlength="120" data-key="w"
                        placeholder="Name" aria-label={ "Assign to" (about) } autocomplete="off"
                        value=[one.assignee.as_deref()];
                    button.quiet.small type="submit" { "Assign" span.unseen { (about) } }
                }
            }
        }
    }
}

/// Says where to come back to, and who acts where the browser knows.
pub(super) fn hidden(pane: &Pane<'_>) -> Markup {
    html! {
        @match pane.back {
            Back::Now => input type="hidden" name="back" value="now";,
            Back::List(filters) => {
                input type="hidden" name="back" value="list";
                input type="hidden" name="filters" value=(filters);
            },
            Back::Detail => {},
        }
        input type="hidden" name="by" data-remembered="by";
    }
}
