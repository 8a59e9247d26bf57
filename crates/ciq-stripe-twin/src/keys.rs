//! Idempotency keys: what was answered under a key is answered again.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use crate::ApiError;
use crate::params::Params;

/// How long an answer is kept: Stripe keeps it for a day at least.
const KEPT_FOR: SignedDuration = SignedDuration::from_hours(24);

/// Answers by their keys.
#[derive(Debug, Default)]
pub(crate) struct Keys(BTreeMap<String, Kept>);

/// An answer and what it answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Kept {
    pub(crate) path: String,
    pub(crate) params: Params,
    pub(crate) at: Timestamp,
    pub(crate) request_id: String,
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Keys {
    /// Returns what was answered under a key before; an error where the key stood for another
    /// request.
    pub(crate) fn find(
        &self,
        key: &str,
        (path, params): (&str, &Params),
        now: Timestamp,
    ) -> Result<Option<&Kept>, ApiError> {
        let kept = self.0.get(key).filter(|kept| now.duration_since(kept.at) < KEPT_FOR);
        let Some(kept) = kept else { return Ok(None) };
        if kept.path != path {
            return Err(misused(&format!(
                "Keys for idempotent requests can only be used for the same endpoint they were \
                 first used for ('{}' and not '{path}'). Try using a key other than '{key}' if \
                 you meant to execute a different request.",
                kept.path
            )));
        }
        if kept.params != *params {
            return Err(misused(&format!(
                "Keys for idempotent requests can only be used with the same parameters they \
                 were first used with. Try using a key other than '{key}' if you meant to \
                 execute a different request."
            )));
        }
        Ok(Some(kept))
    }

    /// Keeps an answer, and drops what has been kept long enough.
    pub(crate) fn keep(&mut self, key: &str, kept: Kept) {
        let now = kept.at;
        // Looking through all of them at each write would make a long life slow.
        if self.0.len().is_power_of_two() {
            self.0.retain(|_, kept| now.duration_since(kept.at) < KEPT_FOR);
        }
        self.0.insert(key.to_owned(), kept);
    }
}

fn misused(message: &str) -> ApiError {
    ApiError::new(400, "idempotency_error", message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(at: Timestamp) -> Kept {
        Kept {
            path: "/v1/customers".to_owned(),
            params: Params::decode("name=a").unwrap(),
            at,
            request_id: "req_1".to_owned(),
            status: 200,
            body: "{}".to_owned(),
        }
    }

    #[test]
    fn an_answer_is_kept_for_a_day() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut keys = Keys::default();
        keys.keep("a", kept(at));
        let params = Params::decode("name=a").unwrap();
        let find = |hours| {
            let now = at + SignedDuration::from_hours(hours);
            keys.find("a", ("/v1/customers", &params), now).unwrap().is_some()
        };
        assert!(find(0));
        assert!(find(23));
        assert!(!find(24));
    }

    #[test]
    fn what_is_old_is_dropped() {
        let at: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let mut keys = Keys::default();
        for number in 0..100 {
            keys.keep(&format!("a{number}"), kept(at));
        }
        for number in 0..100 {
            keys.keep(&format!("b{number}"), kept(at + SignedDuration::from_hours(30)));
        }
        assert_eq!(keys.0.len(), 100);
    }
}
