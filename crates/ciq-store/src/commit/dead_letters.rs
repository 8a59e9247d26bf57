//! Messages that were refused.

use std::collections::BTreeMap;

use ciq_engine::DeadLetterRow;

use crate::sql;
use crate::sql::{Connection, params};

/// The number after the last one that was given.
const NEXT_KEY: &str = "SELECT max(coalesce((SELECT max(key) + 1 FROM dead_letter), 1),
    coalesce((SELECT next FROM counter WHERE name = 'dead_letter_key'), 1))";

/// The same refused message again is the same dead letter: its arrivals are counted.
const UPSERT: &str = "INSERT INTO dead_letter (key, id, form, body, field, reason, received_at,
        arrival_count, subject, headers)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    ON CONFLICT (id) DO UPDATE SET
        arrival_count = dead_letter.arrival_count + excluded.arrival_count";

pub(super) fn write(connection: &Connection, rows: &[DeadLetterRow]) -> sql::Result<()> {
    if rows.is_empty() {
        return Ok(());
    }
    let next: i64 = connection.query_row(NEXT_KEY, [], |row| row.get(0))?;
    let mut letters = connection.prepare_many(UPSERT)?;
    for (key, (row, count)) in (next..).zip(counted(rows)) {
        let DeadLetterRow { message, field, reason } = row;
        let carrier = message.carrier.as_deref();
        letters.push(params![
            key,
            id_of(row),
            message.form.to_string(),
            message.body,
            field,
            reason,
            message.received_at.as_millisecond(),
            count,
            carrier.map(|carrier| carrier.subject.as_str()),
            carrier.map(|carrier| headers_json(&carrier.headers)),
        ])?;
    }
    letters.finish()
}

/// Each letter once, in the order in which it came first, and how often it came.
fn counted(rows: &[DeadLetterRow]) -> Vec<(&DeadLetterRow, i64)> {
    let mut places: BTreeMap<Vec<u8>, usize> = BTreeMap::new();
    let mut found: Vec<(&DeadLetterRow, i64)> = Vec::new();
    for row in rows {
        let place = *places.entry(id_of(row)).or_insert(found.len());
        match found.get_mut(place) {
            Some((_, count)) => *count += 1,
            None => found.push((row, 1)),
        }
    }
    found
}

fn id_of(row: &DeadLetterRow) -> Vec<u8> {
    let mut hasher = blake3::Hasher::new();
    let form = row.message.form.to_string();
    hasher.update(form.as_bytes()).update(&[0]).update(&row.message.body);
    hasher.finalize().as_bytes()[..16].to_vec()
}

/// Headers as a JSON list of pairs: a name may come twice.
fn headers_json(headers: &[(String, String)]) -> String {
    let pairs = headers.iter().map(|(name, value)| vec![name.as_str(), value.as_str()]);
    pairs.collect::<serde_json::Value>().to_string()
}
