//! What a customer did: timeline, orders, work orders, notes, visits.

use ciq_store::{EventView, NoteInShort, StoreVisitView, WorkOrderView};
use maud::{Markup, html};

use super::CustomerView;
use crate::format::{counted, cut, money, text, time, words};
use crate::parts::{folded_json, paging, state};
use crate::visitor::Visitor;

/// Most characters of a short text that an event gave, such as a title.
const TEXT_LENGTH_MAX: usize = 200;

/// Most characters of a description.
const DESCRIPTION_LENGTH_MAX: usize = 600;

/// Shows a page of the timeline, the latest first.
pub(super) fn timeline(visitor: &Visitor, view: &CustomerView) -> Markup {
    let id = &view.profile.summary.id;
    let first = view.is_later_page.then(|| format!("{}#timeline", visitor.links.customer(id)));
    let next = view.events.next_cursor.as_deref().map(|at| visitor.links.timeline(id, at));
    html! {
        section.card #timeline {
            h2 { "Timeline" }
            @if view.events.data.is_empty() { p.muted { "No events on this page." } }
            ol.timeline { @for one in &view.events.data { (event(visitor, id, one)) } }
            (paging(first.as_deref(), next.as_deref()))
        }
    }
}

fn event(visitor: &Visitor, id: &str, event: &EventView) -> Markup {
    let (class, letter) = mark_of(&event.event_type);
    let title = event.title.clone().unwrap_or_else(|| words(&event.event_type));
    let description = event.description.as_deref().filter(|text| *text != title);
    let shown = description.map(|text| cut(text, DESCRIPTION_LENGTH_MAX));
    html! {
        li {
            span.mark.(class) aria-hidden="true" { (letter) }
            div {
                div.event {
                    h3 { (cut(&title, TEXT_LENGTH_MAX)) }
                    @if let Some(amount) = event.amount { span.amount { (money(amount.0)) } }
                }
                div.small.muted {
                    (time(event.occurred_at.as_deref()))
                    " \u{b7} " (words(&event.event_type))
                    " \u{b7} " (event.source_service)
                    @if let Some(status) = &event.status { " " (state(&cut(status, TEXT_LENGTH_MAX))) }
                }
                @if let Some(shown) = shown {
                    p.told {
                        (shown)
                        @if Some(&*shown) != description { " " (whole(visitor, id, &event.id)) }
                    }
                }
                @if let Some(left_out) = &event.left_out {
                    (folded_json("Identifiers that took no effect", left_out))
                }
            }
        }
    }
}

/// Returns the class and the letter of an event type's mark.
fn mark_of(event_type: &str) -> (&'static str, &'static str) {
    const MARKS: [(&str, &str, &str); 12] = [
        ("purchase", "purchase", "P"),
        ("order", "purchase", "P"),
        ("payment", "purchase", "P"),
        ("repair", "work", "R"),
        ("work", "work", "R"),
        ("support", "support", "S"),
        ("contact", "support", "S"),
        ("message", "support", "M"),
        ("note", "note", "N"),
        ("observation", "note", "N"),
        ("visit", "visit", "V"),
        ("profile", "plain", "U"),
    ];
    // The more telling word wins: a `work_order` is work, not an order.
    let begins = MARKS.iter().find(|(word, ..)| event_type.starts_with(word));
    let found = begins.or_else(|| MARKS.iter().find(|(word, ..)| event_type.contains(word)));
    found.map_or(("plain", "E"), |(_, class, letter)| (class, letter))
}

/// Shows the work orders.
pub(super) fn work_orders(work_orders: &[WorkOrderView]) -> Markup {
    if work_orders.is_empty() {
        return html! {};
    }
    html! {
        section.card {
            h2 { "Work orders" }
            div.wide role="region" aria-label="Work orders" tabindex="0" {
                table {
                    thead {
                        tr {
                            th scope="col" { "Issue" }
                            th scope="col" { "Status" }
                            th scope="col" { "Priority" }
                            th scope="col" { "Assigned to" }
                            th scope="col" { "Opened" }
                        }
                    }
                    tbody { @for one in work_orders { (work_order_row(one)) } }
                }
            }
        }
    }
}

fn work_order_row(work_order: &WorkOrderView) -> Markup {
    let kind = work_order.order_type.as_deref().map(words);
    let issue = work_order.issue_description.as_deref().or(kind.as_deref());
    let tag = |name: Option<&str>| {
        html! {
            @match name { Some(name) => (state(name)), None => (text(None)) }
        }
    };
    html! {
        tr {
            th.name scope="row" {
                (cut(text(issue), TEXT_LENGTH_MAX))
                @if let Some(resolution) = &work_order.resolution {
                    span.sub { (cut(resolution, TEXT_LENGTH_MAX)) }
                }
                span.sub.id { (cut(&work_order.id, TEXT_LENGTH_MAX)) }
            }
            td { (tag(work_order.status.as_deref())) }
            td { (tag(work_order.priority.as_deref())) }
            td { (text(work_order.assigned_to.as_deref())) }
            td { (time(work_order.created_at.as_deref())) }
        }
    }
}

/// Shows the latest notes.
pub(super) fn notes(visitor: &Visitor, view: &CustomerView) -> Markup {
    let id = &view.profile.summary.id;
    html! {
        section.card #notes {
            h2 { "Notes" }
            @if view.notes.is_empty() {
                p.muted { "No notes yet. Send a " code { "note" } " event to leave one." }
            } @else {
                ul.plain { @for note in &view.notes { li { (one_note(visitor, id, note)) } } }
            }
        }
    }
}

fn one_note(visitor: &Visitor, id: &str, note: &NoteInShort) -> Markup {
    html! {
        p.told {
            (note.content)
            @if note.is_cut { "\u{2026} " (whole(visitor, id, &note.event_id)) }
        }
        div.small.muted {
            (time(note.created_at.as_deref()))
            @if let Some(category) = &note.category { " \u{b7} " (cut(&words(category), TEXT_LENGTH_MAX)) }
            @if let Some(importance) = &note.importance { " " (state(&cut(importance, TEXT_LENGTH_MAX))) }
        }
    }
}

/// Leads to the whole of a text that is cut.
fn whole(visitor: &Visitor, id: &str, event: &str) -> Markup {
    html! { a href=(visitor.links.text(id, event)) { "Read all of it" } }
}

/// Shows the visits to stores.
pub(super) fn visits(visits: &[StoreVisitView]) -> Markup {
    if visits.is_empty() {
        return html! {};
    }
    html! {
        section.card {
            h2 { "Store visits" }
            ul.plain {
                @for visit in visits {
                    li {
                        div { (visit.store_name.as_deref().unwrap_or(&visit.store_id)) }
                        div.small.muted {
                            (time(visit.check_in_at.as_deref()))
                            @if let Some(minutes) = visit.duration_minutes {
                                " \u{b7} " (counted(minutes, "minute"))
                            }
                            @if let Some(method) = &visit.detection_method { " \u{b7} " (words(method)) }
                        }
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_more_telling_word_marks_an_event() {
        assert_eq!(mark_of("purchase"), ("purchase", "P"));
        assert_eq!(mark_of("work_order"), ("work", "R"));
        assert_eq!(mark_of("store_visit"), ("visit", "V"));
        assert_eq!(mark_of("cart_add"), ("plain", "E"));
    }
}
