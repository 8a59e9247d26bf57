//! Every route, with its documentation beside it.

mod about;
mod backfill;
mod events;
mod users;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use axum::http::{HeaderValue, Request};
use axum::middleware::{Next, from_fn};
use axum::response::Response;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::openapi;
use crate::origin::refuse_strangers;
use crate::problem::{Problem, ProblemKind};
use crate::service::Service;

/// The largest body, in bytes: a manual event with a lot to say.
pub(crate) const BODY_MAX: usize = 1024 * 1024;

/// Who is served.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Programs and pages of this machine.
    ThisMachine,
    /// Whoever reaches the address.
    Anyone,
}

/// Makes the API.
pub fn router(service: Service, audience: Audience) -> Router {
    let (api, _) = table().split_for_parts();
    let api = api
        .with_state(service)
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found)
        .layer(from_fn(add_headers));
    match audience {
        Audience::ThisMachine => api.layer(from_fn(refuse_strangers)),
        Audience::Anyone => api,
    }
}

/// Lists every route. What is not in here is neither served nor documented.
pub(crate) fn table() -> OpenApiRouter<Service> {
    OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(users::seed_users))
        .routes(routes!(users::list_users))
        .routes(routes!(events::start_stream))
        .routes(routes!(events::stop_stream))
        .routes(routes!(events::emit))
        .routes(routes!(backfill::start_backfill))
        .routes(routes!(backfill::get_backfill, backfill::delete_backfill))
        .routes(routes!(backfill::cancel_backfill))
        .routes(routes!(about::healthz))
        .routes(routes!(about::status))
        .routes(routes!(about::get_openapi))
        .routes(routes!(about::get_docs))
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

async fn add_headers(request: Request<axum::body::Body>, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn not_found() -> Problem {
    Problem::new(ProblemKind::NotFound, "no such path; /docs lists those that there are")
}

async fn method_not_allowed() -> Problem {
    let detail = "the header `Allow` lists the methods that this path takes";
    Problem::new(ProblemKind::MethodNotAllowed, detail)
}
