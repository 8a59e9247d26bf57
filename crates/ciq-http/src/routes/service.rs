//! The service about itself: health, figures, documentation.

use axum::Json;
use axum::extract::State;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::response::{Html, IntoResponse};

use crate::answer::Health;
use crate::{AppState, Problem, ProblemKind, ReaderCaller, docs, metric, openapi};

/// What the documentation's page may load: its own style.
const DOCS_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";

/// Tells that the process runs
#[utoipa::path(
    get,
    path = "/healthz",
    tag = "Service",
    responses((status = 200, description = "It runs.", body = Health))
)]
pub(crate) async fn healthz() -> Json<Health> {
    Json(Health { status: "ok" })
}

/// Tells that the service can do its work
///
/// The store can be read, and every part that was configured works. 503 while one does not, with
/// its name and the reason.
#[utoipa::path(
    get,
    path = "/readyz",
    tag = "Service",
    responses((status = 200, description = "It can.", body = Health))
)]
pub(crate) async fn readyz(State(state): State<AppState>) -> Result<Json<Health>, Problem> {
    let store = state.check_store().await.err().map(|reason| format!("store: {reason}"));
    let reasons: Vec<String> = store.into_iter().chain(state.unready()).collect();
    if !reasons.is_empty() {
        let detail = format!("not ready: {}", reasons.join("; "));
        return Err(Problem::new(ProblemKind::Unavailable, detail));
    }
    Ok(Json(Health { status: "ok" }))
}

/// Returns figures for Prometheus
///
/// Takes any token where tokens are configured.
#[utoipa::path(
    get,
    path = "/metrics",
    tag = "Service",
    responses((status = 200, description = "Prometheus' text format.", body = String,
        content_type = "text/plain"))
)]
pub(crate) async fn get_metrics(_: ReaderCaller) -> Result<impl IntoResponse, Problem> {
    let text = metric::render().ok_or_else(|| Problem::not_found("recorder of figures here"))?;
    let content_type = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    Ok(([(CONTENT_TYPE, content_type)], text))
}

/// Returns this API as OpenAPI 3.1
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "Service",
    responses((status = 200, description = "The document.", body = Object))
)]
pub(crate) async fn get_openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, HeaderValue::from_static("application/json"))], openapi::json())
}

/// Shows this API as a page
#[utoipa::path(
    get,
    path = "/api/docs",
    tag = "Service",
    responses((status = 200, description = "The page.", body = String, content_type = "text/html"))
)]
pub(crate) async fn get_docs() -> impl IntoResponse {
    let policy = HeaderValue::from_static(DOCS_POLICY);
    ([(CONTENT_SECURITY_POLICY, policy)], Html(docs::page()))
}
