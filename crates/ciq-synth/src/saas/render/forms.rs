//! The forms of JSON that are made from a list of properties.

use super::digits::put_time;
use super::fields::{Change, Facts, Field, Prop};
use crate::saas::{Event, Payload};

/// How properties are named.
type Naming = fn(Prop) -> &'static str;

impl Facts {
    /// Appends `{id, ts, userId, name, props}`.
    pub(super) fn push_domain(&self, event: &Event, change: &Change, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"id\":\"");
        self.push_event_id(event, out);
        out.extend_from_slice(b"\",\"ts\":\"");
        push_time(event.at_ms, out);
        out.extend_from_slice(b"\",\"userId\":\"");
        self.push_user_id(event, out);
        out.extend_from_slice(b"\",\"name\":\"");
        out.extend_from_slice(event.payload.name().as_bytes());
        out.extend_from_slice(b"\",\"props\":");
        push_object(&self.changed_fields(event, change), Prop::name, out);
        out.extend_from_slice(b"}\n");
    }

    /// Appends an envelope, with an id so that the same event sent twice is one.
    pub(super) fn push_envelope(&self, event: &Event, change: &Change, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"event_id\":\"");
        self.push_event_id(event, out);
        out.extend_from_slice(b"\",\"customer_id\":\"");
        self.push_user_id(event, out);
        out.extend_from_slice(b"\",\"event_type\":\"");
        let event_type = match event.payload {
            // What an envelope calls an event that fills in a profile.
            Payload::UserIdentified => "profile_update",
            _ => event.payload.name(),
        };
        out.extend_from_slice(event_type.as_bytes());
        out.extend_from_slice(b"\",\"timestamp\":\"");
        push_time(event.at_ms, out);
        out.extend_from_slice(b"\",\"source_service\":\"mockgen\",\"data\":");
        push_object(&self.changed_fields(event, change), Prop::snake_name, out);
        out.extend_from_slice(b",\"metadata\":{}}\n");
    }

    /// Appends a [call](https://segment.com/docs/connections/spec/) `identify` for who a user is,
    /// `track` for what a user does.
    pub(super) fn push_segment(&self, event: &Event, change: &Change, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"messageId\":\"");
        self.push_event_id(event, out);
        let what: &[u8] = if event.payload == Payload::UserIdentified {
            out.extend_from_slice(b"\",\"type\":\"identify\"");
            b"traits"
        } else {
            out.extend_from_slice(b"\",\"type\":\"track\",\"event\":\"");
            out.extend_from_slice(event.payload.name().as_bytes());
            out.push(b'"');
            b"properties"
        };
        out.extend_from_slice(b",\"userId\":\"");
        self.push_user_id(event, out);
        out.extend_from_slice(b"\",\"timestamp\":\"");
        push_time(event.at_ms, out);
        out.extend_from_slice(b"\",\"");
        out.extend_from_slice(what);
        out.extend_from_slice(b"\":");
        push_object(&self.changed_fields(event, change), Prop::name, out);
        out.extend_from_slice(b"}\n");
    }

    /// Appends a [CloudEvent](https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md)
    /// in structured mode.
    pub(super) fn push_cloud_event(&self, event: &Event, change: &Change, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"specversion\":\"1.0\",\"id\":\"");
        self.push_event_id(event, out);
        out.extend_from_slice(b"\",\"source\":\"/mockgen\",\"type\":\"com.customeriq.");
        out.extend_from_slice(event.payload.name().as_bytes());
        out.extend_from_slice(b"\",\"subject\":\"");
        self.push_user_id(event, out);
        out.extend_from_slice(b"\",\"time\":\"");
        push_time(event.at_ms, out);
        out.extend_from_slice(b"\",\"datacontenttype\":\"application/json\",\"data\":");
        push_object(&self.changed_fields(event, change), Prop::name, out);
        out.extend_from_slice(b"}\n");
    }

    /// Appends a line of comma-separated values with a column for every property.
    pub(super) fn push_csv(&self, event: &Event, change: &Change, out: &mut Vec<u8>) {
        self.push_event_id(event, out);
        out.push(b',');
        push_time(event.at_ms, out);
        out.push(b',');
        self.push_user_id(event, out);
        out.push(b',');
        out.extend_from_slice(event.payload.name().as_bytes());
        let fields = self.changed_fields(event, change);
        for column in Prop::ALL {
            out.push(b',');
            if let Some((_, value)) = fields.iter().find(|(prop, _)| *prop == column) {
                let start = out.len();
                value.push_plain(out);
                quote_from(start, out);
            }
        }
        out.push(b'\n');
    }

    fn push_event_id(&self, event: &Event, out: &mut Vec<u8>) {
        out.extend_from_slice(self.names.event_id(event.user, event.sequence).as_bytes());
    }

    fn push_user_id(&self, event: &Event, out: &mut Vec<u8>) {
        out.extend_from_slice(self.user_ids.at(event.user).as_bytes());
    }
}

/// Appends properties as a JSON object.
pub(super) fn push_object(fields: &[Field], naming: Naming, out: &mut Vec<u8>) {
    out.push(b'{');
    for (place, (prop, value)) in fields.iter().enumerate() {
        if place > 0 {
            out.push(b',');
        }
        out.push(b'"');
        out.extend_from_slice(naming(*prop).as_bytes());
        out.extend_from_slice(b"\":");
        value.push_json(out);
    }
    out.push(b'}');
}

/// Appends a time, such as `2025-01-20T10:00:00.000Z`.
pub(super) fn push_time(at_ms: i64, out: &mut Vec<u8>) {
    let mut time = *b"2000-01-01T00:00:00.000Z";
    put_time(at_ms, &mut time);
    out.extend_from_slice(&time);
}

/// Puts what was appended since `start` into quotes where it needs them, as
/// [RFC 4180](https://www.rfc-editor.org/rfc/rfc4180) says.
fn quote_from(start: usize, out: &mut Vec<u8>) {
    let is_plain = !out[start..].iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r'));
    if is_plain {
        return;
    }
    let text = out.split_off(start);
    out.push(b'"');
    for byte in text {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &str) {
        let mut out = b"a,".to_vec();
        out.extend_from_slice(text.as_bytes());
        quote_from(2, &mut out);
        assert_eq!(out, format!("a,{expect}").as_bytes());
    }

    #[test]
    fn a_field_is_quoted_where_it_has_to_be() {
        check("", "");
        check("plain text", "plain text");
        check("one, two", r#""one, two""#);
        check(r#"say "hi""#, r#""say ""hi""""#);
        check("two\nlines", "\"two\nlines\"");
    }
}
