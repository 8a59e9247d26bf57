//! Records: the pieces of a body that holds several messages, and messages that carry their form.

use std::sync::Arc;

use jiff::Timestamp;
use serde_json::value::RawValue;

use crate::{Carrier, Message, Rejection, WireForm};

use super::json_text::minified;
use super::object::{Object, broken_json};

/// What some editors put before UTF-8 text.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Splits a body that holds one JSON object, an array of objects, or NDJSON into its records.
///
/// A line of NDJSON, or an element of an array, that is no event is a record too, so that the
/// caller reports it by itself and takes the others.
pub fn split(body: &[u8]) -> Result<Vec<&[u8]>, Rejection> {
    let body = body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body).trim_ascii();
    match body.first() {
        None => {
            return Err(Rejection::new("body", "empty: send a JSON object, an array or NDJSON"));
        }
        Some(b'[') => return split_array(body),
        Some(_) => {}
    }
    let Err(error) = serde_json::from_slice::<&RawValue>(body) else { return Ok(vec![body]) };
    let lines: Vec<&[u8]> = body
        .split(|byte| *byte == b'\n')
        .map(<[u8]>::trim_ascii)
        .filter(|line| !line.is_empty())
        .collect();
    // One broken object over many lines is one mistake; NDJSON has whole objects on its lines.
    let is_whole = |line: &&[u8]| line.starts_with(b"{") && line.ends_with(b"}");
    if lines.len() > 1 && lines.iter().any(is_whole) {
        return Ok(lines);
    }
    Err(broken_json("body", &error))
}

fn split_array(body: &[u8]) -> Result<Vec<&[u8]>, Rejection> {
    let elements: Vec<&RawValue> =
        serde_json::from_slice(body).map_err(|error| broken_json("body", &error))?;
    Ok(elements.into_iter().map(|element| element.get().as_bytes()).collect())
}

/// Unwraps a record of an input file into the message that it is or holds.
///
/// A wrapper is `{"wire_form": "shopify:orders/create", "body": …}` with the body as an object or
/// as a text, and perhaps the `received_at` of its first arrival and the `subject` and `message_id`
/// of the bus that carried it; `"resolve": false` asks for a customer of its own
/// ([`Message::is_unresolved`]). Anything else is a body whose form shows in its fields.
/// `arrived_at` is now.
pub fn unwrap_record(record: &[u8], arrived_at: Timestamp) -> Result<Message, Rejection> {
    let object = Object::parse(record)?;
    let Some(form) = object.text("wire_form")? else {
        let form = shown_form(&object)?;
        return Ok(Message::new(form, record, arrived_at));
    };
    let received_at = object.time("received_at", arrived_at)?.unwrap_or(arrived_at);
    let form: WireForm = form.parse().map_err(|_| {
        let remedy = "one of envelope, domain, shopify:TOPIC, twilio, twilio-form, pos, stripe";
        object.rejection("wire_form", remedy)
    })?;
    let carrier = carrier_of(&object)?;
    let is_unresolved = !object.flag("resolve")?.unwrap_or(true);
    let Some(body) = object.raw("body").map(RawValue::get) else {
        return Err(object.rejection("body", "a record with a wire_form needs a body"));
    };
    if body.starts_with('"') {
        let text: String = serde_json::from_str(body)
            .map_err(|_| object.rejection("body", "has an escape that is no character"))?;
        return Ok(Message { carrier, is_unresolved, ..Message::new(form, text, received_at) });
    }
    if !body.starts_with('{') || form == WireForm::TwilioForm {
        return Err(object.rejection("body", "must be an object, or a text for twilio-form"));
    }
    Ok(Message { carrier, is_unresolved, ..Message::new(form, body, received_at) })
}

/// Returns what carried a message before it was wrapped, where the wrapper says.
fn carrier_of(object: &Object<'_>) -> Result<Option<Arc<Carrier>>, Rejection> {
    // Not trimmed: equal ids are one message, and others are not.
    let exact = |key| {
        let Some(raw) = object.raw(key).map(RawValue::get) else { return Ok(None) };
        let text = serde_json::from_str::<String>(raw).ok().filter(|text| !text.contains('\0'));
        text.map(Some).ok_or_else(|| object.rejection(key, "must be a text without NUL"))
    };
    let (subject, message_id) = (exact("subject")?, exact("message_id")?);
    if subject.is_none() && message_id.is_none() {
        return Ok(None);
    }
    let subject = subject.unwrap_or_default();
    Ok(Some(Arc::new(Carrier { subject, message_id, headers: Vec::new() })))
}

