//! How the service is, and what became of messages that could not become events.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use ciq_engine::prepare;
use ciq_event::{Brand, Message, WireForm};
use ciq_ingest::{Brands, EngineOptions};
use serde_json::json;

use crate::house::{Answer, House, forms};

const TOKENS: &str = "r=default:reader,w=default:writer,b=default:admin,z=acme:admin";

/// Sends what is no event.
async fn refuse(house: &House, brand: &str, body: &str) {
    let request = Request::post("/events")
        .header(header::HOST, "localhost:3000")
        .header(header::CONTENT_TYPE, "application/json")
        .header("x-brand-id", brand)
        .body(Body::from(body.to_owned()));
    let answer = house.ask(request.unwrap()).await;
    assert!(answer.page.contains("rejected"), "{}", answer.page);
}

/// Makes a dead letter of what becomes an event as soon as it is tried again: it came while events
/// of nobody known made no customer.
async fn refuse_for_now(house: &House, customer: &str) {
    let options = EngineOptions { is_auto_create_on: false, ..EngineOptions::default() };
    let database = house.brands().database().clone();
    let strict = Brands::new(database, options).unwrap();
    let handle = strict.open(&Brand::default()).unwrap();
    let body = json!({
        "customer_id": customer, "event_type": "note", "timestamp": "2024-01-02T15:04:05Z",
        "source_service": "shop", "data": {"customer_id": customer, "note": "Hello"},
    });
    let at = "2024-01-02T15:05:00Z".parse().unwrap();
    let entry = prepare(Message::new(WireForm::Envelope, body.to_string(), at), handle.settings());
    handle.ingest(vec![entry]).await.unwrap();
    tokio::task::spawn_blocking(move || strict.close()).await.unwrap();
}

async fn as_someone(house: &House, method: &str, address: &str, token: &str) -> Answer {
    let request = Request::builder()
        .method(method)
        .uri(address)
        .header(header::AUTHORIZATION, format!("Bearer {token}"))
        .header("sec-fetch-site", "same-origin");
    house.ask(request.body(Body::empty()).unwrap()).await
}

