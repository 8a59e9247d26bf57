//! JetStream to committed and acknowledged, beside each stage alone and beside plain Node.
//!
//! `cargo xtask bench nats [--json] [--events 200000] [--node-events 20000] [--no-node]`
//! `cargo xtask bench nats --latency-only|--poison-only|--throughput-only`
//!
//! The program is the real one, as its own process, with its defaults; the server is a real one on
//! loopback with file storage. Each figure and those beside it come from one run.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

#[path = "../../../crates/ciq-ingest/benches/bare.rs"]
mod bare;
#[path = "nats/latency.rs"]
mod latency;
#[path = "nats/peer.rs"]
mod peer;
#[path = "nats/process.rs"]
mod process;
#[path = "nats/stages.rs"]
mod stages;

use std::fmt::Write as _;

use ciq_testkit::{NatsConfig, NatsServer};
use stages::Workload;

fn main() {
    if flag("poison-only") {
        println!("with 1 % of poison, ratio {:.2}", poisoned(200_000, 1_000));
    } else if flag("throughput-only") {
        for (name, customers) in [("1,000 customers", 1_000), ("100,000 customers", 100_000)] {
            print!("{}", round_lines(200_000, name, &round(200_000, customers)));
        }
    } else if flag("latency-only") {
        for (rate, publishing) in PACES {
            print!("{}", pace_line(rate, publishing, &latency::paced(rate, publishing)));
        }
        for rate in BARE_RATES {
            print!("{}", bare_line(rate, &latency::bare_paced(rate)));
        }
    } else {
        everything();
    }
}

fn everything() {
    let count = option("events", 200_000);
    let node_count = option("node-events", 20_000);
    let few = round(count, 1_000);
    let many = round(count, 100_000);
    let poisoned = poisoned(count, 1_000);
    let node = (!flag("no-node")).then(|| peer::run(node_count, count, 1_000));
    eprintln!("a lone event, and 1,000 and 10,000 a second ...");
    let lone = latency::lone(300);
    let paced =
        PACES.map(|(rate, publishing)| (rate, publishing, latency::paced(rate, publishing)));
    let bare = BARE_RATES.map(|rate| (rate, latency::bare_paced(rate)));
    let idle = process::idle_share();
    if flag("json") {
        let ratio = |rate: Option<f64>| rate.map(|rate| two(few.whole / rate));
        let rate = |found: fn(&peer::Rates) -> f64| node.as_ref().map(found);
        println!(
            "{}",
            serde_json::json!({
                "events": count,
                "events_per_second": few.whole.round(),
                "ratio_to_slower_stage": two(few.ratio()),
                "events_per_second_100000_customers": many.whole.round(),
                "ratio_to_slower_stage_100000_customers": two(many.ratio()),
                "poisoned_over_clean": two(poisoned),
                "ratio_to_node": ratio(rate(|rates| rates.single)),
                "ratio_to_node_batched": ratio(rate(|rates| rates.batched)),
                "lone_event_p50_ms": two(lone.p50), "lone_event_p99_ms": two(lone.p99),
                "p99_ms_at_1000": two(paced[0].2.p99), "p99_ms_at_10000": two(paced[1].2.p99),
                "p99_ms_at_1000_silent": two(paced[2].2.p99),
                "p99_ms_at_10000_silent": two(paced[3].2.p99),
                "p99_ms_at_1000_bare": two(bare[0].1.p99),
                "p99_ms_at_10000_bare": two(bare[1].1.p99),
                "memory_mb_1000_customers": few.memory_mb.round(),
                "memory_mb_100000_customers": many.memory_mb.round(),
                "idle_share_of_a_core": idle,
            })
        );
        return;
    }
    let mut text = String::new();
    for (name, round) in [("1,000 customers", &few), ("100,000 customers", &many)] {
        text += &round_lines(count, name, round);
    }
    writeln!(text, "with 1 % of poison over without          {poisoned:>9.2}").unwrap();
    if let Some(node) = node {
        writeln!(text, "plain Node, a transaction per event      {:>9.0}/s", node.single).unwrap();
        writeln!(text, "  ratio                                  {:>9.2}", few.whole / node.single)
            .unwrap();
        writeln!(text, "plain Node, batches of 1,000             {:>9.0}/s", node.batched).unwrap();
        writeln!(
            text,
            "  ratio                                  {:>9.2}",
            few.whole / node.batched
        )
        .unwrap();
    }
    writeln!(text, "a lone event, publish to API: p50 {:.1} ms, p99 {:.1} ms", lone.p50, lone.p99)
        .unwrap();
    for (rate, is_publishing, spread) in paced {
        text += &pace_line(rate, is_publishing, &spread);
    }
    for (rate, spread) in bare {
        text += &bare_line(rate, &spread);
    }
    writeln!(text, "idle: {:.2} % of a core", idle * 100.0).unwrap();
    print!("{text}");
}