/// Makes the message that a bus carried. Its body is a record as [`unwrap_record`] takes it, or an
/// envelope that leaves to the subject what the subject says. A wrapped record keeps its own message
/// id where the bus brings none. The carrier comes back with a rejection.
pub fn carried_message(
    body: &[u8],
    mut carrier: Carrier,
    arrived_at: Timestamp,
) -> Result<Message, (Carrier, Rejection)> {
    let message = match unwrap_record(body, arrived_at) {
        Ok(message) => message,
        Err(_) if carrier.named().is_some() && is_unmarked(body) => {
            Message::new(WireForm::Envelope, body, arrived_at)
        }
        Err(rejection) => return Err((carrier, rejection)),
    };
    if carrier.message_id.is_none() {
        carrier.message_id = message.carrier.as_ref().and_then(|inner| inner.message_id.clone());
    }
    Ok(Message { carrier: Some(Arc::new(carrier)), ..message })
}

/// Tells whether a body is an object that claims no form.
fn is_unmarked(body: &[u8]) -> bool {
    Object::parse(body).is_ok_and(|object| !object.has("wire_form"))
}

/// Tells the form of a body by its fields.
fn shown_form(object: &Object<'_>) -> Result<WireForm, Rejection> {
    let has_any = |keys: &[&str]| keys.iter().any(|key| object.has(key));
    if object.has("event_type") {
        return Ok(WireForm::Envelope);
    }
    if object.has("name") && has_any(&["userId", "props"]) {
        return Ok(WireForm::Domain);
    }
    if object.has("store_id") {
        return Ok(WireForm::Pos);
    }
    if has_any(&["From", "MessageSid"]) {
        return Ok(WireForm::Twilio);
    }
    if object.has("livemode") && object.has("type") {
        return Ok(WireForm::Stripe);
    }
    let is_order = has_any(&["order_number", "line_items", "total_price"]);
    if is_order || (object.has("items") && object.has("email")) {
        return Ok(WireForm::Shopify { topic: "orders/create".to_owned() });
    }
    let forms = "of no known form: an envelope has event_type, a domain event has name and userId, \
                 a till's has store_id, Twilio's has From, Stripe's has type and livemode, a Shopify \
                 order has line_items; or say it with wire_form and body";
    Err(Rejection::new("body", forms))
}

/// Wraps a message as a record that [`unwrap_record`] reads back, whatever its form: one line,
/// without the line's end. A body that is no JSON object is kept as text; the headers of what
/// carried the message are left out.
#[must_use]
pub fn wrap_record(message: &Message) -> Vec<u8> {
    let body = &message.body;
    let is_object = message.form != WireForm::TwilioForm
        && body.trim_ascii_start().starts_with(b"{")
        && serde_json::from_slice::<&RawValue>(body).is_ok();
    let mut record = b"{\"wire_form\":".to_vec();
    record.extend_from_slice(json_string(&message.form.to_string()).as_bytes());
    let received_at = format!(",\"received_at\":\"{}\"", message.received_at);
    record.extend_from_slice(received_at.as_bytes());
    if let Some(Carrier { subject, message_id, headers: _ }) = message.carrier.as_deref() {
        let told = [("subject", Some(subject)), ("message_id", message_id.as_ref())];
        for (name, text) in told {
            let Some(text) = text else { continue };
            record.extend_from_slice(format!(",\"{name}\":{}", json_string(text)).as_bytes());
        }
    }
    if message.is_unresolved {
        record.extend_from_slice(b",\"resolve\":false");
    }
    record.extend_from_slice(b",\"body\":");
    if is_object {
        record.extend_from_slice(&minified(body));
    } else {
        record.extend_from_slice(json_string(&String::from_utf8_lossy(body)).as_bytes());
    }
    record.push(b'}');
    record
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
