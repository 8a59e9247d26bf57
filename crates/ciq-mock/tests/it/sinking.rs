//! What the service does about its sink.

use std::collections::BTreeSet;
use std::time::Duration;

use ciq_sink::SinkSettings;
use serde_json::Value;
use tempfile::TempDir;

use crate::world::World;

/// Long enough for anything here.
const LIMIT: Duration = Duration::from_secs(20);

/// Waits until the status tells what is hoped for.
async fn until(world: &World, what: &str, is_so: impl Fn(&Value) -> bool) -> Value {
    let poll = async {
        loop {
            let status = world.get("/status").await.json();
            if is_so(&status) {
                return status;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(LIMIT, poll).await.unwrap_or_else(|_| panic!("never so: {what}"))
}

#[tokio::test]
async fn a_failing_sink_never_stops_the_stream() {
    // Nobody listens at port 1.
    let settings = SinkSettings::http("http://127.0.0.1:1/events").unwrap();
    let world = World::with(TempDir::new().unwrap(), settings).await;
    world.post("/seed-users", r#"{"count": 50, "seed": 1}"#).await;
    world.post("/start-stream", r#"{"rate": 6000000, "jitter": false}"#).await;
    let is_full = |status: &Value| status["stream"]["dropped"].as_u64() > Some(20_000);
    let status = until(&world, "the sink is full", is_full).await;
    assert_eq!(status["streaming"], true);
    assert_eq!(status["sink"]["state"], "failing");
    assert_eq!(status["sink"]["delivered"], 0);
    assert!(status["sink"]["lastError"].is_string(), "{status}");
    assert!(status["sink"]["dropped"].as_u64() >= status["stream"]["dropped"].as_u64());
    // What is left of the room takes no batch of the stream, but a few single events.
    let mut statuses = BTreeSet::new();
    for _ in 0..20_000 {
        if statuses.contains(&503) {
            break;
        }
        statuses.insert(world.post("/emit", r#"{"name": "feature_used"}"#).await.status);
    }
    assert!(statuses.contains(&503), "{statuses:?}");
    let report = world.service.close(Duration::ZERO).await;
    assert_eq!(report.delivered, 0);
    assert!(report.undelivered > 0);
}

#[tokio::test]
async fn a_backfill_into_a_failing_sink_waits_and_can_be_cancelled() {
    let settings = SinkSettings::http("http://127.0.0.1:1/events").unwrap();
    let world = World::with(TempDir::new().unwrap(), settings).await;
    world.post("/seed-users", r#"{"count": 2000, "seed": 1}"#).await;
    let begun = world.post("/backfill", r#"{"days": 120, "perUserDensity": 5}"#).await;
    assert_eq!(begun.status, 202, "{}", begun.text);
    let cancelled = world.post("/backfill/bf_1/cancel", "").await.json();
    assert_eq!(cancelled["state"], "cancelled", "{cancelled}");
    assert!(cancelled["progress"].as_f64() < Some(1.0));
    let again = world.ask("DELETE", "/backfill/bf_1", "").await.json();
    assert_eq!(again["state"], "cancelled");
}

#[tokio::test]
async fn no_event_of_streams_backfills_and_hands_has_the_id_of_another() {
    let world = World::open().await;
    world.post("/seed-users", r#"{"count": 3, "seed": 1}"#).await;
    for _ in 0..3 {
        world.post("/start-stream", r#"{"rate": 6000000, "modes": ["product"]}"#).await;
        let has_begun = |status: &Value| status["stream"]["emitted"].as_u64() > Some(2_000);
        until(&world, "events flow", has_begun).await;
        assert_eq!(world.post("/stop-stream", "").await.status, 200);
        assert_eq!(world.post("/emit", r#"{"name": "feature_used"}"#).await.status, 200);
    }
    let done = world.post("/backfill", r#"{"days": 30, "density": 100}"#).await;
    assert_eq!(done.json()["state"], "done", "{}", done.text);
    let path = world.path();
    let report = world.service.close(LIMIT).await;
    let text = std::fs::read_to_string(path).unwrap();
    let ids: BTreeSet<_> = text.lines().map(|line| line.split('"').nth(3).unwrap()).collect();
    assert_eq!(ids.len(), text.lines().count());
    assert_eq!(ids.len() as u64, report.delivered);
}
