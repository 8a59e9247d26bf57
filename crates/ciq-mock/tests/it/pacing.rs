//! The schedule of a stream.

use std::collections::BTreeSet;
use std::sync::mpsc;
use std::time::Duration;

use ciq_mock::{Jitter, LiveSource, Pacer, first_number, run_paced};
use ciq_synth::Seed;
use ciq_synth::saas::{Modes, Population};
use proptest::prelude::*;
use serde_json::Value;

fn take(pacer: &mut Pacer, elapsed: Duration) -> Vec<Duration> {
    let mut times = Vec::new();
    pacer.due(elapsed, usize::MAX, &mut times);
    times
}

#[track_caller]
fn check(per_minute: u64, looks_ms: &[u64], expect: &[usize]) {
    let mut pacer = Pacer::new(per_minute, Jitter::None, Seed::new(1));
    let looks = looks_ms.iter().map(|ms| Duration::from_millis(*ms));
    let counts: Vec<_> = looks.map(|elapsed| take(&mut pacer, elapsed).len()).collect();
    assert_eq!(counts, expect, "{per_minute} a minute");
}

#[test]
fn whoever_looks_late_gets_everything_that_was_due() {
    check(60, &[0, 999, 1_000, 1_500, 10_000], &[0, 0, 1, 0, 9]);
    check(180, &[333, 334, 60_000], &[0, 1, 179]);
    check(6_000_000, &[1, 2, 1_000], &[100, 100, 99_800]);
    check(60_000_000, &[1, 10_000], &[1_000, 9_999_000]);
    check(1, &[59_999, 60_000], &[0, 1]);
}

#[test]
fn what_is_over_the_limit_stays_due() {
    let mut pacer = Pacer::new(60_000, Jitter::None, Seed::new(1));
    let mut times = Vec::new();
    pacer.due(Duration::from_secs(1), 300, &mut times);
    assert_eq!(times.len(), 300);
    assert_eq!(take(&mut pacer, Duration::from_secs(1)).len(), 700);
}

#[test]
fn jittered_gaps_are_exponential() {
    let mut pacer = Pacer::new(60_000, Jitter::Poisson, Seed::new(7));
    let times = take(&mut pacer, Duration::from_secs(100));
    let mut gaps: Vec<f64> =
        times.windows(2).map(|pair| pair[1].abs_diff(pair[0]).as_secs_f64() * 1_000.0).collect();
    gaps.sort_by(f64::total_cmp);
    let count = u32::try_from(gaps.len()).map(f64::from).unwrap();
    // Kolmogorov-Smirnov: the largest distance to 1 - exp(-gap / mean), with a mean of 1 ms.
    let distance = (0_u32..).zip(&gaps).map(|(rank, gap)| {
        let expected = 1.0 - (-gap).exp();
        (f64::from(rank) / count - expected).abs()
    });
    let distance = distance.fold(0.0, f64::max);
    assert!(distance <= 0.02, "{distance}");
    // Three standard deviations of a Poisson count.
    assert!((count - 100_000.0).abs() <= 3.0 * 100_000_f64.sqrt(), "{count}");
}

proptest! {
    #[test]
    fn how_often_one_looks_changes_nothing(
        per_minute in 1_u64..10_000_000,
        is_even: bool,
        seed: u64,
        mut looks in prop::collection::vec(0_u64..20_000, 0..40),
    ) {
        let jitter = if is_even { Jitter::None } else { Jitter::Poisson };
        let end = Duration::from_millis(20);
        looks.sort_unstable();
        let mut pacer = Pacer::new(per_minute, jitter, Seed::new(seed));
        let mut times = Vec::new();
        for look in looks.into_iter().map(Duration::from_micros).chain([end]) {
            let taken = take(&mut pacer, look);
            prop_assert!(taken.iter().all(|time| *time <= look));
            times.extend(taken);
        }
        prop_assert!(times.is_sorted());
        prop_assert!(pacer.next_due() > end);
        let mut whole = Pacer::new(per_minute, jitter, Seed::new(seed));
        prop_assert_eq!(times, take(&mut whole, end));
    }

    #[test]
    fn even_gaps_hold_the_rate_exactly(per_minute in 1_u64..100_000, seconds in 1_u64..300) {
        let mut pacer = Pacer::new(per_minute, Jitter::None, Seed::new(1));
        let count = take(&mut pacer, Duration::from_secs(seconds)).len() as u64;
        // Times are cut to whole nanoseconds, so one more may be due a hair early.
        let exact = per_minute * seconds / 60;
        prop_assert!((exact..=exact + 1).contains(&count), "{} {}", count, exact);
    }
}

#[test]
fn the_loop_ends_when_its_owner_goes_and_leaves_nothing_out() {
    let (stop, stopped) = mpsc::channel();
    let mut stop = Some(stop);
    let mut all = Vec::new();
    let pacer = Pacer::new(60_000, Jitter::Poisson, Seed::new(3));
    run_paced(pacer, &stopped, &mut |times, late| {
        assert!(late <= times.len());
        all.extend_from_slice(times);
        if all.len() >= 50 {
            drop(stop.take());
        }
    });
    let mut again = Pacer::new(60_000, Jitter::Poisson, Seed::new(3));
    assert_eq!(all, take(&mut again, *all.last().unwrap()));
}

#[test]
fn live_events_are_named_by_time_and_never_twice() {
    let start_ms = 1_767_225_600_000;
    let first = first_number(start_ms, 0);
    assert!(first_number(start_ms + 1, 0) >= first + 1_000_000);
    assert_eq!(first_number(start_ms, first + 99), first + 99);
    assert_eq!(first_number(-1, 0), 0);
    let population = Population::new(Seed::new(42), 5).unwrap();
    let mut source = LiveSource::new(&population, Modes::default(), first);
    let times: Vec<_> = (0..500).map(Duration::from_millis).collect();
    let batch = source.batch(start_ms, &times);
    let mut ids = BTreeSet::new();
    for (message, time) in batch.iter().zip(times) {
        let body: Value = serde_json::from_slice(message.body).unwrap();
        assert_eq!(body["id"], message.id);
        assert_eq!(body["userId"], message.user_id);
        assert_eq!(body["name"], message.name);
        let at: jiff::Timestamp = body["ts"].as_str().unwrap().parse().unwrap();
        let since_ms = at.as_millisecond() - start_ms;
        assert_eq!(since_ms, i64::try_from(time.as_millis()).unwrap());
        ids.insert(message.id.to_owned());
    }
    assert_eq!((ids.len(), source.next_number()), (500, first + 500));
}
