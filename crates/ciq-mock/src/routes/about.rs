//! The service about itself.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};

use crate::service::Service;
use crate::wire::{Health, Status};
use crate::{docs, openapi};

/// What the page may load: its own style.
const DOCS_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Tells that the service runs
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Service",
    responses((status = 200, description = "It runs.", body = Health))
)]
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Tells how the service stands
///
/// The users, the stream with its rate as asked for and as achieved, the sink, the backfills.
#[utoipa::path(
    get,
    path = "/status",
    tag = "Service",
    responses((status = 200, description = "How it stands.", body = Status))
)]
pub(crate) async fn status(State(service): State<Service>) -> Json<Status> {
    Json(service.status().await)
}

/// Returns this API as OpenAPI 3.1
#[utoipa::path(
    get,
    path = "/openapi.json",
    tag = "Service",
    responses((status = 200, description = "The document.", body = Object))
)]
pub(crate) async fn get_openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], openapi::json())
}

/// Shows this API as a page
#[utoipa::path(
    get,
    path = "/docs",
    tag = "Service",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"))
)]
pub(crate) async fn get_docs() -> impl IntoResponse {
    let policy = HeaderValue::from_static(DOCS_POLICY);
    ([(CONTENT_SECURITY_POLICY, policy)], Html(docs::page()))
}
