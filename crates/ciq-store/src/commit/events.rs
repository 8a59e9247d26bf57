//! Messages, events and what follows from an event by itself.

use std::collections::BTreeMap;

use ciq_engine::{Changes, EventRow, KnowledgeRow, PurchaseRow, StoreVisitRow, WorkOrderRow};

use super::line_items;
use super::words::{EVENT_TYPES, SOURCES, Words};
use crate::codec::sentiment_number;
use crate::sql::{Connection, params};
use crate::{StoreError, search_words, sql};

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
    write_visits(connection, &changes.store_visits).map_err(StoreError::doing("write visits"))
}

fn write_messages(connection: &Connection, changes: &Changes) -> sql::Result<()> {
    let mut insert = connection.prepare_many(
        "INSERT INTO message (seq, form, received_at, body, subject, message_id,
            is_unresolved)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for row in &changes.messages {
        // Every parser has checked that the body is UTF-8.
        let body = String::from_utf8_lossy(&row.message.body);
        let form = row.message.form.to_string();
        let carrier = row.message.carrier.as_deref();
        insert.push(params![
            row.seq,
            form,
            row.message.received_at.as_millisecond(),
            body,
            carrier.map(|carrier| carrier.subject.as_str()),
            carrier.and_then(|carrier| carrier.message_id.as_deref()),
            row.message.is_unresolved.then_some(1),
        ])?;
    }
    insert.finish()
}

fn write_events(
    connection: &Connection,
    events: &[EventRow],
    words: &mut Words<'_>,
) -> sql::Result<()> {
    let mut insert = connection.prepare_many(
        "INSERT INTO event (seq, id, message_seq, customer_key, type_key, source_key, occurred_at,
            title, description, full_text, amount_minor, currency, status, agent_notes, left_out,
            sentiment)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)",
    )?;
    for row in events {
        let event_type = row.event_type.as_str();
        let type_key = EVENT_TYPES.key_of(connection, words.event_types, event_type);
        let source_key = SOURCES.key_of(connection, words.sources, row.source.as_str());
        insert.push(params![
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
    insert.finish()?;
    let mut index = search_words::EVENTS.open(connection)?;
    for row in events.iter().filter(|row| row.title.is_some() || row.description.is_some()) {
        let texts = [&row.title, &row.description, &row.full_text];
        index.add(row.seq, &texts.map(Option::as_deref))?;
    }
    index.finish()
}

fn write_purchases(
    connection: &Connection,
    purchases: &BTreeMap<String, PurchaseRow>,
) -> sql::Result<()> {
    // An earlier telling takes the place of the one that counted before.
    let unique = connection.choose("id", "md5(id)");
    let mut insert = connection.prepare_many(&format!(
        "INSERT INTO purchase (event_seq, id, product_name, product_sku, quantity, price_minor,
            total_minor, currency, warranty_expires_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
        ON CONFLICT ({unique}) DO UPDATE SET event_seq = excluded.event_seq,
            product_name = excluded.product_name, product_sku = excluded.product_sku,
            quantity = excluded.quantity, price_minor = excluded.price_minor,
            total_minor = excluded.total_minor, currency = excluded.currency,
            warranty_expires_at = excluded.warranty_expires_at"
    ))?;
    for (id, row) in purchases {
        insert.push(params![
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
    insert.finish()
}

fn write_work_orders(
    connection: &Connection,
    work_orders: &BTreeMap<String, WorkOrderRow>,
) -> sql::Result<()> {
    let unique = connection.choose("id", "md5(id)");
    let mut upsert = connection.prepare_many(&format!(
        "INSERT INTO work_order (event_seq, id, fields) VALUES (?1, ?2, ?3)
        ON CONFLICT ({unique}) DO UPDATE SET event_seq = excluded.event_seq, fields = excluded.fields"
    ))?;
    for (id, row) in work_orders {
        upsert.push(params![row.event_seq, id, row.fields.to_json()])?;
    }
    upsert.finish()
}

fn write_knowledge(connection: &Connection, rows: &[KnowledgeRow]) -> sql::Result<()> {
    let mut insert = connection.prepare_many(
        "INSERT INTO knowledge (event_seq, content, category, importance, tags)
        VALUES (?1, ?2, ?3, ?4, ?5)",
    )?;
    let mut index = search_words::KNOWLEDGE.open(connection)?;
    for KnowledgeRow { event_seq, knowledge } in rows {
        let tags = (!knowledge.tags.is_empty())
            .then(|| serde_json::Value::from(knowledge.tags.clone()).to_string());
        insert.push(params![
            event_seq,
            knowledge.content,
            knowledge.category,
            knowledge.importance,
            tags,
        ])?;
        index.add(*event_seq, &[Some(&knowledge.content), tags.as_deref()])?;
    }
    insert.finish()?;
    index.finish()
}

fn write_visits(connection: &Connection, rows: &[StoreVisitRow]) -> sql::Result<()> {
    let mut insert = connection.prepare_many(
        "INSERT INTO visit (event_seq, store_id, store_name, check_in_at, check_out_at,
            detection_method)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
    )?;
    for StoreVisitRow { event_seq, visit } in rows {
        insert.push(params![
            event_seq,
            visit.store_id,
            visit.store_name,
            visit.check_in_at.as_millisecond(),
            visit.check_out_at.map(jiff::Timestamp::as_millisecond),
            visit.detection_method,
        ])?;
    }
    insert.finish()
}
