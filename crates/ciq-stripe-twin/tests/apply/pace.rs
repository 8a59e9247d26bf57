//! One pace for all calls.

use ciq_stripe::Limits;
use ciq_stripe_twin::TwinSettings;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::stage::{Setup, Stage, new_run, small_plan};

/// Requests a second, of twin and runner alike.
const RATE: u32 = 50;

/// A limit by the second needs seconds that pass.
#[expect(clippy::disallowed_methods, reason = "the twin's own limit is at work here")]
fn real_now() -> Timestamp {
    Timestamp::now()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_twin_that_counts_has_hardly_anything_to_refuse() {
    let settings = TwinSettings { requests_per_second: Some(RATE), ..TwinSettings::new(real_now) };
    let stage = Stage::open(settings).await;
    let setup = Setup { limits: Limits::of_rate(RATE), ..Setup::default() };
    let (runner, meter) = stage.runner_with(setup);
    let began = Instant::now();
    // A program may do other things meanwhile.
    let run = new_run(&small_plan(), "run-1");
    tokio::spawn(async move { runner.generate(&run).await }).await.unwrap().unwrap();
    let seconds = began.elapsed().as_secs_f64();
    let reading = meter.read();
    assert!(reading.rate_limited <= 2, "{reading:?}");
    assert_eq!(reading.retries, reading.rate_limited);
    let least = f64::from(u32::try_from(reading.calls).unwrap() - 1) / f64::from(RATE);
    assert!(seconds >= least * 0.99, "{seconds} s for {reading:?}");
}
