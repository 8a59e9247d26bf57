//! Everything about one customer.

use axum::http::StatusCode;
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
}

#[tokio::test]
async fn what_people_send_is_text_and_never_markup() {
    let house = House::open();
    let evil = "<script>alert(1)</script>";
    let update = json!({"customer_id": "x", "name": evil, "company": evil, "tags": [evil]});
    house.tell("profile_update", update).await;
    let note = json!({"customer_id": "x", "content": evil, "title": evil, "category": evil});
    house.tell("note", note).await;
    for address in ["/", "/customers/x", "/?q=script", "/customers/%3Cscript%3E"] {
        let page = house.get(address).await.page;
        assert!(!page.contains("<script"), "{address}: {page}");
        assert!(page.contains("&lt;script&gt;"), "{address}: {page}");
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
        assert!(answer.page.contains("<a href=\"/\">All customers</a>"), "{}", answer.page);
    }
}
