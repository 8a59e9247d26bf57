//! A line of a file, in any of the forms that `generate` writes.

use jiff::Timestamp;
use serde_json::{Map, Value};

/// Where a form has the event's id, in order of preference.
const IDS: [&str; 4] = ["id", "event_id", "messageId", "webhook_id"];

/// Where a form has the user.
const USERS: [&str; 4] = ["userId", "customer_id", "subject", "user_id"];

/// Where a form has the event's name.
const NAMES: [&str; 5] = ["name", "event_type", "event", "topic", "type"];

/// Where a form has the time.
const TIMES: [&str; 5] = ["ts", "timestamp", "time", "occurred_at", "received_at"];

/// The largest number that is a time in seconds; larger ones are milliseconds.
const SECONDS_MAX: i64 = 100_000_000_000;

/// What has to be known of an event to send it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) id: String,
    pub(super) user_id: String,
    pub(super) name: String,
    pub(super) at_ms: i64,
}

impl Line {
    /// Reads a line; its number stands in for an id that is missing.
    pub(super) fn parse(body: &[u8], number: u64) -> Result<Self, String> {
        let object: Map<String, Value> =
            serde_json::from_slice(body).map_err(|_| "it is no JSON object".to_owned())?;
        let at = TIMES.into_iter().find_map(|key| object.get(key));
        let at_ms = at
            .and_then(time_of)
            .ok_or_else(|| format!("it has no time as {}", TIMES.join(", ")))?;
        let text = |keys: &[&str]| {
            let found = keys.iter().find_map(|key| object.get(*key)?.as_str());
            found.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        Ok(Self {
            id: text(&IDS).unwrap_or_else(|| format!("line_{number}")),
            user_id: text(&USERS).unwrap_or_else(|| "unknown".to_owned()),
            name: text(&NAMES).unwrap_or_else(|| "event".to_owned()),
            at_ms,
        })
    }
}

/// Reads a time: RFC 3339, or a number of seconds or milliseconds since 1970.
fn time_of(value: &Value) -> Option<i64> {
    match value {
        Value::String(text) => Some(text.parse::<Timestamp>().ok()?.as_millisecond()),
        Value::Number(number) => {
            let number = number.as_i64()?;
            Some(if number.abs() <= SECONDS_MAX { number * 1_000 } else { number })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_tells_who_what_and_when() {
        let expect = |id: &str| Line {
            id: id.to_owned(),
            user_id: "ABC123".to_owned(),
            name: "feature_used".to_owned(),
            at_ms: 1_737_367_200_000,
        };
        for (body, id) in [
            (
                r#"{"id":"evt_1","ts":"2025-01-20T10:00:00.000Z","userId":"ABC123","name":"feature_used"}"#,
                "evt_1",
            ),
            (
                r#"{"event_id":"evt_2","customer_id":"ABC123","event_type":"feature_used","timestamp":1737367200}"#,
                "evt_2",
            ),
            (r#"{"userId":"ABC123","event":"feature_used","timestamp":1737367200000}"#, "line_7"),
        ] {
            assert_eq!(Line::parse(body.as_bytes(), 7), Ok(expect(id)), "{body}");
        }
        assert!(Line::parse(br#"{"id":"evt_1"}"#, 1).is_err());
        assert!(Line::parse(b"[]", 1).is_err());
    }
}
