//! Merges, and what people decide about them.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::json;

use crate::house::{House, forms};

/// Two customers, by e-mail and by phone, whom a third event makes one. Returns the ids that the
/// two had, and the id of the one.
async fn merged() -> (House, [String; 2], String) {
    let house = House::open();
    let one = house.tell("signup", json!({"email": "ana@example.org"})).await;
    let other = house.tell("call", json!({"phone": "+14155552671"})).await;
    let both = json!({"email": "ana@example.org", "phone": "+14155552671"});
    let now = house.tell("checkout", both).await;
    assert_ne!(one, other);
    (house, [one, other], now)
}

#[tokio::test]
async fn a_merged_id_leads_to_who_it_is_now() {
    let (house, before, now) = merged().await;
    let gone = before.iter().find(|id| **id != now).unwrap();
    let answer = house.get(&format!("/customers/{gone}?brand=default")).await;
    assert_eq!(answer.location(), format!("/customers/{now}?brand=default"));
    let page = house.page(&format!("/customers/{now}")).await;
    assert!(page.contains("2 profiles became one through 1 link"), "{page}");
    assert!(page.contains("email <strong>ana@example.org</strong>"), "{page}");
}

#[tokio::test]
async fn a_merge_can_be_undone_from_the_customers_page() {
    let (house, before, now) = merged().await;
    let page = house.page(&format!("/customers/{now}")).await;
    let [form] = &forms(&page)[..] else { panic!("one form: {page}") };
    let answer = house.post(form, &format!("customer={now}")).await;
    assert_eq!(answer.location(), format!("/customers/{now}?done=undone"));
    let after = house.page(answer.location()).await;
    assert!(after.contains("The merge is undone."), "{after}");
    for id in &before {
        assert!(house.page(&format!("/customers/{id}")).await.contains("nothing was merged"));
    }
    let history = house.page("/merges").await;
    assert!(history.contains(">Undone</span>"), "{history}");
    let again = house.post(form, "").await;
    assert_eq!(again.status, StatusCode::CONFLICT, "{}", again.page);
}

#[tokio::test]
async fn a_merge_can_be_undone_from_the_history() {
    let (house, _, _) = merged().await;
    let page = house.page("/merges").await;
    let answer = house.post(&forms(&page)[0], "").await;
    assert_eq!(answer.location(), "/merges?done=undone");
}

#[tokio::test]
async fn a_form_of_another_site_changes_nothing() {
    let (house, _, _) = merged().await;
    let form = forms(&house.page("/merges").await).remove(0);
    for (name, value) in
        [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")]
    {
        let request = Request::post(&form)
            .header("host", "127.0.0.1:3000")
            .header(name, value)
            .body(Body::empty());
        let answer = house.ask(request.unwrap()).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert!(!house.page("/merges").await.contains(">Undone</span>"));
}

#[tokio::test]
async fn a_decision_about_nothing_is_not_found() {
    let (house, _, _) = merged().await;
    for address in [
        "/reviews/rev_00000000000000000000000000000000/approve",
        "/reviews/x/reject",
        "/merges/mrg_00000000000000000000000000000000/undo",
        "/merges/x/undo?brand=nobody",
    ] {
        assert_eq!(house.post(address, "").await.status, StatusCode::NOT_FOUND, "{address}");
    }
}
