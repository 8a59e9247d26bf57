//! Records of a file: read line by line, each with the subject that it belongs to.

use std::borrow::Cow;
use std::io::{self, BufRead, Read};

use ciq_engine::Settings;
use ciq_event::{IdentifierKind, Message, Rejection, parse, unwrap_record};
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Most bytes of one record: far beyond any event.
const RECORD_BYTES_MAX: u64 = 8 * 1024 * 1024;

/// A line of a file.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// A record.
    Record(Vec<u8>),
    /// Nothing is on it.
    Blank,
    /// Larger than a record may be.
    TooLong,
}

/// Reads a line; `None` at the end.
pub(super) fn next_line(input: &mut dyn BufRead) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    if Read::take(&mut *input, RECORD_BYTES_MAX + 1).read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    if line.len() as u64 > RECORD_BYTES_MAX && line.last() != Some(&b'\n') {
        input.skip_until(b'\n')?;
        return Ok(Some(Line::TooLong));
    }
    let record = line.trim_ascii();
    Ok(Some(if record.is_empty() { Line::Blank } else { Line::Record(record.to_vec()) }))
}

/// What says where an envelope belongs.
#[derive(Debug, Deserialize)]
struct Address<'a> {
    #[serde(borrow)]
    customer_id: Option<&'a RawValue>,
    #[serde(borrow)]
    event_type: Option<Cow<'a, str>>,
    #[serde(borrow)]
    wire_form: Option<&'a RawValue>,
}

/// Returns the subject of a record: of an envelope by its fields, which need not be right beyond
/// that; of any other form by the event that it tells of.
pub(super) fn subject_of_record(
    record: &[u8],
    prefix: &str,
    (settings, now): (&Settings, Timestamp),
) -> Result<String, Rejection> {
    if let Ok(address) = serde_json::from_slice::<Address<'_>>(record)
        && let (None, Some(event_type)) = (address.wire_form, address.event_type)
    {
        let customer = address.customer_id.and_then(customer_of);
        return Ok(subject_of(prefix, customer.as_deref(), &event_type));
    }
    subject_of_message(&unwrap_record(record, now)?, prefix, settings)
}

/// Reads a customer's id: a text, or a number as it is written.
fn customer_of(raw: &RawValue) -> Option<String> {
    let text = match raw.get() {
        text if text.starts_with('"') => serde_json::from_str(text).ok()?,
        number if number.starts_with(|sign: char| sign == '-' || sign.is_ascii_digit()) => {
            number.to_owned()
        }
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Returns the subject of a message by the event that it tells of.
pub(in crate::commands) fn subject_of_message(
    message: &Message,
    prefix: &str,
    settings: &Settings,
) -> Result<String, Rejection> {
    let events = parse(message, &settings.context)?;
    let Some(event) = events.first() else {
        return Err(Rejection::new("body", "tells of no event"));
    };
    let customer = event.contacts.iter().find(|it| it.kind == IdentifierKind::CustomerId);
    let customer = customer.map(|contact| contact.value.as_str());
    Ok(subject_of(prefix, customer, event.event_type.as_str()))
}

/// Returns the subject of an event. Without a customer's id there is no word for it: a word in that
/// place would be taken for the id.
pub(super) fn subject_of(prefix: &str, customer: Option<&str>, event_type: &str) -> String {
    let event_type = word(event_type);
    match customer {
        Some(customer) => format!("{prefix}.{}.{event_type}", word(customer)),
        None => format!("{prefix}.{event_type}"),
    }
}

/// Makes a text one word of a subject.
fn word(text: &str) -> String {
    let is_odd = |sign: char| sign.is_whitespace() || sign.is_control() || ".*>".contains(sign);
    text.trim().chars().map(|sign| if is_odd(sign) { '_' } else { sign }).collect()
}

#[cfg(test)]
mod tests {
    use ciq_event::Brand;
    use ciq_ingest::EngineOptions;

    use super::*;

    #[track_caller]
    fn check(record: &str, expected: Result<&str, &str>) {
        let settings = EngineOptions::default().settings(Brand::default()).unwrap();
        let now = "2026-01-31T10:00:00Z".parse().unwrap();
        let told = subject_of_record(record.as_bytes(), "customer.events", (&settings, now));
        let told = told.map_err(|rejection| rejection.field.clone());
        assert_eq!(told.as_deref().map_err(AsRef::as_ref), expected, "{record}");
    }

    #[test]
    fn an_envelope_says_where_it_belongs() {
        check(r#"{"customer_id":"c1","event_type":"login"}"#, Ok("customer.events.c1.login"));
        check(r#"{"customer_id":7,"event_type":"login"}"#, Ok("customer.events.7.login"));
        check(r#"{"customer_id":"a.b c","event_type":"x>"}"#, Ok("customer.events.a_b_c.x_"));
    }

    #[test]
    fn an_envelope_without_a_customer_id_names_none() {
        for record in [r#"{"event_type":"login"}"#, r#"{"customer_id":null,"event_type":"login"}"#]
        {
            check(record, Ok("customer.events.login"));
        }
    }

    #[test]
    fn other_forms_are_read_whole() {
        let till = r#"{"wire_form":"domain","body":{"id":"e1","ts":"2025-01-15T10:00:00Z",
            "userId":"u1","name":"order_placed","props":{"total":5}}}"#;
        check(till, Ok("customer.events.u1.order_placed"));
        check(r#"{"wire_form":"fax","body":{}}"#, Err("wire_form"));
    }

    #[test]
    fn what_is_no_record_is_refused() {
        check("nonsense", Err("body"));
        check(r#"{"customer_id":"c1"}"#, Err("body"));
        check("[]", Err("body"));
    }

    #[test]
    fn a_line_beyond_the_limit_is_passed_over() {
        let huge = vec![b'x'; usize::try_from(RECORD_BYTES_MAX).unwrap() + 5];
        let mut input = io::Cursor::new([b" a \n\n".as_slice(), &huge, b"\nb"].concat());
        let mut lines = Vec::new();
        while let Some(line) = next_line(&mut input).unwrap() {
            lines.push(line);
        }
        let record = |text: &str| Line::Record(text.as_bytes().to_vec());
        assert_eq!(lines, [record("a"), Line::Blank, Line::TooLong, record("b")]);
    }
}
