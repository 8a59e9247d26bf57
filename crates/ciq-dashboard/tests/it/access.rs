//! Tokens in a browser, and what every answer carries.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use crate::house::{Answer, House, forms};

const TOKENS: &str = "r3ad==default:reader,b0ss=default:admin,z=acme:admin";

async fn with_cookie(house: &House, address: &str, cookie: &str) -> Answer {
    let request = Request::get(address).header(header::COOKIE, cookie).body(Body::empty());
    house.ask(request.unwrap()).await
}

async fn cookie_of(house: &House, token: &str) -> String {
    let answer = house.post("/login", &format!("token={token}")).await;
    assert_eq!(answer.location(), "/");
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.contains("; HttpOnly; SameSite=Strict"), "{cookie}");
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn with_tokens_a_browser_has_to_sign_in() {
    let house = House::with_tokens(TOKENS);
    house.tell("profile_update", json!({"customer_id": "a", "name": "Ana"})).await;
    for address in ["/", "/customers/a", "/reviews", "/merges", "/automations"] {
        let answer = house.get(address).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{address}");
        assert!(answer.page.contains("type=\"password\"") && !answer.page.contains("Ana"));
    }
    let refused = house.post("/login", "token=wrong").await;
    assert_eq!(refused.status, StatusCode::UNAUTHORIZED);
    assert!(refused.page.contains("That token is not valid."), "{}", refused.page);
    let cookie = cookie_of(&house, "b0ss").await;
    let answer = with_cookie(&house, "/", &cookie).await;
    assert!(answer.page.contains("Ana") && answer.page.contains("Sign out"), "{}", answer.page);
    let out = house.post("/logout", "").await;
    assert_eq!(out.location(), "/login");
    assert!(out.headers[header::SET_COOKIE].to_str().unwrap().contains("Max-Age=0"));
}

#[tokio::test]
async fn a_reader_sees_no_buttons_and_may_not_decide() {
    let house = House::with_tokens(TOKENS);
    house.tell("signup", json!({"email": "ana@example.org"})).await;
    house.tell("signup", json!({"phone": "+14155552671"})).await;
    let both = json!({"email": "ana@example.org", "phone": "+14155552671"});
    house.tell("checkout", both).await;
    let admin = cookie_of(&house, "b0ss").await;
    let undo = forms(&with_cookie(&house, "/merges", &admin).await.page);
    let undo = undo.iter().find(|form| form.ends_with("/undo")).unwrap();
    let reader = cookie_of(&house, "r3ad%3D").await;
    let page = with_cookie(&house, "/merges", &reader).await.page;
    assert_eq!(forms(&page), ["/logout"]);
    let request = Request::post(undo).header(header::COOKIE, &reader).body(Body::empty());
    assert_eq!(house.ask(request.unwrap()).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_token_opens_its_own_brand_only() {
    let house = House::with_tokens(TOKENS);
    house.tell("profile_update", json!({"customer_id": "a", "name": "Ana"})).await;
    let cookie = cookie_of(&house, "z").await;
    assert!(!with_cookie(&house, "/", &cookie).await.page.contains("Ana"));
    let answer = with_cookie(&house, "/?brand=default", &cookie).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn every_answer_says_what_a_browser_may_load() {
    let house = House::open();
    for address in ["/", "/customers/nobody", "/reviews", "/merges", "/?brand=NOT", "/login"] {
        let answer = house.get(address).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        for rule in
            ["default-src 'none'", "script-src 'self';", "style-src 'self';", "form-action 'self'"]
        {
            assert!(policy.contains(rule), "{address}: {policy}");
        }
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
        for refused_by_policy in [" style=", "<script", " onclick="] {
            assert!(!answer.page.contains(refused_by_policy), "{address}: {}", answer.page);
        }
    }
}

#[tokio::test]
async fn an_address_of_nothing_is_a_problem_for_a_program() {
    let house = House::open();
    let answer = house.ask(Request::get("/nothing").body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(answer.headers[header::CONTENT_TYPE], "application/problem+json");
}

#[tokio::test]
async fn the_api_stands_beside_the_pages() {
    let house = House::open();
    for address in ["/healthz", "/api/stats", "/api/openapi.json"] {
        house.page(address).await;
    }
    let answer = house.get("/nothing").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.page.contains("<h1>No such page</h1>"), "{}", answer.page);
}
