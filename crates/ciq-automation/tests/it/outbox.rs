//! The life of a send.

use ciq_automation::Suppression;
use ciq_automation::outbox::{
    ATTEMPTS_MAX, BACK_OFF_FIRST, BACK_OFF_MAX, LEASE, Outcome, Queued, QueuedStatus,
    RETRY_AFTER_MAX, Step, after, back_off, claim, next_step,
};
use jiff::SignedDuration;
use proptest::prelude::*;

use crate::support::{days, hours, now};

fn claimed() -> Queued {
    claim(&Queued::new(now()), now())
}

fn transient(retry_after: Option<SignedDuration>) -> Outcome {
    Outcome::Transient { retry_after, why: "busy".to_owned() }
}

fn sent() -> Outcome {
    Outcome::Sent { provider_id: "SM1".to_owned() }
}

#[test]
fn a_send_waits_until_it_is_due() {
    let queued = Queued::new(now());
    assert_eq!(next_step(&queued, now() - hours(1)), Step::Wait { until: now() });
    assert_eq!(next_step(&queued, now()), Step::Attempt);
}

#[test]
fn a_claim_keeps_others_off_until_its_lease_ends() {
    let queued = claimed();
    assert_eq!((queued.status, queued.attempt_count), (QueuedStatus::Sending, 1));
    assert_eq!(next_step(&queued, now()), Step::Wait { until: now() + LEASE });
    assert_eq!(next_step(&queued, now() + LEASE), Step::Recover);
    assert!(claim(&queued, now() + LEASE).is_unsure);
}

#[test]
fn what_went_out_is_done() {
    let queued = after(&claimed(), &sent(), now());
    assert_eq!(queued.status, QueuedStatus::Sent);
    assert_eq!(queued.provider_id.as_deref(), Some("SM1"));
    assert_eq!(next_step(&queued, now() + days(365)), Step::Done);
}

#[test]
fn a_late_word_that_it_went_out_still_counts() {
    let given_up = after(&claimed(), &Outcome::Unknowable, now());
    assert_eq!((given_up.status, given_up.is_unsure), (QueuedStatus::Failed, true));
    let late = after(&given_up, &sent(), now());
    assert_eq!((late.status, late.is_unsure), (QueuedStatus::Sent, false));
    assert_eq!(after(&late, &transient(None), now()), late);
}

#[test]
fn a_refusal_is_tried_again_later_and_not_for_ever() {
    let mut queued = Queued::new(now());
    let mut at = now();
    let mut waits = Vec::new();
    while next_step(&queued, at) == Step::Attempt {
        queued = after(&claim(&queued, at), &transient(None), at);
        waits.push(queued.not_before.duration_since(at).as_secs());
        at = queued.not_before;
    }
    assert_eq!(waits[..5], [30, 60, 120, 240, 480]);
    assert_eq!((queued.status, queued.attempt_count), (QueuedStatus::Failed, ATTEMPTS_MAX));
    assert_eq!(queued.reason.as_deref(), Some("busy"));
}

#[test]
fn a_provider_may_ask_for_a_longer_wait_within_reason() {
    let wait = |asked| after(&claimed(), &transient(Some(asked)), now()).not_before;
    assert_eq!(wait(hours(2)), now() + hours(2));
    assert_eq!(wait(SignedDuration::from_secs(1)), now() + BACK_OFF_FIRST);
    assert_eq!(wait(days(400)), now() + RETRY_AFTER_MAX);
}

#[test]
fn a_wait_is_no_attempt() {
    let queued = after(&claimed(), &Outcome::Wait { until: now() + hours(9) }, now());
    assert_eq!((queued.status, queued.attempt_count), (QueuedStatus::Queued, 0));
    assert_eq!(next_step(&queued, now()), Step::Wait { until: now() + hours(9) });
}

