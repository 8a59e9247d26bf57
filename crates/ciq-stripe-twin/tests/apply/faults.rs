//! Faults on the way, and what a run makes in spite of them.

use ciq_stripe_twin::{Faults, TwinSettings};

use crate::outcome::Outcome;
use crate::stage::{Stage, now, small_plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn faults_on_the_way_change_nothing_at_the_end() {
    let plan = small_plan();
    let calm = Stage::plain().await;
    calm.generate(&plan).await.unwrap();
    let calm = Outcome::of(&calm, &plan).await;
    for seed in 1..=4 {
        let faults = Faults {
            seed,
            rate_limited_per_mille: 200,
            server_error_per_mille: 100,
            lost_answer_per_mille: 100,
            bad_gateway_per_mille: 50,
            ..Faults::default()
        };
        let stormy = Stage::open(TwinSettings { faults, ..TwinSettings::new(now) }).await;
        stormy.generate(&plan).await.unwrap();
        assert!(stormy.twin.counters().faults > 30, "{:?}", stormy.twin.counters());
        assert_eq!(Outcome::of(&stormy, &plan).await, calm, "seed {seed}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn failures_that_the_server_repeats_are_found_out() {
    let plan = small_plan();
    let calm = Stage::plain().await;
    calm.generate(&plan).await.unwrap();
    let faults = Faults { seed: 9, server_error_per_mille: 400, ..Faults::default() };
    let stormy = Stage::open(TwinSettings { faults, ..TwinSettings::new(now) }).await;
    stormy.generate(&plan).await.unwrap();
    assert!(stormy.twin.counters().replayed_answers > 5, "{:?}", stormy.twin.counters());
    assert_eq!(Outcome::of(&stormy, &plan).await, Outcome::of(&calm, &plan).await);
}
