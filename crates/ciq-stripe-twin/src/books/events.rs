//! Events: what happened, as Stripe tells it.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::calendar::Moment;
use super::given::{self, TimeRange};
use super::ids::EventId;
use super::{Answer, Books};
use crate::ApiError;
use crate::params::Params;

/// How many events are kept: Stripe keeps them for thirty days, which a busy test fills sooner.
const EVENT_COUNT_MAX: usize = 20_000;

/// The version of the API whose shapes are rendered.
const API_VERSION: &str = "2026-09-30.endive";

/// The events that are kept, and how many of the latest were not taken yet.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Events {
    kept: VecDeque<Event>,
    waiting: usize,
}

/// An event.
#[derive(Debug, Clone, PartialEq)]
struct Event {
    id: EventId,
    serial: u64,
    created: Moment,
    kind: &'static str,
    object: Value,
    previous: Option<Value>,
}

impl Event {
    fn render(&self) -> Value {
        let mut data = Map::new();
        data.insert("object".to_owned(), self.object.clone());
        if let Some(previous) = &self.previous {
            data.insert("previous_attributes".to_owned(), previous.clone());
        }
        json!({
            "id": self.id.as_str(),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.created.seconds(),
            "data": data,
            "livemode": false,
            "pending_webhooks": 0,
            "request": { "id": null, "idempotency_key": null },
            "type": self.kind,
        })
    }
}

impl Events {
    /// Returns how late an event was made.
    pub(super) fn serial(&self, id: &str) -> Option<u64> {
        self.kept.iter().find(|event| event.id.as_str() == id).map(|event| event.serial)
    }
}

impl Books {
    /// Tells of something new.
    pub(super) fn emit(&mut self, kind: &'static str, at: Moment, object: Value) {
        self.record(kind, at, object, None);
    }

    /// Tells of a change, if there is one.
    pub(super) fn emit_update(
        &mut self,
        kind: &'static str,
        at: Moment,
        before: &Value,
        after: &Value,
    ) {
        let previous = differences(before, after);
        if !previous.is_empty() {
            self.record(kind, at, after.clone(), Some(Value::Object(previous)));
        }
    }

    fn record(&mut self, kind: &'static str, at: Moment, object: Value, previous: Option<Value>) {
        let (id, serial) = (self.mint.id(), self.mint.serial());
        let event = Event { id, serial, created: at, kind, object, previous };
        self.events.kept.push_back(event);
        self.events.waiting += 1;
        if self.events.kept.len() > EVENT_COUNT_MAX {
            self.events.kept.pop_front();
            self.events.waiting = self.events.waiting.min(EVENT_COUNT_MAX);
        }
    }

    /// Returns the events since the last call, the oldest first.
    pub(crate) fn take_events(&mut self) -> Vec<Value> {
        let taken = self.events.kept.len().saturating_sub(self.events.waiting);
        self.events.waiting = 0;
        self.events.kept.iter().skip(taken).map(Event::render).collect()
    }

    /// Returns an event.
    pub(super) fn retrieve_event(&self, id: &str) -> Answer {
        let event = self.events.kept.iter().find(|event| event.id.as_str() == id);
        event.map(Event::render).ok_or_else(|| ApiError::no_such("event", id, "id"))
    }

    /// Returns all events that match, the latest first.
    pub(super) fn list_events(&self, params: &Params) -> Answer {
        given::only(params, &["created", "delivery_success", "type", "types"])?;
        let created = TimeRange::read(params, "created")?;
        let kind = given::text(params, &["type"]);
        let kinds = given::texts(params, &["types"]);
        let found = self.events.kept.iter().rev().filter(|event| {
            created.holds(event.created)
                && kind.is_none_or(|pattern| is_of_kind(event.kind, pattern))
                && kinds.as_ref().is_none_or(|kinds| kinds.iter().any(|kind| kind == event.kind))
        });
        Ok(Value::Array(found.map(Event::render).collect()))
    }
}

/// Tells whether a kind is meant by a name, or by a group such as `invoice.*`.
fn is_of_kind(kind: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        None => kind == pattern,
        Some(group) => kind.starts_with(group),
    }
}

/// Returns what the attributes that changed were before. Of metadata only the keys that changed
/// are told.
fn differences(before: &Value, after: &Value) -> Map<String, Value> {
    let (Value::Object(before), Value::Object(after)) = (before, after) else {
        return Map::new();
    };
    let mut previous = Map::new();
    let names = before.keys().chain(after.keys().filter(|name| !before.contains_key(*name)));
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new {
            continue;
        }
        let told = match (old, new) {
            (Some(old), Some(new)) if name == "metadata" => Value::Object(differences(old, new)),
            _ => old.cloned().unwrap_or_default(),
        };
        previous.insert(name.clone(), told);
    }
    previous
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_changed_is_told() {
        let before = json!({"a": 1, "b": 2, "metadata": {"x": "1", "y": "2"}});
        let after = json!({"a": 1, "b": 3, "metadata": {"x": "1", "z": "2"}});
        let expected = json!({"b": 2, "metadata": {"y": "2", "z": null}});
        assert_eq!(Value::Object(differences(&before, &after)), expected);
        assert!(differences(&before, &before).is_empty());
    }

    #[test]
    fn a_star_means_a_group() {
        assert!(is_of_kind("invoice.paid", "invoice.*"));
        assert!(!is_of_kind("invoice.paid", "invoice.created"));
    }
}
