//! The life of one send, from the queue to its end: pure functions that a store stands behind.
//!
//! ```text
//! queued --claim--> sending --Sent/Found--> sent
//!   ^                 |  \--Permanent, attempts used up, Unknowable--> failed
//!   |                 |   \--Suppressed--> suppressed
//!   +--Wait, Transient, NotFound, MayRepeat
//! ```
//!
//! Whoever sends writes down the claim first, then asks [`check_send`](crate::check_send) with fresh
//! facts, sends, and writes down what [`after`] returns. Dying in between leaves a claim whose lease
//! runs out. Nobody then knows whether the message went out, so the next step is to find out, not
//! to send again.

use jiff::{SignedDuration, Timestamp};

use crate::Suppression;

/// How long a claim is good for. Far longer than any send is allowed to take, so that no two
/// workers send at once.
pub const LEASE: SignedDuration = SignedDuration::from_mins(5);

/// How often a send is tried before it counts as failed.
pub const ATTEMPTS_MAX: u32 = 6;

/// How long to wait after the first failure. Doubles with each further one.
pub const BACK_OFF_FIRST: SignedDuration = SignedDuration::from_secs(30);

/// The longest wait after a failure.
pub const BACK_OFF_MAX: SignedDuration = SignedDuration::from_hours(1);

/// The longest wait that a provider may ask for.
pub const RETRY_AFTER_MAX: SignedDuration = SignedDuration::from_hours(24);

/// Where a send is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QueuedStatus {
    /// Waits for its time.
    Queued,
    /// A worker has it, or died with it.
    Sending,
    /// Went out.
    Sent,
    /// Did not go out, and will not be tried again.
    Failed,
    /// Was not meant to go out any more.
    Suppressed,
}

impl QueuedStatus {
    /// All states.
    pub const ALL: [Self; 5] =
        [Self::Queued, Self::Sending, Self::Sent, Self::Failed, Self::Suppressed];

    /// Returns the name: `queued`, `sending`, `sent`, `failed` or `suppressed`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Failed => "failed",
            Self::Suppressed => "suppressed",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.name() == name)
    }

    /// Tells whether nothing more will happen.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Sending => false,
            Self::Sent | Self::Failed | Self::Suppressed => true,
        }
    }
}

/// One send: one action of one execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// Where it is in its life.
    pub status: QueuedStatus,
    /// Not to be tried before.
    pub not_before: Timestamp,
    /// How often it was claimed, to send it or to find out; waits not counted.
    pub attempt_count: u32,
    /// Until when a worker has it. Only while sending.
    pub lease_until: Option<Timestamp>,
    /// Whether an attempt ended without an answer, so that it may have gone out although the status
    /// does not say sent. Other sends count it as sent for the frequency cap.
    pub is_unsure: bool,
    /// What the provider calls the message. Only when sent.
    pub provider_id: Option<String>,
    /// Why it failed, was suppressed or has to be tried again.
    pub reason: Option<String>,
}

/// What to do with a send now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing before that time.
    Wait {
        /// When to ask again.
        until: Timestamp,
    },
    /// Claim it, ask [`check_send`](crate::check_send), and send.
    Attempt,
    /// A worker died or heard nothing: claim it and find out whether it went out. The outcome is
    /// [`Outcome::Found`], [`Outcome::NotFound`], [`Outcome::MayRepeat`] or
    /// [`Outcome::Unknowable`]; [`Outcome::Unknown`] if the provider could not be asked.
    Recover,
    /// Nothing, ever.
    Done,
}

/// How a claimed send came out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The provider took it.
    Sent {
        /// What the provider calls it.
        provider_id: String,
    },
    /// It did not go out, and may if tried later.
    Transient {
        /// How long the provider asks to wait.
        retry_after: Option<SignedDuration>,
        /// Why, without address, text or secret.
        why: String,
    },
    /// It did not go out, and never will.
    Permanent {
        /// Why, without address, text or secret.
        why: String,
    },
    /// No answer came: it may have gone out.
    Unknown {
        /// Why, without address, text or secret.
        why: String,
    },
    /// Recovery: the provider has it.
    Found {
        /// What the provider calls it.
        provider_id: String,
    },
    /// Recovery: the provider does not have it.
    NotFound,
    /// Recovery: the provider cannot tell, but sends nothing twice under one idempotency key, so
    /// that another attempt cannot reach the customer a second time.
    MayRepeat,
    /// Recovery: nobody can tell. It is given up: once too few is better than twice.
    Unknowable,
    /// It is not its time.
    Wait {
        /// When it is.
        until: Timestamp,
    },
    /// It must not go out any more.
    Suppressed {
        /// Why.
        reason: Suppression,
    },
}

impl Queued {
    /// Returns a new send that is due at a time.
    #[must_use]
    pub fn new(due_at: Timestamp) -> Self {
        Self {
            status: QueuedStatus::Queued,
            not_before: due_at,
            attempt_count: 0,
            lease_until: None,
            is_unsure: false,
            provider_id: None,
            reason: None,
        }
    }
}

