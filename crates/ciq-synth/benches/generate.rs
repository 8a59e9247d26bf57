//! How fast histories are made and written down, in memory.
//!
//! `cargo bench -p ciq-synth --bench generate -- [--json] [--small-days 60] [--large-days 14]
//! [--no-node]`
//!
//! Rates are events per second of processor time; the rate of two threads over that of one is of
//! wall time, and means something only on an idle machine. The measure beside it is a loop that
//! copies lines that were written before: no generator could be faster. The other one is plain Node
//! with `@faker-js/faker`, which draws every event by itself: `cargo xtask tools --peer` gets it,
//! `--no-node` does without.
#![expect(
    clippy::cast_precision_loss,
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark stops at the first surprise, prints, reads the clock, and divides"
)]

use std::hint::black_box;
use std::ops::ControlFlow;
use std::process::Command;
use std::time::Instant;

use ciq_synth::Seed;
use ciq_synth::saas::{Format, HistorySettings, Population, Renderer, write_history};

/// Users of the small and of the large population.
const SMALL: u32 = 5_000;
const LARGE: u32 = 1_000_000;

/// Each figure is the best of so many runs.
const RUNS: usize = 3;

/// How many events Node makes in a run.
const PEER_EVENTS: &str = "200000";

/// How much is copied, over and over, by the loop that does nothing else.
const COPIED_BYTES: usize = 64 << 20;

/// What one run took.
#[derive(Debug, Clone, Copy)]
struct Run {
    events: u64,
    bytes: u64,
    cpu_seconds: f64,
    wall_seconds: f64,
}

impl Run {
    fn per_cpu_second(self) -> f64 {
        self.events as f64 / self.cpu_seconds
    }

    fn per_second(self) -> f64 {
        self.events as f64 / self.wall_seconds
    }
}

fn main() {
    let small = settings(SMALL, option("small-days", 60));
    let large = settings(LARGE, option("large-days", 14));
    let one = best(|| write(&small, 1), Run::per_cpu_second);
    let copy = best(|| copy(&small), Run::per_cpu_second);
    // By turns, so that other work on the machine slows down both.
    let pairs: Vec<[Run; 2]> = (0..RUNS).map(|_| [1, 2].map(|n| write(&large, n))).collect();
    let most = |rates: &mut dyn Iterator<Item = f64>| rates.fold(0.0, f64::max);
    let rate_large = most(&mut pairs.iter().map(|[alone, _]| alone.per_cpu_second()));
    let wall_alone = most(&mut pairs.iter().map(|[alone, _]| alone.per_second()));
    let wall_pair = most(&mut pairs.iter().map(|[_, pair]| pair.per_second()));
    let node = (!std::env::args().any(|word| word == "--no-node")).then(peer);
    let [rate, rate_copy] = [one, copy].map(Run::per_cpu_second);
    let slowdown = 1.0 - rate_large / rate;
    let speedup = wall_pair / wall_alone;
    let mean_bytes = one.bytes as f64 / one.events as f64;
    if std::env::args().any(|word| word == "--json") {
        let report = serde_json::json!({
            "events_per_cpu_second": rate.round(),
            "events_per_cpu_second_1000000_users": rate_large.round(),
            "slowdown_1000000_users": slowdown,
            "thread_speedup": speedup,
            "ratio_to_copy": rate / rate_copy,
            "faker_js_events_per_cpu_second": node.map(f64::round),
            "ratio_to_faker_js": node.map(|node| rate / node),
            "bytes_per_event": mean_bytes,
        });
        println!("{report}");
        return;
    }
    println!("{} events of {SMALL} users, {mean_bytes:.1} bytes each", one.events);
    println!("{rate:>12.0} events per CPU-second, {SMALL} users");
    println!("{rate_large:>12.0} events per CPU-second, {LARGE} users: slower by {slowdown:.3}");
    println!("{rate_copy:>12.0} lines per CPU-second, only copied: {:.3} of it", rate / rate_copy);
    if let Some(node) = node {
        println!("{node:>12.0} events per CPU-second, Node with faker: ours {:.0}", rate / node);
    }
    println!("{wall_pair:>12.0} events per second on two threads: {speedup:.2} times");
}

