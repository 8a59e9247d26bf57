//! Events on their way to a webhook.

use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use ciq_stripe_twin::{TwinSettings, WebhookTarget};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::SignedDuration;
use serde_json::Value;
use sha2::Sha256;
use tokio::net::TcpListener;
use tokio::sync::Notify;

use crate::kit::{START, pass, settings};
use crate::sockets::Served;

/// What a receiver got, and how often it refuses first.
#[derive(Debug, Default)]
struct Receiver {
    events: Mutex<Vec<(String, String)>>,
    refusals: Mutex<usize>,
    bell: Notify,
}

impl Receiver {
    /// Waits until so many events came, and returns their types.
    async fn types(&self, count: usize) -> Vec<String> {
        loop {
            let rung = self.bell.notified();
            let events = self.events.lock().unwrap().clone();
            if events.len() >= count {
                let event = |text: &str| serde_json::from_str::<Value>(text).unwrap();
                let kind = |text: &str| event(text)["type"].as_str().unwrap().to_owned();
                return events.iter().map(|(_, body)| kind(body)).collect();
            }
            rung.await;
        }
    }
}

async fn receive(
    State(receiver): State<Arc<Receiver>>,
    headers: HeaderMap,
    body: String,
) -> StatusCode {
    let mut refusals = receiver.refusals.lock().unwrap();
    if *refusals > 0 {
        *refusals -= 1;
        return StatusCode::SERVICE_UNAVAILABLE;
    }
    let signature = headers["stripe-signature"].to_str().unwrap().to_owned();
    receiver.events.lock().unwrap().push((signature, body));
    receiver.bell.notify_one();
    StatusCode::OK
}

/// Starts a receiver that refuses so often first, and returns the settings of a twin that sends
/// to it.
async fn start(refusals: usize) -> (Arc<Receiver>, TwinSettings) {
    let receiver = Arc::new(Receiver { refusals: Mutex::new(refusals), ..Receiver::default() });
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let router = Router::new().route("/hook", post(receive)).with_state(Arc::clone(&receiver));
    // It ends with the test's runtime.
    tokio::spawn(async move { axum::serve(listener, router).await });
    let webhook = Some(WebhookTarget { url, secret: "whsec_test".to_owned() });
    (receiver, TwinSettings { webhook, ..settings() })
}

#[tokio::test]
async fn events_are_signed_and_in_order() {
    let (receiver, settings) = start(0).await;
    let served = Served::start(settings).await;
    for name in ["a", "b", "c"] {
        served.exchange("POST", "/v1/customers", &format!("name={name}")).await;
    }
    assert_eq!(receiver.types(3).await, ["customer.created"; 3]);
    let events = receiver.events.lock().unwrap().clone();
    for ((signature, body), name) in events.iter().zip(["a", "b", "c"]) {
        let event: Value = serde_json::from_str(body).unwrap();
        assert_eq!(event["data"]["object"]["name"], name);
        let mut mac = Hmac::<Sha256>::new_from_slice(b"whsec_test").unwrap();
        mac.update(format!("{START}.{body}").as_bytes());
        let digits = signature.strip_prefix(&format!("t={START},v1=")).unwrap();
        let bytes: Vec<u8> = (0..digits.len())
            .step_by(2)
            .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).unwrap())
            .collect();
        mac.verify_slice(&bytes).unwrap();
    }
    served.stop().await;
}

#[tokio::test]
async fn an_event_that_is_refused_is_brought_again_before_the_next() {
    let (receiver, settings) = start(2).await;
    let served = Served::start(settings).await;
    served.exchange("POST", "/v1/customers", "name=a").await;
    served.exchange("POST", "/v1/products", "name=b").await;
    assert_eq!(receiver.types(2).await, ["customer.created", "product.created"]);
    let twin = served.twin.clone();
    served.stop().await;
    let counters = twin.counters();
    assert_eq!((counters.events_delivered, counters.events_dropped), (2, 0));
}

#[tokio::test]
async fn the_end_of_an_advance_is_told_without_being_asked_for() {
    let (receiver, settings) = start(0).await;
    let advance_duration = SignedDuration::from_secs(60);
    let served = Served::start(TwinSettings { advance_duration, ..settings }).await;
    let clocks = "/v1/test_helpers/test_clocks";
    let answer = served.exchange("POST", clocks, &format!("frozen_time={START}")).await;
    let (_, body) = answer.split_once("\r\n\r\n").unwrap();
    let clock: Value = serde_json::from_str(body).unwrap();
    let path = format!("{clocks}/{}/advance", clock["id"].as_str().unwrap());
    served.exchange("POST", &path, &format!("frozen_time={}", START + 60)).await;
    pass(advance_duration);
    let types = receiver.types(3).await;
    assert_eq!(types.last().map(String::as_str), Some("test_helpers.test_clock.ready"));
    served.stop().await;
}

#[tokio::test]
async fn what_waits_is_brought_before_the_end() {
    let (receiver, settings) = start(0).await;
    let served = Served::start(settings).await;
    for _ in 0..20 {
        served.exchange("POST", "/v1/customers", "name=a").await;
    }
    served.stop().await;
    assert_eq!(receiver.events.lock().unwrap().len(), 20);
}

#[tokio::test]
async fn a_webhook_that_never_answers_does_not_keep_the_twin() {
    // It takes connections, and nobody reads them.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let webhook = Some(WebhookTarget { url, secret: "whsec_test".to_owned() });
    let served = Served::start(TwinSettings { webhook, ..settings() }).await;
    served.exchange("POST", "/v1/customers", "name=a").await;
    let twin = served.twin.clone();
    // From here on, time passes as soon as there is nothing else to do.
    tokio::time::pause();
    served.stop().await;
    let counters = twin.counters();
    assert_eq!((counters.events_delivered, counters.events_dropped), (0, 0));
}
