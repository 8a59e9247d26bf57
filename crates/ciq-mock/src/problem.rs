//! The one form of every error: `application/problem+json` (RFC 9457).

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

/// The media type of a problem.
pub(crate) const PROBLEM_TYPE: &str = "application/problem+json";

/// When to try again what failed for now, in seconds.
const RETRY_AFTER_S: &str = "1";

/// What kind of problem it is. Decides the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// A parameter, a header or a body is not what it should be.
    InvalidRequest,
    /// The caller may not: a page of another site.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The path does not take the method.
    MethodNotAllowed,
    /// Something else has to be done first.
    Conflict,
    /// The body is too large.
    TooLarge,
    /// The body is of another media type than the path takes.
    UnsupportedMediaType,
    /// A bug. The log tells more.
    Internal,
    /// Not now: the sink has no room, or the service is stopping.
    Unavailable,
}

impl ProblemKind {
    /// Every kind, for the documentation.
    pub(crate) const ALL: [Self; 9] = [
        Self::InvalidRequest,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Internal,
        Self::Unavailable,
    ];

    /// Returns the status that goes with it.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        self.facts().0
    }

    /// Returns the word that ends the problem's `type`.
    pub(crate) const fn slug(self) -> &'static str {
        self.facts().1
    }

    /// Returns the problem's `title`.
    pub(crate) const fn title(self) -> &'static str {
        self.facts().2
    }

    const fn facts(self) -> (StatusCode, &'static str, &'static str) {
        match self {
            Self::InvalidRequest => {
                (StatusCode::BAD_REQUEST, "invalid-request", "The request is not valid")
            }
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", "Not allowed"),
            Self::NotFound => (StatusCode::NOT_FOUND, "not-found", "Not found"),
            Self::MethodNotAllowed => (
                StatusCode::METHOD_NOT_ALLOWED,
                "method-not-allowed",
                "The path does not take this method",
            ),
            Self::Conflict => {
                (StatusCode::CONFLICT, "conflict", "Something else has to be done first")
            }
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", "Too large"),
            Self::UnsupportedMediaType => (
                StatusCode::UNSUPPORTED_MEDIA_TYPE,
                "unsupported-media-type",
                "Another media type is needed",
            ),
            Self::Internal => {
                (StatusCode::INTERNAL_SERVER_ERROR, "internal", "Something went wrong here")
            }
            Self::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", "Not now"),
        }
    }
}

/// An error as the caller sees it.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    pointer: Option<String>,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// What kind of problem it is: `urn:mockgen:problem:` and a word.
    #[serde(rename = "type")]
    #[schema(example = "urn:mockgen:problem:invalid-request")]
    problem_type: String,
    /// The same for people.
    #[schema(example = "The request is not valid")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What went wrong this time, and what to do about it.
    #[schema(example = "must be 1 to 1000000")]
    detail: String,
    /// The place at fault: a JSON pointer into the body (RFC 6901), or the name of a parameter or
    /// a header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "/count")]
    pointer: Option<String>,
}

impl Problem {
    /// Makes a problem. The detail is for the caller: what is wrong and what to do about it.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), pointer: None }
    }

    /// Makes the problem of a value that cannot be.
    pub(crate) fn invalid(pointer: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::new(ProblemKind::InvalidRequest, detail).at(pointer)
    }

    /// Names the place at fault.
    #[must_use]
    pub fn at(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { kind, detail, pointer } = self;
        let body = ProblemBody {
            problem_type: format!("urn:mockgen:problem:{}", kind.slug()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail,
            pointer,
        };
        let mut response = (kind.status(), Json(body)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        if kind == ProblemKind::Unavailable {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        response
    }
}
