//! Waiting for a condition, with a limit.
#![expect(
    clippy::disallowed_methods,
    reason = "the one place that sleeps and reads a clock, so that tests need not"
)]

use std::thread;
use std::time::{Duration, Instant};

/// How long to pause between two looks: short beside anything that a test waits for.
const PAUSE: Duration = Duration::from_millis(5);

/// Looks until the condition holds, and tells whether it did within the limit.
///
/// The last look is taken after the limit has passed, so a slow machine does not miss it.
pub fn eventually(limit: Duration, mut condition: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        let is_late = start.elapsed() >= limit;
        if condition() {
            return true;
        }
        if is_late {
            return false;
        }
        thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_is_awaited() {
        let mut looks = 0;
        assert!(eventually(Duration::from_secs(10), || {
            looks += 1;
            looks == 3
        }));
    }

    #[test]
    fn a_condition_that_never_holds_is_given_up() {
        assert!(!eventually(Duration::ZERO, || false));
    }
}
