//! What is wrong from the beginning: said clearly, and nothing is left behind.

use axum::Router;
use axum::response::Html;
use ciq_stripe::{ErrorKind, RunError};
use ciq_stripe_twin::TwinSettings;
use tokio::sync::watch;

use crate::stage::{RUN, Setup, Stage, new_run, now, runner, serve, small_plan, standard_plan};

/// Begins a run at an address where it cannot be.
#[track_caller]
fn check(error: &RunError, kind: ErrorKind, words: &[&str]) {
    let said = chain(error);
    assert_eq!(error.kind(), kind, "{said}");
    for word in words {
        assert!(said.contains(word), "`{word}` is not in `{said}`");
    }
    assert!(!said.contains("sk_test_stage"), "{said}");
}

fn chain(error: &dyn std::error::Error) -> String {
    let cause = error.source().map(|cause| format!(": {}", chain(cause))).unwrap_or_default();
    format!("{error}{cause}")
}

/// Begins a run at an address, and returns why it cannot be. No file may be left.
async fn refused_at(address: &str) -> RunError {
    let folder = tempfile::tempdir().unwrap();
    let files = ciq_stripe::Files::new(folder.path().join("config"));
    let (_stop, cancel) = watch::channel(false);
    let (runner, _) = runner(address, files.clone(), Setup::default(), cancel);
    let error = runner.generate(&new_run(&small_plan(), "run-1")).await.unwrap_err();
    assert!(!files.dir().exists());
    error
}

#[tokio::test]
async fn an_address_that_answers_html_is_told_from_stripe() {
    let page = || async { Html("<html><body>Welcome to nginx!</body></html>") };
    let (address, serving) = serve(Router::new().fallback(page)).await;
    let error = refused_at(&format!("http://{address}/some/path")).await;
    check(&error, ErrorKind::Mistake, &["does not answer like Stripe", "nginx", "STRIPE_API_BASE"]);
    serving.abort();
}

#[tokio::test]
async fn an_address_where_nobody_is_says_so_soon() {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = refused_at(&format!("http://{address}")).await;
    check(&error, ErrorKind::Unavailable, &["could not connect", "4 attempts"]);
}

#[tokio::test]
async fn a_key_that_is_refused_is_named_without_being_shown() {
    let unauthorized = || async {
        let body = r#"{"error":{"type":"invalid_request_error","message":"Invalid API Key provided: sk_test_*****"}}"#;
        (axum::http::StatusCode::UNAUTHORIZED, body)
    };
    let (address, serving) = serve(Router::new().fallback(unauthorized)).await;
    let error = refused_at(&format!("http://{address}")).await;
    check(&error, ErrorKind::Mistake, &["STRIPE_SECRET_KEY", "Invalid API Key"]);
    serving.abort();
}

/// Puts a price where ours belongs, and begins a run. Nothing may be made.
async fn check_price(form: &str, words: &[&str]) {
    let stage = Stage::plain().await;
    let key = "lookup_key=stripe_seed_standard_monthly";
    let price = stage.post("prices", &format!("product_data[name]=Old&{key}&{form}")).await;
    if form.contains("year") {
        let archived = format!("prices/{}", price["id"].as_str().unwrap());
        stage.post(&archived, "active=false").await;
    }
    let before = stage.twin.counters().executed_writes;
    let error = stage.generate(&small_plan()).await.unwrap_err();
    check(&error, ErrorKind::Mistake, &["stripe_seed_standard_monthly", "1000", "archive"]);
    check(&error, ErrorKind::Mistake, words);
    assert_eq!(stage.twin.counters().executed_writes, before);
    assert_eq!(std::fs::read_dir(stage.folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_price_that_is_not_ours_is_named_and_nothing_is_made() {
    check_price(
        "currency=usd&unit_amount=1200&recurring[interval]=month",
        &["an active one of 1200 cents in usd a month"],
    )
    .await;
    check_price(
        "currency=eur&unit_amount=1000&recurring[interval]=month&recurring[interval_count]=3",
        &["an active one of 1000 cents in eur every 3 months"],
    )
    .await;
    check_price(
        "currency=usd&unit_amount=1000&recurring[interval]=year",
        &["an archived one of 1000 cents in usd a year"],
    )
    .await;
}

#[tokio::test]
async fn a_clock_that_fails_is_named_with_what_to_do() {
    let failing_clock = Some(format!("{RUN} 02"));
    let stage = Stage::open(TwinSettings { failing_clock, ..TwinSettings::new(now) }).await;
    let error = stage.generate(&small_plan()).await.unwrap_err();
    let words = ["`stripe-seed demo 02`", "internal_failure", "`stripe-seed cleanup`"];
    check(&error, ErrorKind::Refused, &words);
    let scope = ciq_stripe::Scope::Run(RUN.to_owned());
    assert_eq!(stage.runner().cleanup(&scope).await.unwrap().clocks_deleted, 3);
}

#[tokio::test]
async fn clocks_that_were_deleted_meanwhile_are_missed() {
    let stage = Stage::plain().await;
    let plan = standard_plan();
    let first = stage.runner();
    stage.stop_at(400);
    first.generate(&new_run(&plan, "run-1")).await.unwrap_err();
    drop(first);
    let clock = stage.files().run().unwrap().unwrap().clock_ids[4].clone();
    stage.delete(&format!("test_helpers/test_clocks/{clock}")).await;
    let error = stage.runner().resume(&plan).await.unwrap_err();
    check(&error, ErrorKind::Refused, &["`stripe-seed cleanup`"]);
}
