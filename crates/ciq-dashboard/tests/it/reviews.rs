//! The review queue: what is open, what is the same and what differs, and settling it.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};

use crate::house::{House, forms};

/// Customers with customer ids of their own, and an event that points at all of them.
async fn in_doubt(house: &House, names: &[&str], mark: u8) {
    let mut all = json!({});
    let kinds = ["email", "phone", "loyalty_id"];
    let values =
        [format!("ana{mark}@example.org"), format!("+1415555267{mark}"), format!("L{mark}")];
    for ((name, kind), value) in names.iter().zip(kinds).zip(values) {
        all[kind] = Value::from(value.as_str());
        house
            .tell("profile_update", json!({"customer_id": name, "name": "Ana", kind: value}))
            .await;
    }
    house.tell("checkout", all).await;
}

/// A house with a review of a and b, and a later one of c, d and e.
async fn two_reviews() -> House {
    let house = House::open();
    in_doubt(&house, &["a", "b"], 1).await;
    in_doubt(&house, &["c", "d", "e"], 2).await;
    house
}

/// Returns the form of a page that does this.
fn form(page: &str, verb: &str) -> String {
    let ending = format!("/{verb}");
    forms(page).into_iter().find(|it| it.split('?').next().unwrap().ends_with(&ending)).unwrap()
}

/// Tells which customers stand side by side.
fn side_by_side(page: &str) -> Vec<&'static str> {
    let table = page.split("<table class=\"compare\">").nth(1).unwrap();
    let head = table.split("</thead>").next().unwrap();
    let is_shown = |id: &&str| head.contains(&format!("href=\"/customers/{id}\""));
    ["a", "b", "c", "d", "e"].into_iter().filter(is_shown).collect()
}

#[tokio::test]
async fn the_latest_review_is_open_and_the_address_opens_another() {
    let house = two_reviews().await;
    let page = house.page("/reviews").await;
    assert_eq!(side_by_side(&page), ["c", "d", "e"]);
    let next =
        page.split("\" rel=\"next\" data-key=\"j\"").next().unwrap().rsplit('"').next().unwrap();
    assert!(next.starts_with("/reviews?review=rev_"), "{next}");
    let other = house.page(next).await;
    assert_eq!(side_by_side(&other), ["a", "b"]);
    assert!(other.contains("rel=\"prev\" data-key=\"k\""), "{other}");
    assert!(!other.contains("rel=\"next\" data-key"), "{other}");
    // Both stand in the list, and which one is open is said.
    assert_eq!(other.matches("aria-current=\"true\">Ana, Ana<").count(), 1, "{other}");
}

