//! Faults on purpose: which request meets which follows from a seed.

use ciq_synth::{Seed, chance};

use crate::reply::{Body, Reply};
use crate::{ApiError, Faults};

/// What goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// 429, not executed. With or without a time to come back.
    RateLimited { reason: &'static str, has_retry_after: bool },
    /// 500, not executed.
    ErrorBefore,
    /// 500, executed before.
    ErrorAfter,
    /// Executed, and the connection is cut.
    LostAnswer,
    /// 502 in HTML, not executed.
    BadGateway,
}

/// Which limits a 429 may speak of.
const REASONS: [&str; 3] = ["global-rate", "endpoint-rate", "global-concurrency"];

/// One in so many refused requests is told when to come back.
const RETRY_AFTER_ONE_IN: u64 = 8;

/// Parts of a thousand.
const WHOLE: u64 = 1_000;

/// The header in which a 429 tells which limit it is about.
pub(crate) const LIMIT_REASON: &str = "stripe-rate-limited-reason";

impl Faults {
    /// Draws what happens to a request, by its number.
    pub(crate) fn draw(&self, number: u64) -> Option<Fault> {
        let mut rng = Seed::new(self.seed).stream("twin fault", number);
        let mut at = chance::below(&mut rng, WHOLE);
        let mut is_within = |share: u16| {
            let share = u64::from(share);
            let is_within = at < share;
            at = at.saturating_sub(share);
            is_within
        };
        if is_within(self.rate_limited_per_mille) {
            let reason = chance::pick(&mut rng, &REASONS);
            let has_retry_after = chance::chance(&mut rng, 1, RETRY_AFTER_ONE_IN);
            return Some(Fault::RateLimited { reason, has_retry_after });
        }
        if is_within(self.server_error_per_mille) {
            let is_executed = chance::chance(&mut rng, 1, 2);
            return Some(if is_executed { Fault::ErrorAfter } else { Fault::ErrorBefore });
        }
        if is_within(self.lost_answer_per_mille) {
            return Some(Fault::LostAnswer);
        }
        is_within(self.bad_gateway_per_mille).then_some(Fault::BadGateway)
    }
}

impl Fault {
    /// Returns the answer of a fault that keeps a request from being executed.
    pub(crate) fn refusal(self) -> Option<Reply> {
        match self {
            Self::RateLimited { reason, has_retry_after } => {
                let reply = rate_limited(reason).with_fault("rate_limited");
                Some(if has_retry_after { reply.with_header("retry-after", "1") } else { reply })
            }
            Self::ErrorBefore => Some(server_error().with_fault("error_before")),
            Self::BadGateway => Some(Reply {
                status: 502,
                headers: Vec::new(),
                body: Body::Html(BAD_GATEWAY),
                fault: Some("bad_gateway"),
            }),
            Self::ErrorAfter | Self::LostAnswer => None,
        }
    }
}

/// What a proxy on the way may say.
const BAD_GATEWAY: &str = "<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad \
                           Gateway</h1></body></html>\n";

/// Returns the answer to a request too many.
pub(crate) fn rate_limited(reason: &'static str) -> Reply {
    let message = "Too many requests hit the API too quickly. Wait longer between requests, and \
                   longer still after each of these answers.";
    let error = ApiError::new(429, "invalid_request_error", message).with_code("rate_limit");
    Reply::from(error).with_header(LIMIT_REASON, reason)
}

/// Returns the answer to a request that met a mistake of the server's.
pub(crate) fn server_error() -> Reply {
    Reply::from(ApiError::new(500, "api_error", "An unknown error occurred"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(faults: Faults) -> Vec<Option<Fault>> {
        (0..10_000).map(|number| faults.draw(number)).collect()
    }

    #[test]
    fn without_shares_nothing_goes_wrong() {
        assert!(drawn(Faults::default()).iter().all(Option::is_none));
    }

    #[test]
    fn each_fault_comes_about_as_often_as_asked() {
        let faults = Faults {
            seed: 1,
            rate_limited_per_mille: 50,
            server_error_per_mille: 20,
            lost_answer_per_mille: 10,
            bad_gateway_per_mille: 30,
            ..Faults::default()
        };
        let drawn = drawn(faults);
        let count =
            |is_it: fn(&Fault) -> bool| drawn.iter().flatten().filter(|it| is_it(it)).count();
        assert!((400..600).contains(&count(|it| matches!(it, Fault::RateLimited { .. }))));
        assert!((60..140).contains(&count(|it| *it == Fault::ErrorBefore)));
        assert!((60..140).contains(&count(|it| *it == Fault::ErrorAfter)));
        assert!((60..140).contains(&count(|it| *it == Fault::LostAnswer)));
        assert!((240..360).contains(&count(|it| *it == Fault::BadGateway)));
    }

    #[test]
    fn the_same_seed_draws_the_same_faults() {
        let faults = |seed| Faults { seed, lost_answer_per_mille: 100, ..Faults::default() };
        assert_eq!(drawn(faults(7)), drawn(faults(7)));
        assert_ne!(drawn(faults(7)), drawn(faults(8)));
    }
}
