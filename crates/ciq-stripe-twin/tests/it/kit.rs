//! A client of the twin's router, and a clock that tests set.

use std::cell::Cell;

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use ciq_stripe_twin::{Faults, Twin, TwinSettings};
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tower::ServiceExt as _;

/// 1 January 2026, 00:00 UTC.
pub(crate) const START: i64 = 1_767_225_600;

/// One month later.
pub(crate) const MONTH_LATER: i64 = 1_769_904_000;

thread_local! {
    static NOW: Cell<i64> = const { Cell::new(START * 1_000) };
}

/// The clock of this test's twin.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_millisecond(NOW.get()).unwrap()
}

/// Lets time pass.
pub(crate) fn pass(duration: SignedDuration) {
    NOW.set(NOW.get() + i64::try_from(duration.as_millis()).unwrap());
}

pub(crate) fn settings() -> TwinSettings {
    TwinSettings::new(now)
}

pub(crate) fn with_faults(faults: Faults) -> TwinSettings {
    TwinSettings { faults, ..settings() }
}

/// What came back.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// Nothing where the answer was cut off.
    pub(crate) body: Option<String>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(self.body.as_deref().unwrap()).unwrap()
    }

    /// Returns the object of an answer that must be a success.
    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{:?}", self.body);
        self.json()
    }

    /// Returns the error of an answer that must have this status.
    #[track_caller]
    pub(crate) fn error(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{:?}", self.body);
        self.json()["error"].take()
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// A client with a test key.
#[derive(Debug, Clone)]
pub(crate) struct Client {
    pub(crate) twin: Twin,
}

impl Client {
    pub(crate) fn new() -> Self {
        Self::with(settings())
    }

    pub(crate) fn with(settings: TwinSettings) -> Self {
        Self { twin: Twin::open(settings).unwrap() }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.twin.router().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.ok();
        let body = body.map(|body| String::from_utf8(body.into()).unwrap());
        Answer { status: parts.status, headers: parts.headers, body }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.send(request("GET", path).body(Body::empty()).unwrap()).await
    }

    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.send(request("POST", path).body(Body::from(form.to_owned())).unwrap()).await
    }

    /// Posts under an idempotency key.
    pub(crate) async fn post_as(&self, key: &str, path: &str, form: &str) -> Answer {
        let request = request("POST", path).header("idempotency-key", key);
        self.send(request.body(Body::from(form.to_owned())).unwrap()).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Answer {
        self.send(request("DELETE", path).body(Body::empty()).unwrap()).await
    }

    /// Posts, and returns the id of what was made.
    pub(crate) async fn make(&self, path: &str, form: &str) -> String {
        id(&self.post(path, form).await.ok())
    }

    /// Makes customers named `c1`, `c2`, … and returns their ids, oldest first.
    pub(crate) async fn make_customers(&self, count: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for number in 1..=count {
            ids.push(self.make("/v1/customers", &format!("name=c{number}")).await);
        }
        ids
    }

    /// Makes a clock at the start, a customer with a good card on it, a price of $10 a month, and
    /// a subscription of four.
    pub(crate) async fn subscribe(&self) -> Subscribed {
        let form = format!("frozen_time={START}&name=one");
        let clock = self.make("/v1/test_helpers/test_clocks", &form).await;
        let form = format!(
            "name=Ann&email=ann@example.com&test_clock={clock}&payment_method=pm_card_visa\
             &invoice_settings[default_payment_method]=pm_card_visa&metadata[run]=a"
        );
        let customer = self.make("/v1/customers", &form).await;
        let product = self.make("/v1/products", "name=Standard").await;
        let form = format!(
            "product={product}&currency=usd&unit_amount=1000&recurring[interval]=month\
             &lookup_key=standard"
        );
        let price = self.make("/v1/prices", &form).await;
        let form = format!("customer={customer}&items[0][price]={price}&items[0][quantity]=4");
        let subscription = self.make("/v1/subscriptions", &form).await;
        Subscribed { clock, customer, product, price, subscription }
    }
}

/// The ids of what [`Client::subscribe`] made.
#[derive(Debug, Clone)]
pub(crate) struct Subscribed {
    pub(crate) clock: String,
    pub(crate) customer: String,
    pub(crate) product: String,
    pub(crate) price: String,
    pub(crate) subscription: String,
}

/// A request with a test key, to be completed.
pub(crate) fn request(method: &str, path: &str) -> axum::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header("authorization", "Bearer sk_test_any")
        .header("content-type", "application/x-www-form-urlencoded")
}

pub(crate) fn id(object: &Value) -> String {
    object["id"].as_str().unwrap().to_owned()
}

/// Returns the ids of a page.
pub(crate) fn ids(page: &Value) -> Vec<String> {
    page["data"].as_array().unwrap().iter().map(id).collect()
}
