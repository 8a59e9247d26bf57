//! How well a stream keeps its rate: asked and achieved over ten seconds, through the loop that the
//! service runs, with events made and rendered, into a sink that only counts.
//!
//! `--json` writes one line of JSON. The bound is the larger of 1 % and three standard deviations of
//! a Poisson count.
#![expect(clippy::print_stdout, reason = "a bench reports")]

use std::sync::mpsc;
use std::time::{Duration, Instant};

use ciq_mock::{Jitter, LiveSource, Pacer, first_number, run_paced};
use ciq_synth::Seed;
use ciq_synth::saas::{Modes, Population, USERS_MAX};
use jiff::Timestamp;

/// Rates in events per minute: 10, 3, 1,000, 10,000 and 1,000,000 a second.
const RATES: [u64; 5] = [600, 180, 60_000, 600_000, 60_000_000];

/// How long each rate is kept.
const LENGTH: Duration = Duration::from_secs(10);

/// What one rate came to.
struct Kept {
    per_minute: u64,
    expected: f64,
    counted: u64,
    late: u64,
    size_bytes: usize,
}

impl Kept {
    fn ratio(&self) -> f64 {
        f64::from(u32::try_from(self.counted).unwrap_or(u32::MAX)) / self.expected
    }

    fn bound(&self) -> f64 {
        (3.0 / self.expected.sqrt()).max(0.01)
    }

    fn is_kept(&self) -> bool {
        (self.ratio() - 1.0).abs() <= self.bound()
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let is_json = std::env::args().any(|argument| argument == "--json");
    let population = Population::new(Seed::new(42), 5_000)?;
    let mut rows = Vec::new();
    for per_minute in RATES {
        let kept = keep(&population, per_minute)?;
        if !is_json {
            tell(&kept);
        }
        rows.push(row(&kept));
    }
    let begin_seconds = begin(&Population::new(Seed::new(42), USERS_MAX)?);
    if is_json {
        let rows = rows.join(",");
        println!("{{\"begin_seconds_1000000_users\":{begin_seconds:.3},\"pacing\":[{rows}]}}");
    } else {
        println!("a stream of {USERS_MAX} users begins after {begin_seconds:.3} s");
    }
    Ok(())
}

/// Measures how long it takes until the first events are made.
fn begin(population: &Population) -> f64 {
    #[expect(clippy::disallowed_methods, reason = "a bench measures")]
    let begun = Instant::now();
    let mut source = LiveSource::new(population, Modes::default(), 0);
    let batch = source.batch(0, &[Duration::ZERO]);
    assert_eq!(batch.len(), 1, "one event for one time");
    begun.elapsed().as_secs_f64()
}

fn keep(population: &Population, per_minute: u64) -> Result<Kept, std::io::Error> {
    #[expect(clippy::disallowed_methods, reason = "a bench starts now")]
    let now_ms = Timestamp::now().as_millisecond();
    let (stop, stopped) = mpsc::channel();
    let mut source = LiveSource::new(population, Modes::default(), first_number(now_ms, 0));
    let pacer = Pacer::new(per_minute, Jitter::Poisson, Seed::new(42));
    let seconds = LENGTH.as_secs_f64();
    let expected = f64::from(u32::try_from(per_minute).unwrap_or(u32::MAX)) / 60.0 * seconds;
    let mut kept = Kept { per_minute, expected, counted: 0, late: 0, size_bytes: 0 };
    // What is due after the end belongs to no count, however late the loop is told to stop.
    let timer = std::thread::Builder::new().spawn(move || {
        let (_keep, never) = mpsc::channel::<()>();
        // Nobody sends: this is ten seconds, and a little for what is due at their end.
        if never.recv_timeout(LENGTH + Duration::from_millis(50)).is_err() {
            drop(stop);
        }
    })?;
    run_paced(pacer, &stopped, &mut |times, late| {
        let batch = source.batch(now_ms, times);
        let in_time = times.partition_point(|time| *time <= LENGTH);
        kept.counted += in_time as u64;
        kept.late += late as u64;
        kept.size_bytes += batch.size_bytes();
    });
    drop(timer.join());
    Ok(kept)
}

fn tell(kept: &Kept) {
    println!(
        "{:>9}/min: {:>9} of {:>11.0}, ratio {:.4} (bound {:.4}: {}), {} late, {} MB",
        kept.per_minute,
        kept.counted,
        kept.expected,
        kept.ratio(),
        kept.bound(),
        if kept.is_kept() { "kept" } else { "missed" },
        kept.late,
        kept.size_bytes / 1_000_000,
    );
}

fn row(kept: &Kept) -> String {
    format!(
        "{{\"per_minute\":{},\"expected\":{},\"counted\":{},\"ratio\":{:.5},\"bound\":{:.5},\
         \"is_kept\":{},\"late\":{}}}",
        kept.per_minute,
        kept.expected,
        kept.counted,
        kept.ratio(),
        kept.bound(),
        kept.is_kept(),
        kept.late,
    )
}
