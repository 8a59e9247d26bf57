//! Every page of the dashboard over a large brand: how long the server takes, and how large it is.
//!
//! `cargo xtask bench pages [--json] [--events 1000000] [--customers 100000] [--times 30]`
//!
//! Half of the customers have an account; everyone has insights and health. Each page is asked for
//! again and again over one connection, so what is timed is the server and a loopback.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

#[path = "serving/program.rs"]
mod program;

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ciq_clockwork::{BrandClock, Scope};
use ciq_engine::prepare;
use ciq_event::{Brand, Message, WireForm};
use ciq_ingest::{BrandHandle, EngineOptions};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_synth::{Seed, load::bench_event};
use jiff::Timestamp;
use program::{Program, ask};
use serde_json::{Value, json};

/// Events stored at once.
const BATCH: u64 = 7_000;

/// When what is made up arrives, in seconds.
const ARRIVAL: i64 = 1_790_000_000;

fn main() {
    let (events, customers, times) =
        (option("events", 1_000_000), option("customers", 100_000), option("times", 30));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("bench.db");
    fill(&file, events, customers);
    let program = Program::start(&file);
    let mut stream = program.connect();
    let mut figures = Vec::new();
    eprintln!("process {} is asked ...", program.id());
    for page in pages(&mut stream) {
        let mut took = Vec::new();
        let mut size = 0;
        for _ in 0..times {
            let began = Instant::now();
            let (status, body) = ask(&mut stream, &format!("GET {page}"), b"");
            took.push(began.elapsed().as_secs_f64() * 1e3);
            assert_eq!(status, 200, "{page}: {}", String::from_utf8_lossy(&body));
            size = body.len();
        }
        let first = took[0];
        took.sort_by(f64::total_cmp);
        let (median, most) = (took[took.len() / 2], took[took.len() - 1]);
        figures.push(json!({
            "page": page, "first_ms": two(first), "p50_ms": two(median), "max_ms": two(most),
            "kb": two(size as f64 / 1e3),
        }));
    }
    if std::env::args().any(|arg| arg == "--json") {
        println!("{}", json!({"events": events, "customers": customers, "pages": figures}));
        return;
    }
    println!("{:44} {:>9} {:>9} {:>9} {:>8}", "page", "first ms", "p50 ms", "max ms", "KB");
    for one in figures {
        let text = |name: &str| one[name].to_string();
        let page = one["page"].as_str().unwrap();
        println!(
            "{page:44} {:>9} {:>9} {:>9} {:>8}",
            text("first_ms"),
            text("p50_ms"),
            text("max_ms"),
            text("kb")
        );
    }
}

/// The addresses of all pages, with a customer and an intervention that are there.
fn pages(stream: &mut std::net::TcpStream) -> Vec<String> {
    let mut first = |path: &str, name: &str| {
        let (_, body) = ask(stream, &format!("GET {path}"), b"");
        let answer: Value = serde_json::from_slice(&body).unwrap_or_default();
        answer["data"][0][name].as_str().map(str::to_owned)
    };
    let customer = first("/api/accounts?limit=1", "customer_id").unwrap();
    let intervention = first("/api/interventions?limit=1", "id").unwrap();
    let mut pages: Vec<String> = [
        "/",
        "/customers",
        "/customers?q=user",
        "/customers?sort=value",
        "/customers?segment=at_risk",
        "/customers?health=at_risk",
        "/interventions",
        "/reviews",
        "/merges",
        "/automations",
        "/insight",
        "/system",
    ]
    .map(str::to_owned)
    .to_vec();
    pages.push(format!("/customers/{customer}"));
    pages.push(format!("/interventions/{intervention}"));
    pages
}

fn fill(file: &Path, events: u64, customers: u64) {
    eprintln!("{events} events of {customers} customers are stored ...");
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    let handle = Arc::new(BrandHandle::open(file, settings).unwrap());
    store(&handle, events, &|index| {
        String::from_utf8(bench_event(Seed::new(1), index, customers)).unwrap()
    });
    let ids = customer_ids(&handle, customers / 2);
    store(&handle, ids.len() as u64, &|index| {
        account(&ids[usize::try_from(index).unwrap()], index)
    });
    let outreach = Arc::new(Outreach::new(OutreachSettings::from_lookup(&|_| None).unwrap()));
    let clock = BrandClock::new(Arc::clone(&handle), outreach);
    let as_of = Timestamp::from_second(ARRIVAL + 3_600).unwrap();
    eprintln!("everyone is understood and checked ...");
    clock.pass(Scope::All, as_of).unwrap();
    clock.monitor(Scope::All, as_of).unwrap();
    handle.write_blocking(|writer| writer.checkpoint()).unwrap();
    handle.close();
}

/// Ids of customers that the company itself gave.
fn customer_ids(handle: &BrandHandle, count: u64) -> Vec<String> {
    let mut ids = Vec::new();
    let mut cursor = None;
    while (ids.len() as u64) < count {
        let page = ciq_store::PageRequest { cursor: cursor.take(), limit: Some(200) };
        let sort = ciq_store::CustomerSort::Newest;
        let found = handle.readers().read(|reader| reader.customers(&page, sort)).unwrap();
        ids.extend(found.data.into_iter().map(|one| one.id));
        cursor = found.next_cursor;
        if cursor.is_none() {
            break;
        }
    }
    ids.retain(|id| !id.starts_with("prf_"));
    ids
}

fn account(customer: &str, index: u64) -> String {
    json!({
        "customer_id": customer, "event_type": "account_updated", "timestamp": ARRIVAL - 60,
        "source_service": "bench", "data": {
            "stage": "production_ready",
            "tier": if index.is_multiple_of(3) { "pro" } else { "starter" },
            "error_rate": if index.is_multiple_of(17) { 0.15 } else { 0.02 },
            "usage_trend": if index.is_multiple_of(40) { "declining" } else { "stable" },
            "api_calls": index % 1_500,
        },
    })
    .to_string()
}

fn store(handle: &BrandHandle, count: u64, body: &dyn Fn(u64) -> String) {
    let at = Timestamp::from_second(ARRIVAL).unwrap();
    let mut start = 0;
    let mut pending: Option<ciq_ingest::PendingAnswer> = None;
    while start < count {
        let end = (start + BATCH).min(count);
        let entries = (start..end)
            .map(|index| {
                prepare(Message::new(WireForm::Envelope, body(index), at), handle.settings())
            })
            .collect();
        if let Some(before) = pending.replace(handle.submit(entries)) {
            before.wait().unwrap();
        }
        start = end;
    }
    if let Some(last) = pending {
        last.wait().unwrap();
    }
    handle.write_blocking(|writer| writer.checkpoint()).unwrap();
}

fn two(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The value of `--name VALUE`.
fn option(name: &str, otherwise: u64) -> u64 {
    let mut args = std::env::args().skip_while(|arg| *arg != format!("--{name}"));
    args.next();
    args.next().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}
