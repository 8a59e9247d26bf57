//! Entries of the log, prepared for the fold.

use std::sync::Arc;

use ciq_event::{CustomerId, Event, EventId, Message, ParseContext, Rejection, parse};
use ciq_identity::{Identifier, NormaliseRules, Policy, normalise};

/// What an operator may set about understanding events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Brand and currency.
    pub context: ParseContext,
    /// How contact points become identifiers.
    pub rules: NormaliseRules,
    /// How matching decides.
    pub policy: Policy,
    /// Most characters of a description before it is summarised.
    pub summary_length_max: usize,
}

/// A message as the fold takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// It told of events.
    Told(Prepared),
    /// It did not; it becomes a dead letter.
    Rejected {
        /// The message.
        message: Arc<Message>,
        /// Why.
        rejection: Rejection,
    },
}

/// A message and its events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The message.
    pub message: Arc<Message>,
    /// Its events, in order; at least one.
    pub events: Vec<PreparedEvent>,
}

/// An event and what identifies its customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PreparedEvent {
    /// The event.
    pub event: Event,
    /// What identifies its customer, by priority.
    pub identifiers: Vec<Identifier>,
}

/// What became of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EntryOutcome {
    /// Per event.
    Events(Vec<EventOutcome>),
    /// It is a dead letter.
    Rejected(Rejection),
}

/// What became of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum EventOutcome {
    /// It is stored.
    Stored {
        /// The event.
        event: EventId,
        /// Whose it is.
        customer: CustomerId,
    },
    /// It was stored before, or erased.
    Duplicate {
        /// The event.
        event: EventId,
    },
    /// It is a dead letter: nobody holds its identifiers, and making customers is switched off.
    Refused {
        /// The event.
        event: EventId,
        /// Why.
        rejection: Rejection,
    },
}

/// Parses a message and normalises what its events carry. Needs no store: run it on any thread.
#[must_use]
pub fn prepare(message: Message, settings: &Settings) -> Entry {
    let message = Arc::new(message);
    let events = match parse(&message, &settings.context) {
        Ok(events) => events,
        Err(rejection) => return Entry::Rejected { message, rejection },
    };
    let prepared = events.into_iter().map(|event| {
        let identifiers = normalise(&event.contacts, &settings.rules).identifiers;
        PreparedEvent { event, identifiers }
    });
    Entry::Told(Prepared { events: prepared.collect(), message })
}