/// Tells what to do with a send.
#[must_use]
pub fn next_step(queued: &Queued, as_of: Timestamp) -> Step {
    match (queued.status, queued.lease_until) {
        (QueuedStatus::Sent | QueuedStatus::Failed | QueuedStatus::Suppressed, _) => Step::Done,
        (QueuedStatus::Queued, _) if as_of < queued.not_before => {
            Step::Wait { until: queued.not_before }
        }
        (QueuedStatus::Queued, _) => Step::Attempt,
        (QueuedStatus::Sending, Some(until)) if as_of < until => Step::Wait { until },
        (QueuedStatus::Sending, _) => Step::Recover,
    }
}

/// Returns the send as claimed by a worker, to be written down before anything is sent. The store
/// must refuse the write if the send changed since it was read.
#[must_use]
pub fn claim(queued: &Queued, as_of: Timestamp) -> Queued {
    Queued {
        status: QueuedStatus::Sending,
        attempt_count: queued.attempt_count.saturating_add(1),
        // A claim found here is one whose worker died.
        is_unsure: queued.is_unsure || queued.status == QueuedStatus::Sending,
        lease_until: Some(later(as_of, LEASE)),
        ..queued.clone()
    }
}

/// Returns the send after its outcome.
///
/// That it went out is a fact and holds whatever the status said. Any other outcome only counts
/// while the send is claimed, and only for the claim that was written down: if the stored send
/// changed since, the store refuses the write, and a late worker changes nothing.
#[must_use]
pub fn after(queued: &Queued, outcome: &Outcome, as_of: Timestamp) -> Queued {
    if let Outcome::Sent { provider_id } | Outcome::Found { provider_id } = outcome {
        return sent(queued, provider_id);
    }
    if queued.status != QueuedStatus::Sending {
        return queued.clone();
    }
    match outcome {
        Outcome::Sent { provider_id } | Outcome::Found { provider_id } => sent(queued, provider_id),
        Outcome::Transient { retry_after, why } => retried(queued, *retry_after, why, as_of),
        Outcome::Permanent { why } => ended(queued, QueuedStatus::Failed, why),
        Outcome::Unknown { .. } if queued.attempt_count >= ATTEMPTS_MAX => given_up(queued),
        // The claim stays and ends soon, so that the next step is to find out.
        Outcome::Unknown { why } => Queued {
            is_unsure: true,
            lease_until: Some(later(as_of, BACK_OFF_FIRST)),
            reason: Some(why.clone()),
            ..queued.clone()
        },
        Outcome::NotFound => {
            let known = Queued { is_unsure: false, ..queued.clone() };
            retried(&known, None, "an attempt did not go out", as_of)
        }
        Outcome::MayRepeat => retried(queued, None, "an attempt had no answer", as_of),
        Outcome::Unknowable => given_up(queued),
        Outcome::Wait { until } => Queued {
            status: QueuedStatus::Queued,
            not_before: *until,
            attempt_count: queued.attempt_count.saturating_sub(1),
            lease_until: None,
            ..queued.clone()
        },
        Outcome::Suppressed { reason } => ended(queued, QueuedStatus::Suppressed, reason.name()),
    }
}

fn sent(queued: &Queued, provider_id: &str) -> Queued {
    Queued {
        status: QueuedStatus::Sent,
        lease_until: None,
        is_unsure: false,
        provider_id: queued.provider_id.clone().or_else(|| Some(provider_id.to_owned())),
        reason: None,
        ..queued.clone()
    }
}

fn given_up(queued: &Queued) -> Queued {
    let unsure = Queued { is_unsure: true, ..queued.clone() };
    ended(&unsure, QueuedStatus::Failed, "nobody can tell whether it went out")
}

fn ended(queued: &Queued, status: QueuedStatus, why: &str) -> Queued {
    Queued { status, lease_until: None, reason: Some(why.to_owned()), ..queued.clone() }
}

fn retried(
    queued: &Queued,
    retry_after: Option<SignedDuration>,
    why: &str,
    as_of: Timestamp,
) -> Queued {
    if queued.attempt_count >= ATTEMPTS_MAX {
        return ended(queued, QueuedStatus::Failed, why);
    }
    let asked = retry_after.unwrap_or(SignedDuration::ZERO).min(RETRY_AFTER_MAX);
    Queued {
        status: QueuedStatus::Queued,
        not_before: later(as_of, back_off(queued.attempt_count).max(asked)),
        lease_until: None,
        reason: Some(why.to_owned()),
        ..queued.clone()
    }
}

/// Returns how long to wait after so many failed attempts.
#[must_use]
pub fn back_off(attempt_count: u32) -> SignedDuration {
    let doublings = attempt_count.saturating_sub(1).min(16);
    BACK_OFF_FIRST.checked_mul(1 << doublings).unwrap_or(BACK_OFF_MAX).min(BACK_OFF_MAX)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}
