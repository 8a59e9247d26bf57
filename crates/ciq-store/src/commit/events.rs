//! Messages, events and what follows from an event by itself.

use std::collections::BTreeMap;

use ciq_engine::{
    Changes, DeadLetterRow, EventRow, KnowledgeRow, PurchaseRow, StoreVisitRow, WorkOrderRow,
};
use rusqlite::{Connection, params};

use super::line_items;
use crate::StoreError;
use crate::codec::sentiment_number;

/// The dictionaries of short texts that stand in events as numbers.
pub(super) struct Words<'a> {
    pub(super) event_types: &'a mut BTreeMap<String, i64>,
    pub(super) sources: &'a mut BTreeMap<String, i64>,
    pub(super) products: &'a mut BTreeMap<String, i64>,
    pub(super) categories: &'a mut BTreeMap<String, i64>,
}

pub(super) fn write(
    connection: &Connection,
    changes: &Changes,
    words: &mut Words<'_>,
) -> Result<(), StoreError> {
    write_messages(connection, changes).map_err(StoreError::doing("write messages"))?;
    write_events(connection, &changes.events, words).map_err(StoreError::doing("write events"))?;
    line_items::write(connection, &changes.events, words)
        .map_err(StoreError::doing("write products"))?;
    write_purchases(connection, &changes.purchases).map_err(StoreError::doing("write orders"))?;
    write_work_orders(connection, &changes.work_orders)
        .map_err(StoreError::doing("write work orders"))?;
    write_knowledge(connection, &changes.knowledge).map_err(StoreError::doing("write notes"))?;
    write_visits(connection, &changes.store_visits).map_err(StoreError::doing("write visits"))?;
    write_dead_letters(connection, &changes.dead_letters)
        .map_err(StoreError::doing("write dead letters"))
}

fn write_messages(connection: &Connection, changes: &Changes) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO message (seq, form, received_at, body, subject, message_id,
            is_unresolved)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for row in &changes.messages {
        // Every parser has checked that the body is UTF-8.
        let body = String::from_utf8_lossy(&row.message.body);
        let form = row.message.form.to_string();
        let carrier = row.message.carrier.as_deref();
        insert.execute(params![
            row.seq,
            form,
            row.message.received_at.as_millisecond(),
            body,
            carrier.map(|carrier| carrier.subject.as_str()),
            carrier.and_then(|carrier| carrier.message_id.as_deref()),
            row.message.is_unresolved.then_some(1),
        ])?;
    }
    Ok(())
}

fn write_events(
    connection: &Connection,
    events: &[EventRow],
    words: &mut Words<'_>,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO event (seq, id, message_seq, customer_key, type_key, source_key, occurred_at,
            title, description, full_text, amount_minor, currency, status, agent_notes, left_out,
            sentiment)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    for row in events {
        let type_key = key_of(connection, "event_type", words.event_types, row.event_type.as_str());
        let source_key = key_of(connection, "source", words.sources, row.source.as_str());
        insert.execute(params![
            row.seq,
            row.id.as_bytes(),
            row.message_seq,
            row.origin.0,
            type_key?,
            source_key?,
            row.occurred_at.as_millisecond(),
            row.title,
            row.description,
            row.full_text,
            row.amount.map(|money| money.minor),
            row.amount.as_ref().map(|money| money.currency.as_str()),
            row.status,
            row.agent_notes,
            row.left_out,
            row.sentiment.map(sentiment_number),
        ])?;
    }
    let mut index = connection.prepare_cached(
        "INSERT INTO event_search (rowid, title, description, full_text) VALUES (?1, ?2, ?3, ?4)",
    )?;
    for row in events.iter().filter(|row| row.title.is_some() || row.description.is_some()) {
        index.execute(params![row.seq, row.title, row.description, row.full_text])?;
    }
    Ok(())
}

fn key_of(
    connection: &Connection,
    table: &str,
    known: &mut BTreeMap<String, i64>,
    name: &str,
) -> rusqlite::Result<i64> {
    if let Some(key) = known.get(name) {
        return Ok(*key);
    }
    let sql = format!("INSERT INTO {table} (name) VALUES (?1) RETURNING key");
    let key = connection.prepare_cached(&sql)?.query_row([name], |row| row.get(0))?;
    known.insert(name.to_owned(), key);
    Ok(key)
}

