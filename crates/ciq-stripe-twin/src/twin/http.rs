//! Between HTTP and the desk.

use std::convert::Infallible;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::to_bytes;
use axum::extract::State;
use axum::response::Response;
use bytes::Bytes;
use hyper::HeaderMap;
use hyper::StatusCode;
use hyper::body::Frame;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderName, HeaderValue};

use super::Twin;
use crate::ApiError;
use crate::reply::{Body, Reply};
use crate::request::Request;
use crate::settings::BODY_BYTES_MAX;

/// Answers one request.
pub(super) async fn answer(
    State(twin): State<Twin>,
    request: axum::extract::Request,
) -> Result<Response, Infallible> {
    let request = read(request).await;
    let latency = twin.inner.settings.faults.latency;
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    Ok(response(twin.reply(&request)))
}

async fn read(request: axum::extract::Request) -> Request {
    let (parts, body) = request.into_parts();
    let too_large = |_| {
        let message = format!("The request is larger than {BODY_BYTES_MAX} bytes.");
        ApiError::new(413, "invalid_request_error", message)
    };
    let no_text = |_| ApiError::invalid("Invalid request: its body is no text.");
    let body = to_bytes(body, BODY_BYTES_MAX).await.map_err(too_large);
    let body = body.and_then(|body| String::from_utf8(body.into()).map_err(no_text));
    let (body, damage) = match body {
        Ok(body) => (body, None),
        Err(error) => (String::new(), Some(error)),
    };
    Request {
        method: parts.method.to_string(),
        path: parts.uri.path().to_owned(),
        query: parts.uri.query().unwrap_or_default().to_owned(),
        body,
        authorization: text(&parts.headers, &AUTHORIZATION),
        content_type: text(&parts.headers, &CONTENT_TYPE),
        idempotency_key: text(&parts.headers, &HeaderName::from_static("idempotency-key")),
        version: text(&parts.headers, &HeaderName::from_static("stripe-version")),
        damage,
    }
}

/// Returns a header's text; what is no text is replaced, so that it is still there.
fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    headers.get(name).map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn response(reply: Reply) -> Response {
    let (content_type, body) = match reply.body {
        Body::Json(text) => ("application/json", axum::body::Body::from(text)),
        Body::Html(text) => ("text/html", axum::body::Body::from(text)),
        Body::Cut => ("application/json", axum::body::Body::new(CutBody)),
    };
    let mut response = Response::new(body);
    *response.status_mut() =
        StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// A body that breaks off before its first byte: the server closes the connection.
#[derive(Debug)]
struct CutBody;

impl hyper::body::Body for CutBody {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
    }
}
