//! A record before it has a place in the order of arrival.

use crate::Identifier;
use crate::identifier::Carried;

/// Something that happened to a person, in the form in which it is sent.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    /// When it happened, in seconds.
    pub(crate) occurred_second: i64,
    /// When it was sent, in seconds; a visit to a store is sent when it is over.
    pub(crate) sent_second: i64,
    /// The name of the wire form.
    pub(crate) wire_form: &'static str,
    /// The body.
    pub(crate) body: Vec<u8>,
    /// What it carries, normalised.
    pub(crate) identifiers: Vec<Identifier>,
}

impl Draft {
    /// Makes a draft that is sent as it happens.
    pub(crate) fn new(
        second: i64,
        wire_form: &'static str,
        body: Vec<u8>,
        carried: Carried,
    ) -> Self {
        Self {
            occurred_second: second,
            sent_second: second,
            wire_form,
            body,
            identifiers: carried.into_identifiers(),
        }
    }

    /// Puts off the sending.
    pub(crate) fn sent_at(self, second: i64) -> Self {
        Self { sent_second: second, ..self }
    }
}
