//! The events that show why a person should look at a set of customers.

use std::collections::BTreeMap;

use ciq_store::{EventView, ProfileDetail};
use maud::{Markup, html};

use super::Carried;
use crate::format::{counted, cut, kind_words, time, words};

/// Most characters of a text of an event.
const TEXT_LENGTH_MAX: usize = 300;

/// An event, and the identifiers that it carried.
#[derive(Debug)]
pub(crate) struct Told {
    /// The event.
    pub(crate) event: EventView,
    /// The identifiers, each with its kind.
    pub(crate) carried: Carried,
}

/// Shows the events, and whose each identifier is.
pub(super) fn evidence(told: &[Told], count: i64, customers: &[ProfileDetail]) -> Markup {
    let holders = holders(customers);
    html! {
        section.card {
            h2 { "Evidence" }
            @if told.is_empty() { p.muted { "The events that showed it are gone." } }
            ul.plain { @for one in told { li { (event(one, &holders)) } } }
            @if count > i64::try_from(told.len()).unwrap_or(i64::MAX) && !told.is_empty() {
                p.small.muted { "The latest of " (counted(count, "event")) "." }
            }
        }
    }
}

type Holders<'a> = BTreeMap<(&'a str, &'a str), &'a str>;

fn holders(customers: &[ProfileDetail]) -> Holders<'_> {
    let mut found = Holders::new();
    for customer in customers {
        for (kind, values) in &customer.all_identifiers {
            for value in values {
                found.insert((kind.as_str(), value.as_str()), customer.summary.name.as_str());
            }
        }
    }
    found
}

fn event(one: &Told, holders: &Holders<'_>) -> Markup {
    let Told { event, carried } = one;
    let title = event.title.clone().unwrap_or_else(|| words(&event.event_type));
    html! {
        div.event {
            strong { (cut(&title, TEXT_LENGTH_MAX)) }
            span.small.muted {
                (time(event.occurred_at.as_deref())) " \u{b7} " (event.source_service)
            }
        }
        @if let Some(description) = &event.description {
            @if *description != title { p.told.small { (cut(description, TEXT_LENGTH_MAX)) } }
        }
        @if !carried.is_empty() {
            dl.pairs {
                @for (kind, value) in carried {
                    dt { (kind_words(kind)) }
                    dd {
                        (cut(value, TEXT_LENGTH_MAX))
                        @if let Some(name) = holders.get(&(kind.as_str(), value.as_str())) {
                            span.sub { "held by " (cut(name, TEXT_LENGTH_MAX)) }
                        }
                    }
                }
            }
        }
    }
}
