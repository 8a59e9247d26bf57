//! What a customer did: timeline, orders, work orders, notes, visits.

use ciq_store::{EventView, KnowledgeView, PurchaseView, StoreVisitView, WorkOrderView};
use maud::{Markup, html};

use super::CustomerView;
use crate::format::{counted, money, text, time, words};
use crate::parts::{folded_json, paging, state};
use crate::visitor::Visitor;

/// Shows a page of the timeline, the latest first.
pub(super) fn timeline(visitor: &Visitor, view: &CustomerView) -> Markup {
    let id = &view.profile.summary.id;
    let first = view.is_later_page.then(|| format!("{}#timeline", visitor.links.customer(id)));
    let next = view.events.next_cursor.as_deref().map(|at| visitor.links.timeline(id, at));
    html! {
        section.card #timeline {
            h2 { "Timeline" }
            @if view.events.data.is_empty() { p.muted { "No events on this page." } }
            ol.timeline { @for one in &view.events.data { (event(one)) } }
            (paging(first.as_deref(), next.as_deref()))
        }
    }
}

fn event(event: &EventView) -> Markup {
    let (class, letter) = mark_of(&event.event_type);
    let title = event.title.clone().unwrap_or_else(|| words(&event.event_type));
    html! {
        li {
            span.mark.(class) aria-hidden="true" { (letter) }
            div {
                div.event {
                    h3 { (title) }
                    @if let Some(amount) = event.amount { span.amount { (money(amount.0)) } }
                }
                div.small.muted {
                    (time(event.occurred_at.as_deref()))
                    " \u{b7} " (words(&event.event_type))
                    " \u{b7} " (event.source_service)
                    @if let Some(status) = &event.status { " " (state(status)) }
                }
                @if let Some(description) = &event.description {
                    @if *description != title { p.told { (description) } }
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

/// Shows the orders.
pub(super) fn orders(orders: &[PurchaseView]) -> Markup {
    html! {
        section.card {
            h2 { "Orders" }
            @if orders.is_empty() {
                p.muted { "No orders yet. They come from purchase events." }
            } @else {
                div.wide role="region" aria-label="Orders" tabindex="0" {
                    table {
                        thead {
                            tr {
                                th scope="col" { "Product" }
                                th.number scope="col" { "Quantity" }
                                th.number scope="col" { "Total" }
                                th scope="col" { "Bought" }
                                th scope="col" { "Warranty until" }
                            }
                        }
                        tbody { @for order in orders { (order_row(order)) } }
                    }
                }
            }
        }
    }
}

fn order_row(order: &PurchaseView) -> Markup {
    let quantity = order.quantity.map(|quantity| quantity.to_string());
    html! {
        tr {
            th.name scope="row" {
                (order.product_name)
                span.sub.id { (order.id) @if let Some(sku) = &order.product_sku { " \u{b7} " (sku) } }
            }
            td.number { (text(quantity.as_deref())) }
            td.number { (money(order.total.0)) }
            td { (time(order.purchased_at.as_deref())) }
            td { (time(order.warranty_expires_at.as_deref())) }
        }
    }
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
                (text(issue))
                @if let Some(resolution) = &work_order.resolution { span.sub { (resolution) } }
                span.sub.id { (work_order.id) }
            }
            td { (tag(work_order.status.as_deref())) }
            td { (tag(work_order.priority.as_deref())) }
            td { (text(work_order.assigned_to.as_deref())) }
            td { (time(work_order.created_at.as_deref())) }
        }
    }
}

/// Shows the notes.
pub(super) fn notes(notes: &[KnowledgeView]) -> Markup {
    html! {
        section.card {
            h2 { "Notes" }
            @if notes.is_empty() {
                p.muted { "No notes yet. Send a " code { "note" } " event to leave one." }
            } @else {
                ul.plain {
                    @for note in notes {
                        li {
                            div { (note.content) }
                            div.small.muted {
                                (time(note.created_at.as_deref()))
                                @if let Some(category) = &note.category { " \u{b7} " (words(category)) }
                                @if let Some(importance) = &note.importance { " " (state(importance)) }
                            }
                        }
                    }
                }
            }
        }
    }
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
