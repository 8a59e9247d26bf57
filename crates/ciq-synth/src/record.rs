//! A record: one message as it arrives, with the truth about it beside it.

use jiff::Timestamp;

use crate::Identifier;
use crate::json::{Object, push_text};

/// One message as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When it arrives.
    pub at: Timestamp,
    /// When the thing happened that it tells of.
    pub occurred_at: Timestamp,
    /// Truth: whose it is.
    pub person: u32,
    /// Its place among the records of this person, in order of arrival.
    pub sequence: u32,
    /// Truth: how it arrived.
    pub arrival: Arrival,
    /// `envelope`, `domain`, `shopify:orders/create`, `twilio`, `twilio-form` or `pos`.
    pub wire_form: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// Truth: the identifiers that the body carries, normalised, by kind and value.
    pub identifiers: Vec<Identifier>,
}

/// How a record arrived.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Arrival {
    /// As it was sent.
    OnTime,
    /// Hours or days after it was sent.
    Late,
    /// A second time, byte for byte.
    Duplicate,
}

impl Record {
    /// Returns the record as one line of an import file, without the line break.
    ///
    /// An envelope and a domain event stand for themselves. The others are wrapped:
    /// `{"wire_form": …, "received_at": …, "body": …}`. `received_at` is there because a Twilio
    /// message does not say when it was sent. The body of `twilio-form` is a string.
    #[must_use]
    pub fn to_line(&self) -> Vec<u8> {
        match self.wire_form {
            "envelope" | "domain" => self.body.clone(),
            "twilio-form" => {
                let mut text = Vec::with_capacity(self.body.len() + 2);
                push_text(&mut text, &String::from_utf8_lossy(&self.body));
                self.wrapped(&text)
            }
            _ => self.wrapped(&self.body),
        }
    }

    fn wrapped(&self, body: &[u8]) -> Vec<u8> {
        Object::with_capacity(body.len() + 96)
            .text("wire_form", self.wire_form)
            .text("received_at", &self.at.to_string())
            .raw("body", body)
            .finish()
    }
}
