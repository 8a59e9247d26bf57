//! Values on their way into and out of columns.

use std::sync::Arc;

use ciq_event::{Carrier, Currency, EventId, IdentifierKind, Message, Money, Sentiment, Severity};
use ciq_identity::{CustomerKey, Identifier};
use jiff::Timestamp;

use crate::StoreError;
use crate::sql::{List, Value};

/// A sentiment in its column.
pub(crate) fn sentiment_number(sentiment: Sentiment) -> i64 {
    match sentiment {
        Sentiment::Negative => -1,
        Sentiment::Neutral => 0,
        Sentiment::Positive => 1,
    }
}

/// The sentiment that a column holds.
pub(crate) fn sentiment(number: i64) -> Sentiment {
    match number {
        ..0 => Sentiment::Negative,
        0 => Sentiment::Neutral,
        1.. => Sentiment::Positive,
    }
}

pub(crate) fn keys_list(keys: impl IntoIterator<Item = CustomerKey>) -> List {
    keys.into_iter().map(|key| Value::from(key.0)).collect()
}

pub(crate) fn texts_list<'a>(texts: impl IntoIterator<Item = &'a str>) -> List {
    texts.into_iter().map(|text| Value::from(text.to_owned())).collect()
}

pub(crate) fn ids_list<'a>(ids: impl IntoIterator<Item = &'a [u8; 16]>) -> List {
    ids.into_iter().map(|id| Value::from(id.to_vec())).collect()
}

pub(crate) fn event_id(bytes: [u8; 16]) -> EventId {
    EventId::from_raw(bytes)
}

pub(crate) fn timestamp(ms: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_millisecond(ms).map_err(|_| StoreError::corrupt("time", ms.to_string()))
}

/// Makes a message of its columns, without what carried it.
pub(crate) fn message(form: &str, body: String, received_at: i64) -> Result<Message, StoreError> {
    let form = form.parse().map_err(|_| StoreError::corrupt("wire form", form))?;
    Ok(Message::new(form, body, timestamp(received_at)?))
}

/// Makes what carried a message of its columns.
pub(crate) fn carrier(subject: Option<String>, message_id: Option<String>) -> Option<Arc<Carrier>> {
    let subject = subject?;
    Some(Arc::new(Carrier { subject, message_id, headers: Vec::new() }))
}

pub(crate) fn currency(code: &str) -> Result<Currency, StoreError> {
    Currency::parse(code).map_err(|_| StoreError::corrupt("currency", code))
}

pub(crate) fn money(minor: i64, code: &str) -> Result<Money, StoreError> {
    Ok(Money { minor, currency: currency(code)? })
}

pub(crate) fn identifier(kind: &str, value: String) -> Result<Identifier, StoreError> {
    let kind: IdentifierKind =
        kind.parse().map_err(|_| StoreError::corrupt("kind of identifier", kind))?;
    Ok(Identifier::from_raw(kind, value))
}

/// The number under which a kind's value is looked up.
pub(crate) fn identifier_hash(kind: &str, value: &str) -> i64 {
    let mut hasher = blake3::Hasher::new();
    hasher.update(kind.as_bytes()).update(&[0]).update(value.as_bytes());
    let mut bytes = [0; 8];
    bytes.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    i64::from_le_bytes(bytes)
}

pub(crate) fn numbers_list(numbers: impl IntoIterator<Item = i64>) -> List {
    numbers.into_iter().map(Value::from).collect()
}

/// Keys as they stand in `absorbed_keys` and `customer_keys`: a JSON list.
pub(crate) fn keys_json(keys: &[CustomerKey]) -> String {
    let list: Vec<String> = keys.iter().map(ToString::to_string).collect();
    format!("[{}]", list.join(","))
}

pub(crate) fn keys_from_json(text: &str) -> Result<Vec<CustomerKey>, StoreError> {
    let keys: Vec<i64> =
        serde_json::from_str(text).map_err(|_| StoreError::corrupt("list of keys", text))?;
    Ok(keys.into_iter().map(CustomerKey).collect())
}

/// A severity in its column.
pub(crate) fn severity_number(severity: Severity) -> i64 {
    match severity {
        Severity::Low => 0,
        Severity::Medium => 1,
        Severity::High => 2,
        Severity::Critical => 3,
    }
}

/// The severity that a column holds.
pub(crate) fn severity(number: i64) -> Severity {
    match number {
        ..=0 => Severity::Low,
        1 => Severity::Medium,
        2 => Severity::High,
        3.. => Severity::Critical,
    }
}
