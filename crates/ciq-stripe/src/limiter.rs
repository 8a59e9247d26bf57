//! One pace for all requests of the process.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::time::Instant;

/// Requests a second that a test account of Stripe's takes, in all and of each resource.
const STRIPE_PER_SECOND: NonZeroU32 = NonZeroU32::new(25).unwrap();

/// How many requests may be sent a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// All together. None is no limit.
    pub per_second: Option<NonZeroU32>,
    /// Of one resource, such as `subscriptions`. None is no limit.
    pub per_resource: Option<NonZeroU32>,
}

impl Limits {
    /// What a test account of Stripe's takes.
    pub const STRIPE: Self =
        Self { per_second: Some(STRIPE_PER_SECOND), per_resource: Some(STRIPE_PER_SECOND) };

    /// No limit, for a server of our own.
    pub const NONE: Self = Self { per_second: None, per_resource: None };

    /// Returns the limits of a rate: 0 is no limit, and no resource may have more than all.
    #[must_use]
    pub fn of_rate(per_second: u32) -> Self {
        match NonZeroU32::new(per_second) {
            None => Self::NONE,
            Some(rate) => {
                Self { per_second: Some(rate), per_resource: Some(rate.min(STRIPE_PER_SECOND)) }
            }
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::STRIPE
    }
}

/// Spaces requests evenly: never two at once, so that no burst meets a limit that is just kept on
/// average.
#[derive(Debug)]
pub(crate) struct Limiter {
    limits: Limits,
    slots: Mutex<Slots>,
}

/// When the next request may be sent.
#[derive(Debug, Default)]
struct Slots {
    all: Option<Instant>,
    by_resource: BTreeMap<String, Instant>,
}

impl Limiter {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, slots: Mutex::default() }
    }

    /// Waits until a request to the resource may be sent.
    pub(crate) async fn permit(&self, resource: &str) {
        if self.limits == Limits::NONE {
            return;
        }
        let slot = self.take_slot(resource, Instant::now());
        tokio::time::sleep_until(slot).await;
    }

    /// Takes the first slot that is free in both paces.
    fn take_slot(&self, resource: &str, now: Instant) -> Instant {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let own = slots.by_resource.get(resource).copied();
        let slot = now.max(slots.all.unwrap_or(now)).max(own.unwrap_or(now));
        if let Some(rate) = self.limits.per_second {
            slots.all = Some(slot + interval(rate));
        }
        if let Some(rate) = self.limits.per_resource {
            slots.by_resource.insert(resource.to_owned(), slot + interval(rate));
        }
        slot
    }
}

fn interval(rate: NonZeroU32) -> Duration {
    Duration::from_secs(1) / rate.get()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn seconds_for(limits: Limits, resources: &[&str]) -> f64 {
        let limiter = Limiter::new(limits);
        let began = Instant::now();
        for resource in resources {
            limiter.permit(resource).await;
        }
        began.elapsed().as_secs_f64()
    }

    #[tokio::test(start_paused = true)]
    async fn so_many_permits_take_their_number_by_the_rate() {
        let seconds = seconds_for(Limits::STRIPE, &["customers"; 51]).await;
        assert!((seconds - 2.0).abs() < 0.01, "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn a_resource_has_its_own_pace() {
        let limits = Limits { per_second: None, per_resource: NonZeroU32::new(10) };
        let seconds = seconds_for(limits, &["a", "b", "a", "b", "a", "b"]).await;
        assert!((seconds - 0.2).abs() < 0.01, "{seconds}");
    }

    #[tokio::test(start_paused = true)]
    async fn time_that_passed_unused_gives_no_burst() {
        let limiter = Limiter::new(Limits::STRIPE);
        limiter.permit("customers").await;
        tokio::time::sleep(Duration::from_secs(10)).await;
        let began = Instant::now();
        for _ in 0..6 {
            limiter.permit("customers").await;
        }
        assert!(began.elapsed() >= Duration::from_millis(200), "{:?}", began.elapsed());
    }

    #[tokio::test(start_paused = true)]
    async fn no_limit_waits_for_nothing() {
        assert!(seconds_for(Limits::of_rate(0), &["customers"; 1_000]).await < 0.001);
    }
}
