//! Where the time comes from.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;

/// Where the time comes from. Shells take one; pure code takes a time.
pub trait Clock: fmt::Debug + Send + Sync {
    /// Returns the time.
    fn now(&self) -> Timestamp;
}

/// The system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the shell's clock")]
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Waits before a retry, where there is nothing to wait for but time.
#[expect(clippy::disallowed_methods, reason = "a retry against a full disk has no event to await")]
pub fn pause(duration: Duration) {
    std::thread::sleep(duration);
}