#[tokio::test]
async fn what_is_the_same_and_what_is_not_is_said_in_words() {
    let page = two_reviews().await.page("/reviews").await;
    for shown in [
        "Ana <span class=\"fit same\"><span aria-hidden=\"true\">= </span>same</span>",
        "c <span class=\"fit conflict\">",
        "ana2@example.org <span class=\"fit told\">",
        "in the evidence</span>",
        "held by Ana",
        "as evidence",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
}

#[tokio::test]
async fn an_approval_leads_to_the_next_review_and_can_be_undone_at_once() {
    let house = two_reviews().await;
    let approve = form(&house.page("/reviews").await, "approve");
    let answer = house.post(&approve, "").await;
    assert!(answer.location().contains("&done=approved&merge=mrg_"), "{}", answer.location());
    let page = house.page(answer.location()).await;
    assert_eq!(side_by_side(&page), ["a", "b"]);
    assert!(
        page.contains(
            "role=\"status\"><div class=\"actions\"><span>The customers are one now.</span>"
        ),
        "{page}"
    );
    let undo = form(&page, "undo");
    let review = answer.location().split("review=").nth(1).unwrap().split('&').next().unwrap();
    assert!(page.contains(&format!("name=\"review\" value=\"{review}\"")), "{page}");
    let back = house.post(&undo, &format!("to=reviews&review={review}")).await;
    assert_eq!(back.location(), format!("/reviews?review={review}&done=undone"));
    let page = house.page(back.location()).await;
    assert!(page.contains("The merge is undone.") && side_by_side(&page) == ["a", "b"], "{page}");
    for id in ["c", "d", "e"] {
        assert!(house.page(&format!("/customers/{id}")).await.contains("nothing was merged"));
    }
    assert_eq!(house.post(&approve, "").await.status, StatusCode::CONFLICT);
}

#[tokio::test]
async fn a_rejection_leads_to_the_next_review_and_keeps_them_apart() {
    let house = two_reviews().await;
    let first = house.post(&form(&house.page("/reviews").await, "reject"), "").await;
    let page = house.page(first.location()).await;
    assert!(page.contains("stay apart") && side_by_side(&page) == ["a", "b"], "{page}");
    assert!(!page.contains("data-key=\"u\""), "{page}");
    let last = house.post(&form(&page, "reject"), "").await;
    assert_eq!(last.location(), "/reviews?done=rejected");
    let page = house.page(last.location()).await;
    assert!(page.contains("Nothing waits for you"), "{page}");
    let settled = house.page("/reviews?status=rejected").await;
    assert!(side_by_side(&settled) == ["c", "d", "e"] && forms(&settled).is_empty(), "{settled}");
}

#[tokio::test]
async fn a_split_makes_the_ticked_ones_one() {
    let house = two_reviews().await;
    let page = house.page("/reviews").await;
    for shown in [
        "type=\"checkbox\" name=\"customer\" value=\"c\" form=\"split\" data-key=\"1\"",
        "id=\"split\"",
        "data-key=\"s\"",
    ] {
        assert!(page.contains(shown), "{shown} is not in {page}");
    }
    let split = form(&page, "split");
    let few = house.post(&split, "customer=c").await;
    assert!(few.location().ends_with("&done=too_few"), "{}", few.location());
    let again = house.page(few.location()).await;
    assert!(again.contains("role=\"alert\"") && side_by_side(&again) == ["c", "d", "e"], "{again}");
    let answer = house.post(&split, "customer=c&customer=e").await;
    assert!(answer.location().contains("done=split&merge=mrg_"), "{}", answer.location());
    let page = house.page(answer.location()).await;
    assert!(page.contains("the others stay apart") && side_by_side(&page) == ["a", "b"], "{page}");
    let one = house.get("/customers/c").await;
    let other = house.get("/customers/e").await;
    assert!(one.status == StatusCode::SEE_OTHER || other.status == StatusCode::SEE_OTHER);
    assert!(house.page("/customers/d").await.contains("nothing was merged"));
    let strangers = house
        .post(
            &split.replace(&review_in(&split), &review_in(&form(&page, "approve"))),
            "customer=a&customer=d",
        )
        .await;
    assert_eq!(strangers.status, StatusCode::CONFLICT, "{}", strangers.page);
}

/// Returns which review the address of a form is about.
fn review_in(address: &str) -> String {
    address.split('/').nth(2).unwrap().to_owned()
}

#[tokio::test]
async fn two_customers_are_not_to_be_split() {
    let house = House::open();
    in_doubt(&house, &["a", "b"], 1).await;
    let page = house.page("/reviews").await;
    assert!(!page.contains("data-key=\"s\"") && !page.contains("type=\"checkbox\""), "{page}");
}

#[tokio::test]
async fn names_in_a_review_are_text_and_ids_with_slashes_work() {
    let house = House::open();
    let evil = "<script>alert(1)</script>";
    let one = json!({"customer_id": "a/b", "name": evil, "email": "ana@example.org"});
    house.tell("profile_update", one).await;
    let other = json!({"customer_id": "c?d", "company": evil, "phone": "+14155552671"});
    house.tell("profile_update", other).await;
    let both = json!({
        "email": "ana@example.org", "phone": "+14155552671", "title": evil, "description": evil,
    });
    house.tell("checkout", both).await;
    let page = house.page("/reviews").await;
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    assert!(page.contains("href=\"/customers/a%2Fb\""), "{page}");
    assert!(page.contains("href=\"/customers/c%3Fd\""), "{page}");
}

async fn page_for(house: &House, token: &str) -> String {
    let request = Request::get("/reviews").header("authorization", format!("Bearer {token}"));
    house.ask(request.body(Body::empty()).unwrap()).await.page
}

#[tokio::test]
async fn who_may_only_read_sees_no_button() {
    let house = House::with_tokens("r3ader=default:reader,adm1n=default:admin");
    in_doubt(&house, &["a", "b"], 1).await;
    let page = page_for(&house, "r3ader").await;
    assert!(page.contains("administrator rights") && !page.contains("/approve"), "{page}");
    assert!(page_for(&house, "adm1n").await.contains("/approve\""));
}

#[tokio::test]
async fn an_empty_queue_says_what_will_be_there() {
    let page = House::open().page("/reviews").await;
    assert!(page.contains("Nothing waits for you"), "{page}");
    let page = House::open().page("/reviews?review=rev_x&status=merged").await;
    assert!(page.contains("Nothing was approved yet"), "{page}");
}
