//! Calls to a server that says what a test wants it to say.

use std::collections::VecDeque;
use std::sync::Mutex;

use stripe_client_core::{RequestBuilder, StripeMethod};
use stripe_core::customer::CreateCustomer;
use stripe_product::product::ListProduct;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

use super::*;
use crate::SecretKey;

fn key(name: &str, generation: u32, body: &str) -> String {
    let mut request = RequestBuilder::new(StripeMethod::Post, "/customers");
    request.body = Some(body.to_owned());
    Step { run_id: "run", name, generation }.idempotency_key(&Call::from(request))
}

#[test]
fn a_key_follows_from_step_generation_and_request_and_from_nothing_else() {
    let first = key("customer/017", 0, "name=a&email=b");
    assert!(first.starts_with("run:customer/017:0:"), "{first}");
    assert_eq!(first, key("customer/017", 0, "email=b&name=a"));
    for other in [
        key("customer/018", 0, "name=a&email=b"),
        key("customer/017", 1, "name=a&email=b"),
        key("customer/017", 0, "name=a&email=c"),
    ] {
        assert_ne!(first, other);
    }
    assert!(key(&"x".repeat(400), 0, "").len() <= IDEMPOTENCY_KEY_BYTES_MAX);
}

#[test]
fn clocks_are_looked_at_ever_less_often() {
    let pauses: Vec<u128> = (1..=9).map(|looks| clock_pause(looks).as_millis()).collect();
    assert_eq!(pauses, [50, 100, 200, 400, 800, 1_600, 3_000, 3_000, 3_000]);
}

/// Gives one answer after the other, the last one for ever, and keeps what it was asked.
struct Script {
    address: String,
    requests: Arc<Mutex<Vec<String>>>,
    serving: JoinHandle<()>,
}

impl Script {
    async fn of(answers: impl IntoIterator<Item = String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let requests: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&requests);
        let mut answers: VecDeque<String> = answers.into_iter().collect();
        let serving = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let answer = answers[0].clone();
                if answers.len() > 1 {
                    answers.pop_front();
                }
                let request = serve(stream, &answer).await;
                kept.lock().unwrap().push(request);
            }
        });
        Self { address, requests, serving }
    }

    fn caller(&self) -> Caller {
        let endpoint = Endpoint::parse(&self.address).unwrap();
        let key = SecretKey::parse("sk_test_script").unwrap();
        let transport = Transport::new(endpoint, &key, Duration::from_secs(20)).unwrap();
        let retry = RetrySettings {
            attempts: 6,
            base: Duration::from_millis(1),
            cap: Duration::from_millis(2),
            ..RetrySettings::default()
        };
        Caller::new(transport, Limits::NONE, retry, 7)
    }

    /// Makes a customer, and returns what came of it and the values of a header.
    async fn make_customer(&self) -> Result<String, CallError> {
        let request = CreateCustomer::new().name("Ada").email("ada@example.com");
        let step = Step { run_id: "run", name: "customer/001", generation: 0 };
        let made = self.caller().call(step, &request).await?;
        Ok(made.id.to_string())
    }

    fn header(&self, name: &str) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let values = requests.iter().map(|request| {
            let line = request.lines().find_map(|line| line.strip_prefix(name));
            line.unwrap_or_default().trim_start_matches(": ").to_owned()
        });
        values.collect()
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

/// Reads one request, answers, and hangs up.
async fn serve(mut stream: TcpStream, answer: &str) -> String {
    let mut reader = BufReader::new(&mut stream);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") {
        assert!(reader.read_line(&mut request).await.unwrap() > 0, "{request}");
    }
    let size = request.lines().find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; size.map_or(0, |size| size.parse().unwrap())];
    reader.read_exact(&mut body).await.unwrap();
    request.push_str(&String::from_utf8(body).unwrap());
    stream.write_all(answer.as_bytes()).await.unwrap();
    request
}

fn answer(status: &str, headers: &str, body: &str) -> String {
    let size = body.len();
    format!(
        "HTTP/1.1 {status}\r\nconnection: close\r\n{headers}content-length: {size}\r\n\r\n{body}"
    )
}

const CUSTOMER: &str = r#"{"id":"cus_1","object":"customer","created":1,"livemode":false}"#;