fn write_purchases(
    connection: &Connection,
    purchases: &BTreeMap<String, PurchaseRow>,
) -> rusqlite::Result<()> {
    // An earlier telling takes the place of the one that counted before.
    let mut insert = connection.prepare_cached(
        "INSERT INTO purchase (event_seq, id, product_name, product_sku, quantity, price_minor,
            total_minor, currency, warranty_expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT (id) DO UPDATE SET event_seq = excluded.event_seq,
            product_name = excluded.product_name, product_sku = excluded.product_sku,
            quantity = excluded.quantity, price_minor = excluded.price_minor,
            total_minor = excluded.total_minor, currency = excluded.currency,
            warranty_expires_at = excluded.warranty_expires_at",
    )?;
    for (id, row) in purchases {
        insert.execute(params![
            row.event_seq,
            id,
            row.product_name,
            row.product_sku,
            row.quantity,
            row.price.map(|money| money.minor),
            row.total.minor,
            row.total.currency.as_str(),
            row.warranty_expires_at.map(jiff::Timestamp::as_millisecond),
        ])?;
    }
    Ok(())
}

fn write_work_orders(
    connection: &Connection,
    work_orders: &BTreeMap<String, WorkOrderRow>,
) -> rusqlite::Result<()> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO work_order (event_seq, id, fields) VALUES (?1, ?2, ?3)
        ON CONFLICT (id) DO UPDATE SET event_seq = excluded.event_seq, fields = excluded.fields",
    )?;
    for (id, row) in work_orders {
        upsert.execute(params![row.event_seq, id, row.fields.to_json()])?;
    }
    Ok(())
}

fn write_knowledge(connection: &Connection, rows: &[KnowledgeRow]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO knowledge (event_seq, content, category, importance, tags)
        VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut index = connection.prepare_cached(
        "INSERT INTO knowledge_search (rowid, content, tags) VALUES (?1, ?2, ?3)",
    )?;
    for KnowledgeRow { event_seq, knowledge } in rows {
        let tags = (!knowledge.tags.is_empty())
            .then(|| serde_json::Value::from(knowledge.tags.clone()).to_string());
        insert.execute(params![
            event_seq,
            knowledge.content,
            knowledge.category,
            knowledge.importance,
            tags,
        ])?;
        index.execute(params![event_seq, knowledge.content, tags])?;
    }
    Ok(())
}

fn write_visits(connection: &Connection, rows: &[StoreVisitRow]) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO visit (event_seq, store_id, store_name, check_in_at, check_out_at,
            detection_method)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for StoreVisitRow { event_seq, visit } in rows {
        insert.execute(params![
            event_seq,
            visit.store_id,
            visit.store_name,
            visit.check_in_at.as_millisecond(),
            visit.check_out_at.map(jiff::Timestamp::as_millisecond),
            visit.detection_method,
        ])?;
    }
    Ok(())
}

/// The same refused message again is the same dead letter: its arrivals are counted.
fn write_dead_letters(connection: &Connection, rows: &[DeadLetterRow]) -> rusqlite::Result<()> {
    let mut upsert = connection.prepare_cached(
        "INSERT INTO dead_letter (key, id, form, body, field, reason, received_at, arrival_count,
            subject, headers)
        VALUES (
            max(coalesce((SELECT max(key) + 1 FROM dead_letter), 1),
                coalesce((SELECT next FROM counter WHERE name = 'dead_letter_key'), 1)),
            ?1, ?2, ?3, ?4, ?5, ?6, 1, ?7, ?8)
        ON CONFLICT (id) DO UPDATE SET arrival_count = arrival_count + 1",
    )?;
    for DeadLetterRow { message, field, reason } in rows {
        let form = message.form.to_string();
        let mut hasher = blake3::Hasher::new();
        hasher.update(form.as_bytes()).update(&[0]).update(&message.body);
        let id = &hasher.finalize().as_bytes()[..16].to_vec();
        let received_at = message.received_at.as_millisecond();
        let carrier = message.carrier.as_deref();
        let subject = carrier.map(|carrier| carrier.subject.as_str());
        let headers = carrier.map(|carrier| headers_json(&carrier.headers));
        upsert.execute(params![
            id,
            form,
            message.body,
            field,
            reason,
            received_at,
            subject,
            headers
        ])?;
    }
    Ok(())
}

/// Headers as a JSON list of pairs: a name may come twice.
fn headers_json(headers: &[(String, String)]) -> String {
    let pairs = headers.iter().map(|(name, value)| vec![name.as_str(), value.as_str()]);
    pairs.collect::<serde_json::Value>().to_string()
}
