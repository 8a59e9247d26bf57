//! The same rows without anything else: a plain program that inserts what events say into plain
//! tables by `UNNEST`, through one connection, all statements of a batch sent at once.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::time::Instant;

use ciq_event::{Brand, Currency, Event, Message, ParseContext, Payload, WireForm, parse};
use ciq_testkit::PostgresDatabase;
use futures_util::future::try_join4;
use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error, NoTls, Statement};

use crate::events::Events;
use crate::meter::own_seconds_so_far;

const SCHEMA: &str = r#"
    CREATE TABLE event (seq BIGINT PRIMARY KEY, id BYTEA NOT NULL, customer_key BIGINT NOT NULL,
        type BIGINT NOT NULL, occurred_at BIGINT NOT NULL, title TEXT COLLATE "C",
        description TEXT COLLATE "C", amount_minor BIGINT, currency TEXT COLLATE "C",
        status TEXT COLLATE "C", agent_notes TEXT COLLATE "C", source TEXT COLLATE "C" NOT NULL,
        body TEXT COLLATE "C" NOT NULL);
    CREATE UNIQUE INDEX event_by_id ON event (id);
    CREATE INDEX event_by_customer ON event (customer_key, occurred_at);
    CREATE TABLE event_search (rowid BIGINT PRIMARY KEY, document TSVECTOR);
    CREATE INDEX event_search_by_word ON event_search USING gin (document)
        WITH (fastupdate = on);
    CREATE TABLE customer (key BIGINT PRIMARY KEY, id TEXT COLLATE "C" NOT NULL,
        name TEXT COLLATE "C", email TEXT COLLATE "C", lifetime_value_minor BIGINT NOT NULL,
        order_count BIGINT NOT NULL, event_count BIGINT NOT NULL, last_event_at BIGINT NOT NULL)
        WITH (fillfactor = 80);
    CREATE TABLE purchase (event_seq BIGINT PRIMARY KEY, id TEXT COLLATE "C" NOT NULL UNIQUE,
        customer_key BIGINT NOT NULL, product_name TEXT COLLATE "C" NOT NULL,
        product_sku TEXT COLLATE "C", quantity BIGINT, price_minor BIGINT,
        total_minor BIGINT NOT NULL, purchased_at BIGINT NOT NULL, warranty_expires_at BIGINT);
    CREATE INDEX purchase_by_customer ON purchase (customer_key, purchased_at);"#;

const EVENT: &str = "INSERT INTO event (seq, id, customer_key, type, occurred_at, title,
        description, amount_minor, currency, status, agent_notes, source, body)
    SELECT * FROM unnest($1::bigint[], $2::bytea[], $3::bigint[], $4::bigint[], $5::bigint[],
        $6::text[], $7::text[], $8::bigint[], $9::text[], $10::text[], $11::text[], $12::text[],
        $13::text[])";

const SEARCH: &str = "INSERT INTO event_search (rowid, document)
    SELECT rowid, array_to_tsvector(string_to_array(words, ' '))
    FROM unnest($1::bigint[], $2::text[]) AS given (rowid, words)";

const CUSTOMER: &str = "INSERT INTO customer AS held (key, id, name, email, lifetime_value_minor,
        order_count, event_count, last_event_at)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::bigint[],
        $6::bigint[], $7::bigint[], $8::bigint[])
    ON CONFLICT (key) DO UPDATE SET name = coalesce(excluded.name, held.name),
        email = coalesce(excluded.email, held.email),
        lifetime_value_minor = held.lifetime_value_minor + excluded.lifetime_value_minor,
        order_count = held.order_count + excluded.order_count,
        event_count = held.event_count + excluded.event_count,
        last_event_at = excluded.last_event_at";

const PURCHASE: &str = "INSERT INTO purchase (event_seq, id, customer_key, product_name,
        product_sku, quantity, price_minor, total_minor, purchased_at, warranty_expires_at)
    SELECT * FROM unnest($1::bigint[], $2::text[], $3::bigint[], $4::text[], $5::text[],
        $6::bigint[], $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[])";

/// A connection with tables and statements ready.
pub(crate) struct Bare {
    runtime: Runtime,
    client: Client,
    statements: [Statement; 4],
}