#[test]
fn no_answer_leads_to_finding_out_and_not_to_sending_again() {
    let queued = after(&claimed(), &Outcome::Unknown { why: "timed out".to_owned() }, now());
    assert_eq!((queued.status, queued.is_unsure), (QueuedStatus::Sending, true));
    assert_eq!(next_step(&queued, now() + BACK_OFF_FIRST), Step::Recover);
    let recovering = claim(&queued, now() + BACK_OFF_FIRST);
    let found = after(&recovering, &Outcome::Found { provider_id: "SM1".to_owned() }, now());
    assert_eq!(found.status, QueuedStatus::Sent);
    let absent = after(&recovering, &Outcome::NotFound, now());
    assert_eq!((absent.status, absent.is_unsure), (QueuedStatus::Queued, false));
    let keyed = after(&recovering, &Outcome::MayRepeat, now());
    assert_eq!((keyed.status, keyed.is_unsure), (QueuedStatus::Queued, true));
}

#[test]
fn a_provider_that_never_answers_is_given_up() {
    let mut queued = Queued::new(now());
    let mut at = now();
    let mut step_count = 0;
    while next_step(&queued, at) != Step::Done {
        queued = after(&claim(&queued, at), &Outcome::Unknown { why: String::new() }, at);
        at = queued.lease_until.unwrap_or(at);
        step_count += 1;
    }
    assert_eq!((step_count, queued.status), (ATTEMPTS_MAX, QueuedStatus::Failed));
    assert!(queued.is_unsure);
}

#[test]
fn what_must_not_go_out_says_why() {
    let outcome = Outcome::Suppressed { reason: Suppression::ConditionCleared };
    let queued = after(&claimed(), &outcome, now());
    assert_eq!(queued.status, QueuedStatus::Suppressed);
    assert_eq!(queued.reason.as_deref(), Some("condition_cleared"));
    let refused =
        after(&claimed(), &Outcome::Permanent { why: "no such number".to_owned() }, now());
    assert_eq!(refused.status, QueuedStatus::Failed);
}

#[test]
fn back_offs_double_up_to_an_hour() {
    assert_eq!(back_off(0), BACK_OFF_FIRST);
    assert_eq!(back_off(7), SignedDuration::from_secs(1_920));
    assert_eq!(back_off(8), BACK_OFF_MAX);
    assert_eq!(back_off(u32::MAX), BACK_OFF_MAX);
}

#[test]
fn states_read_back() {
    for status in QueuedStatus::ALL {
        assert_eq!(QueuedStatus::parse(status.name()), Some(status));
    }
}

fn outcomes() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        Just(sent()),
        (0_i64..100_000).prop_map(|secs| transient(Some(SignedDuration::from_secs(secs)))),
        Just(Outcome::Permanent { why: "no".to_owned() }),
        Just(Outcome::Unknown { why: "?".to_owned() }),
        Just(Outcome::NotFound),
        Just(Outcome::MayRepeat),
        Just(Outcome::Unknowable),
        Just(Outcome::Wait { until: now() + hours(1) }),
        Just(Outcome::Suppressed { reason: Suppression::NoConsent }),
    ]
}

proptest! {
    #[test]
    fn a_lease_is_there_exactly_while_sending(
        steps in prop::collection::vec((any::<bool>(), outcomes()), 0..20),
    ) {
        let mut queued = Queued::new(now());
        for (is_claim, outcome) in steps {
            let was_final = queued.status.is_final();
            let is_sent = matches!(outcome, Outcome::Sent { .. });
            if is_claim && !was_final {
                queued = claim(&queued, now());
            } else {
                queued = after(&queued, &outcome, now());
            }
            prop_assert_eq!(queued.lease_until.is_some(), queued.status == QueuedStatus::Sending);
            prop_assert_eq!(queued.provider_id.is_some(), queued.status == QueuedStatus::Sent);
            prop_assert!(!was_final || queued.status.is_final());
            prop_assert!(!is_sent || is_claim || queued.status == QueuedStatus::Sent);
        }
    }
}
