//! The same rows without anything else: a plain program that inserts what events say into plain
//! tables, in batches, with a customer's row written for each event.

use std::path::Path;

use ciq_event::{Brand, Currency, Event, Message, ParseContext, Payload, WireForm, parse};
use jiff::Timestamp;
use rusqlite::{Connection, params};

const SCHEMA: &str = "
    CREATE TABLE event (seq INTEGER PRIMARY KEY, id BLOB NOT NULL, customer_key INTEGER NOT NULL,
        type INTEGER NOT NULL, occurred_at INTEGER NOT NULL, title TEXT, description TEXT,
        amount_minor INTEGER, currency TEXT, status TEXT, agent_notes TEXT, source TEXT NOT NULL,
        body TEXT NOT NULL) STRICT;
    CREATE INDEX event_by_customer ON event (customer_key, occurred_at);
    CREATE TABLE customer (key INTEGER PRIMARY KEY, id TEXT NOT NULL, name TEXT, email TEXT,
        lifetime_value_minor INTEGER NOT NULL, order_count INTEGER NOT NULL,
        event_count INTEGER NOT NULL, last_event_at INTEGER NOT NULL) STRICT;
    CREATE TABLE purchase (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,
        customer_key INTEGER NOT NULL, product_name TEXT NOT NULL, product_sku TEXT,
        quantity INTEGER, price_minor INTEGER, total_minor INTEGER NOT NULL,
        purchased_at INTEGER NOT NULL, warranty_expires_at INTEGER) STRICT;
    CREATE INDEX purchase_by_customer ON purchase (customer_key, purchased_at);
    CREATE VIRTUAL TABLE event_search USING fts5(title, description, content='event',
        content_rowid='seq',
        tokenize=\"unicode61 remove_diacritics 2 categories 'L* N* Co So'\");";

/// Makes a new file.
pub(crate) fn open(path: &Path) -> Connection {
    let connection = Connection::open(path).unwrap();
    for (pragma, value) in [
        ("page_size", "8192"),
        ("journal_mode", "WAL"),
        ("synchronous", "FULL"),
        ("cache_size", "-32768"),
        ("wal_autocheckpoint", "32768"),
        ("temp_store", "MEMORY"),
    ] {
        connection.pragma_update(None, pragma, value).unwrap();
    }
    connection.execute_batch(SCHEMA).unwrap();
    connection.set_prepared_statement_cache_capacity(16);
    connection
}

/// An event with everything ready to insert.
pub(crate) struct Row {
    event: Event,
    customer_key: i64,
    customer_id: String,
    email: Option<String>,
    body: String,
}

/// Reads an envelope whose customer's id ends in a number after `cust_`.
pub(crate) fn row(body: Vec<u8>) -> Row {
    let message = Message::new(
        WireForm::Envelope,
        body.clone(),
        Timestamp::from_second(1_790_000_000).unwrap(),
    );
    let context = ParseContext { brand: Brand::default(), currency: Currency::USD };
    let event = parse(&message, &context).unwrap().remove(0);
    let value = |kind: &str| {
        let held = event.contacts.iter().find(|contact| contact.kind.name() == kind);
        held.map(|contact| contact.value.clone())
    };
    let customer_id = value("customer_id").unwrap();
    Row {
        customer_key: customer_id.trim_start_matches("cust_").parse().unwrap(),
        email: value("email"),
        customer_id,
        body: String::from_utf8(body).unwrap(),
        event,
    }
}

/// Inserts the rows in one transaction.
#[expect(clippy::too_many_lines, reason = "four statements and what they are given")]
pub(crate) fn insert(connection: &mut Connection, rows: &[Row]) {
    let transaction = connection.transaction().unwrap();
    {
        let mut event = transaction
            .prepare_cached(
                "INSERT INTO event (id, customer_key, type, occurred_at, title, description,
                    amount_minor, currency, status, agent_notes, source, body)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            )
            .unwrap();
        let mut search = transaction
            .prepare_cached(
                "INSERT INTO event_search (rowid, title, description) VALUES (?1, ?2, ?3)",
            )
            .unwrap();
        let mut customer = transaction
            .prepare_cached(
                "INSERT INTO customer (key, id, name, email, lifetime_value_minor, order_count,
                    event_count, last_event_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, 1, ?7)
                ON CONFLICT (key) DO UPDATE SET name = coalesce(excluded.name, name),
                    email = coalesce(excluded.email, email),
                    lifetime_value_minor = lifetime_value_minor + excluded.lifetime_value_minor,
                    order_count = order_count + excluded.order_count,
                    event_count = event_count + 1, last_event_at = excluded.last_event_at",
            )
            .unwrap();
        let mut purchase = transaction
            .prepare_cached(
                "INSERT INTO purchase (id, customer_key, product_name, product_sku, quantity,
                    price_minor, total_minor, purchased_at, warranty_expires_at)
                VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
            )
            .unwrap();
        for row in rows {
            let Row { event: told, customer_key, customer_id, email, body } = row;
            let at = told.occurred_at.as_millisecond();
            let amount = told.amount.map(|money| money.minor);
            let currency = told.amount.map(|money| money.currency.to_string());
            event
                .execute(params![
                    told.id.as_bytes(),
                    customer_key,
                    told.event_type.as_str().len().cast_signed() as i64,
                    at,
                    told.title,
                    told.description,
                    amount,
                    currency,
                    told.status,
                    told.agent_notes,
                    told.source.as_str(),
                    body,
                ])
                .unwrap();
            let seq = transaction.last_insert_rowid();
            search.execute(params![seq, told.title, told.description]).unwrap();
            let mut bought = (0, 0);
            if let Payload::Purchase(order) = &told.payload {
                purchase
                    .execute(params![
                        order.purchase_id,
                        customer_key,
                        order.product_name,
                        order.product_sku,
                        order.quantity,
                        order.price.map(|money| money.minor),
                        order.total.minor,
                        at,
                        order.warranty_expires_at.map(Timestamp::as_millisecond),
                    ])
                    .unwrap();
                bought = (order.total.minor, 1);
            }
            let (total, orders) = bought;
            let name = &told.profile.name;
            customer
                .execute(params![customer_key, customer_id, name, email, total, orders, at])
                .unwrap();
        }
    }
    transaction.commit().unwrap();
}
