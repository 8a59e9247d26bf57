//! Faults on purpose and the rate limit.

use ciq_stripe_twin::{Faults, TwinSettings};
use jiff::SignedDuration;

use crate::kit::{Client, ids, pass, settings, with_faults};

#[tokio::test]
async fn a_lost_answer_was_carried_out() {
    let faults = Faults { lost_answer_per_mille: 1_000, ..Faults::default() };
    let client = Client::with(with_faults(faults));
    assert_eq!(client.post("/v1/customers", "name=Ann").await.body, None);
    let counters = client.twin.counters();
    assert_eq!((counters.executed_writes, counters.faults), (1, 1));
    assert_eq!(counters.by_status.get(&0), Some(&1));
}

#[tokio::test]
async fn a_bad_gateway_speaks_html() {
    let faults = Faults { bad_gateway_per_mille: 1_000, ..Faults::default() };
    let client = Client::with(with_faults(faults));
    let answer = client.post("/v1/customers", "name=Ann").await;
    assert_eq!((answer.status.as_u16(), answer.header("content-type")), (502, Some("text/html")));
    assert!(answer.body.unwrap().starts_with("<html>"));
    assert_eq!(client.twin.counters().executed_writes, 0);
}

#[tokio::test]
async fn a_429_on_purpose_names_its_limit_and_sometimes_a_time() {
    let faults = Faults { rate_limited_per_mille: 1_000, ..Faults::default() };
    let client = Client::with(with_faults(faults));
    let mut told = 0;
    for _ in 0..100 {
        let answer = client.post("/v1/customers", "name=Ann").await;
        assert_eq!(answer.error(429)["code"], "rate_limit");
        assert!(answer.header("stripe-rate-limited-reason").is_some());
        told += usize::from(answer.header("retry-after") == Some("1"));
    }
    assert!((1..50).contains(&told), "{told}");
    assert_eq!(client.twin.counters().executed_writes, 0);
}

#[tokio::test]
async fn all_faults_together_leave_one_object_per_key() {
    let faults = Faults {
        seed: 3,
        rate_limited_per_mille: 200,
        server_error_per_mille: 100,
        lost_answer_per_mille: 200,
        bad_gateway_per_mille: 100,
        ..Faults::default()
    };
    let client = Client::with(with_faults(faults));
    for number in 0..50 {
        let (key, form) = (format!("k{number}"), format!("name=c{number}"));
        // A stored 500 comes back for ever: the object is there all the same.
        for _ in 0..40 {
            let answer = client.post_as(&key, "/v1/customers", &form).await;
            let is_stored = answer.header("idempotent-replayed").is_some();
            if answer.body.is_some() && (answer.status == 200 || is_stored) {
                break;
            }
        }
    }
    assert_eq!(client.twin.counters().executed_writes, 50);
}

#[tokio::test]
async fn a_second_has_so_many_requests() {
    let requests_per_second = Some(5);
    let client = Client::with(TwinSettings { requests_per_second, ..settings() });
    for _ in 0..5 {
        client.get("/v1/customers").await.ok();
    }
    let refused = client.get("/v1/customers").await;
    assert_eq!(refused.error(429)["code"], "rate_limit");
    assert_eq!(refused.header("stripe-rate-limited-reason"), Some("global-rate"));
    pass(SignedDuration::from_millis(200));
    assert!(ids(&client.get("/v1/customers").await.ok()).is_empty());
    client.get("/v1/customers").await.error(429);
    assert_eq!(client.twin.counters().rate_limited, 2);
}

#[tokio::test]
async fn a_clock_that_is_to_fail_fails() {
    let failing_clock = Some("cursed".to_owned());
    let client = Client::with(TwinSettings { failing_clock, ..settings() });
    let clocks = "/v1/test_helpers/test_clocks";
    let form = format!("frozen_time={}&name=a cursed one", crate::kit::START);
    let clock = client.make(clocks, &form).await;
    let form = format!("frozen_time={}", crate::kit::MONTH_LATER);
    client.post(&format!("{clocks}/{clock}/advance"), &form).await.ok();
    let clock = client.get(&format!("{clocks}/{clock}")).await.ok();
    assert_eq!(clock["status"], "internal_failure");
}
