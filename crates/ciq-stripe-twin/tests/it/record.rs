//! The record of requests.

use std::fs;

use ciq_stripe_twin::{Faults, TwinSettings};
use serde_json::{Value, json};

use crate::kit::{Client, settings};

#[tokio::test]
async fn every_request_is_recorded_as_it_came() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("requests.ndjson");
    let settings = || TwinSettings { record: Some(path.clone()), ..settings() };
    let client = Client::with(settings());
    client.post_as("k", "/v1/customers?expand[]=test_clock", "name=Ann+Lee").await.ok();
    client.post("/v1/customers", "nam=Ann").await.error(400);
    drop(client);
    let faults = Faults { lost_answer_per_mille: 1_000, ..Faults::default() };
    Client::with(TwinSettings { faults, ..settings() }).get("/v1/prices?limit=3").await;
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let expected = [
        json!({"method": "POST", "path": "/v1/customers", "query": "expand[]=test_clock",
               "body": "name=Ann+Lee", "idempotency_key": "k", "status": 200, "fault": null}),
        json!({"method": "POST", "path": "/v1/customers", "query": "", "body": "nam=Ann",
               "idempotency_key": null, "status": 400, "fault": null}),
        json!({"method": "GET", "path": "/v1/prices", "query": "limit=3", "body": "",
               "idempotency_key": null, "status": 200, "fault": "lost_answer"}),
    ];
    assert_eq!(lines, expected);
    assert!(!text.contains("sk_test"));
}
