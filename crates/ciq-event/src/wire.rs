//! The wire forms.

use crate::{Brand, Currency, Event, Message, Rejection, WireForm};

/// What a parser needs to know beside the message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParseContext {
    /// Whose message it is. Part of every derived event id.
    pub brand: Brand,
    /// The brand's currency, for amounts that name none.
    pub currency: Currency,
}

/// Parses a message into its events, in order: one, or two where a till tells of a visit and a
/// purchase.
pub fn parse(message: &Message, context: &ParseContext) -> Result<Vec<Event>, Rejection> {
    let _ = (message, context);
    Err(Rejection::new("body", "not implemented"))
}

/// Splits a body that holds one JSON object, an array of objects, or NDJSON into its records.
pub fn split(body: &[u8]) -> Result<Vec<&[u8]>, Rejection> {
    Ok(vec![body])
}

/// Unwraps a record of an input file: the form that it tells or shows, and the message's body.
pub fn unwrap_record(record: &[u8]) -> Result<(WireForm, Vec<u8>), Rejection> {
    let _ = record;
    Err(Rejection::new("body", "not implemented"))
}

/// Wraps a message as a record that [`unwrap_record`] reads back, whatever its form.
pub fn wrap_record(message: &Message) -> Vec<u8> {
    message.body.clone()
}
