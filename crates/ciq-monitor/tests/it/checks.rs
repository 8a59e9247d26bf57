//! What a check opens, keeps and closes.

use ciq_event::{ErrorRate, Severity};
use ciq_monitor::{Change, CloseReason, Held, Rules, Status, Subject, check};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use crate::support::{closed, content, failing, held, hours, id, now, opened, rules, seconds};

/// Checks a failing customer who has these against the rule, changed by a patch.
fn changes_of(subject: &Subject, patch: Value, held: &[Held]) -> Vec<Change> {
    check(&rules(patch), subject, held, now())
}

#[track_caller]
fn check_close(changes: &[Change], of: &Held, why: CloseReason) {
    let expected = Change::Close { id: of.id, at: now(), reason: why };
    assert_eq!(changes, [expected]);
}

fn failing_at(millionths: u32) -> Subject {
    let mut subject = failing();
    subject.account.error_rate = ErrorRate::from_millionths(millionths);
    subject
}

#[test]
fn what_opens_says_why_and_until_when() {
    let patch = json!({"title": "Fails", "due_in": "4h", "action": "Look.", "severity": "low"});
    let changes = changes_of(&failing(), patch, &[]);
    let new = opened(&changes)[0];
    assert_eq!((new.kind.as_str(), new.title.as_str()), ("rule", "Fails"));
    assert_eq!((new.severity, new.action.as_str()), (Severity::Low, "Look."));
    assert_eq!((new.opened_at, new.due_at), (now(), Some(now() + hours(4))));
    let expected = r#"[{"field":"error_rate","value":0.15,"op":"gt","threshold":0.1}]"#;
    assert_eq!(new.evidence, expected);
}

#[test]
fn what_is_open_does_not_open_again() {
    for status in [Status::Open, Status::Acknowledged, Status::Snoozed] {
        let snoozed_until = Some(now() + hours(1));
        let held = Held { status, snoozed_until, ..held(30) };
        assert_eq!(changes_of(&failing(), json!({}), &[held]), []);
    }
}

#[test]
fn what_has_cleared_closes_however_it_stands() {
    for status in [Status::Open, Status::Acknowledged, Status::Snoozed] {
        for snoozed_until in [None, Some(now() - hours(1)), Some(now() + hours(1))] {
            let held = Held { status, snoozed_until, ..held(30) };
            let changes = changes_of(&content(), json!({}), std::slice::from_ref(&held));
            check_close(&changes, &held, CloseReason::Cleared);
        }
    }
}

#[test]
fn what_an_exception_holds_for_closes_too() {
    let unless = json!({"unless": [
        {"field": "tier", "op": "eq", "value": "trial"},
        {"field": "status", "op": "eq", "value": "cancelled"},
    ]});
    let gone = Subject { status: Some("cancelled".to_owned()), ..failing() };
    assert_eq!(changes_of(&failing(), unless.clone(), &[held(3)]), []);
    check_close(&changes_of(&gone, unless.clone(), &[held(3)]), &held(3), CloseReason::Cleared);
    assert_eq!(changes_of(&gone, unless, &[]), []);
}

#[test]
fn nothing_opens_before_the_cool_down_is_over() {
    for (rested, count) in
        [(seconds(0), 0), (hours(24) - seconds(1), 0), (hours(24), 1), (hours(25), 1)]
    {
        let held = [closed(50, now() - rested)];
        assert_eq!(opened(&changes_of(&failing(), json!({}), &held)).len(), count, "{rested}");
    }
    let long = json!({"cool_down": "7d"});
    assert_eq!(changes_of(&failing(), long.clone(), &[closed(500, now() - hours(167))]), []);
    assert_eq!(changes_of(&failing(), long, &[closed(500, now() - hours(168))]).len(), 1);
}

#[test]
fn the_last_closing_counts_in_whatever_order_they_come() {
    let (old, new) = (closed(90, now() - hours(80)), closed(50, now() - hours(3)));
    for held in [[old.clone(), new.clone()], [new, old.clone()]] {
        assert_eq!(changes_of(&failing(), json!({}), &held), []);
    }
    assert_eq!(changes_of(&failing(), json!({}), &[old]).len(), 1);
}

#[test]
fn a_closing_in_the_future_holds_openings_back() {
    let held = [closed(50, now() + hours(2))];
    assert_eq!(changes_of(&failing(), json!({}), &held), []);
}

