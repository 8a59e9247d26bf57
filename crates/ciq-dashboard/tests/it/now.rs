//! What is going on, on one page.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::house::House;

/// An account that fails half of its calls.
pub(crate) fn failing(customer: &str, name: &str) -> Value {
    json!({
        "customer_id": customer, "name": name, "stage": "production_ready", "tier": "pro",
        "api_calls": 240, "error_rate": 0.182, "usage_trend": "stable",
    })
}

#[tokio::test]
async fn a_page_says_what_is_going_on() {
    let house = House::at_1505("");
    house.tell("api_usage", failing("acme", "Acme")).await;
    let order = json!({
        "customer_id": "bo", "name": "Bo", "purchase_id": "o1", "product_name": "Lamp",
        "total": "1299.99",
    });
    house.tell("purchase", order).await;
    let answer = house.post("/monitor/check", "").await;
    assert_eq!(answer.location(), "/?checked=1&opened=1&closed=0");
    let page = house.page(answer.location()).await;
    for shown in [
        "<p class=\"notice\" role=\"status\">1 account checked: 1 opened, 0 closed</p>",
        "<dt>Customers</dt><dd><a href=\"/customers\">2</a></dd>",
        "<dt>Events</dt><dd>2</dd>",
        "1 intervention not resolved: 1 high.",
        "aria-label=\"Events of the last hour: 2 at last, 2 at most\"",
        "Error Debugging",
        "Error rate 18.2 % (over 10 %), 240 API calls (over 10)",
        "<a href=\"/customers/acme\">Acme</a>",
        "<time datetime=\"2024-01-02T15:04:05Z\" title=\"2 Jan 2024, 15:04:05 UTC\">15:04:05</time>",
        "<a href=\"/customers/bo\">",
        "1,299.99 USD",
        "with nobody",
        "due <time datetime=\"2024-01-02T19:05:30Z\">",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[tokio::test]
async fn what_people_send_is_text_here_too() {
    let house = House::at_1505("");
    let evil = "<script>alert(1)</script>";
    house.tell("api_usage", failing("x", evil)).await;
    house.tell(evil, json!({"customer_id": "x", "title": evil})).await;
    house.post("/monitor/check", "").await.location();
    for address in ["/", "/?checked=<script>&opened=1&closed=1", "/?done=<script>"] {
        let page = house.page(&address.replace('<', "%3C").replace('>', "%3E")).await;
        assert!(!page.contains("<script"), "{address}: {page}");
        assert!(page.contains("&lt;script&gt;"), "{address}: {page}");
    }
}

#[tokio::test]
async fn a_full_page_is_no_larger_than_150_kilobytes() {
    let house = House::at_1505("");
    let name = "N".repeat(200);
    for number in 0..30 {
        house.tell("api_usage", failing(&format!("{}-{number}", "c".repeat(100)), &name)).await;
        house
            .tell(
                "page_view",
                json!({"customer_id": "x", "title": format!("{number}{}", "T".repeat(300))}),
            )
            .await;
    }
    house.post("/monitor/check", "").await.location();
    let page = house.page("/").await;
    assert!(page.contains("30 interventions not resolved: 30 high."), "{page}");
    assert!(page.contains("More of them"), "{page}");
    assert!(page.len() < 150_000, "{}", page.len());
}

#[tokio::test]
async fn an_empty_brand_is_told_how_to_begin() {
    for address in ["/", "/?brand=acme"] {
        let page = House::open().page(address).await;
        assert!(page.contains("cargo run -p simulator"), "{page}");
        assert!(page.contains("curl -X POST"), "{page}");
        assert_eq!(page.contains("-H 'x-brand-id: acme'"), address != "/", "{page}");
    }
}

#[tokio::test]
async fn who_may_only_read_has_no_one_checked() {
    let house = House::at_1505("r=default:reader");
    house.tell("api_usage", failing("acme", "Acme")).await;
    let with_token = |request: axum::http::request::Builder| {
        request.header("authorization", "Bearer r").body(Body::empty()).unwrap()
    };
    let page = house.ask(with_token(Request::get("/"))).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(!page.page.contains("Run Monitor Check"), "{}", page.page);
    let check = house.ask(with_token(Request::post("/monitor/check"))).await;
    assert_eq!(check.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn another_site_has_no_one_checked() {
    let house = House::open();
    let request = Request::post("/monitor/check").header("sec-fetch-site", "cross-site");
    let answer = house.ask(request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn figures_that_are_not_counted_agree_with_those_that_are() {
    let house = House::at_1505("");
    let agree = || {
        let (headline, stats) = house.read(|reader| Ok((reader.headline()?, reader.stats()?)));
        assert_eq!(
            (headline.customer_count, headline.event_count, headline.dead_letter_count),
            (stats.customer_count, stats.event_count, stats.dead_letter_count),
        );
        assert_eq!(headline.pending_review_count, stats.pending_review_count);
        headline.event_count
    };
    assert_eq!(agree(), 0);
    for number in 0..5 {
        let customer = format!("c{}", number % 2);
        house.tell("page_view", json!({"customer_id": customer, "title": number})).await;
    }
    assert_eq!(agree(), 5);
    let erase = Request::delete("/api/profiles/c0").body(Body::empty()).unwrap();
    assert!(house.ask(erase).await.status.is_success());
    assert_eq!(agree(), 2);
}

#[tokio::test]
async fn events_are_counted_in_the_minute_in_which_they_came() {
    let house = House::at_1505("");
    for number in 0..3 {
        house.tell("page_view", json!({"customer_id": "a", "title": number})).await;
    }
    for (now, minutes, expect) in [
        ("2024-01-02T15:05:00Z", 3, vec![0, 0, 3]),
        ("2024-01-02T15:05:59Z", 1, vec![3]),
        ("2024-01-02T15:06:00Z", 3, vec![0, 3, 0]),
        ("2024-01-02T15:07:59Z", 2, vec![0, 0]),
        ("2024-01-02T15:04:00Z", 2, vec![0, 0]),
    ] {
        let counts = house.read(|reader| reader.arrivals_by_minute(now.parse().unwrap(), minutes));
        assert_eq!(counts, expect, "{now}");
    }
}