impl Bare {
    /// Makes the tables in an empty database.
    pub(crate) fn open(database: &PostgresDatabase) -> Self {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let (client, statements) = runtime.block_on(async {
            let connecting = tokio_postgres::connect(database.url(), NoTls);
            let (client, connection) = connecting.await.unwrap();
            // It ends when the client is gone.
            drop(tokio::spawn(connection));
            client.batch_execute(SCHEMA).await.unwrap();
            let prepared = try_join4(
                client.prepare(EVENT),
                client.prepare(SEARCH),
                client.prepare(CUSTOMER),
                client.prepare(PURCHASE),
            );
            let (event, search, customer, purchase) = prepared.await.unwrap();
            (client, [event, search, customer, purchase])
        });
        Self { runtime, client, statements }
    }

    /// Inserts the first events, and returns how many seconds that took, by the clock and of this
    /// process's own, without what was made ready before.
    pub(crate) fn insert(
        &mut self,
        events: &Events,
        count: usize,
        batch_size: usize,
    ) -> (f64, f64) {
        let (mut seconds, mut own_seconds) = (0.0, 0.0);
        for begin in (0..count).step_by(batch_size) {
            let rows = rows(events, begin..(begin + batch_size).min(count));
            let buyers = buyers(&rows);
            let batch = Batch::of(&rows, &buyers);
            let (started, own_before) = (Instant::now(), own_seconds_so_far());
            self.store(&batch).unwrap();
            seconds += started.elapsed().as_secs_f64();
            own_seconds += own_seconds_so_far() - own_before;
        }
        (seconds, own_seconds)
    }

    fn store(&mut self, batch: &Batch<'_>) -> Result<(), Error> {
        let Self { runtime, client, statements: [event, search, customer, purchase] } = self;
        runtime.block_on(async {
            let transaction = client.transaction().await?;
            let [events, words, customers, purchases] =
                [&batch.events, &batch.words, &batch.customers, &batch.purchases].map(values);
            try_join4(
                transaction.execute(event, &events),
                transaction.execute(search, &words),
                transaction.execute(customer, &customers),
                transaction.execute(purchase, &purchases),
            )
            .await?;
            transaction.commit().await
        })
    }
}

/// A column of a statement's rows.
type Columns<'a> = Vec<Box<dyn ToSql + Sync + 'a>>;

fn values<'a>(columns: &'a Columns<'a>) -> Vec<&'a (dyn ToSql + Sync)> {
    columns.iter().map(|column| -> &(dyn ToSql + Sync) { &**column }).collect()
}

fn column<'a, V: 'a>(values: impl Iterator<Item = V>) -> Box<dyn ToSql + Sync + 'a>
where
    Vec<V>: ToSql + Sync,
{
    Box::new(values.collect::<Vec<V>>())
}

/// An event, parsed.
struct Row {
    seq: i64,
    event: Event,
    customer_key: i64,
    body: String,
    words: String,
}

/// A customer, and what a batch adds.
#[derive(Default)]
struct Buyer {
    key: i64,
    id: String,
    name: Option<String>,
    email: Option<String>,
    total_minor: i64,
    order_count: i64,
    event_count: i64,
    last_event_at: i64,
}

fn rows(events: &Events, part: Range<usize>) -> Vec<Row> {
    let context = ParseContext { brand: Brand::default(), currency: Currency::USD };
    let row = |index: usize| {
        let body = events.body(index);
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let message = Message::new(WireForm::Envelope, body.clone(), now);
        let event = parse(&message, &context).unwrap().remove(0);
        let id = contact(&event, "customer_id").unwrap();
        Row {
            seq: i64::try_from(index).unwrap() + 1,
            customer_key: id.trim_start_matches("cust_").parse().unwrap(),
            body: String::from_utf8(body).unwrap(),
            words: words(&[&event.title, &event.description]),
            event,
        }
    };
    part.map(row).collect()
}

fn contact<'a>(event: &'a Event, kind: &str) -> Option<&'a str> {
    let held = event.contacts.iter().find(|contact| contact.kind.name() == kind);
    held.map(|contact| contact.value.as_str())
}