#[test]
fn other_kinds_do_not_count() {
    let other = |held: Held| Held { kind: "other".to_owned(), ..held };
    let recent = other(closed(50, now() - hours(1)));
    assert_eq!(changes_of(&failing(), json!({}), &[recent]).len(), 1);
    let both = json!([
        {"kind": "rule", "when": [{"field": "error_rate", "op": "gt", "value": 0.1}]},
        {"kind": "other", "when": [{"field": "error_rate", "op": "gt", "value": 0.1}]},
    ]);
    let both = Rules::from_json(&both).unwrap();
    let changes = check(&both, &failing(), &[other(held(3))], now());
    assert_eq!(opened(&changes)[0].kind, "rule");
    assert_eq!(changes.len(), 1);
}

#[test]
fn a_snooze_that_has_ended_wakes_what_still_holds() {
    let snoozed = |until: Option<Timestamp>| {
        let held = Held { status: Status::Snoozed, snoozed_until: until, ..held(30) };
        changes_of(&failing(), json!({}), &[held])
    };
    let wake = Change::Wake { id: held(30).id, at: now() };
    assert_eq!(snoozed(Some(now() + seconds(1))), []);
    for until in [Some(now()), Some(now() - hours(9)), None] {
        assert_eq!(snoozed(until), std::slice::from_ref(&wake));
    }
}

#[test]
fn other_figures_are_an_update() {
    let changes = changes_of(&failing_at(182_000), json!({}), &[held(3)]);
    let [Change::Update { id, at, severity, evidence }] = &changes[..] else {
        panic!("{changes:?}")
    };
    assert_eq!((*id, *at, *severity), (held(3).id, now(), Severity::Medium));
    assert!(evidence.contains("0.182"), "{evidence}");
}

#[test]
fn a_difference_that_nobody_sees_is_none() {
    assert_eq!(changes_of(&failing_at(150_400), json!({}), &[held(3)]), []);
    let shown: Value = serde_json::from_str(&held(3).evidence).unwrap();
    for evidence in [held(3).evidence.replace(',', ", "), shown.to_string()] {
        let held = Held { evidence, ..held(3) };
        assert_eq!(changes_of(&failing(), json!({}), &[held]), []);
    }
}

#[test]
fn a_text_may_hold_any_sign() {
    let when = json!({"when": [
        {"field": "status", "op": "ne", "value": "a\"}]"},
        {"field": "integration_status", "op": "exists"},
    ]});
    for status in ["plain", "ü\n\"", "\",\"op\":\"ne\"", "]", "\\"] {
        let mut subject = Subject { status: Some(status.to_owned()), ..content() };
        subject.account.integration_status = Some(status.to_owned());
        let changes = changes_of(&subject, when.clone(), &[]);
        let evidence = opened(&changes)[0].evidence.clone();
        let figures: Value = serde_json::from_str(&evidence).unwrap();
        assert_eq!(figures[0]["value"], status);
        assert_eq!(figures[0]["threshold"], "a\"}]");
        let held = Held { evidence, ..held(3) };
        assert_eq!(changes_of(&subject, when.clone(), std::slice::from_ref(&held)), []);
        subject.status = None;
        assert_eq!(changes_of(&subject, when.clone(), &[held]).len(), 1);
    }
}

#[test]
fn what_cannot_be_read_is_written_again() {
    for evidence in ["", "[]", "{}", "nonsense", r#"[{"field":"error_rate"}]"#] {
        let held = Held { evidence: evidence.to_owned(), ..held(3) };
        assert_eq!(changes_of(&failing(), json!({}), &[held]).len(), 1, "{evidence}");
    }
}

#[test]
fn another_severity_is_an_update() {
    let worse = json!({"severities": [
        {"severity": "critical", "when": [{"field": "strength", "op": "ge", "value": 90}]},
        {"severity": "high", "when": [{"field": "error_rate", "op": "ge", "value": 0.15}]},
    ]});
    let changes = changes_of(&failing(), worse.clone(), &[held(3)]);
    assert!(matches!(&changes[..], [Change::Update { severity: Severity::High, .. }]));
    let strong = Subject { strength: 95, ..failing() };
    let changes = changes_of(&strong, worse, &[held(3)]);
    let [Change::Update { severity: Severity::Critical, evidence, .. }] = &changes[..] else {
        panic!("{changes:?}")
    };
    let figures: Value = serde_json::from_str(evidence).unwrap();
    assert_eq!(figures[1], json!({"field": "strength", "value": 95, "op": "ge", "threshold": 90}));
}