#[tokio::test]
async fn the_page_tells_how_the_service_and_the_file_are() {
    let house = House::open();
    house.tell("note", json!({"customer_id": "a", "note": "Hello"})).await;
    house.api("/api/automations/evaluate", &json!({"as_of": "2024-01-02T18:05:00Z"})).await;
    let page = house.page("/system").await;
    for shown in [
        "<a href=\"/system\" aria-current=\"page\"",
        concat!("<dt>Version</dt><dd>", env!("CARGO_PKG_VERSION"), "</dd>"),
        "<dt>Running for</dt>",
        "<dt>Program</dt><dd>SQLite 3.",
        "<dt>Schema</dt>",
        "<dt>Write-ahead log</dt>",
        "customeriq.db",
        "Passes over histories",
        "Up to date",
        "Scorecard, without training",
        "Whatever arrived became an event.",
        "<strong>default</strong>",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[tokio::test]
async fn a_brand_without_tables_has_a_page_too() {
    let page = House::open().page("/system?brand=acme").await;
    assert!(page.contains("This brand has no tables yet."), "{page}");
}

#[tokio::test]
async fn events_are_counted_by_when_they_came() {
    let house = House::open();
    // Received a long time ago, and just now.
    house.tell("note", json!({"customer_id": "a", "note": "Hello"})).await;
    let now = json!({
        "customer_id": "a", "event_type": "note", "timestamp": "2024-01-02T15:04:06Z",
        "source_service": "shop", "data": {"customer_id": "a", "note": "Hello again"},
    });
    house.api("/events", &json!([now])).await;
    let page = house.page("/system").await;
    assert!(page.contains("<dt>Events, last hour</dt><dd>1</dd>"), "{page}");
}

#[tokio::test]
async fn a_dead_letter_that_is_tried_again_becomes_an_event() {
    let house = House::open();
    refuse_for_now(&house, "ann").await;
    let page = house.page("/system").await;
    assert!(page.contains("<div class=\"alert\"><dt>Messages refused</dt><dd>1</dd>"), "{page}");
    assert!(page.contains("&quot;customer_id&quot;:&quot;ann&quot;"), "{page}");
    let retry =
        forms(&page).into_iter().find(|form| form.ends_with("/retry") && form.contains("ded_"));
    let answer = house.post(&retry.clone().unwrap(), "").await;
    assert_eq!(answer.location(), "/system?done=retried-1-0-0#dead-letters");
    let page = house.page("/system?done=retried-1-0-0").await;
    assert!(page.contains("1 stored, 0 stored before, 0 refused again."), "{page}");
    assert!(page.contains("Whatever arrived became an event."), "{page}");
    assert!(house.page("/customers/ann").await.contains("Hello"));
    // The form of a page that is old by now.
    let again = house.post(&retry.unwrap(), "").await;
    assert_eq!(again.status, StatusCode::NOT_FOUND, "{}", again.page);
}

#[tokio::test]
async fn all_of_one_reason_are_tried_again_and_no_others() {
    let house = House::open();
    for customer in ["ann", "bob", "cid"] {
        refuse_for_now(&house, customer).await;
    }
    refuse(&house, "default", r#"{"nothing": true}"#).await;
    let page = house.page("/system").await;
    let group = page.split("name=\"field\" value=\"").skip(1).find(|it| it.contains("Retry all"));
    let field = group.unwrap().split('"').next().unwrap();
    let reason = group.unwrap().split("name=\"reason\" value=\"").nth(1).unwrap();
    let reason = reason.split('"').next().unwrap().replace("&amp;", "&");
    let form: String = form_urlencoded::Serializer::new(String::new())
        .extend_pairs([("field", field), ("reason", &reason)])
        .finish();
    let answer = house.post("/system/dead-letters/retry", &form).await;
    assert_eq!(answer.location(), "/system?done=retried-3-0-0#dead-letters");
    let page = house.page("/system").await;
    assert!(page.contains("<dt>Messages refused</dt><dd>1</dd>"), "{page}");
    let answer = house.post("/system/dead-letters/retry", "").await;
    assert_eq!(answer.location(), "/system?done=retried-0-0-1#dead-letters");
    // It came a second time now, and is there once.
    assert!(house.page("/system").await.contains("2 times"));
}

#[tokio::test]
async fn a_dead_letter_can_be_dropped() {
    let house = House::open();
    refuse(&house, "default", r#"{"nothing": true}"#).await;
    let forms = forms(&house.page("/system").await);
    let discard = forms.iter().find(|form| form.ends_with("/drop")).unwrap();
    let answer = house.post(discard, "").await;
    assert_eq!(answer.location(), "/system?done=dropped-1#dead-letters");
    let page = house.page("/system?done=dropped-1").await;
    assert!(page.contains("1 message dropped.") && page.contains("became an event"), "{page}");
}

#[tokio::test]
async fn what_was_refused_is_text_on_the_page() {
    let house = House::open();
    refuse(&house, "default", r#"{"event_type": "<script>alert(1)</script>"}"#).await;
    for address in ["/system", "/system?done=<script>", "/system?reason=<script>&field=<script>"] {
        let page = house.page(&address.replace('<', "%3C").replace('>', "%3E")).await;
        assert!(!page.contains("<script>"), "{page}");
        assert!(!page.contains(" style="), "{page}");
    }
    assert!(house.page("/system").await.contains("&lt;script&gt;alert(1)"));
}

#[tokio::test]
async fn another_brands_dead_letters_are_neither_shown_nor_touched() {
    let house = House::open();
    house.tell_brand("acme", "note", json!({"customer_id": "z", "note": "Hello"})).await;
    refuse(&house, "default", r#"{"nothing": "ours"}"#).await;
    let ours = forms(&house.page("/system").await);
    let page = house.page("/system?brand=acme").await;
    assert!(!page.contains("ours") && !page.contains("ded_"), "{page}");
    for form in ours.iter().filter(|form| form.contains("ded_")) {
        let answer = house.post(&format!("{form}?brand=acme"), "").await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{form}: {}", answer.page);
    }
    let answer = house.post("/system/dead-letters/retry?brand=acme", "").await;
    assert_eq!(answer.location(), "/system?brand=acme&done=retried-0-0-0#dead-letters");
    assert!(house.page("/system").await.contains("arrived 1 time,"));
}

#[tokio::test]
async fn a_reader_may_only_look_a_writer_may_retry_and_an_admin_may_drop() {
    let house = House::with_tokens(TOKENS);
    refuse_for_now(&house, "ann").await;
    let of_admin = forms(&as_someone(&house, "GET", "/system", "b").await.page);
    let letters = |forms: Vec<String>| -> Vec<String> {
        let verbs = forms.iter().filter_map(|form| form.rsplit_once('/'));
        verbs.map(|(_, verb)| verb.to_owned()).collect()
    };
    assert_eq!(letters(of_admin.clone()), ["retry", "retry", "drop"]);
    let page = as_someone(&house, "GET", "/system", "w").await.page;
    assert_eq!(letters(forms(&page)), ["retry", "retry"]);
    assert!(!page.contains("customeriq.db"), "where the file is: {page}");
    let page = as_someone(&house, "GET", "/system", "r").await.page;
    assert!(letters(forms(&page)).is_empty() && page.contains("ded_"), "{page}");
    assert!(!page.contains("Brands of this process"), "{page}");
    for (form, token) in [(&of_admin[1], "r"), (&of_admin[2], "r"), (&of_admin[2], "w")] {
        let answer = as_someone(&house, "POST", form, token).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{form} as {token}");
    }
    // A token of another brand does not find it.
    let answer = as_someone(&house, "POST", &of_admin[1], "z").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let page = as_someone(&house, "GET", "/system", "z").await.page;
    assert!(!page.contains("default"), "{page}");
    let answer = as_someone(&house, "POST", &of_admin[1], "w").await;
    assert_eq!(answer.location(), "/system?done=retried-1-0-0#dead-letters");
}
