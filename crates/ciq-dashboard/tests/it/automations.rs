//! What histories mean, automations, and what they sent.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::{Value, json};

use crate::house::{House, forms};

fn rule(words: &str) -> Value {
    json!({
        "id": "cart-recovery",
        "name": words,
        "trigger": {"type": "cart_abandonment", "after": "2h"},
        "actions": [{"type": "send_message", "channel": "whatsapp", "body": format!("{words} {{{{ product }}}}")}],
    })
}

/// A shop in which Ana left a chair in her cart at 15:04, and was written to three hours later.
async fn shop(name: &str, words: &str) -> House {
    let house = House::open();
    house.api("/api/automations", &rule(words)).await;
    let ana = json!({"customer_id": "a", "name": name, "phone": "+12025550143"});
    house.tell("profile_update", ana).await;
    let chair = format!("{words} chair");
    let cart =
        json!({"customer_id": "a", "product_name": chair, "category": words, "price": "80.00"});
    house.tell("cart_add", cart).await;
    let as_of = json!({"as_of": "2024-01-02T18:05:00Z"});
    let report = house.api("/api/automations/evaluate", &as_of).await;
    assert_eq!(report["sent_count"], 1);
    house
}

#[tokio::test]
async fn a_customer_has_a_panel_of_what_is_expected_and_sent() {
    let house = shop("Ana", "Red").await;
    let page = house.page("/customers/a").await;
    for shown in [
        "<section class=\"card\" id=\"insight\">",
        "as of <time datetime=\"2024-01-02T18:05:00Z\">",
        "<dt>Segment</dt>",
        "Prospect",
        "<dt>Likely to leave</dt>",
        "aria-label=\"Likely to leave\"",
        "<dt>Predicted lifetime value</dt>",
        " USD",
        "<dt>Stage</dt>",
        " of 100",
        "Next best action",
        "Wants",
        "Red chair",
        "Last messages",
        "Red Red chair",
        "<span class=\"tag good\">Sent</span>",
        "The figures behind it",
        "scorecard-1",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[tokio::test]
async fn a_customer_of_whom_nothing_is_computed_says_so() {
    let house = House::open();
    house.tell("profile_update", json!({"customer_id": "a", "name": "Ana"})).await;
    let page = house.page("/customers/a").await;
    assert!(page.contains("Nothing is computed yet."), "{page}");
    assert!(!page.contains("Last messages"), "{page}");
}

#[tokio::test]
async fn automations_are_listed_with_what_they_did() {
    let house = shop("Ana", "Red").await;
    let page = house.page("/automations").await;
    for shown in [
        "<a href=\"/automations\" aria-current=\"page\"",
        "<span class=\"sub id\">cart-recovery</span>",
        "<span class=\"tag good\">On</span>",
        "Cart abandonment",
        "Send message by Whatsapp",
        "Last executions",
        "<a href=\"/customers/a\">Ana</a>",
        "<span class=\"tag good\">Executed</span>",
        "<span class=\"tag good\">Sent</span>",
        "Red Red chair",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

/// The form that switches the automation on the page.
fn switch_form(page: &str) -> String {
    forms(page).into_iter().find(|form| form.contains("/switch")).unwrap()
}

#[tokio::test]
async fn an_automation_is_switched_off_and_on_from_the_page() {
    let house = shop("Ana", "Red").await;
    let page = house.page("/automations").await;
    assert!(page.contains("Switch off"), "{page}");
    let answer = house.post(&switch_form(&page), "to=off").await;
    assert_eq!(answer.location(), "/automations");
    let page = house.page("/automations").await;
    assert!(page.contains(">Off</span>") && page.contains("Switch on"), "{page}");
    let page = house.page("/automations/cart-recovery").await;
    assert!(page.contains(">Off</span>"), "{page}");
    let answer = house.post(&switch_form(&page), "to=on&back=here").await;
    assert_eq!(answer.location(), "/automations/cart-recovery");
    assert!(house.page(answer.location()).await.contains(">On</span>"));
    let other = house.post("/automations/cart-recovery/switch?brand=acme", "to=off").await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "another brand's");
    assert!(house.page("/automations").await.contains(">On</span>"));
}

#[tokio::test]
async fn a_reader_may_not_switch() {
    let house = House::with_tokens("r=default:reader,w=default:writer");
    let request = |method: &str, address: &str, token: &str, body: &str| {
        let request = Request::builder()
            .method(method)
            .uri(address)
            .header(header::HOST, "localhost:3000")
            .header(header::CONTENT_TYPE, "application/json")
            .header(header::AUTHORIZATION, format!("Bearer {token}"));
        request.body(Body::from(body.to_owned())).unwrap()
    };
    let made = request("POST", "/api/automations", "w", &rule("Red").to_string());
    assert_eq!(house.ask(made).await.status, StatusCode::CREATED);
    let page = house.ask(request("GET", "/automations", "w", "")).await.page;
    let form = switch_form(&page);
    let page = house.ask(request("GET", "/automations", "r", "")).await.page;
    assert!(page.contains("cart-recovery") && forms(&page).is_empty(), "{page}");
    let answer = house.ask(request("POST", &form, "r", "to=off")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_automation_has_a_page_with_its_definition_and_what_it_did() {
    let house = shop("Ana", "Red").await;
    let page = house.page("/automations/cart-recovery").await;
    for shown in [
        "<h1>Red</h1>",
        "<dd class=\"id\">cart-recovery</dd>",
        "The whole definition",
        "cart_abandonment",
        "1 <span class=\"tag good\">Executed</span>",
        "<a href=\"/customers/a\">Ana</a>",
        "Red Red chair",
        "href=\"/automations/cart-recovery?status=failed#executions\"",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    let answer = house.get("/automations/none").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let answer = house.get("/automations/cart-recovery?brand=acme").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn executions_and_messages_can_be_chosen_by_their_state() {
    let house = shop("Ana", "Red").await;
    let page = house.page("/automations?status=failed").await;
    assert!(page.contains("None in this state.") && page.contains("Red Red chair"), "{page}");
    let page = house.page("/automations?sending=queued&status=executed").await;
    assert!(page.contains("None in this state.") && !page.contains("Red Red chair"), "{page}");
    assert!(page.contains("href=\"/customers/a\""), "{page}");
    let page = house.page("/automations?status=%3Cscript%3E").await;
    assert!(!page.contains("None in this state.") && !page.contains("script%3E"), "{page}");
}

#[tokio::test]
async fn a_reason_is_told_in_words() {
    let house = House::open();
    house.api("/api/automations", &rule("Red")).await;
    // Nobody knows a number of hers.
    let cart = json!({"customer_id": "a", "product_name": "Chair"});
    house.tell("cart_add", cart).await;
    let as_of = json!({"as_of": "2024-01-02T18:05:00Z"});
    house.api("/api/automations/evaluate", &as_of).await;
    let page = house.page("/automations").await;
    assert!(page.contains("<span class=\"sub\">No address</span>"), "{page}");
}

#[tokio::test]
async fn without_automations_the_page_says_how_to_begin() {
    for address in ["/automations", "/automations?brand=acme"] {
        let page = House::open().page(address).await;
        assert!(page.contains("automations defaults"), "{page}");
        assert!(page.contains("None yet."), "{page}");
    }
}

#[tokio::test]
async fn what_people_write_is_text_there_too() {
    let house = shop("<script>alert(1)</script>", "<script>").await;
    for address in ["/customers/a", "/automations"] {
        let page = house.page(address).await;
        assert!(!page.contains("<script"), "{address}: {page}");
        assert!(page.contains("&lt;script&gt;"), "{address}: {page}");
    }
}

#[tokio::test]
async fn a_brand_sees_only_its_own_automations() {
    let house = shop("Ana", "Red").await;
    let page = house.page("/automations?brand=acme").await;
    assert!(!page.contains("cart-recovery") && !page.contains("Ana"), "{page}");
    assert!(page.contains("href=\"/automations?brand=acme\""), "{page}");
}
