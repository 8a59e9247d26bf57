//! Parts of a request, each with a problem that says what is wrong and where.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;

use crate::problem::{Problem, ProblemKind};

/// A body in JSON. None at all is as good as `{}`.
#[derive(Debug)]
pub(crate) struct JsonBody<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let is_json = is_json(request.headers());
        let body = Bytes::from_request(request, state).await.map_err(|rejection| {
            if rejection.status() == StatusCode::PAYLOAD_TOO_LARGE {
                let detail = "the body is larger than this path takes";
                return Problem::new(ProblemKind::TooLarge, detail);
            }
            Problem::new(ProblemKind::InvalidRequest, "the body ended before its end")
        })?;
        if body.is_empty() {
            return read(b"{}").map(Self);
        }
        if !is_json {
            let detail = "send the body as `Content-Type: application/json`";
            let problem = Problem::new(ProblemKind::UnsupportedMediaType, detail);
            return Err(problem.at("content-type"));
        }
        read(&body).map(Self)
    }
}

/// Tells whether a body claims to be JSON, whatever its parameters.
fn is_json(headers: &HeaderMap) -> bool {
    let claimed = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let essence = claimed.unwrap_or_default().split(';').next().unwrap_or_default();
    essence.trim().eq_ignore_ascii_case("application/json")
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, Problem> {
    if !body.trim_ascii_start().starts_with(b"{") {
        return Err(Problem::invalid("", "the body must be a JSON object"));
    }
    let mut deserializer = serde_json::Deserializer::from_slice(body);
    let value = serde_path_to_error::deserialize(&mut deserializer).map_err(|error| {
        let mut pointer = pointer_of(error.path());
        let inner = error.into_inner();
        let at = format!("line {}, column {}", inner.line(), inner.column());
        if inner.is_data() {
            let said = inner.to_string();
            let said = said.split(" at line ").next().unwrap_or(&said);
            if let Some(field) = said.strip_prefix("missing field `") {
                pointer.push('/');
                pointer.push_str(field.trim_end_matches('`'));
            }
            return Problem::invalid(pointer, said);
        }
        Problem::invalid(pointer, format!("not JSON: {at}"))
    })?;
    deserializer.end().map_err(|error| {
        let at = format!("line {}, column {}", error.line(), error.column());
        Problem::invalid("", format!("not one JSON object: more follows at {at}"))
    })?;
    Ok(value)
}

/// Writes a place as a JSON pointer (RFC 6901); empty for the whole body.
fn pointer_of(path: &serde_path_to_error::Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Map { key } => {
                pointer.push('/');
                pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
            }
            Segment::Seq { index } => {
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
            Segment::Enum { .. } | Segment::Unknown => {}
        }
    }
    pointer
}

/// The `{id}` of a path.
#[derive(Debug)]
pub(crate) struct PathId(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for PathId {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(id)| Self(id))
            .map_err(|_| Problem::invalid("id", "not text: percent-encode it as UTF-8"))
    }
}

/// The parameters of a query. They are all texts at first, so only a repeated one fails here.
#[derive(Debug)]
pub(crate) struct QueryOf<T>(pub(crate) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for QueryOf<T> {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let query = Query::<T>::from_request_parts(parts, state).await;
        query
            .map(|Query(parameters)| Self(parameters))
            .map_err(|_| Problem::invalid("query", "a parameter is given twice"))
    }
}
