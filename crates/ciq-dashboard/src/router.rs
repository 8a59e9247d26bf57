//! Which address shows what, and what every answer carries.

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, header};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get, post};
use ciq_http::{AppState, Problem, ProblemKind};

use crate::layout::CONTENT_SECURITY_POLICY;
use crate::page_error::PageError;
use crate::same_origin::is_same_origin;
use crate::{assets, automations_page, insight, interventions, live, now, pages, sign_in, system};

/// What every page carries: it shows personal data, so no cache keeps it and no other site learns
/// its address.
const HEADERS: [(HeaderName, &str); 4] = [
    (header::CACHE_CONTROL, "no-store"),
    (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    (header::REFERRER_POLICY, "same-origin"),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
];

/// Returns the pages: `/`, `/customers/{id}`, `/reviews`, `/merges`, `/automations`, the forms on
/// them, `/login` and `/logout`. Any other address is a page that leads back for a browser, and a problem for a
/// program.
///
/// In open mode `?brand=` says whose customers are shown, and every link keeps it; with tokens the
/// visitor signs in with one.
pub fn router(state: AppState) -> Router {
    Router::new()
        .merge(assets::routes())
        .merge(live::routes(state.clone()))
        .merge(now::routes())
        .merge(interventions::routes())
        .merge(insight::routes())
        .merge(system::routes())
        .merge(automations_page::routes())
        .merge(pages::routes())
        .route("/login", get(sign_in::form).post(sign_in::sign_in))
        .route("/logout", post(sign_in::sign_out))
        // Whoever merges this router may have a fallback of its own, which replaces ours.
        .route("/{page}", any(no_page))
        .route("/customers/{id}/{*rest}", any(no_page))
        .route("/reviews/{id}", any(no_page))
        .route("/merges/{id}", any(no_page))
        .fallback(no_page)
        .layer(from_fn(refuse_other_sites))
        .layer(from_fn(add_headers))
        .with_state(state)
}

/// Answers for an address at which nothing is, in the form that the asker reads.
async fn no_page(headers: HeaderMap) -> Response {
    let accepted = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    if accepted.is_some_and(|types| types.contains("text/html")) {
        return PageError::NoPage.into_response();
    }
    let detail = "no such path; /api/docs lists those that there are";
    Problem::new(ProblemKind::NotFound, detail).into_response()
}

/// Refuses forms that another site sends in the visitor's name.
async fn refuse_other_sites(request: Request, next: Next) -> Response {
    let is_read = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if is_read || is_same_origin(request.headers()) {
        return next.run(request).await;
    }
    PageError::CrossSite.into_response()
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        // Files bring a rule of their own for caches.
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
