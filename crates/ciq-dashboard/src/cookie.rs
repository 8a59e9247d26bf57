//! The cookie that holds a browser's token: a browser sends no `Authorization` by itself.
//!
//! Scripts cannot read it (`HttpOnly`), other sites cannot make a browser send it
//! (`SameSite=Strict`), and it ends with the browser's session.

use axum::http::header::{AUTHORIZATION, COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// What the cookie is called.
const NAME: &str = "customeriq_token";

/// Returns the value of `set-cookie` that keeps a token. The token is written as base64url: a
/// cookie cannot hold every character of one.
pub(crate) fn keeping(token: &str, headers: &HeaderMap) -> String {
    let value = URL_SAFE_NO_PAD.encode(token);
    format!("{NAME}={value}; Path=/; HttpOnly; SameSite=Strict{}", secure(headers))
}

/// Returns the value of `set-cookie` that forgets the token.
pub(crate) fn forgetting(headers: &HeaderMap) -> String {
    format!("{NAME}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0{}", secure(headers))
}

/// Behind a proxy that speaks TLS, the cookie never travels without it.
fn secure(headers: &HeaderMap) -> &'static str {
    let scheme = headers.get("x-forwarded-proto").and_then(|value| value.to_str().ok());
    if scheme == Some("https") { "; Secure" } else { "" }
}

/// Returns the token that the cookie holds, if there is one.
pub(crate) fn token_of(headers: &HeaderMap) -> Option<String> {
    let pairs = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    let value = pairs.into_iter().find(|(name, _)| *name == NAME).map(|(_, value)| value)?;
    let token = String::from_utf8(URL_SAFE_NO_PAD.decode(value).ok()?).ok()?;
    (!token.is_empty()).then_some(token)
}

/// Shows the cookie's token the way programs show theirs, unless one is shown already. Tells
/// whether it did.
pub(crate) fn show_token(headers: &mut HeaderMap) -> bool {
    if headers.contains_key(AUTHORIZATION) {
        return false;
    }
    let Some(token) = token_of(headers) else { return false };
    let Ok(mut value) = HeaderValue::from_str(&format!("Bearer {token}")) else { return false };
    value.set_sensitive(true);
    headers.insert(AUTHORIZATION, value);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_token_comes_back() {
        let kept = keeping("a=b;c", &HeaderMap::new());
        assert!(kept.ends_with("; Path=/; HttpOnly; SameSite=Strict"), "{kept}");
        let pair = kept.split(';').next().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, format!("x=1; {pair}; y=2").parse().unwrap());
        assert!(show_token(&mut headers));
        assert_eq!(headers[AUTHORIZATION], "Bearer a=b;c");
        assert!(!show_token(&mut headers), "a token that is shown stays");
    }

    #[test]
    fn a_broken_or_forgotten_cookie_holds_no_token() {
        for cookie in ["customeriq_token=", "customeriq_token=!!", "other=YQ"] {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, cookie.parse().unwrap());
            assert!(!show_token(&mut headers), "{cookie}");
        }
    }
}