#[tokio::test]
async fn a_write_is_repeated_under_one_key_until_its_answer_is_there() {
    let script = Script::of([
        answer("429 Too Many Requests", "retry-after: 0\r\n", r#"{"error":{"type":"x"}}"#),
        answer("502 Bad Gateway", "content-type: text/html\r\n", "<html>busy</html>"),
        String::new(),
        answer("200 OK", "", r#"{"id":"cus_1"}"#),
        answer("200 OK", "", CUSTOMER),
    ]);
    let script = script.await;
    assert_eq!(script.make_customer().await.unwrap(), "cus_1");
    let keys = script.header("idempotency-key");
    assert_eq!(keys.len(), 5);
    assert!(keys.iter().all(|key| *key == keys[0] && key.starts_with("run:customer/001:0:")));
}

#[tokio::test]
async fn a_request_says_who_asks_and_in_which_words() {
    let script = Script::of([answer("200 OK", "", CUSTOMER)]).await;
    script.make_customer().await.unwrap();
    let request = script.requests.lock().unwrap()[0].clone();
    assert!(request.starts_with("POST /v1/customers HTTP/1.1\r\n"), "{request}");
    assert!(request.ends_with("\r\n\r\nemail=ada@example.com&name=Ada"), "{request}");
    let version = stripe_client_core::VERSION.to_string();
    assert_eq!(script.header("stripe-version"), [version]);
    assert_eq!(script.header("authorization"), ["Bearer sk_test_script"]);
    assert_eq!(script.header("content-type"), ["application/x-www-form-urlencoded"]);
    assert!(script.header("user-agent")[0].starts_with("stripe-seed/"));
}

#[tokio::test]
async fn a_failure_that_the_server_repeats_is_not_waited_out() {
    let failed = r#"{"error":{"type":"api_error","message":"Sorry."}}"#;
    let script = Script::of([
        answer("500 Internal Server Error", "", failed),
        answer("500 Internal Server Error", "idempotent-replayed: true\r\n", failed),
    ]);
    let script = script.await;
    assert!(script.make_customer().await.unwrap_err().is_stored());
    assert_eq!(script.header("idempotency-key").len(), 2);
}

#[tokio::test]
async fn a_clock_that_advances_is_waited_for_without_using_up_attempts() {
    let advances = r#"{"error":{"type":"invalid_request_error","message":
        "Test clock advancement underway - cannot perform modifications: clock_1"}}"#;
    let busy = answer("429 Too Many Requests", "stripe-should-retry: false\r\n", advances);
    let failed = answer("409 Conflict", "", r#"{"error":{"type":"invalid_request_error"}}"#);
    let script =
        Script::of([busy.clone(), failed, busy.clone(), busy, answer("200 OK", "", CUSTOMER)]);
    let script = script.await;
    let caller = script.caller();
    let request = CreateCustomer::new();
    let step = Step { run_id: "run", name: "customer/001", generation: 0 };
    caller.call(step, &request).await.unwrap();
    let reading = caller.meter().read();
    assert_eq!(reading, MeterReading { calls: 5, retries: 1, rate_limited: 3 });
}

#[tokio::test]
async fn a_refusal_is_final_and_says_what_stripe_said() {
    let refused = r#"{"error":{"type":"invalid_request_error","code":"parameter_unknown",
        "param":"nmae","message":"Received unknown parameter: nmae"}}"#;
    let script = Script::of([answer("400 Bad Request", "request-id: req_7\r\n", refused)]).await;
    let said = script.make_customer().await.unwrap_err().to_string();
    let expected = "customer/001 was refused (400, parameter_unknown, req_7): Received unknown \
                    parameter: nmae [nmae]";
    assert_eq!(said, expected);
    assert_eq!(script.header("idempotency-key").len(), 1);
}

#[tokio::test]
async fn a_server_that_only_fails_is_given_up() {
    let script = Script::of([
        answer("500 Internal Server Error", "", r#"{"error":{"type":"api_error"}}"#),
        answer("503 Service Unavailable", "", "<html>maintenance</html>"),
    ]);
    let script = script.await;
    let said = script.make_customer().await.unwrap_err().to_string();
    assert!(said.contains("6 attempts") && said.contains("status 503"), "{said}");
}

#[tokio::test]
async fn somebody_who_never_answered_like_stripe_is_given_up_soon() {
    for (status, body) in [
        ("503 Service Unavailable", "<html>no upstream</html>"),
        ("200 OK", r#"{"hello":"world"}"#),
        ("200 OK", "<html>Welcome</html>"),
        ("404 Not Found", r#"{"error":"no such page"}"#),
    ] {
        let script = Script::of([answer(status, "", body)]).await;
        let error = script.make_customer().await.unwrap_err();
        assert!(matches!(error, CallError::Stranger { .. }), "{status} {body}: {error}");
        assert!(script.header("user-agent").len() <= 4);
    }
}

#[tokio::test]
async fn any_request_can_be_sent_once_by_the_transport_alone() {
    let page = r#"{"object":"list","data":[],"has_more":false,"url":"/v1/products"}"#;
    let script = Script::of([
        answer("200 OK", "", page),
        answer("404 Not Found", "", r#"{"error":{"type":"invalid_request_error"}}"#),
    ]);
    let script = script.await;
    let caller = script.caller();
    let list = ListProduct::new().limit(3).send(&caller.transport).await.unwrap();
    assert!(list.data.is_empty());
    let refused = ListProduct::new().send(&caller.transport).await.unwrap_err();
    assert!(matches!(refused, TransportError::Refused { status: 404, .. }), "{refused}");
    assert_eq!(script.header("idempotency-key"), ["", ""]);
}