fn settings(users: u32, days: u32) -> HistorySettings {
    let population = Population::new(Seed::new(42), users).unwrap();
    HistorySettings::new(population, days).unwrap()
}

/// The value of `--name VALUE`, or a default.
fn option(name: &str, default: u32) -> u32 {
    let mut words = std::env::args().skip_while(|word| *word != format!("--{name}"));
    words.nth(1).map_or(default, |value| value.parse().unwrap())
}

/// Events per CPU-second of plain Node, the best of some runs.
fn peer() -> f64 {
    let here = env!("CARGO_MANIFEST_DIR");
    let tools = std::env::var("CUSTOMERIQ_TOOLS");
    let tools = tools.unwrap_or_else(|_| format!("{here}/../../target/tools"));
    let rates = (0..RUNS).map(|_| {
        let output = Command::new("node")
            .arg(format!("{here}/benches/peer/generate.mjs"))
            .args([PEER_EVENTS, &SMALL.to_string()])
            .env("FAKER_FOLDER", format!("{tools}/faker"))
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "run `cargo xtask tools --peer` first: {told}");
        let told: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        told["events"].as_f64().unwrap() / told["cpu_seconds"].as_f64().unwrap()
    });
    rates.fold(0.0, f64::max)
}

/// The best of some runs.
fn best(run: impl Fn() -> Run, rate: impl Fn(Run) -> f64) -> Run {
    let runs = (0..RUNS).map(|_| run());
    runs.max_by(|a, b| rate(*a).total_cmp(&rate(*b))).unwrap()
}

/// Writes a history into memory.
fn write(settings: &HistorySettings, threads: usize) -> Run {
    let renderer = Renderer::new(&settings.population, Format::Mockgen);
    let users = 0..settings.population.users();
    let (mut events, mut bytes) = (0, 0);
    timed(|| {
        write_history(settings, users, threads, &renderer, &mut |part| {
            events += part.events.len() as u64;
            bytes += part.bytes.len() as u64;
            black_box(part.bytes);
            ControlFlow::Continue(())
        });
        (events, bytes)
    })
}

/// Copies lines that were written before, until it has copied as many as a history has.
fn copy(settings: &HistorySettings) -> Run {
    let renderer = Renderer::new(&settings.population, Format::Mockgen);
    let (mut lines, mut ends) = (Vec::new(), Vec::new());
    write_history(settings, 0..settings.population.users(), 1, &renderer, &mut |part| {
        let start = lines.len();
        lines.extend_from_slice(part.bytes);
        ends.extend(part.ends.iter().map(|end| start + *end as usize));
        if lines.len() < COPIED_BYTES { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    });
    let mut page: Vec<u8> = Vec::with_capacity(1 << 20);
    timed(|| {
        let mut start = 0;
        for end in &ends {
            if page.len() > 500_000 {
                page.clear();
            }
            page.extend_from_slice(&lines[start..*end]);
            start = *end;
        }
        black_box(&page);
        (ends.len() as u64, lines.len() as u64)
    })
}

/// Times what makes events and bytes.
fn timed(run: impl FnOnce() -> (u64, u64)) -> Run {
    let (started, cpu_before) = (Instant::now(), cpu_seconds());
    let (events, bytes) = run();
    Run {
        events,
        bytes,
        cpu_seconds: cpu_seconds() - cpu_before,
        wall_seconds: started.elapsed().as_secs_f64(),
    }
}

/// Seconds that this thread has been on a processor.
fn cpu_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    stat.split(' ').next().unwrap().parse::<f64>().unwrap() / 1e9
}
