//! The rate limit: a bucket that holds one second's worth of requests.

use jiff::{SignedDuration, Timestamp};

/// A bucket that holds one second's worth of requests and fills evenly.
///
/// It keeps the time at which it will be full again: the generic cell rate algorithm.
#[derive(Debug, Clone)]
pub(crate) struct Bucket {
    interval: SignedDuration,
    full_at: Timestamp,
}

/// The bucket's depth in time.
const DEPTH: SignedDuration = SignedDuration::from_secs(1);

impl Bucket {
    /// A full bucket of so many requests a second; a second has at least one.
    pub(crate) fn new(requests_per_second: u32) -> Self {
        let nanos = DEPTH.as_nanos() / i128::from(requests_per_second.max(1));
        let interval = SignedDuration::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX));
        Self { interval, full_at: Timestamp::MIN }
    }

    /// Takes one request out, if there is one.
    pub(crate) fn take(&mut self, now: Timestamp) -> bool {
        let full_at = self.full_at.max(now).checked_add(self.interval);
        let Ok(full_at) = full_at else { return false };
        if full_at.duration_since(now) > DEPTH {
            return false;
        }
        self.full_at = full_at;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_s_worth_at_once_and_then_evenly() {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let after = |millis| start + SignedDuration::from_millis(millis);
        let mut bucket = Bucket::new(25);
        assert_eq!((0..30).filter(|_| bucket.take(start)).count(), 25);
        assert!(!bucket.take(after(39)));
        assert!(bucket.take(after(40)));
        assert!(!bucket.take(after(79)));
        assert_eq!((0..30).filter(|_| bucket.take(after(10_000))).count(), 25);
    }
}