/// The words of texts, each once.
fn words(texts: &[&Option<String>]) -> String {
    let text = texts.iter().copied().flatten().fold(String::new(), |all, text| all + " " + text);
    let text = text.to_lowercase();
    let words = text.split(|sign: char| !sign.is_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(" ")
}

/// The customers of a batch, once each: one statement changes a row once.
fn buyers(rows: &[Row]) -> Vec<Buyer> {
    let mut buyers: BTreeMap<i64, Buyer> = BTreeMap::new();
    for Row { event, customer_key, .. } in rows {
        let buyer = buyers.entry(*customer_key).or_default();
        buyer.key = *customer_key;
        contact(event, "customer_id").unwrap().clone_into(&mut buyer.id);
        if let Some(name) = &event.profile.name {
            buyer.name = Some(name.clone());
        }
        if let Some(email) = contact(event, "email") {
            buyer.email = Some(email.to_owned());
        }
        if let Payload::Purchase(order) = &event.payload {
            buyer.total_minor += order.total.minor;
            buyer.order_count += 1;
        }
        buyer.event_count += 1;
        buyer.last_event_at = event.occurred_at.as_millisecond();
    }
    buyers.into_values().collect()
}

/// What is given to the four statements.
struct Batch<'a> {
    events: Columns<'a>,
    words: Columns<'a>,
    customers: Columns<'a>,
    purchases: Columns<'a>,
}

impl<'a> Batch<'a> {
    fn of(rows: &'a [Row], buyers: &'a [Buyer]) -> Self {
        Self {
            events: events_of(rows),
            words: vec![
                column(rows.iter().map(|row| row.seq)),
                column(rows.iter().map(|row| row.words.as_str())),
            ],
            customers: vec![
                column(buyers.iter().map(|buyer| buyer.key)),
                column(buyers.iter().map(|buyer| buyer.id.as_str())),
                column(buyers.iter().map(|buyer| buyer.name.as_deref())),
                column(buyers.iter().map(|buyer| buyer.email.as_deref())),
                column(buyers.iter().map(|buyer| buyer.total_minor)),
                column(buyers.iter().map(|buyer| buyer.order_count)),
                column(buyers.iter().map(|buyer| buyer.event_count)),
                column(buyers.iter().map(|buyer| buyer.last_event_at)),
            ],
            purchases: purchases_of(rows),
        }
    }
}

fn events_of(rows: &[Row]) -> Columns<'_> {
    vec![
        column(rows.iter().map(|row| row.seq)),
        column(rows.iter().map(|row| &row.event.id.as_bytes()[..])),
        column(rows.iter().map(|row| row.customer_key)),
        column(rows.iter().map(|row| i64::try_from(row.event.event_type.as_str().len()).unwrap())),
        column(rows.iter().map(|row| row.event.occurred_at.as_millisecond())),
        column(rows.iter().map(|row| row.event.title.as_deref())),
        column(rows.iter().map(|row| row.event.description.as_deref())),
        column(rows.iter().map(|row| row.event.amount.map(|money| money.minor))),
        column(rows.iter().map(|row| row.event.amount.map(|money| money.currency.to_string()))),
        column(rows.iter().map(|row| row.event.status.as_deref())),
        column(rows.iter().map(|row| row.event.agent_notes.as_deref())),
        column(rows.iter().map(|row| row.event.source.as_str())),
        column(rows.iter().map(|row| row.body.as_str())),
    ]
}

fn purchases_of(rows: &[Row]) -> Columns<'_> {
    let bought: Vec<_> = rows
        .iter()
        .filter_map(|row| match &row.event.payload {
            Payload::Purchase(order) => Some((row, order)),
            _ => None,
        })
        .collect();
    vec![
        column(bought.iter().map(|(row, _)| row.seq)),
        column(bought.iter().map(|(_, order)| order.purchase_id.as_str())),
        column(bought.iter().map(|(row, _)| row.customer_key)),
        column(bought.iter().map(|(_, order)| order.product_name.as_str())),
        column(bought.iter().map(|(_, order)| order.product_sku.as_deref())),
        column(bought.iter().map(|(_, order)| order.quantity)),
        column(bought.iter().map(|(_, order)| order.price.map(|money| money.minor))),
        column(bought.iter().map(|(_, order)| order.total.minor)),
        column(bought.iter().map(|(row, _)| row.event.occurred_at.as_millisecond())),
        column(
            bought
                .iter()
                .map(|(_, order)| order.warranty_expires_at.map(Timestamp::as_millisecond)),
        ),
    ]
}
