//! Parts of a request, each with a problem that says what is wrong.

use axum::body::{Bytes, HttpBody};
use axum::extract::rejection::BytesRejection;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::HeaderMap;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{Problem, ProblemKind};

/// A body, byte for byte, within the route's limit.
#[derive(Debug)]
pub(crate) struct RawBody(pub(crate) Bytes);

impl<S: Send + Sync> FromRequest<S> for RawBody {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        Bytes::from_request(request, state).await.map(Self).map_err(|it| unread_body(&it))
    }
}

fn unread_body(rejection: &BytesRejection) -> Problem {
    if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
        let detail = "the body is larger than this path takes: split it";
        return Problem::new(ProblemKind::TooLarge, detail).at("body");
    }
    Problem::new(ProblemKind::InvalidRequest, "the body ended before its end").at("body")
}

/// A body that is one JSON object.
#[derive(Debug)]
pub(crate) struct JsonObject(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for JsonObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if !is_media_type(request.headers(), "application/json") {
            let detail = "send the body as `Content-Type: application/json`";
            let problem = Problem::new(ProblemKind::UnsupportedMediaType, detail);
            return Err(problem.at("content-type"));
        }
        let RawBody(body) = RawBody::from_request(request, state).await?;
        let invalid = |detail| Problem::new(ProblemKind::InvalidRequest, detail).at("body");
        let value: Value = serde_json::from_slice(&body).map_err(|error| {
            invalid(format!("not JSON: line {}, column {}", error.line(), error.column()))
        })?;
        match value {
            Value::Object(object) => Ok(Self(object)),
            _ => Err(invalid("must be a JSON object".to_owned())),
        }
    }
}

/// A body that is one JSON object, or nothing, which counts as an empty one.
#[derive(Debug)]
pub(crate) struct OptionalObject(pub(crate) Map<String, Value>);

impl<S: Send + Sync> FromRequest<S> for OptionalObject {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (parts, body) = request.into_parts();
        if body.is_end_stream() {
            return Ok(Self(Map::new()));
        }
        let request = Request::from_parts(parts, body);
        JsonObject::from_request(request, state).await.map(|JsonObject(object)| Self(object))
    }
}

/// Tells whether a body claims to be of a media type, whatever its parameters.
pub(crate) fn is_media_type(headers: &HeaderMap, expected: &str) -> bool {
    let claimed = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = claimed.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case(expected)
}

/// The `{id}` of a path.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id)).map_err(|_| {
            let detail = "not text: percent-encode it as UTF-8";
            Problem::new(ProblemKind::InvalidRequest, detail).at("id")
        })
    }
}

/// The parameters of a query. They are all texts at first, so only a repeated one fails here.
#[derive(Debug)]
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query.map(|Query(parameters)| Self(parameters)).map_err(|_| {
            let detail = "a parameter is given twice";
            Problem::new(ProblemKind::InvalidRequest, detail).at("query")
        })
    }
}