/// Checks what is told of an account that was shown as so many hours old.
fn grown(shown: &str, age: SignedDuration) -> Vec<Change> {
    let when = json!({"when": [{"field": "account_age_hours", "op": "gt", "value": 24}]});
    let evidence =
        format!(r#"[{{"field":"account_age_hours","value":{shown},"op":"gt","threshold":24}}]"#);
    let mut subject = content();
    subject.account.signed_up_at = Some(now() - age);
    changes_of(&subject, when, &[Held { evidence, ..held(3) }])
}

#[test]
fn that_time_passed_is_no_news() {
    assert_eq!(grown("25", hours(25)), []);
    assert_eq!(grown("25", hours(500)), []);
    let corrected = grown("500", hours(25));
    let [Change::Update { evidence, .. }] = &corrected[..] else { panic!("{corrected:?}") };
    assert!(evidence.contains(r#""value":25,"#), "{evidence}");
}

#[test]
fn a_figure_never_seems_to_break_its_condition() {
    let when = json!({"when": [
        {"field": "error_rate", "op": "gt", "value": 0.1},
        {"field": "account_age_hours", "op": "gt", "value": 24},
        {"field": "tier", "op": "ne", "value": "trial"},
        {"field": "status", "op": "ne", "value": "cancelled"},
    ]});
    let mut subject = failing_at(100_004);
    subject.account.signed_up_at = Some(now() - hours(24) - seconds(1));
    let changes = changes_of(&subject, when, &[]);
    let figures: Value = serde_json::from_str(&opened(&changes)[0].evidence).unwrap();
    let values: Vec<_> = (0..4).map(|index| figures[index]["value"].clone()).collect();
    assert_eq!(values, [json!(0.100_004), json!(24.0003), json!("pro"), Value::Null]);
}

#[test]
fn a_rule_that_is_gone_closes_what_it_opened() {
    let nothing = check(&Rules::default(), &failing(), &[held(3)], now());
    check_close(&nothing, &held(3), CloseReason::RuleGone);
    let off = changes_of(&failing(), json!({"enabled": false}), &[held(3)]);
    check_close(&off, &held(3), CloseReason::RuleGone);
    assert_eq!(changes_of(&failing(), json!({"enabled": false}), &[]), []);
    let over = check(&Rules::default(), &failing(), &[closed(9, now() - hours(3))], now());
    assert_eq!(over, []);
}

#[test]
fn of_two_of_a_kind_the_newer_closes() {
    let (old, new) = (held(30), held(3));
    for pair in [[old.clone(), new.clone()], [new.clone(), old.clone()]] {
        check_close(&changes_of(&failing(), json!({}), &pair), &new, CloseReason::Duplicate);
        let cleared = changes_of(&content(), json!({}), &pair);
        let close = |id, reason| Change::Close { id, at: now(), reason };
        let expected = [close(new.id, CloseReason::Duplicate), close(old.id, CloseReason::Cleared)];
        assert_eq!(cleared, expected);
    }
}

#[test]
fn of_two_that_opened_together_the_same_one_closes_each_time() {
    let twin = Held { id: id(now()), ..held(3) };
    let (first, last) = if twin.id < held(3).id { (twin, held(3)) } else { (held(3), twin) };
    for pair in [[first.clone(), last.clone()], [last.clone(), first.clone()]] {
        check_close(&changes_of(&failing(), json!({}), &pair), &last, CloseReason::Duplicate);
    }
}

#[test]
fn nothing_ends_before_it_began() {
    let held = held(-5);
    let changes = changes_of(&content(), json!({}), std::slice::from_ref(&held));
    let expected = Change::Close { id: held.id, at: held.opened_at, reason: CloseReason::Cleared };
    assert_eq!(changes, [expected]);
    let snoozed = Held { status: Status::Snoozed, ..held.clone() };
    let changes = changes_of(&failing(), json!({}), &[snoozed]);
    assert_eq!(changes, [Change::Wake { id: held.id, at: held.opened_at }]);
    let over = closed(-5, held.opened_at);
    assert_eq!(changes_of(&failing(), json!({}), &[over]), []);
}

#[test]
fn the_end_of_time_is_no_trouble() {
    let rules = rules(json!({"due_in": "7d"}));
    for as_of in [Timestamp::MIN, Timestamp::MAX] {
        let changes = check(&rules, &failing(), &[], as_of);
        assert!(opened(&changes)[0].due_at.is_some_and(|due_at| due_at >= as_of));
        assert!(check(&rules, &failing(), &[held(3)], as_of).len() <= 1);
    }
}

#[test]
fn reasons_are_read_as_they_are_written() {
    for reason in CloseReason::ALL {
        assert_eq!(CloseReason::parse(reason.name()), Some(reason));
    }
    assert_eq!(CloseReason::parse("resolved"), None);
}
