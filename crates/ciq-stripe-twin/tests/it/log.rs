//! Twins that end and come back.

use std::fs;
use std::path::{Path, PathBuf};

use ciq_stripe_twin::{Dunning, Faults, TwinError, TwinSettings};
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;

use crate::kit::{Client, MONTH_LATER, START, id, ids, pass, settings};

/// A folder, and the log in it.
fn place() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("twin.ndjson");
    (folder, path)
}

fn logged(path: &Path) -> TwinSettings {
    TwinSettings { log: Some(path.to_owned()), ..settings() }
}

/// Everything that a client can see.
async fn all(client: &Client, clock: &str) -> Vec<Value> {
    let on_clock = format!("/v1/customers?limit=100&test_clock={clock}");
    let customers = client.get(&on_clock).await.ok();
    let mut seen = vec![customers.clone()];
    for path in [
        "/v1/test_helpers/test_clocks?limit=100",
        "/v1/products?limit=100",
        "/v1/prices?limit=100",
        "/v1/customers?limit=100",
        "/v1/events?limit=100",
        &format!("/v1/subscriptions?limit=100&status=all&test_clock={clock}"),
    ] {
        seen.push(client.get(path).await.ok());
    }
    for customer in ids(&customers) {
        seen.push(client.get(&format!("/v1/invoices?limit=100&customer={customer}")).await.ok());
    }
    seen
}

/// Advances a clock by a month and changes a few things.
async fn live(client: &Client) -> String {
    let made = client.subscribe().await;
    let advance = format!("/v1/test_helpers/test_clocks/{}/advance", made.clock);
    client.post(&advance, &format!("frozen_time={}", MONTH_LATER + 7_200)).await.ok();
    let path = format!("/v1/subscriptions/{}", made.subscription);
    let item = client.get(&path).await.ok()["items"]["data"][0]["id"].clone();
    let form = format!("items[0][id]={}&items[0][quantity]=9", item.as_str().unwrap());
    client.post_as("change", &path, &form).await.ok();
    client.post("/v1/subscriptions", "customer=cus_none&items[0][price]=x").await.error(400);
    client.delete(&path).await.ok();
    client.make("/v1/customers", "name=Bob").await;
    made.clock
}

#[tokio::test]
async fn a_twin_that_opens_the_log_goes_on_where_the_last_one_ended() {
    let (_folder, path) = place();
    let client = Client::with(logged(&path));
    let clock = live(&client).await;
    let before = all(&client, &clock).await;
    drop(client);
    let client = Client::with(logged(&path));
    assert_eq!(all(&client, &clock).await, before);
    let customer = client.post("/v1/customers", "name=Cid").await.ok();
    assert!(!before.iter().any(|it| it.to_string().contains(&id(&customer))));
}

#[tokio::test]
async fn the_same_requests_make_the_same_ids() {
    let (one, two) = (Client::new(), Client::new());
    let clock = live(&one).await;
    assert_eq!(live(&two).await, clock);
    assert_eq!(all(&one, &clock).await, all(&two, &clock).await);
}

#[tokio::test]
async fn an_answer_is_given_again_under_its_key_by_the_next_twin() {
    let (_folder, path) = place();
    let client = Client::with(logged(&path));
    let first = client.post_as("k", "/v1/customers", "name=Ann").await;
    drop(client);
    let client = Client::with(logged(&path));
    let again = client.post_as("k", "/v1/customers", "name=Ann").await;
    assert_eq!(again.ok(), first.ok());
    assert_eq!(again.header("idempotent-replayed"), Some("true"));
    let error = client.post_as("k", "/v1/customers", "name=Bob").await.error(400);
    assert_eq!(error["type"], "idempotency_error");
}

#[tokio::test]
async fn what_was_answered_by_a_fault_is_in_the_log() {
    let (_folder, path) = place();
    let faults =
        Faults { server_error_per_mille: 500, lost_answer_per_mille: 500, ..Faults::default() };
    let client = Client::with(TwinSettings { faults, ..logged(&path) });
    for number in 0..20 {
        client.post_as(&format!("k{number}"), "/v1/customers", "name=Ann").await;
    }
    let executed = client.twin.counters().executed_writes;
    assert!((2..20).contains(&executed), "{executed}");
    drop(client);
    let client = Client::with(logged(&path));
    let page = client.get("/v1/customers?limit=100").await.ok();
    assert_eq!(ids(&page).len() as u64, executed);
    let mut statuses = Vec::new();
    for number in 0..20 {
        let key = format!("k{number}");
        statuses.push(client.post_as(&key, "/v1/customers", "name=Ann").await.status.as_u16());
    }
    assert!(statuses.contains(&500) && statuses.contains(&200), "{statuses:?}");
    let replayed = client.twin.counters().replayed_answers;
    assert_eq!(replayed, executed);
}

