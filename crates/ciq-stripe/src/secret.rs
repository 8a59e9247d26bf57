//! The key that opens a test account. It is never printed.

use std::fmt;

/// Where a key comes from, for messages.
pub const KEY_VARIABLE: &str = "STRIPE_SECRET_KEY";

/// Most bytes of a key. Stripe's own are much shorter.
const KEY_BYTES_MAX: usize = 512;

/// A secret or restricted key of Stripe's test mode.
///
/// It has no way out but into a request's header: neither `Debug` nor an error shows it.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretKey(String);

/// Why a text is no key that may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecretKeyError {
    /// There is none.
    #[error("there is no key: set {KEY_VARIABLE} to a test key, which begins with `sk_test_`")]
    Missing,
    /// It would move real money.
    #[error(
        "this is a live key, and made-up customers do not belong among real ones: set \
         {KEY_VARIABLE} to a test key, which begins with `sk_test_`"
    )]
    Live,
    /// It is for browsers.
    #[error(
        "this is a publishable key, which may change nothing: set {KEY_VARIABLE} to a test key, \
         which begins with `sk_test_`"
    )]
    Publishable,
    /// It is none of Stripe's.
    #[error("this is no test key: one begins with `sk_test_` or `rk_test_`")]
    Unknown,
}

impl SecretKey {
    /// Parses a test key.
    pub fn parse(text: &str) -> Result<Self, SecretKeyError> {
        let text = text.trim();
        if text.is_empty() {
            return Err(SecretKeyError::Missing);
        }
        if ["sk_live_", "rk_live_"].iter().any(|prefix| text.starts_with(prefix)) {
            return Err(SecretKeyError::Live);
        }
        if text.starts_with("pk_") {
            return Err(SecretKeyError::Publishable);
        }
        let rest = text.strip_prefix("sk_test_").or_else(|| text.strip_prefix("rk_test_"));
        let is_plain =
            |rest: &str| rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        match rest {
            Some(rest) if !rest.is_empty() && text.len() <= KEY_BYTES_MAX && is_plain(rest) => {
                Ok(Self(text.to_owned()))
            }
            _ => Err(SecretKeyError::Unknown),
        }
    }

    /// Returns the key, for a request's header alone.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(hidden)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<SecretKeyError>) {
        let parsed = SecretKey::parse(text);
        assert_eq!(parsed.clone().err(), expected, "{text}");
        let said = parsed.as_ref().err().map(ToString::to_string).unwrap_or_default();
        assert!(!format!("{parsed:?}{said}").contains("4eC39"), "{said}");
    }

    #[test]
    fn test_keys_are_taken_and_never_shown() {
        check("sk_test_4eC39HqLyjW", None);
        check(" rk_test_4eC39HqLyjW\n", None);
    }

    #[test]
    fn other_keys_are_refused_each_with_its_own_reason() {
        check("", Some(SecretKeyError::Missing));
        check("sk_live_4eC39HqLyjW", Some(SecretKeyError::Live));
        check("rk_live_4eC39HqLyjW", Some(SecretKeyError::Live));
        check("pk_test_4eC39HqLyjW", Some(SecretKeyError::Publishable));
        check("sk_test_", Some(SecretKeyError::Unknown));
        check("sk_test_4eC39 HqLyjW", Some(SecretKeyError::Unknown));
        check("4eC39HqLyjW", Some(SecretKeyError::Unknown));
    }
}
