//! Runs that stop on the way, and go on.

use std::fs::File;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ciq_stripe::{ErrorKind, RunError};
use ciq_stripe_twin::{Faults, TwinSettings};
use jiff::{SignedDuration, Timestamp};

use crate::outcome::Outcome;
use crate::stage::{Setup, Stage, new_run, now, small_plan};

/// What happens to the folder between stop and resume.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Between {
    Nothing,
    JournalLost,
    JournalTorn,
    /// More than a day goes by: no key is worth anything any more.
    KeysForgotten,
}

/// Stops a run at one request after another, resumes it each time, and compares.
async fn check(first: u64, every: usize, between: Between) {
    check_with(first, every, between, Faults::default()).await;
}

async fn check_with(first: u64, every: usize, between: Between, faults: Faults) {
    let plan = small_plan();
    let whole = Stage::plain().await;
    whole.generate(&plan).await.unwrap();
    let request_count = whole.requests();
    let whole = Outcome::of(&whole, &plan).await;
    for stop_at in (first..request_count).step_by(every) {
        let stage = Stage::open(TwinSettings { faults, ..TwinSettings::new(now) }).await;
        let runner = stage.runner();
        stage.stop_at(stop_at);
        let stopped = runner.generate(&new_run(&plan, "run-1")).await;
        let Err(error) = stopped else { continue };
        assert_eq!(error.kind(), ErrorKind::Cancelled, "{error}");
        drop(runner);
        wait_for_writer(&stage).await;
        spoil(&stage, between);
        if stage.files().run().unwrap().is_none() {
            let begun = stage.runner().generate(&new_run(&plan, "run-2")).await;
            assert!(begun.is_ok(), "stopped at {stop_at}: {begun:?}");
        } else {
            let resumed = stage.runner().resume(&plan).await;
            assert!(resumed.is_ok(), "stopped at {stop_at}: {resumed:?}");
        }
        assert_eq!(Outcome::of(&stage, &plan).await, whole, "stopped at {stop_at}");
    }
}

/// Waits until the last line that was begun is written.
async fn wait_for_writer(stage: &Stage) {
    let Ok(journal) = File::open(stage.folder.path().join("run_journal.ndjson")) else { return };
    while journal.try_lock().is_err() {
        tokio::task::yield_now().await;
    }
}

fn spoil(stage: &Stage, between: Between) {
    let path = stage.folder.path().join("run_journal.ndjson");
    let Ok(mut text) = std::fs::read_to_string(&path) else { return };
    match between {
        Between::Nothing => {}
        Between::KeysForgotten => {
            let path = stage.folder.path().join("current_run.json");
            let run = std::fs::read_to_string(&path).unwrap_or_default();
            std::fs::write(path, run.replace("run-1", "run-3")).unwrap();
        }
        Between::JournalLost => std::fs::remove_file(path).unwrap(),
        Between::JournalTorn => {
            text.truncate(text.len().saturating_sub(9));
            std::fs::write(path, text).unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_stops_anywhere_goes_on_to_the_same_end() {
    check(1, 9, Between::Nothing).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_journal_is_lost_goes_on_to_the_same_end() {
    check(5, 17, Between::JournalLost).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_whose_journal_is_torn_goes_on_to_the_same_end() {
    check(3, 19, Between::JournalTorn).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_goes_on_to_the_same_end_when_its_keys_are_forgotten() {
    check(4, 15, Between::KeysForgotten).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_stops_among_faults_goes_on_to_the_same_end() {
    let faults = Faults {
        seed: 5,
        rate_limited_per_mille: 50,
        server_error_per_mille: 100,
        lost_answer_per_mille: 100,
        bad_gateway_per_mille: 20,
        ..Faults::default()
    };
    check_with(7, 31, Between::Nothing, faults).await;
}

#[tokio::test]
async fn a_run_that_is_not_finished_is_not_begun_anew() {
    let stage = Stage::plain().await;
    let plan = small_plan();
    let runner = stage.runner();
    stage.stop_at(40);
    let stopped = runner.generate(&new_run(&plan, "run-1")).await.unwrap_err();
    assert!(stopped.to_string().contains("`stripe-seed resume`"), "{stopped}");
    drop(runner);
    let again = stage.runner().generate(&new_run(&plan, "run-2")).await.unwrap_err();
    assert!(matches!(again, RunError::Unfinished { .. }), "{again}");
}

#[tokio::test]
async fn a_run_is_resumed_only_with_its_own_plan() {
    let stage = Stage::plain().await;
    let runner = stage.runner();
    let plan = small_plan();
    assert!(matches!(runner.resume(&plan).await, Err(RunError::NothingToResume { .. })));
    stage.stop_at(40);
    runner.generate(&new_run(&plan, "run-1")).await.unwrap_err();
    let other = crate::stage::standard_plan();
    let refused = stage.runner().resume(&other).await.unwrap_err();
    assert!(matches!(refused, RunError::OtherPlan { .. }), "{refused}");
}

/// The time of a twin whose clocks are slow until the test lets it pass.
static SECONDS: AtomicI64 = AtomicI64::new(0);

fn slow_now() -> Timestamp {
    Timestamp::from_second(now().as_second() + SECONDS.load(Ordering::SeqCst)).unwrap()
}

#[tokio::test]
async fn a_clock_that_is_too_slow_stops_the_run_until_it_is_resumed() {
    let advance_duration = SignedDuration::from_secs(60);
    let settings = TwinSettings { advance_duration, ..TwinSettings::new(slow_now) };
    let stage = Stage::open(settings).await;
    let plan = small_plan();
    let setup = || Setup { clock_timeout: Duration::from_millis(60), ..Setup::default() };
    let (runner, _) = stage.runner_with(setup());
    let stopped = runner.generate(&new_run(&plan, "run-1")).await.unwrap_err();
    assert!(matches!(stopped, RunError::ClockTimeout { count: 3, .. }), "{stopped}");
    assert!(stopped.to_string().contains("`stripe-seed resume`"), "{stopped}");
    drop(runner);
    for month in 1..=3 {
        assert_eq!(stage.files().run().unwrap().unwrap().months_done, month);
        SECONDS.fetch_add(61, Ordering::SeqCst);
        let (runner, _) = stage.runner_with(setup());
        let resumed = runner.resume(&plan).await;
        assert_eq!(resumed.is_ok(), month == 3, "{resumed:?}");
    }
    let fast = Stage::plain().await;
    fast.generate(&plan).await.unwrap();
    assert_eq!(Outcome::of(&stage, &plan).await, Outcome::of(&fast, &plan).await);
}
