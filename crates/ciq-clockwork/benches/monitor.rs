//! The monitor over many accounts: reading, the rules, health, and writing what came of it.
//!
//! `cargo xtask bench monitor [--json] [--accounts 100000]`
//!
//! Accounts arrive as events, as they do in a service. Checked are everyone for the first time,
//! which opens what is due and writes everyone's health, everyone again, everyone after all error
//! rates fell, and a thousand that something happened to.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

use std::sync::Arc;
use std::time::Instant;

use ciq_clockwork::{BrandClock, MonitorReport, Scope};
use ciq_engine::prepare;
use ciq_event::{Brand, Message, WireForm};
use ciq_ingest::{BrandHandle, EngineOptions};
use ciq_outreach::{Outreach, OutreachSettings};
use jiff::Timestamp;
use serde_json::json;

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events stored at once.
const BATCH: u64 = 7_000;

/// When everything happens, in seconds.
const START: i64 = 1_790_000_000;

fn main() {
    let count = option("accounts", 100_000);
    let folder = tempfile::tempdir().unwrap();
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    let handle = Arc::new(BrandHandle::open(folder.path().join("brand.db"), settings).unwrap());
    store(&handle, count, &|index| account(index, START));
    let outreach = Arc::new(Outreach::new(OutreachSettings::from_lookup(&|_| None).unwrap()));
    let clock = BrandClock::new(Arc::clone(&handle), outreach);
    let as_of = Timestamp::from_second(START + 3_600).unwrap();

    let first = timed(|| clock.monitor(Scope::All, as_of).unwrap());
    let again = timed(|| clock.monitor(Scope::All, as_of).unwrap());
    store(&handle, count, &|index| told(index, START + 60, &json!({"error_rate": 0})));
    let fallen = timed(|| clock.monitor(Scope::All, as_of).unwrap());
    store(&handle, 1_000, &|index| told(index, START + 120, &json!({"error_rate": 0.25})));
    let touched = timed(|| clock.monitor(Scope::Touched, as_of).unwrap());
    assert_eq!(again.report.opened_count + again.report.closed_count, 0, "nothing changed");

    let all = [
        ("everyone, for the first time", "first", &first),
        ("everyone again", "again", &again),
        ("everyone, errors gone", "errors_gone", &fallen),
        ("a thousand touched", "touched", &touched),
    ];
    if std::env::args().any(|arg| arg == "--json") {
        let figures = all.iter().map(|(_, name, one)| {
            let figures = json!({
                "report": one.report, "seconds": one.wall, "cpu_seconds": one.cpu,
            });
            ((*name).to_owned(), figures)
        });
        println!(
            "{}",
            figures.collect::<serde_json::Map<_, _>>().into_iter().collect::<serde_json::Value>()
        );
        return;
    }
    for (name, _, Timed { report, wall, cpu }) in all {
        let MonitorReport { checked_count, opened_count, closed_count, .. } = report;
        println!(
            "{name:30} {checked_count:7} checked  {opened_count:6} opened  {closed_count:6} closed  \
             {wall:.3} s  {cpu:.2} CPU-s"
        );
    }
}

struct Timed {
    report: MonitorReport,
    wall: f64,
    cpu: f64,
}

fn timed(work: impl FnOnce() -> MonitorReport) -> Timed {
    let (cpu, wall) = (cpu_seconds(), Instant::now());
    let report = work();
    Timed { report, cpu: cpu_seconds() - cpu, wall: wall.elapsed().as_secs_f64() }
}

/// Processor time of this process, in user and kernel mode.
fn cpu_seconds() -> f64 {
    let text = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = text.rsplit(')').next().unwrap().split_whitespace().collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    ticks / 100.0
}

/// An account in one of the states that there are: one in ten needs somebody.
fn account(index: u64, at: i64) -> String {
    let stages = ["api_keys_generated", "first_api_call", "production_ready"];
    let tiers = ["trial", "starter", "pro", "enterprise"];
    let trends = ["stable", "stable", "increasing", "stable", "declining"];
    let pick = |list: &[&'static str], of: u64| list[usize::try_from(of).unwrap() % list.len()];
    let data = json!({
        "company": format!("Company {index}"),
        "stage": pick(&stages, 1 + index % 2),
        "tier": pick(&tiers, index / 3),
        "usage_trend": if index.is_multiple_of(20) { pick(&trends, index / 20) } else { "stable" },
        "error_rate": if index.is_multiple_of(17) { 0.15 } else { 0.02 },
        "api_calls": index % 1_500,
        "signed_up_at": at - 86_400 * 30,
    });
    told(index, at, &data)
}

fn told(index: u64, at: i64, data: &serde_json::Value) -> String {
    json!({
        "customer_id": format!("acct_{index:06}"), "event_type": "account_updated",
        "timestamp": at, "source_service": "bench", "data": data,
    })
    .to_string()
}

fn store(handle: &BrandHandle, count: u64, body: &dyn Fn(u64) -> String) {
    let received_at = Timestamp::from_second(START + 600).unwrap();
    let mut start = 0;
    while start < count {
        let end = (start + BATCH).min(count);
        let entries = (start..end).map(|index| {
            let message = Message::new(WireForm::Envelope, body(index), received_at);
            prepare(message, handle.settings())
        });
        handle.submit(entries.collect()).wait().unwrap();
        start = end;
    }
    handle.write_blocking(|writer| writer.checkpoint()).unwrap();
}

/// The value of `--name VALUE`.
fn option(name: &str, otherwise: u64) -> u64 {
    let mut args = std::env::args().skip_while(|arg| *arg != format!("--{name}"));
    args.next();
    args.next().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}
