//! Reads of a customer's 360 view in a file of a million events.
//!
//! `cargo xtask bench profile_360 [--json] [--events 1000000] [--customers 100000] [--reads 5000]`
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

mod options;
mod support;

use std::time::Instant;

use ciq_event::CustomerId;
use ciq_store::{PageRequest, Reader, StoreError};
use ciq_synth::{Seed, load::bench_event};
use options::{flag, folder, option};
use support::{import, open};

fn main() {
    let (events, customers) = (option("events", 1_000_000), option("customers", 100_000));
    let reads = option("reads", 5_000);
    let folder = folder();
    let file = folder.path().join("events.ndjson");
    support::write_events(&file, events, customers);
    let handle = open(&folder.path().join("ours.db"));
    import(&file, &handle);
    let mut milliseconds: Vec<f64> = (0..reads)
        .map(|index| {
            let id = customer_of(index, events, customers);
            let started = Instant::now();
            let row_count = handle.readers().read(|reader| view(reader, &id)).unwrap();
            let spent = started.elapsed().as_secs_f64() * 1_000.0;
            assert!(row_count > 1, "{id} has no events");
            spent
        })
        .collect();
    milliseconds.sort_by(f64::total_cmp);
    let at = |percent: u64| milliseconds[usize::try_from((reads - 1) * percent / 100).unwrap()];
    if flag("json") {
        let report = serde_json::json!({
            "events": events, "customers": customers, "reads": reads,
            "p50_ms": at(50), "p99_ms": at(99), "max_ms": at(100),
        });
        println!("{report}");
        return;
    }
    println!("{reads} views of {customers} customers with {events} events");
    println!("p50 {:.2} ms, p99 {:.2} ms, max {:.2} ms", at(50), at(99), at(100));
}

/// The customer of an event somewhere in the file: the busy ones come up more often.
fn customer_of(index: u64, events: u64, customers: u64) -> CustomerId {
    // A stride that is prime visits events far apart, in no order.
    let body = bench_event(Seed::new(1), index.wrapping_mul(104_729) % events, customers);
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    CustomerId::from_raw(event["customer_id"].as_str().unwrap().to_owned())
}

/// Everything that a 360 view shows.
fn view(reader: &Reader, id: &CustomerId) -> Result<usize, StoreError> {
    let profile = reader.profile(id)?;
    let timeline = reader.timeline(id, &PageRequest::default())?;
    let rows = reader.purchases(id)?.len()
        + reader.work_orders(id)?.len()
        + reader.knowledge(id)?.len()
        + reader.store_visits(id)?.len();
    let events = timeline.map_or(0, |page| page.data.len());
    Ok(rows + events + usize::from(profile.is_some()))
}
