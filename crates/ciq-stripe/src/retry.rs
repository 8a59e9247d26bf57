//! Whether an answer is final, and how long to wait where it is not.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use ciq_synth::{Seed, chance};
use rand::rngs::ChaCha8Rng;
use serde::Deserialize;

use crate::transport::Answer;

/// How often and how patiently a request is tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RetrySettings {
    /// Most attempts of one request, the first one included.
    pub attempts: u32,
    /// The longest pause after the first failure; it doubles with each.
    pub base: Duration,
    /// The longest pause of all.
    pub cap: Duration,
    /// The longest pause that a server may ask for.
    pub asked_max: Duration,
    /// How long a request waits for a clock that advances. These waits are no failures.
    pub clock_wait: Duration,
}

impl Default for RetrySettings {
    fn default() -> Self {
        Self {
            attempts: 12,
            base: Duration::from_millis(500),
            cap: Duration::from_secs(30),
            asked_max: Duration::from_secs(120),
            clock_wait: Duration::from_secs(300),
        }
    }
}

/// What to make of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is what was asked for.
    Done,
    /// Another try, under the same key, after at least what the server asks for.
    Again(Option<Duration>),
    /// Another try when the clock stands still: not a failure.
    ClockAdvances,
    /// The server failed once and will repeat that for as long as it knows the key.
    Stored,
    /// It will not get better.
    Final,
}

/// What Stripe says of an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct ApiError {
    #[serde(rename = "type", default)]
    pub(crate) kind: String,
    pub(crate) code: Option<String>,
    pub(crate) param: Option<String>,
    #[serde(default)]
    pub(crate) message: String,
}

#[derive(Deserialize)]
struct ErrorBody {
    error: ApiError,
}

impl ApiError {
    /// Reads an error's body. None if Stripe did not write it.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice::<ErrorBody>(body).ok().map(|body| body.error)
    }
}

/// Judges an answer. `error` is what its body says, if Stripe wrote it.
pub(crate) fn judge(answer: &Answer, error: Option<&ApiError>) -> Verdict {
    let again = Verdict::Again(answer.retry_after);
    let is_clock = |error: &ApiError| error.message.starts_with("Test clock advancement underway");
    match answer.status {
        200..=299 => Verdict::Done,
        429 if error.is_some_and(is_clock) => Verdict::ClockAdvances,
        500..=599 if answer.is_replayed => Verdict::Stored,
        _ if answer.should_retry == Some(false) => Verdict::Final,
        409 | 424 | 429 | 500..=504 => again,
        // Whoever wrote it, a later try may get through to Stripe.
        400..=404 => Verdict::Final,
        _ if error.is_none() && answer.status >= 500 => again,
        _ => Verdict::Final,
    }
}

/// Pauses that double up to a limit, each shortened by chance down to nothing, so that many who
/// failed at once do not come back at once.
#[derive(Debug)]
pub(crate) struct Backoff {
    settings: RetrySettings,
    rng: Mutex<ChaCha8Rng>,
}

impl Backoff {
    pub(crate) fn new(settings: RetrySettings, jitter_seed: u64) -> Self {
        Self { settings, rng: Mutex::new(Seed::new(jitter_seed).stream("retry-jitter", 0)) }
    }

    pub(crate) fn settings(&self) -> &RetrySettings {
        &self.settings
    }

    /// Returns the pause after so many failures, the first being 1.
    pub(crate) fn pause(&self, failures: u32, asked: Option<Duration>) -> Duration {
        let doubled = self.settings.base.saturating_mul(1 << failures.saturating_sub(1).min(16));
        let longest = u64::try_from(doubled.min(self.settings.cap).as_millis()).unwrap_or(u64::MAX);
        let mut rng = self.rng.lock().unwrap_or_else(PoisonError::into_inner);
        let pause = Duration::from_millis(chance::below(&mut *rng, longest.saturating_add(1)));
        asked.map_or(pause, |asked| pause.max(asked.min(self.settings.asked_max)))
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::*;

    fn answer(status: u16) -> Answer {
        Answer {
            status,
            retry_after: None,
            should_retry: None,
            is_replayed: false,
            request_id: None,
            body: Bytes::new(),
        }
    }

    #[test]
    fn what_may_get_better_is_tried_again_and_nothing_else() {
        for status in [409, 424, 429, 500, 501, 502, 503, 504] {
            assert_eq!(judge(&answer(status), None), Verdict::Again(None), "{status}");
        }
        for status in [301, 400, 401, 402, 403, 404, 410, 413] {
            assert_eq!(judge(&answer(status), None), Verdict::Final, "{status}");
        }
        assert_eq!(judge(&answer(200), None), Verdict::Done);
    }

    #[test]
    fn the_servers_wishes_are_heard() {
        let asked = Some(Duration::from_secs(7));
        let waits = Answer { retry_after: asked, ..answer(429) };
        assert_eq!(judge(&waits, None), Verdict::Again(asked));
        let no_more = Answer { should_retry: Some(false), ..answer(500) };
        assert_eq!(judge(&no_more, None), Verdict::Final);
        let never = Answer { should_retry: Some(true), ..answer(402) };
        assert_eq!(judge(&never, None), Verdict::Final);
    }

    #[test]
    fn a_clock_that_advances_is_no_failure_and_a_stored_failure_no_hope() {
        let body = br#"{"error":{"type":"invalid_request_error",
            "message":"Test clock advancement underway - cannot perform modifications: clock_1"}}"#;
        let error = ApiError::read(body).unwrap();
        assert_eq!(judge(&answer(429), Some(&error)), Verdict::ClockAdvances);
        let stored = Answer { is_replayed: true, ..answer(500) };
        assert_eq!(judge(&stored, None), Verdict::Stored);
    }

    #[test]
    fn pauses_double_up_to_the_limit_and_follow_the_server() {
        let backoff = Backoff::new(RetrySettings::default(), 7);
        for (failures, longest) in [(1, 500), (2, 1_000), (3, 2_000), (7, 30_000), (40, 30_000)] {
            let pauses: Vec<u128> =
                (0..200).map(|_| backoff.pause(failures, None).as_millis()).collect();
            assert!(pauses.iter().all(|pause| *pause <= longest), "{failures}");
            assert!(pauses.iter().any(|pause| *pause > longest / 2), "{failures}");
        }
        assert!(backoff.pause(1, Some(Duration::from_secs(9))).as_secs() >= 9);
        assert_eq!(backoff.pause(1, Some(Duration::from_secs(9_999))).as_secs(), 120);
    }
}
