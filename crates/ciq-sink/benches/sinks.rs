//! Events per second through each sink, to real servers on this machine.
//!
//! `cargo xtask bench sinks [--json] [--events 1000000] [--only http]`
//!
//! The clock runs from the first batch given until the last event has arrived: for HTTP answered
//! with 200 by a server that reads each array, for Redis added to a stream (in memory; cut at
//! 100,000 entries; kept in an append-only file), for plain NATS read by the server, for JetStream
//! confirmed by a stream on disk, for files written. The servers share the processors with the sink.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

use std::path::Path;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Bytes;
use axum::routing::post;
use ciq_nats::{Nats, NatsOptions, Source, SourceOptions, SubjectFilter};
use ciq_sink::{Batch, Message, NatsMode, Sink, SinkSettings};
use ciq_testkit::{NatsConfig, NatsServer, RedisConfig, RedisServer};
use serde_json::value::RawValue;

/// Messages of a batch: what a file of history is read in.
const BATCH: usize = 1_000;

/// Users that the messages belong to.
const USERS: usize = 10_000;

/// What each sink must reach.
const TARGETS: [(&str, f64); 3] = [("http", 50_000.0), ("redis", 200_000.0), ("core", 300_000.0)];

#[tokio::main]
async fn main() {
    let events: usize = option("--events").map_or(1_000_000, |text| text.parse().unwrap());
    let only = option("--only");
    let folder = tempfile::tempdir().unwrap();
    let mut rates = Vec::new();
    for name in
        ["http", "redis", "redis-cut", "redis-kept", "core", "jetstream", "ndjson", "gz", "zst"]
    {
        if only.as_ref().is_none_or(|only| only == name) {
            rates.push((name, rate_of(name, events, folder.path()).await));
        }
    }
    if std::env::args().any(|argument| argument == "--json") {
        let rates: Vec<String> =
            rates.iter().map(|(name, rate)| format!("\"{name}\":{rate:.0}")).collect();
        println!("{{\"events\":{events},\"events_per_second\":{{{}}}}}", rates.join(","));
        return;
    }
    for (name, rate) in rates {
        let target = TARGETS.iter().find(|target| target.0 == name);
        let target = target.map_or(String::new(), |target| format!(" (at least {:.0})", target.1));
        println!("{name:>10} {rate:>10.0} events/s{target}");
    }
}

async fn rate_of(name: &str, events: usize, folder: &Path) -> f64 {
    match name {
        "http" => {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}/events", listener.local_addr().unwrap());
            let service = Router::new().route("/events", post(take));
            let serving = tokio::spawn(axum::serve(listener, service).into_future());
            let rate = run(SinkSettings::http(&url).unwrap(), events).await;
            serving.abort();
            rate
        }
        "redis" | "redis-cut" | "redis-kept" => {
            let config = match name {
                "redis-kept" => RedisConfig::new().with_arguments(&["--appendonly", "yes"]),
                _ => RedisConfig::new(),
            };
            let server = RedisServer::start(config).unwrap();
            let max_length = (name == "redis-cut").then_some(100_000);
            let url = server.url();
            run(SinkSettings::redis(&url, "domain.events", max_length).unwrap(), events).await
        }
        "core" => {
            let server =
                NatsServer::start(NatsConfig { jetstream: false, ..NatsConfig::default() })
                    .unwrap();
            run(SinkSettings::nats(options(&server), NatsMode::Core), events).await
        }
        "jetstream" => {
            let server = NatsServer::start(NatsConfig::default()).unwrap();
            let nats = Nats::connect(&options(&server)).await.unwrap();
            let subjects = vec![SubjectFilter::parse("customer.events.>").unwrap()];
            drop(Source::open(&nats, &SourceOptions::new(subjects)).await.unwrap());
            run(SinkSettings::nats(options(&server), NatsMode::JetStream), events / 4).await
        }
        extension => {
            run(SinkSettings::file(folder.join(format!("events.{extension}"))), events).await
        }
    }
}

/// Reads an array as a service would, and says how many it took.
async fn take(body: Bytes) -> String {
    let events: Vec<&RawValue> = serde_json::from_slice(&body).unwrap();
    format!("{{\"stored\":{},\"rejected\":0}}", events.len())
}

async fn run(settings: SinkSettings, events: usize) -> f64 {
    // Made before the clock runs: what makes events is measured elsewhere.
    let batches: Vec<Batch> = (0..events.div_ceil(BATCH)).map(batch).collect();
    let count: usize = batches.iter().map(Batch::len).sum();
    let sink = Sink::open(settings).await.unwrap();
    let start = Instant::now();
    for batch in batches {
        sink.send(batch).await.unwrap();
    }
    sink.drain().await;
    let seconds = start.elapsed().as_secs_f64();
    let report = sink.close(Duration::from_secs(10)).await;
    assert_eq!(report.delivered, u64::try_from(count).unwrap(), "{report:?}");
    count as f64 / seconds
}

fn batch(number: usize) -> Batch {
    let mut batch = Batch::new();
    for index in number * BATCH..(number + 1) * BATCH {
        let (id, user_id) = (format!("evt_{index:012x}"), format!("U{:05}", user_of(index)));
        let body = format!(
            "{{\"id\":\"{id}\",\"ts\":\"2025-01-20T10:00:00.000Z\",\"userId\":\"{user_id}\",\
             \"name\":\"feature_used\",\"props\":{{\"feature\":\"export\"}}}}"
        );
        debug_assert_eq!(body.len(), 133, "{body}");
        batch.push(Message {
            id: &id,
            user_id: &user_id,
            name: "feature_used",
            body: body.as_bytes(),
        });
    }
    batch
}

/// Spreads users as chance would, so that a few come twice within a short time.
fn user_of(index: usize) -> usize {
    let mixed = (index as u64 ^ 0x9e37_79b9).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    usize::try_from((mixed ^ (mixed >> 31)).wrapping_mul(0x94d0_49bb_1331_11eb) >> 40).unwrap()
        % USERS
}

fn options(server: &NatsServer) -> NatsOptions {
    NatsOptions::new(server.url().parse().unwrap())
}

fn option(name: &str) -> Option<String> {
    std::env::args().skip_while(|argument| argument != name).nth(1)
}
