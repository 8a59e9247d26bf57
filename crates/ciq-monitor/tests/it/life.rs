//! What a person may do, and what becomes of it.

use ciq_monitor::{ActError, Action, Status, TEXT_LENGTH_MAX, act};
use jiff::SignedDuration;

use crate::support::{hours, now, seconds};

use Status::{Acknowledged, Open, Resolved, Snoozed};

fn actions() -> [Action; 7] {
    [
        Action::Acknowledge,
        Action::Snooze { until: now() + hours(4) },
        Action::Assign { to: Some("kim".to_owned()) },
        Action::Assign { to: None },
        Action::Resolve { note: None },
        Action::Reopen,
        Action::Comment { text: "Called.".to_owned() },
    ]
}

/// Checks what becomes of an intervention with each action, in their order.
#[track_caller]
fn check(status: Status, expected: [Option<Status>; 7]) {
    let until = (status == Snoozed).then(|| now() + hours(1));
    for (action, expected) in actions().iter().zip(expected) {
        let found = act(status, until, action, now());
        assert_eq!(found.as_ref().ok(), expected.as_ref(), "{status} {action:?}");
        let is_allowed = status.allowed().contains(&action.name());
        assert_eq!(is_allowed, expected.is_some(), "{status} {action:?}");
    }
}

#[test]
fn a_life_goes_by_its_table() {
    let (o, a, s, r) = (Some(Open), Some(Acknowledged), Some(Snoozed), Some(Resolved));
    //                  acknowledge snooze assign nobody resolve reopen comment
    check(Open, [a, s, o, o, r, None, o]);
    check(Acknowledged, [None, s, a, a, r, o, a]);
    check(Snoozed, [a, s, s, s, r, o, s]);
    check(Resolved, [None, None, None, None, None, o, r]);
}

#[test]
fn a_snooze_that_has_ended_counts_as_open() {
    for until in [None, Some(now()), Some(now() - hours(1))] {
        for action in [Action::Assign { to: None }, Action::Comment { text: "Hm".to_owned() }] {
            assert_eq!(act(Snoozed, until, &action, now()), Ok(Open));
        }
        assert_eq!(act(Snoozed, until, &Action::Reopen, now()), Ok(Open));
    }
}

#[test]
fn a_refusal_says_how_it_stands_and_what_may_be_done() {
    let error = act(Resolved, None, &Action::Acknowledge, now()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "could not acknowledge: the intervention is resolved, so you may reopen, comment"
    );
    let error = act(Open, None, &Action::Reopen, now()).unwrap_err();
    assert!(matches!(error, ActError::NotNow { action: "reopen", status: Open, .. }));
}

#[test]
fn a_snooze_ends_after_now_and_within_90_days() {
    let snooze =
        |span: SignedDuration| act(Open, None, &Action::Snooze { until: now() + span }, now());
    for span in [seconds(0), seconds(-1), hours(90 * 24) + seconds(1)] {
        let error = snooze(span).unwrap_err();
        assert!(error.to_string().starts_with("until: must be after now"), "{error}");
        assert!(error.to_string().contains("at most 90d ahead"), "{error}");
    }
    for span in [seconds(1), hours(4), hours(90 * 24)] {
        assert_eq!(snooze(span), Ok(Snoozed));
    }
}

#[test]
fn what_is_said_says_something() {
    let long = "ä".repeat(TEXT_LENGTH_MAX);
    for (text, is_good) in
        [("", false), (" \n", false), ("ok", true), (&long, true), (&format!("{long}x"), false)]
    {
        let text = text.to_owned();
        for action in [
            Action::Comment { text: text.clone() },
            Action::Assign { to: Some(text.clone()) },
            Action::Resolve { note: Some(text) },
        ] {
            assert_eq!(act(Open, None, &action, now()).is_ok(), is_good, "{}", action.name());
        }
    }
    let error = act(Open, None, &Action::Assign { to: Some(String::new()) }, now()).unwrap_err();
    assert_eq!(error.to_string(), "to: must be 1 to 2000 characters; null is nobody");
}

#[test]
fn statuses_are_read_as_they_are_written() {
    for status in Status::ALL {
        assert_eq!(Status::parse(status.name()), Some(status));
    }
    assert_eq!(Status::parse("reopened"), None);
}
