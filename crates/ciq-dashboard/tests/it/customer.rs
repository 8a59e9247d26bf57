//! Everything about one customer.

use axum::http::{StatusCode, header};
use serde_json::json;

use crate::house::House;

#[tokio::test]
async fn a_customer_is_shown_from_all_sides() {
    let house = House::open();
    let id = json!("cust 7/ü");
    let update = json!({
        "customer_id": id, "name": "Ana", "email": "ana@example.org", "tags": ["vip"],
        "company": "Ana Ltd",
    });
    house.tell("profile_update", update).await;
    for (number, total, code) in [("o1", "89.99", "USD"), ("o2", "20.5", "EUR")] {
        let order = json!({
            "customer_id": id, "purchase_id": number, "product_name": "Lamp", "quantity": 2,
            "total": total, "currency": code,
        });
        house.tell("purchase", order).await;
    }
    let repair = json!({
        "customer_id": id, "work_order_id": "w1", "issue_description": "Broken hinge",
        "status": "in_progress",
    });
    house.tell("repair", repair).await;
    house.tell("note", json!({"customer_id": id, "content": "Prefers e-mail"})).await;
    let page = house.page("/customers/cust%207%2F%C3%BC").await;
    for shown in [
        "<h1>Ana</h1>",
        "vip",
        "Ana Ltd",
        "cust 7/ü",
        "ana@example.org",
        "89.99 USD",
        "20.50 EUR",
        "Lamp",
        "Broken hinge",
        "In progress",
        "Prefers e-mail",
        "class=\"mark purchase\"",
        "class=\"mark work\"",
        "class=\"mark note\"",
        "nothing was merged",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    assert!(!page.contains("id=\"account\"") && !page.contains("id=\"interventions\""), "{page}");
}

#[tokio::test]
async fn an_account_is_shown_with_its_stage_health_and_what_is_to_do() {
    let house = House::open();
    let account = json!({
        "customer_id": "a/b", "name": "AtRisk Co", "stage": "first_api_call", "tier": "pro",
        "api_calls": 1234, "error_rate": 0.6, "usage_trend": "declining",
        "integration_status": "degraded", "signed_up_at": "2024-01-01T10:00:00Z",
    });
    house.tell("account_updated", account).await;
    let as_of = json!({"as_of": "2024-01-02T18:05:00Z"});
    let report = house.api("/api/monitor/check", &as_of).await;
    assert!(report["opened_count"].as_u64() > Some(0), "{report}");
    let page = house.page("/customers/a%2Fb").await;
    for shown in [
        "<li class=\"done\">New<span class=\"unseen\"> (done)</span></li>",
        "<li aria-current=\"step\">First API call</li>",
        "<li>Production ready</li>",
        "<dt>Tier</dt><dd>Pro</dd>",
        "1,234",
        "60.0 %",
        "Declining",
        "Degraded",
        "What the health is made of",
        "</strong> of 100",
        "id=\"interventions\"",
        "href=\"/interventions/itv_",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[tokio::test]
async fn subscriptions_are_shown_with_what_they_bring_and_how_they_are_paid() {
    let house = House::open();
    house.tell("note", json!({"customer_id": "y", "content": "Hello."})).await;
    assert!(!house.page("/customers/y").await.contains("id=\"billing\""));
    let evil = "<script>alert(1)</script>";
    let plan = json!({
        "customer_id": "x", "subscription_id": "sub_1", "plan": "Pro Plus", "screens": 12,
        "mrr": "180.00", "currency": "USD",
    });
    house.tell("subscription_started", plan).await;
    let plan = json!({
        "customer_id": "x", "subscription_id": "sub_2", "plan": evil, "screens": 3, "mrr": 30,
    });
    house.tell("subscription_started", plan).await;
    house.tell("payment_failed", json!({"customer_id": "x", "subscription_id": "sub_1"})).await;
    let page = house.page("/customers/x").await;
    for shown in [
        "id=\"billing\"",
        "</span>Past due</span>",
        "<div>Pro Plus</div>",
        "<dt>Screens</dt><dd>15</dd>",
        "<div class=\"money\">210.00 USD</div>",
        "1 still open",
        "sub_2",
        "&lt;script&gt;",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    assert!(!page.contains(evil));
    let listed = house.page("/customers?billing=past_due").await;
    assert!(listed.contains("/customers/x") && !listed.contains("/customers/y"), "{listed}");
}

#[tokio::test]
async fn orders_are_drawn_and_stand_in_a_table() {
    let house = House::open();
    for number in 0..14 {
        let order = json!({
            "customer_id": "x", "purchase_id": format!("o{number}"), "product_name": "Lamp",
            "total": 10 * number,
        });
        house.tell("purchase", order).await;
    }
    let page = house.page("/customers/x").await;
    for shown in [
        "What the last 14 orders cost",
        "<polyline class=\"trace\" points=\"0.0,",
        "as a table</summary>",
        "4 earlier orders",
        "130.00 USD",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[tokio::test]
async fn the_figures_that_speak_for_leaving_are_said() {
    let house = House::open();
    let order =
        json!({"customer_id": "x", "purchase_id": "o1", "product_name": "Lamp", "total": 10});
    house.tell("purchase", order).await;
    house.api("/api/automations/evaluate", &json!({"as_of": "2024-02-02T18:05:00Z"})).await;
    let page = house.page("/customers/x").await;
    assert!(page.contains("Figures that matter"), "{page}");
    assert!(page.contains("Leaving</span> Has ordered once"), "{page}");
}

#[tokio::test]
async fn what_people_send_is_text_and_never_markup() {
    let house = House::open();
    let evil = "<script>alert(1)</script>";
    let update = json!({
        "customer_id": "x", "name": evil, "company": evil, "tags": [evil], "status": evil,
        "custom_fields": {"<script>": evil, "list": [evil]},
    });
    house.tell("profile_update", update).await;
    let note = json!({"customer_id": "x", "content": evil, "title": evil, "category": evil});
    house.tell("note", note).await;
    let order = json!({
        "customer_id": "x", "purchase_id": evil, "product_name": evil, "product_sku": evil,
        "total": 1, "status": evil,
    });
    house.tell("purchase", order).await;
    let account = json!({"customer_id": "x", "integration_status": evil, "tier": "pro"});
    house.tell("account_updated", account).await;
    let repair = json!({"customer_id": "x", "work_order_id": evil, "issue_description": evil});
    house.tell("repair", repair).await;
    for address in ["/customers", "/customers/x", "/customers?q=script", "/customers/%3Cscript%3E"]
    {
        let page = house.get(address).await.page;
        assert!(!page.contains("<script"), "{address}: {page}");
        assert!(page.contains("&lt;script&gt;"), "{address}: {page}");
    }
}

#[tokio::test]
async fn a_very_long_note_is_cut_and_can_be_read_whole() {
    let house = House::open();
    let long = "<b>word</b> ".repeat(200_000);
    house.tell("note", json!({"customer_id": "a/b", "content": long, "title": long})).await;
    let page = house.page("/customers/a%2Fb").await;
    assert!(page.len() < 100_000, "{} bytes", page.len());
    let rest = page.split("\">Read all of it</a>").next().unwrap();
    let address = rest.rsplit('"').next().unwrap();
    assert!(address.starts_with("/customers/a%2Fb/events/evt_"), "{address}");
    let whole = house.get(address).await;
    assert_eq!(whole.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert_eq!(whole.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    assert_eq!(whole.page.trim(), long.trim());
    for nothing in ["/customers/other/events/evt_1", "/customers/a%2Fb/events/x"] {
        assert_eq!(house.get(nothing).await.status, StatusCode::NOT_FOUND, "{nothing}");
    }
}

#[tokio::test]
async fn a_long_timeline_has_pages() {
    let house = House::open();
    for number in 0..30 {
        let data = json!({"customer_id": "x", "title": format!("Step {number:02}.")});
        house.tell("page_view", data).await;
    }
    let first = house.page("/customers/x").await;
    let next = first.split("\" rel=\"next\"").next().unwrap().rsplit('"').next().unwrap();
    let second = house.page(&next.replace("&amp;", "&")).await;
    let shown = |page: &str| page.matches("<li><span class=\"mark").count();
    assert_eq!((shown(&first), shown(&second)), (25, 5));
    assert!(second.contains("First page"));
}

#[tokio::test]
async fn an_unknown_customer_or_address_is_a_page_that_leads_back() {
    let house = House::open();
    for address in
        ["/customers/nobody", "/customers/a/b", "/reviews/x", "/merges/x", "/automations/x"]
    {
        let answer = house.get(address).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
        assert!(answer.page.contains("<a href=\"/"), "{}", answer.page);
    }
}
