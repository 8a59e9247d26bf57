//! The load, and each stage by itself.

use std::sync::Arc;
use std::time::Instant;

use ciq_engine::prepare;
use ciq_event::{Brand, Message, WireForm};
use ciq_ingest::{BrandHandle, Clock as _, EngineOptions, Pipeline, SystemClock};
use ciq_nats::{
    Nats, NatsOptions, Outgoing, Publisher, Settlement, Source, SourceOptions, SubjectFilter,
};
use ciq_testkit::NatsServer;
use tokio::runtime::Runtime;

/// Events to publish.
pub(crate) struct Workload {
    pub(crate) count: u64,
    pub(crate) customers: u64,
    /// Whether one message in a hundred can never become an event.
    pub(crate) is_poisoned: bool,
}

/// The second of the first event: 2026-01-01T00:00:00Z.
const FIRST_SECOND: u64 = 1_767_225_600;

/// Messages of a batch where nothing else says.
const BATCH: usize = 5_000;

impl Workload {
    /// What is published: a purchase, or poison.
    pub(crate) fn message(&self, index: u64) -> (String, Vec<u8>) {
        let (subject, body) = self.event(index);
        if self.is_poisoned && index % 100 == 50 {
            return (subject, poison(index, body));
        }
        (subject, body)
    }

    /// A purchase of about 600 bytes.
    pub(crate) fn event(&self, index: u64) -> (String, Vec<u8>) {
        // A stride that is prime visits customers far apart.
        let customer = index.wrapping_mul(7_919) % self.customers + 1;
        let id = format!("cust_{customer:06}");
        let cents = 1_999 + index % 50_000;
        let price = format!("{}.{:02}", cents / 100, cents % 100);
        let second = FIRST_SECOND + index / 50;
        let body = format!(
            r#"{{"customer_id": "{id}", "event_type": "purchase", "timestamp": {second}, "source_service": "e-commerce-service", "data": {{"purchase_id": "ord_{index:010}", "product_name": "Wireless Headphones Pro, Second Edition", "product_sku": "WHP-2000-{sku:03}", "quantity": 1, "price": {price}, "total": {price}, "warranty_expires": {warranty}, "customer_name": "Customer Number {customer}", "email": "customer.{customer}@customer.example.org"}}, "metadata": {{"payment_method": "credit_card", "warehouse": "north-{sku:03}", "campaign": "spring-sale-of-the-year", "referrer": "https://shop.example.org/category/audio/headphones?page={sku}"}}}}"#,
            sku = index % 400,
            warranty = second + 31_536_000,
        );
        (format!("customer.events.{id}.purchase"), body.into_bytes())
    }
}

/// Truncated, of a wrong type, nested without end, or no text.
fn poison(index: u64, mut body: Vec<u8>) -> Vec<u8> {
    match index / 100 % 4 {
        0 => body.truncate(body.len() / 2),
        1 => body = br#"{"customer_id": ["cust_1"], "event_type": 7, "timestamp": {}}"#.to_vec(),
        2 => body = [b"{\"data\":".as_slice(), &b"[".repeat(20_000)].concat(),
        _ => body.insert(20, 0xff),
    }
    body
}

pub(crate) fn runtime() -> Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

pub(crate) fn source_options(group: &str) -> SourceOptions {
    let subjects = SubjectFilter::parse_list("customer.events.>").unwrap();
    SourceOptions { queue_group: group.to_owned(), ..SourceOptions::new(subjects) }
}

pub(crate) async fn connect(server: &NatsServer) -> Nats {
    Nats::connect(&NatsOptions::new(server.url().parse().unwrap())).await.unwrap()
}

pub(crate) async fn publisher(nats: &Nats) -> Publisher {
    let all = SubjectFilter::parse("customer.events.>").unwrap();
    Publisher::new(nats, &all).await.unwrap()
}

/// Makes the stream and publishes the load into it.
pub(crate) fn fill(server: &NatsServer, load: &Workload) {
    runtime().block_on(async {
        let nats = connect(server).await;
        drop(Source::open(&nats, &source_options("maker")).await.unwrap());
        let mut publisher = publisher(&nats).await;
        for index in 0..load.count {
            let (subject, body) = load.message(index);
            publisher.publish(Outgoing { subject, headers: Vec::new(), body }).await.unwrap();
        }
        assert_eq!(publisher.finish().await.unwrap().confirmed_count, load.count);
    });
}

/// Messages per second that the client pulls and acknowledges without doing anything.
pub(crate) fn pull_only(server: &NatsServer, load: &Workload) -> f64 {
    runtime().block_on(async {
        let nats = connect(server).await;
        let mut source = Source::open(&nats, &source_options("pull-only")).await.unwrap();
        let started = Instant::now();
        let mut count = 0;
        while count < load.count {
            for delivery in source.next_batch(BATCH).await {
                nats.settle(&delivery.receipt, &Settlement::Stored).await.unwrap();
                count += 1;
            }
        }
        nats.fence().await.unwrap();
        load.count as f64 / started.elapsed().as_secs_f64()
    })
}

/// Events per second that are committed from memory.
pub(crate) fn commit_only(load: &Workload) -> f64 {
    let bodies: Vec<Vec<u8>> = (0..load.count).map(|index| load.event(index).1).collect();
    let folder = crate::folder();
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    let handle = BrandHandle::open(folder.path().join("memory.db"), settings).unwrap();
    let handle = Arc::new(handle);
    let started = Instant::now();
    let mut pipeline: Pipeline<()> = Pipeline::new(Arc::clone(&handle));
    for batch in bodies.chunks(BATCH) {
        let now = SystemClock.now();
        let message = |body: &Vec<u8>| Message::new(WireForm::Envelope, body.as_slice(), now);
        let entries = batch.iter().map(|body| prepare(message(body), handle.settings()));
        pipeline.push(entries.collect(), (), &mut |_| false).unwrap();
    }
    pipeline.finish(&mut |_| false).unwrap();
    load.count as f64 / started.elapsed().as_secs_f64()
}
