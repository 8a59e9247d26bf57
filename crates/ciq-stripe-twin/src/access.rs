//! Who may ask: anyone with a test key.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ApiError;

/// How keys of test mode begin.
const TEST_KEYS: [&str; 2] = ["sk_test_", "rk_test_"];
/// How keys of live mode begin. They have no business here.
const LIVE_KEYS: [&str; 2] = ["sk_live_", "rk_live_"];

/// How the versions of the API that the twin speaks for are named.
pub(crate) const API_VERSION: &str = "2026-09-30.endive";

/// Checks the header `Authorization`. The key is never repeated.
pub(crate) fn check_key(authorization: Option<&str>) -> Result<(), ApiError> {
    let refused = |message: &str| Err(ApiError::new(401, "invalid_request_error", message));
    let Some(key) = authorization.and_then(key) else {
        return refused(
            "You did not provide an API key. Send it in the Authorization header, as Bearer or \
             as the user of Basic.",
        );
    };
    if LIVE_KEYS.iter().any(|start| key.starts_with(start)) {
        return refused(
            "Invalid API Key provided: it is a live key, and this is a local twin of Stripe. Use \
             a test key.",
        );
    }
    if TEST_KEYS.iter().any(|start| key.len() > start.len() && key.starts_with(start)) {
        return Ok(());
    }
    refused("Invalid API Key provided: a test key begins with sk_test_ or rk_test_.")
}

fn key(authorization: &str) -> Option<String> {
    let (scheme, value) = authorization.split_once(' ')?;
    let value = value.trim();
    let key = if scheme.eq_ignore_ascii_case("bearer") {
        value.to_owned()
    } else if scheme.eq_ignore_ascii_case("basic") {
        let text = String::from_utf8(STANDARD.decode(value).ok()?).ok()?;
        text.split_once(':').map_or(text.clone(), |(user, _)| user.to_owned())
    } else {
        return None;
    };
    (!key.is_empty()).then_some(key)
}

/// Returns the version that an answer names: the one asked for, if it looks like one.
pub(crate) fn check_version(version: Option<&str>) -> Result<&str, ApiError> {
    let Some(version) = version else { return Ok(API_VERSION) };
    let (date, name) = version.split_once('.').unwrap_or((version, "a"));
    let is_date = date.parse::<jiff::civil::Date>().is_ok() && date.len() == "2026-09-30".len();
    if is_date && !name.is_empty() && name.bytes().all(|it| it.is_ascii_alphanumeric()) {
        return Ok(version);
    }
    Err(ApiError::invalid(format!("Invalid Stripe API version: {version}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(authorization: Option<&str>, message: &str) {
        let error = check_key(authorization).unwrap_err();
        assert_eq!(error.status(), 401);
        assert!(error.message().contains(message), "{}", error.message());
    }

    #[test]
    fn a_test_key_is_enough_as_bearer_or_basic() {
        for header in ["Bearer sk_test_1", "bearer rk_test_1", "Basic c2tfdGVzdF8xOg=="] {
            assert_eq!(check_key(Some(header)), Ok(()), "{header}");
        }
    }

    #[test]
    fn no_key_a_live_key_and_a_strange_key_are_refused() {
        refused(None, "did not provide an API key");
        refused(Some("Bearer "), "did not provide an API key");
        refused(Some("Basic ???"), "did not provide an API key");
        refused(Some("Bearer sk_live_1"), "live key");
        refused(Some("Bearer sk_test_"), "a test key begins with");
        refused(Some("Bearer pk_test_1"), "a test key begins with");
    }

    #[test]
    fn a_refusal_does_not_repeat_the_key() {
        let error = check_key(Some("Bearer sk_live_hush")).unwrap_err();
        assert!(!error.message().contains("hush"));
    }

    #[test]
    fn a_version_is_a_date_and_perhaps_a_name() {
        assert_eq!(check_version(None).unwrap(), API_VERSION);
        assert_eq!(check_version(Some("2023-10-16")).unwrap(), "2023-10-16");
        for version in ["soon", "2026-09-31", "2026-09-30.", "2026-09-30.en dive"] {
            assert!(check_version(Some(version)).is_err(), "{version}");
        }
    }
}
