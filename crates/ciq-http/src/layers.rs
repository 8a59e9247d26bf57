//! What surrounds every handler: an id, a line in the log, figures, limits, headers.

use std::any::Any;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use axum::Router;
use axum::extract::{MatchedPath, Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::middleware::{Next, from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower_http::catch_panic::CatchPanicLayer;
use tracing::Instrument;

use crate::metric::{REQUEST_SECONDS, REQUESTS_TOTAL};
use crate::origin::refuse_strangers;
use crate::{AppState, Problem, ProblemKind};

/// The longest a request may take, its body included.
pub(crate) const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);

/// Carries a request's id, both ways.
const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// The longest id that is taken over from a caller, in bytes.
const REQUEST_ID_LENGTH_MAX: usize = 64;

/// Headers of every answer that does not bring its own.
const HEADERS: [(HeaderName, &str); 5] = [
    (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (CACHE_CONTROL, "no-store"),
    (REFERRER_POLICY, "no-referrer"),
    (X_FRAME_OPTIONS, "DENY"),
    (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
];

/// Numbers the requests of this process.
static REQUEST_NUMBER: AtomicU64 = AtomicU64::new(0);

/// Puts the layers around a router, the innermost first.
pub(crate) fn surround(router: Router, state: AppState) -> Router {
    router
        .layer(from_fn(limit_time))
        .layer(from_fn_with_state(state.clone(), refuse_strangers))
        .layer(CatchPanicLayer::custom(of_panic))
        .layer(from_fn(add_headers))
        .layer(from_fn_with_state(state, observe))
}

async fn limit_time(request: Request, next: Next) -> Result<Response, Problem> {
    tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await.map_err(|_| {
        let detail = "the request took longer than 30 seconds; sending it again is safe";
        Problem::new(ProblemKind::Timeout, detail)
    })
}

fn of_panic(_: Box<dyn Any + Send>) -> Response {
    // The hook printed it; its text may hold a value, so it is not repeated.
    Problem::internal("run a handler", "it panicked").into_response()
}

async fn add_headers(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// Names a request, logs it without anything personal, and counts it.
async fn observe(State(state): State<AppState>, request: Request, next: Next) -> Response {
    #[expect(clippy::disallowed_methods, reason = "a latency is measured, not told")]
    let begun = Instant::now();
    let method = known_method(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("unmatched", MatchedPath::as_str).to_owned();
    let id = request_id(request.headers(), &state);
    let span = tracing::info_span!("request", id = %id.to_str().unwrap_or_default());
    let mut response = next.run(request).instrument(span.clone()).await;
    let seconds = begun.elapsed().as_secs_f64();
    let status = response.status().as_u16();
    span.in_scope(|| {
        tracing::info!(method, route, status, latency_ms = seconds * 1e3, "answered a request");
    });
    let labels = [("method", method.to_owned()), ("route", route)];
    metrics::histogram!(REQUEST_SECONDS, &labels).record(seconds);
    let [method, route] = labels;
    let labels = [method, route, ("status", status.to_string())];
    metrics::counter!(REQUESTS_TOTAL, &labels).increment(1);
    response.headers_mut().insert(REQUEST_ID, id);
    response
}

/// Methods are as many as callers invent; figures and logs know these.
fn known_method(method: &Method) -> &'static str {
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];
    known.into_iter().find(|known| method == known).unwrap_or("other")
}

/// Takes over the caller's id where it is harmless, else makes one.
fn request_id(headers: &HeaderMap, state: &AppState) -> HeaderValue {
    let is_harmless = |id: &&HeaderValue| {
        let is_allowed = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_.".contains(byte);
        (1..=REQUEST_ID_LENGTH_MAX).contains(&id.len()) && id.as_bytes().iter().all(is_allowed)
    };
    if let Some(id) = headers.get(REQUEST_ID).filter(is_harmless) {
        return id.clone();
    }
    let number = REQUEST_NUMBER.fetch_add(1, Ordering::Relaxed);
    let id = format!("req-{:x}-{number:x}", state.now().as_millisecond());
    HeaderValue::try_from(id).unwrap_or(HeaderValue::from_static("req"))
}
