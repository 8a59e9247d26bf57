//! Import of mixed envelope events, 1 KB each, beside a bare loop that inserts the same rows.
//!
//! `cargo xtask bench ingest [--json] [--events 1000000] [--customers 200000] [--dir DIR]
//! [--import-only]`
//!
//! The bare loop writes values that were parsed before its clock runs: the event's row with its
//! body and its index, the search index, the customer's row and the order's row, in transactions
//! of the size that is best here, with the same cache, checkpoints and `synchronous=FULL`.
#![expect(
    clippy::unwrap_used,
    clippy::too_many_lines,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

mod support;

use std::path::Path;
use std::time::Instant;

use ciq_event::{Brand, Currency, Event, Message, ParseContext, Payload, WireForm, parse};
use ciq_synth::{Seed, load::bench_event};
use jiff::Timestamp;
use rusqlite::{Connection, params};
use support::{flag, folder, import, open, option};

/// The sizes of transaction that the bare loop tries.
const BARE_BATCHES: [usize; 3] = [1_000, 5_000, 10_000];

/// Events for which each size is tried.
const BARE_TRIAL: u64 = 100_000;

const BARE_SCHEMA: &str = "
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

/// Events of a slice whose rate is told by itself.
const SLICE: u64 = 100_000;

fn main() {
    let (events, customers) = (option("events", 1_000_000), option("customers", 200_000));
    let folder = folder();
    let file = folder.path().join("events.ndjson");
    support::write_events(&file, events, customers);

    let before = written_bytes();
    let handle = open(&folder.path().join("ours.db"));
    let watch = import(&file, &handle);
    handle.close();
    let memory = peak_memory_mb();
    let written = (written_bytes() - before) / events as f64;
    let ours = rate_between(&watch.marks, 0, events);
    let first = rate_between(&watch.marks, 0, SLICE.min(events));
    let last = rate_between(&watch.marks, events.saturating_sub(SLICE), events);
    drop(handle);
    if flag("import-only") {
        println!(
            "{ours:.0}/s, first {first:.0}/s, last {last:.0}/s, {memory:.0} MB, {written:.0} B"
        );
        return;
    }
    std::fs::remove_file(folder.path().join("ours.db")).unwrap();

    let mut best = (0.0, 0);
    for batch in BARE_BATCHES {
        let rate = bare(&folder.path().join("trial.db"), BARE_TRIAL.min(events), customers, batch);
        if rate > best.0 {
            best = (rate, batch);
        }
    }
    let before = written_bytes();
    let bare_rate = bare(&folder.path().join("bare.db"), events, customers, best.1);
    let bare_written = (written_bytes() - before) / events as f64;
    let ratio = ours / bare_rate;

    if flag("json") {
        println!(
            "{}",
            serde_json::json!({
                "events": events, "customers": customers,
                "events_per_second": ours.round(), "bare_rows_per_second": bare_rate.round(),
                "ratio": round(ratio), "last_over_first": round(last / first),
                "first_slice_per_second": first.round(), "last_slice_per_second": last.round(),
                "written_bytes_per_event": written.round(),
                "bare_written_bytes_per_row": bare_written.round(), "bare_batch": best.1, "peak_memory_mb": memory.round(),
            })
        );
        return;
    }
    println!("import of {events} events of {customers} customers: {ours:.0} events/s");
    println!("bare loop, {} rows per transaction:   {bare_rate:.0} events/s", best.1);
    println!("ratio {ratio:.2}; bytes written per event: {written:.0}, bare {bare_written:.0}");
    println!("first {SLICE}: {first:.0}/s, last {SLICE}: {last:.0}/s: {:.2}", last / first);
    println!("peak memory of the import: {memory:.0} MB");
    for (index, pair) in (0..events / SLICE).map(|i| (i * SLICE, (i + 1) * SLICE)).enumerate() {
        println!("  slice {index}: {:.0}/s", rate_between(&watch.marks, pair.0, pair.1));
    }
}

/// Events per second between two counts.
fn rate_between(marks: &[(u64, f64)], from: u64, to: u64) -> f64 {
    let at = |count: u64| *marks.iter().find(|(held, _)| *held >= count).unwrap();
    let ((first, start), (last, end)) = (at(from), at(to));
    (last - first) as f64 / (end - start)
}

/// The largest resident memory of this process so far, in MB.
fn peak_memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM:"));
    let kib = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<f64>().ok());
    kib.unwrap_or(f64::NAN) / 1_000.0 * 1.024
}

/// Bytes that this process has sent towards the disk so far.
fn written_bytes() -> f64 {
    let text = std::fs::read_to_string("/proc/self/io").unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix("write_bytes: "));
    line.and_then(|count| count.parse().ok()).unwrap_or(f64::NAN)
}

fn round(ratio: f64) -> f64 {
    (ratio * 1_000.0).round() / 1_000.0
}

/// Inserts the rows of `count` events and returns how many events per second that took.
fn bare(path: &Path, count: u64, customers: u64, batch: usize) -> f64 {
    drop(std::fs::remove_file(path));
    let mut connection = Connection::open(path).unwrap();
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
    connection.execute_batch(BARE_SCHEMA).unwrap();
    connection.set_prepared_statement_cache_capacity(16);
    let mut seconds = 0.0;
    let mut index = 0;
    while index < count {
        let upto = (index + batch as u64).min(count);
        let rows: Vec<Row> = (index..upto).map(|index| row(index, customers)).collect();
        let started = Instant::now();
        insert(&mut connection, &rows);
        seconds += started.elapsed().as_secs_f64();
        index = upto;
    }
    drop(connection);
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        drop(std::fs::remove_file(name));
    }
    count as f64 / seconds
}

/// An event with everything ready to insert.
struct Row {
    event: Event,
    customer_key: i64,
    customer_id: String,
    email: Option<String>,
    body: String,
}

fn row(index: u64, customers: u64) -> Row {
    let body = bench_event(Seed::new(1), index, customers);
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

fn insert(connection: &mut Connection, rows: &[Row]) {
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
            let (total, orders) = match &told.payload {
                Payload::Purchase(order) => {
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
                    (order.total.minor, 1)
                }
                Payload::Generic
                | Payload::WorkOrder(_)
                | Payload::StoreVisit(_)
                | Payload::Account(_) => (0, 0),
            };
            let name = &told.profile.name;
            customer
                .execute(params![customer_key, customer_id, name, email, total, orders, at])
                .unwrap();
        }
    }
    transaction.commit().unwrap();
}
