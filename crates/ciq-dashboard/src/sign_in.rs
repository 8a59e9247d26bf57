//! Signing in with a token, and out.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Redirect, Response};
use ciq_http::AppState;

use crate::asked::Asked;
use crate::cookie;
use crate::page_error::{PageError, SignIn};

/// Shows the form; in open mode there is nothing to sign in to.
pub(crate) async fn form(State(state): State<AppState>) -> Response {
    if state.access().is_open() {
        return Redirect::to("/").into_response();
    }
    PageError::SignIn(SignIn::First).into_response()
}

/// Keeps a token that is valid in a cookie.
pub(crate) async fn sign_in(
    State(state): State<AppState>,
    headers: HeaderMap,
    form: Bytes,
) -> Response {
    let form = Asked::parse(&form);
    let token = form.get("token").map(str::trim).unwrap_or_default();
    if state.access().admit(Some(token), None).is_err() {
        return PageError::SignIn(SignIn::WrongToken).into_response();
    }
    ([(header::SET_COOKIE, cookie::keeping(token, &headers))], Redirect::to("/")).into_response()
}

/// Forgets the token.
pub(crate) async fn sign_out(headers: HeaderMap) -> Response {
    let forgotten = cookie::forgetting(&headers);
    ([(header::SET_COOKIE, forgotten)], Redirect::to("/login")).into_response()
}
