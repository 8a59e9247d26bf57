//! The standard run, from nothing to six months.

use std::collections::BTreeMap;

use ciq_stripe::mrr;
use ciq_stripe::{Scope, SubscriptionStatus};

use crate::outcome::Outcome;
use crate::stage::{RUN, Stage, new_run, small_plan, standard_plan};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_standard_run_is_made_to_the_last_row() {
    let stage = Stage::plain().await;
    let plan = standard_plan();
    let run = stage.generate(&plan).await.unwrap();
    assert_eq!((run.clock_ids.len(), run.customer_ids.len(), run.months_done), (34, 100, 7));

    let rows = stage.files().snapshots().unwrap().unwrap();
    let mut by_month: BTreeMap<&str, u32> = BTreeMap::new();
    for row in &rows {
        *by_month.entry(row.month.as_str()).or_default() += 1;
    }
    assert_eq!(by_month.into_values().collect::<Vec<_>>(), [100, 99, 98, 96, 95, 93, 92]);
    let is_last_past_due = |row: &&ciq_stripe::SnapshotRow| {
        row.month == "2026-11" && row.status == SubscriptionStatus::PastDue
    };
    assert_eq!(rows.iter().filter(is_last_past_due).count(), 5);

    let found = stage.runner().read_back(RUN).await.unwrap();
    let months = mrr::movements(&rows, &found.facts(&run));
    assert_eq!(months.len(), 7);
    for (month, revenue) in (0..).zip(&months) {
        assert_eq!(revenue.closing_cents, plan.expected_mrr(month), "month {month}");
    }
    drop(Outcome::of(&stage, &plan).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_plan_makes_the_same_whoever_comes_first() {
    let plan = small_plan();
    let (one, other) = (Stage::plain().await, Stage::plain().await);
    one.generate(&plan).await.unwrap();
    other.generate(&plan).await.unwrap();
    assert_eq!(Outcome::of(&one, &plan).await, Outcome::of(&other, &plan).await);
}

#[tokio::test]
async fn a_second_run_of_a_name_takes_the_place_of_the_first() {
    let stage = Stage::plain().await;
    let plan = small_plan();
    stage.generate(&plan).await.unwrap();
    let first = stage.files().run().unwrap().unwrap();
    let second = stage.runner().generate(&new_run(&plan, "run-2")).await.unwrap();
    assert_ne!(first.customer_ids, second.customer_ids);
    let outcome = Outcome::of(&stage, &plan).await;
    let fresh = Stage::plain().await;
    fresh.generate(&plan).await.unwrap();
    assert_eq!(outcome, Outcome::of(&fresh, &plan).await);
}

#[tokio::test]
async fn a_cleanup_takes_one_run_and_leaves_the_prices() {
    let stage = Stage::plain().await;
    let plan = small_plan();
    stage.generate(&plan).await.unwrap();
    let other = Scope::Run("other".to_owned());
    assert_eq!(stage.runner().cleanup(&other).await.unwrap().clocks_deleted, 0);
    assert!(stage.files().run().unwrap().is_some());

    let report = stage.runner().cleanup(&Scope::Run(RUN.to_owned())).await.unwrap();
    assert_eq!((report.clocks_deleted, report.files_forgotten), (3, true));
    assert!(stage.list("test_helpers/test_clocks?limit=100").await.is_empty());
    assert_eq!(stage.list("prices?limit=100").await.len(), 5);
    assert!(stage.files().run().unwrap().is_none());
    assert!(stage.files().snapshots().unwrap().is_none());
    assert!(stage.files().prices().unwrap().is_some());
}

#[tokio::test]
async fn prices_are_made_once() {
    let stage = Stage::plain().await;
    assert_eq!(stage.runner().prices("run-1").await.unwrap().created.len(), 5);
    let again = stage.runner().prices("run-2").await.unwrap();
    assert!(again.created.is_empty());
    assert_eq!(stage.files().prices().unwrap(), Some(again.file));
    assert_eq!(stage.list("products?limit=100").await.len(), 5);
}

#[tokio::test]
async fn a_finished_run_tells_so() {
    let stage = Stage::plain().await;
    let plan = small_plan();
    let run = stage.generate(&plan).await.unwrap();
    let status = stage.runner().status().await.unwrap();
    assert_eq!(status.run.as_ref(), Some(&run));
    assert_eq!(status.rows.len(), 4);
    assert_eq!(status.clocks.map(|clocks| clocks.len()), Some(3));
    let before = stage.requests();
    assert_eq!(stage.runner().resume(&plan).await.unwrap(), run);
    assert_eq!(stage.requests(), before);
}