#[tokio::test]
async fn a_torn_last_line_is_a_write_that_was_never_answered() {
    let (_folder, path) = place();
    let client = Client::with(logged(&path));
    let first = client.make("/v1/customers", "name=Ann").await;
    let second = client.make("/v1/customers", "name=Bob").await;
    drop(client);
    let text = fs::read(&path).unwrap();
    fs::write(&path, &text[..text.len() - 20]).unwrap();
    let client = Client::with(logged(&path));
    assert_eq!(ids(&client.get("/v1/customers").await.ok()), [first]);
    assert_eq!(client.make("/v1/customers", "name=Bob").await, second);
}

#[tokio::test]
async fn an_advance_under_way_is_under_way_for_the_next_twin() {
    let (_folder, path) = place();
    let advance_duration = SignedDuration::from_secs(10);
    let slow = || TwinSettings { advance_duration, ..logged(&path) };
    let client = Client::with(slow());
    let clock = client.subscribe().await.clock;
    let clock_path = format!("/v1/test_helpers/test_clocks/{clock}");
    let form = format!("frozen_time={MONTH_LATER}");
    client.post(&format!("{clock_path}/advance"), &form).await.ok();
    drop(client);
    pass(SignedDuration::from_secs(4));
    // The duration is that of the time when it was asked for.
    let client = Client::with(logged(&path));
    assert_eq!(client.get(&clock_path).await.ok()["status"], "advancing");
    pass(SignedDuration::from_secs(6));
    assert_eq!(client.get(&clock_path).await.ok()["status"], "ready");
}

#[tokio::test]
async fn reading_changes_nothing_that_the_log_does_not_know() {
    let (_folder, path) = place();
    let advance_duration = SignedDuration::from_secs(10);
    let client = Client::with(TwinSettings { advance_duration, ..logged(&path) });
    let clock = client.subscribe().await.clock;
    let other = client.make("/v1/test_helpers/test_clocks", &format!("frozen_time={START}")).await;
    for clock in [&other, &clock] {
        let advance = format!("/v1/test_helpers/test_clocks/{clock}/advance");
        client.post(&advance, &format!("frozen_time={MONTH_LATER}")).await.ok();
        pass(SignedDuration::from_secs(3));
    }
    for _ in 0..5 {
        pass(SignedDuration::from_secs(2));
        client.get("/v1/events").await.ok();
    }
    client.make("/v1/customers", "name=Bob").await;
    let before = all(&client, &clock).await;
    drop(client);
    let client = Client::with(TwinSettings { advance_duration, ..logged(&path) });
    assert_eq!(all(&client, &clock).await, before);
}

#[tokio::test]
async fn other_settings_count_for_what_comes() {
    let (_folder, path) = place();
    let client = Client::with(logged(&path));
    let clock = live(&client).await;
    let before = all(&client, &clock).await;
    drop(client);
    let other = || TwinSettings { dunning: Dunning::Cancel, ..logged(&path) };
    let client = Client::with(other());
    assert_eq!(all(&client, &clock).await, before);
    client.make("/v1/customers", "name=Bob").await;
    drop(client);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("\"kind\":\"settings\"").count(), 2);
    drop(Client::with(other()));
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
}

#[tokio::test]
async fn a_log_whose_answers_differ_is_refused_by_its_line() {
    let (_folder, path) = place();
    let client = Client::with(logged(&path));
    client.make("/v1/customers", "name=Ann").await;
    drop(client);
    let text = fs::read_to_string(&path).unwrap();
    let (form, answer) = ("\"form\":\"name=Ann\"", "\"form\":\"name=Bob\"");
    fs::write(&path, text.replace(form, answer)).unwrap();
    let error = ciq_stripe_twin::Twin::open(logged(&path)).unwrap_err();
    assert!(matches!(error, TwinError::LogDiffers { line: 3, .. }), "{error}");
    assert!(error.to_string().contains("begin a new log"), "{error}");
}

#[tokio::test]
async fn a_log_in_use_or_of_another_version_is_refused() {
    let (_folder, path) = place();
    let client = Client::with(logged(&path));
    let error = ciq_stripe_twin::Twin::open(logged(&path)).unwrap_err();
    assert!(matches!(error, TwinError::LogInUse(_)), "{error}");
    drop(client);
    fs::write(&path, "{\"kind\":\"twin\",\"version\":99}\n").unwrap();
    let error = ciq_stripe_twin::Twin::open(logged(&path)).unwrap_err();
    assert!(matches!(error, TwinError::LogVersion { found: 99, .. }), "{error}");
    let nowhere = path.join("not").join("there");
    let error = ciq_stripe_twin::Twin::open(logged(&nowhere)).unwrap_err();
    assert!(matches!(error, TwinError::Log { .. }), "{error}");
}
