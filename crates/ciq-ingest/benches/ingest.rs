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
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

mod bare;
mod options;
mod support;

use std::path::Path;
use std::time::Instant;

use bare::Row;
use ciq_synth::{Seed, load::bench_event};
use options::{flag, folder, option};
use support::{import, open};

/// The sizes of transaction that the bare loop tries.
const BARE_BATCHES: [usize; 3] = [1_000, 5_000, 10_000];

/// Events for which each size is tried.
const BARE_TRIAL: u64 = 100_000;

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
    let mut connection = bare::open(path);
    let mut seconds = 0.0;
    let mut index = 0;
    while index < count {
        let upto = (index + batch as u64).min(count);
        let rows: Vec<Row> = (index..upto)
            .map(|index| bare::row(bench_event(Seed::new(1), index, customers)))
            .collect();
        let started = Instant::now();
        bare::insert(&mut connection, &rows);
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
