//! People who are known in several ways, and what is told of them: by which of these ways, and so
//! through which partition, changes with every event.

use std::ops::Range;

use ciq_nats::{Outgoing, Partitions};
use ciq_synth::{Seed, load::bench_event};
use serde_json::{Value, json};

/// Whose events begin with one that says all ways in which a person is known. Then the order of
/// the others does not tell.
pub(crate) const KNOWN: &str = "default";

/// Whose people are known by one way first and by another later, and turn out to be one. The order
/// decides which id they get and how they are merged, and nothing else.
pub(crate) const STRANGERS: &str = "strangers";

/// One event in so many is of a stranger.
const STRANGERS_SHARE: u64 = 8;

/// So many events are told of each stranger.
const STRANGER_EVENTS: u64 = 4;

/// When it all begins: 2026-01-01T00:00:00Z. Each event has a second of its own.
const FIRST_SECOND: u64 = 1_767_225_600;

/// So many events, of an eighth as many people.
#[derive(Debug, Clone, Copy)]
pub(crate) struct People {
    pub(crate) event_count: u64,
}

/// What is told of a person.
#[derive(Debug, Clone)]
pub(crate) struct Told {
    pub(crate) brand: &'static str,
    id: String,
    subject: String,
    body: Value,
}

/// Ways in which a person is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Id,
    Email,
    Phone,
    EmailAndPhone,
    All,
}

impl People {
    /// How many people there are who are known from the beginning.
    fn known_count(self) -> u64 {
        self.event_count / 8 + 1
    }

    /// How many people there are of whom it turns out that they are one.
    pub(crate) fn stranger_count(self) -> u64 {
        self.count_of(STRANGERS).div_ceil(STRANGER_EVENTS)
    }

    /// The events that introduce people: to be stored before any other.
    pub(crate) fn introductions(self) -> Range<u64> {
        0..self.known_count()
    }

    /// All other events, which may be stored in any order.
    pub(crate) fn deeds(self) -> Range<u64> {
        self.known_count()..self.event_count
    }

    /// How many events a brand has.
    pub(crate) fn count_of(self, brand: &str) -> u64 {
        let strangers = self.deeds().filter(|index| is_of_stranger(*index)).count() as u64;
        if brand == STRANGERS { strangers } else { self.event_count - strangers }
    }

    /// What an event tells.
    pub(crate) fn told(self, index: u64) -> Told {
        if self.introductions().contains(&index) {
            let body = json!({
                "event_type": "profile_update",
                "source_service": "account-service",
                "data": {"name": format!("Person {index}"), "update_id": format!("UPD-{index:09}")},
            });
            return Told::new(KNOWN, index, body, (Way::All, index));
        }
        let body = bench_event(Seed::new(8), index, self.known_count());
        let mut body: Value = serde_json::from_slice(&body).unwrap();
        // Of sessions a customer keeps the first few that arrive, so that their order would tell.
        body["metadata"].as_object_mut().unwrap().remove("session_id");
        if is_of_stranger(index) {
            // One after the other, so that several workers have them at once.
            let turn = (index - self.known_count()) / STRANGERS_SHARE;
            let ways = [Way::Email, Way::Phone, Way::EmailAndPhone, Way::EmailAndPhone];
            let way = ways[usize::try_from(turn % STRANGER_EVENTS).unwrap()];
            return Told::new(STRANGERS, index, body, (way, turn / STRANGER_EVENTS));
        }
        let number = body["customer_id"].as_str().unwrap().strip_prefix("cust_").unwrap();
        let person = number.parse::<u64>().unwrap() - 1;
        let ways = [Way::Id, Way::Email, Way::All, Way::Phone, Way::Id, Way::EmailAndPhone];
        let way = ways[usize::try_from(index % 6).unwrap()];
        Told::new(KNOWN, index, body, (way, person))
    }

    /// What all events of a brand tell, as `import` reads it.
    pub(crate) fn records(self, brand: &str) -> impl Iterator<Item = String> {
        let told = (0..self.event_count).map(move |index| self.told(index));
        told.filter(move |told| told.brand == brand).map(|told| told.record())
    }
}

fn is_of_stranger(index: u64) -> bool {
    index.is_multiple_of(STRANGERS_SHARE)
}

impl Told {
    fn new(brand: &'static str, index: u64, mut body: Value, (way, person): (Way, u64)) -> Self {
        let id = format!("cust_{person:06}");
        let fields = body.as_object_mut().unwrap();
        fields.remove("customer_id");
        fields.insert("timestamp".to_owned(), (FIRST_SECOND + index).into());
        let data = fields["data"].as_object_mut().unwrap();
        data.remove("email");
        if matches!(way, Way::Email | Way::EmailAndPhone | Way::All) {
            data.insert("email".to_owned(), format!("p{person}@{brand}.example.com").into());
        }
        if matches!(way, Way::Phone | Way::EmailAndPhone | Way::All) {
            data.insert("phone".to_owned(), format!("+4930{:07}", 1_000_000 + person).into());
        }
        let words = match way {
            Way::Id | Way::All => {
                fields.insert("customer_id".to_owned(), id.clone().into());
                format!("{id}.{}", body["event_type"].as_str().unwrap())
            }
            // Those without an id have partitions of their own.
            Way::Email => "web".to_owned(),
            Way::Phone => "desk".to_owned(),
            Way::EmailAndPhone => "till".to_owned(),
        };
        let subject = format!("customer.events.{words}");
        Self { brand, id: format!("told-{index}"), subject, body }
    }

    /// The message that carries it to its partition, which no stream takes twice.
    pub(crate) fn message(&self, partitions: Partitions) -> Outgoing {
        let subject = partitions.sorted(&self.subject).unwrap();
        let headers = [("Nats-Msg-Id", self.id.as_str()), ("x-brand-id", self.brand)];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        Outgoing { subject, headers, body: self.body.to_string().into_bytes() }
    }

    /// The same as a line for `import`, or for a service.
    pub(crate) fn record(&self) -> String {
        let Self { brand: _, id, subject, body } = self;
        // The body is what the message says, to the byte.
        format!(
            r#"{{"wire_form":"envelope","subject":"{subject}","message_id":"{id}","body":{body}}}"#
        )
    }
}
