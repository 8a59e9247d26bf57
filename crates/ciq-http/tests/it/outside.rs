//! What a program that holds the router relies on: pages beside the API, callers of pages.

use axum::Router;
use axum::routing::get;
use ciq_http::{PageCaller, router_with};
use tower::ServiceExt;

use crate::world::World;

async fn whoami(PageCaller(caller): PageCaller) -> String {
    format!("{} {}", caller.brand, caller.role)
}

async fn panicking() -> String {
    panic!("sarah@customer.example.org")
}

async fn endless() -> String {
    std::future::pending().await
}

fn with_pages(mut world: World) -> World {
    let pages = Router::new()
        .route("/whoami", get(whoami))
        .route("/panic", get(panicking))
        .route("/endless", get(endless))
        .with_state(world.state.clone());
    world.app = router_with(world.state.clone(), pages);
    world
}

#[tokio::test]
async fn a_page_learns_the_brand_from_the_header_or_the_link() {
    let world = with_pages(World::open());
    assert_eq!(world.get("/whoami").await.text, "default admin");
    assert_eq!(world.get("/whoami?brand=shop").await.text, "shop admin");
    assert_eq!(world.get("/whoami?brand=").await.text, "default admin");
    world.get("/whoami?brand=..%2Fa").await.is_problem(400, "brand");
    let header = world.ask(("GET", "/whoami?brand=a"), &[("x-brand-id", "b")], "").await;
    assert_eq!(header.text, "b admin");
    let closed = with_pages(World::closed());
    let reader = [("x-api-key", "r")];
    assert_eq!(closed.ask(("GET", "/whoami"), &reader, "").await.text, "shop reader");
    let other = closed.ask(("GET", "/whoami?brand=other"), &reader, "").await;
    other.is_problem(403, "x-brand-id");
}

#[tokio::test]
async fn a_panic_is_a_problem_that_tells_nothing() {
    let world = with_pages(World::open());
    let answer = world.get("/panic").await;
    answer.is_problem(500, "");
    assert!(!answer.text.contains("sarah"));
    assert_eq!(world.get("/whoami").await.status, 200);
}

#[tokio::test]
async fn a_request_without_a_host_is_no_browsers() {
    let world = World::open();
    let request = axum::http::Request::get("/healthz").body(axum::body::Body::empty()).unwrap();
    assert_eq!(world.app.clone().oneshot(request).await.unwrap().status(), 200);
}

#[tokio::test(start_paused = true)]
async fn a_request_without_an_end_is_ended() {
    let world = with_pages(World::open());
    let answer = world.get("/endless").await;
    answer.is_problem(503, "");
    assert_eq!(answer.json()["type"], "urn:customeriq:problem:timeout");
}
