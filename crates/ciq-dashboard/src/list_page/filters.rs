//! The form over the list: what was typed, what it is narrowed by, its order.

use maud::{Markup, html};

use super::asked::{Field, ListAsked, ORDERS, TYPED_LENGTH_MAX};
use crate::format::words;
use crate::visitor::Visitor;

/// Shows the form. It is sent as it is filled in where there is a script, and then brings the
/// results alone; the answer says which address stands for them.
pub(super) fn form(visitor: &Visitor, asked: &ListAsked) -> Markup {
    html! {
        form.filters role="search" method="get" action="/customers" hx-get="/customers"
            hx-trigger="input changed delay:200ms, submit" hx-target="#results"
            hx-swap="outerMorph" hx-sync="this:replace" {
            @if let Some(brand) = visitor.links.brand() {
                input type="hidden" name="brand" value=(brand);
            }
            label.grow for="q" {
                "Search customers, notes and events"
                input #q type="search" name="q" value=(asked.typed.as_deref().unwrap_or_default())
                    maxlength=(TYPED_LENGTH_MAX) autocomplete="off"
                    placeholder="Name, e-mail, number, id, or words of a note";
            }
            @for field in Field::ALL { (select(field, field.of(&asked.filter))) }
            label {
                "Order"
                select name="sort" {
                    @for (sort, word, name) in ORDERS {
                        option value=(word) selected[sort == asked.sort] { (name) }
                    }
                }
            }
            button type="submit" { "Show" }
        }
    }
}

fn select(field: Field, chosen: Option<&str>) -> Markup {
    html! {
        label {
            (field.label())
            select name=(field.word()) {
                option value="" { "Any" }
                @for value in field.values() {
                    option value=(value) selected[chosen == Some(value)] { (words(value)) }
                }
            }
        }
    }
}

/// Shows what the list is narrowed by; each goes away by itself.
pub(super) fn chips(visitor: &Visitor, asked: &ListAsked) -> Markup {
    let links = &visitor.links;
    if asked.filter.is_empty() {
        return html! {};
    }
    html! {
        ul.chips aria-label="Narrowed by" {
            @for field in Field::ALL {
                @if let Some(value) = field.of(&asked.filter) {
                    li {
                        a href=(asked.without(field).address(links)) {
                            (field.label()) ": " (words(value)) " "
                            span aria-hidden="true" { "\u{d7}" } span.unseen { "Remove" }
                        }
                    }
                }
            }
            li { a href=(asked.of_everybody().address(links)) { "Remove all" } }
        }
    }
}