fn round_lines(count: u64, name: &str, round: &Round) -> String {
    let Round { pull, memory, whole, memory_mb } = round;
    let ratio = round.ratio();
    format!(
        "{count} events of {name}
  pulled and acknowledged, no database   {pull:>9.0}/s
  committed from memory                  {memory:>9.0}/s
  JetStream to committed, acknowledged   {whole:>9.0}/s
  ratio to the slower stage              {ratio:>9.2}
  memory of the process, largest         {memory_mb:>7.0} MB\n"
    )
}

/// The allocator of the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Events a second, and whether what changed is published.
const PACES: [(u64, bool); 4] = [(1_000, true), (10_000, true), (1_000, false), (10_000, false)];

fn pace_line(rate: u64, is_publishing: bool, spread: &latency::Spread) -> String {
    let way = if is_publishing { "changes published" } else { "nothing published" };
    let latency::Spread { p50, p99 } = spread;
    format!("{rate}/s, {way}, publish to commit: p50 {p50:.1} ms, p99 {p99:.1} ms\n")
}

/// Events a second that the bare program takes.
const BARE_RATES: [u64; 2] = [1_000, 10_000];

fn bare_line(rate: u64, latency::Spread { p50, p99 }: &latency::Spread) -> String {
    format!("{rate}/s, a bare program, publish to commit: p50 {p50:.1} ms, p99 {p99:.1} ms\n")
}

/// The rates of one size.
struct Round {
    pull: f64,
    memory: f64,
    whole: f64,
    memory_mb: f64,
}

impl Round {
    fn ratio(&self) -> f64 {
        self.whole / self.pull.min(self.memory)
    }
}

fn round(count: u64, customers: u64) -> Round {
    eprintln!("{count} events of {customers} customers ...");
    let load = Workload { count, customers, is_poisoned: false };
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    stages::fill(&server, &load);
    let pull = stages::pull_only(&server, &load);
    let memory = stages::commit_only(&load);
    let (whole, memory_mb) = process::whole(&server, &load);
    Round { pull, memory, whole, memory_mb }
}

/// The rate of a load of which one message in a hundred is poison, over that of one without: the
/// middle one of three pairs, for a single pair differs by a fifth.
fn poisoned(count: u64, customers: u64) -> f64 {
    eprintln!("{count} events of {customers} customers, 1 % of them poison, thrice ...");
    let rate = |is_poisoned| {
        let load = Workload { count, customers, is_poisoned };
        let server = NatsServer::start(NatsConfig::default()).unwrap();
        stages::fill(&server, &load);
        process::whole(&server, &load).0
    };
    let mut ratios = [(); 3].map(|()| rate(true) / rate(false));
    ratios.sort_by(f64::total_cmp);
    ratios[1]
}

/// The value of `--name VALUE`, or a default.
fn option(name: &str, default: u64) -> u64 {
    let mut words = std::env::args().skip_while(|word| *word != format!("--{name}"));
    words.nth(1).map_or(default, |value| value.replace('_', "").parse().unwrap())
}

/// Tells whether `--name` was given.
fn flag(name: &str) -> bool {
    std::env::args().any(|word| word == format!("--{name}"))
}

fn two(figure: f64) -> f64 {
    (figure * 100.0).round() / 100.0
}

/// A folder on disk, not in memory.
fn folder() -> tempfile::TempDir {
    let parent = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/bench");
    std::fs::create_dir_all(parent).unwrap();
    tempfile::tempdir_in(parent).unwrap()
}
