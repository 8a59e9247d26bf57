//! Subjects and rules to test with.

use ciq_event::{
    Account, AccountStage, CustomerId, ErrorRate, InterventionId, Severity, Tier, UsageTrend,
};
use ciq_monitor::{Change, Held, NewIntervention, Rules, Status, Subject};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// A Saturday morning.
pub(crate) fn now() -> Timestamp {
    at("2026-11-21T10:00:00Z")
}

pub(crate) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(crate) fn hours(count: i64) -> SignedDuration {
    SignedDuration::from_hours(count)
}

pub(crate) fn seconds(count: i64) -> SignedDuration {
    SignedDuration::from_secs(count)
}

/// A customer who pays, uses what was bought, and is content.
pub(crate) fn content() -> Subject {
    Subject::of(Account {
        stage: AccountStage::ProductionReady,
        tier: Tier::Pro,
        error_rate: ErrorRate::from_millionths(0),
        usage_trend: UsageTrend::Stable,
        integration_status: None,
        signed_up_at: Some(now() - hours(2_000)),
        api_call_count: 500,
        last_api_call_at: Some(now() - hours(1)),
    })
}

/// A customer of whom most calls fail.
pub(crate) fn failing() -> Subject {
    let mut subject = content();
    subject.account.error_rate = ErrorRate::from_millionths(150_000);
    subject
}

/// A rule with one condition, changed by a patch.
pub(crate) fn definition(patch: Value) -> Value {
    let mut value = json!({
        "kind": "rule",
        "when": [{"field": "error_rate", "op": "gt", "value": 0.1}],
    });
    if let (Some(object), Value::Object(patch)) = (value.as_object_mut(), patch) {
        object.extend(patch);
    }
    value
}

pub(crate) fn rules(patch: Value) -> Rules {
    Rules::from_json(&json!([definition(patch)])).unwrap()
}

/// An intervention of the kind `rule`, open since some hours before now.
pub(crate) fn held(open_hours: i64) -> Held {
    let opened_at = now() - hours(open_hours);
    Held {
        id: id(opened_at),
        kind: "rule".to_owned(),
        status: Status::Open,
        severity: Severity::Medium,
        opened_at,
        snoozed_until: None,
        closed_at: None,
        evidence: r#"[{"field":"error_rate","value":0.15,"op":"gt","threshold":0.1}]"#.to_owned(),
    }
}

pub(crate) fn closed(open_hours: i64, closed_at: Timestamp) -> Held {
    Held { status: Status::Resolved, closed_at: Some(closed_at), ..held(open_hours) }
}

pub(crate) fn id(opened_at: Timestamp) -> InterventionId {
    InterventionId::of_opening(&CustomerId::from_raw("acme"), "rule", opened_at)
}

pub(crate) fn opened(changes: &[Change]) -> Vec<&NewIntervention> {
    changes
        .iter()
        .filter_map(|change| match change {
            Change::Open(new) => Some(new),
            Change::Close { .. } | Change::Wake { .. } | Change::Update { .. } => None,
        })
        .collect()
}
