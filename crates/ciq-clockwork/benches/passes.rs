//! Passes over the histories of many customers: reading, computing and writing.
//!
//! `cargo xtask bench passes [--json] [--events 500000] [--customers 100000] [--repeat 1]`
//!
//! Figures are customers per second of processor time of the whole process, all its threads and
//! what the kernel does for them included. The share of computing alone is measured beside it.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

use std::sync::Arc;
use std::time::Instant;

use ciq_clockwork::{BrandClock, Scope};
use ciq_engine::prepare;
use ciq_event::{Brand, Currency, Message, WireForm};
use ciq_identity::CustomerKey;
use ciq_ingest::{BrandHandle, EngineOptions};
use ciq_insight::{Context, ModelChoice, Peers, understand};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_store::Reader;
use ciq_synth::{Seed, load::bench_event};
use jiff::Timestamp;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events stored at once.
const BATCH: u64 = 7_000;

fn main() {
    let (events, customers) = (option("events", 500_000), option("customers", 100_000));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("brand.db");
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    let handle = Arc::new(BrandHandle::open(&path, settings).unwrap());
    store(&handle, 0..events, customers);
    let outreach = Arc::new(Outreach::new(OutreachSettings::from_lookup(&|_| None).unwrap()));
    let clock = BrandClock::new(Arc::clone(&handle), outreach);
    let as_of: Timestamp = "2026-12-01T00:00:00Z".parse().unwrap();

    let first = timed(|| clock.pass(Scope::All, as_of).unwrap().customer_count);
    let mut again = timed(|| clock.pass(Scope::All, as_of).unwrap().customer_count);
    for _ in 1..option("repeat", 1) {
        again = timed(|| clock.pass(Scope::All, as_of).unwrap().customer_count);
    }
    let idle = timed(|| clock.pass(Scope::Touched, as_of).unwrap().customer_count);
    store(&handle, events..events + 1_000, customers);
    let touched = timed(|| clock.pass(Scope::Touched, as_of).unwrap().customer_count);
    let (read, computed) = read_and_compute(&path, as_of);
    assert_eq!(idle.count, 0, "nobody was touched");

    if option("json", 0) == 1 || std::env::args().any(|arg| arg == "--json") {
        let rate = |one: &Timed| (one.count as f64 / one.cpu_seconds).round();
        println!(
            "{}",
            serde_json::json!({
                "events": events, "customers": again.count,
                "first_pass_per_cpu_second": rate(&first), "pass_per_cpu_second": rate(&again),
                "read_per_cpu_second": rate(&read), "computed_per_cpu_second": rate(&computed),
                "touched_customers": touched.count, "touched_ms": touched.wall_seconds * 1e3,
                "idle_ms": idle.wall_seconds * 1e3,
            })
        );
        return;
    }
    println!("{} customers, {events} events", again.count);
    for (name, one) in [
        ("first pass over everyone", &first),
        ("pass over everyone", &again),
        ("  of that reading", &read),
        ("  of that computing", &computed),
        ("pass over the touched", &touched),
    ] {
        let rate = one.count as f64 / one.cpu_seconds;
        let Timed { count, cpu_seconds, wall_seconds } = one;
        println!(
            "{name:26} {count:8}  {rate:9.0}/CPU-s  {cpu_seconds:.2} CPU-s  {wall_seconds:.2} s"
        );
    }
    println!("pass with nobody touched   {:.1} ms", idle.wall_seconds * 1e3);
}

struct Timed {
    count: u64,
    cpu_seconds: f64,
    wall_seconds: f64,
}

fn timed(work: impl FnOnce() -> u64) -> Timed {
    let (cpu, wall) = (cpu_seconds(), Instant::now());
    let count = work();
    Timed { count, cpu_seconds: cpu_seconds() - cpu, wall_seconds: wall.elapsed().as_secs_f64() }
}

/// Processor time of this process, in user and kernel mode.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

fn store(handle: &BrandHandle, range: std::ops::Range<u64>, customers: u64) {
    let mut start = range.start;
    let mut pending = None;
    while start < range.end {
        let end = (start + BATCH).min(range.end);
        let entries = (start..end)
            .map(|index| {
                let body = bench_event(Seed::new(1), index, customers);
                let at = Timestamp::from_second(1_790_000_000).unwrap();
                prepare(Message::new(WireForm::Envelope, body, at), handle.settings())
            })
            .collect();
        let before = pending.replace(handle.submit(entries));
        if let Some(before) = before {
            ciq_ingest::PendingAnswer::wait(before).unwrap();
        }
        start = end;
    }
    if let Some(last) = pending {
        last.wait().unwrap();
    }
    // As a service at rest has it: an import leaves a long write-ahead log behind.
    handle.write_blocking(|writer| writer.checkpoint()).unwrap();
}

fn read_and_compute(path: &std::path::Path, as_of: Timestamp) -> (Timed, Timed) {
    let reader = Reader::open(path).unwrap();
    let products = reader.products(None).unwrap();
    let mut histories = Vec::new();
    let read = timed(|| {
        let mut after = CustomerKey(0);
        loop {
            let roots = reader.roots_after(after, 2_000).unwrap();
            let Some(last) = roots.last() else { break };
            after = *last;
            histories.extend(reader.histories(&roots, &products).unwrap());
        }
        histories.len() as u64
    });
    let peers = Peers::default();
    let context = Context {
        currency: Currency::USD,
        catalogue: &products.catalogue,
        peers: &peers,
        model: ModelChoice::Scorecard,
    };
    let computed = timed(|| {
        let mut sum = 0.0;
        for (_, history) in &histories {
            sum += understand(history, &context, as_of).prediction.churn;
        }
        assert!(sum > 0.0);
        histories.len() as u64
    });
    (read, computed)
}

/// The value of `--name VALUE`.
fn option(name: &str, otherwise: u64) -> u64 {
    let mut args = std::env::args().skip_while(|arg| *arg != format!("--{name}"));
    args.next();
    args.next().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}
