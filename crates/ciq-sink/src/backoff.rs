//! How long to wait before what failed is tried again.

use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::time::Duration;

/// The first pause.
const PAUSE_MIN: Duration = Duration::from_millis(50);

/// The longest pause that we choose ourselves.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// The longest pause that a server may ask for.
const ASKED_MAX: Duration = Duration::from_secs(300);

/// Pauses that double, each shortened by chance so that many who failed at once do not come back
/// at once.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failure_count: u32,
}

impl Backoff {
    /// Begins with short pauses again.
    pub(crate) fn reset(&mut self) {
        self.failure_count = 0;
    }

    /// Returns the next pause: at least what the server asks for, within reason.
    pub(crate) fn next_pause(&mut self, asked: Option<Duration>) -> Duration {
        let pause = PAUSE_MIN.saturating_mul(1 << self.failure_count.min(16)).min(PAUSE_MAX);
        self.failure_count = self.failure_count.saturating_add(1);
        let chance = chance();
        let shortened = pause / 2 + (pause / 2).saturating_mul(chance) / 256;
        shortened.max(asked.unwrap_or_default().min(ASKED_MAX))
    }
}

/// Draws a number below 256. The standard library's hasher begins with chance, and no output
/// depends on this.
fn chance() -> u32 {
    u32::from(random_bits().to_le_bytes()[0])
}

/// Draws bits that no other process draws.
pub(crate) fn random_bits() -> u64 {
    RandomState::new().build_hasher().finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit_and_begin_anew() {
        let mut backoff = Backoff::default();
        for full in [50, 100, 200, 400, 800, 1_600, 3_200, 6_400, 10_000, 10_000] {
            let pause = backoff.next_pause(None).as_millis();
            assert!(pause >= full / 2 && pause <= full, "{pause} of {full}");
        }
        backoff.reset();
        assert!(backoff.next_pause(None) <= PAUSE_MIN);
    }

    #[test]
    fn a_server_may_ask_for_more_within_reason() {
        let mut backoff = Backoff::default();
        assert_eq!(backoff.next_pause(Some(Duration::from_secs(7))).as_secs(), 7);
        assert_eq!(backoff.next_pause(Some(Duration::from_secs(9_999))), ASKED_MAX);
    }
}
