//! Writes rules as they are read.

use ciq_event::Severity;
use serde_json::{Map, Value, json};

use super::{Assignment, Rule};
use crate::{Condition, span};

pub(super) fn to_json(rule: &Rule) -> Value {
    let Rule {
        kind,
        title,
        is_enabled,
        severity,
        severities,
        when,
        unless,
        cool_down,
        assignment,
        due_in,
        playbook,
        action,
    } = rule;
    let list = |conditions: &[Condition]| conditions.iter().map(Condition::to_json).collect();
    let severity_json = |(severity, when): &(Severity, Vec<Condition>)| {
        let when: Value = list(when);
        json!({"severity": severity.name(), "when": when})
    };
    let mut object = Map::new();
    object.insert("kind".into(), json!(kind));
    object.insert("title".into(), json!(title));
    object.insert("enabled".into(), json!(is_enabled));
    object.insert("severity".into(), json!(severity.name()));
    object.insert("severities".into(), severities.iter().map(severity_json).collect());
    object.insert("when".into(), list(when));
    object.insert("unless".into(), list(unless));
    object.insert("cool_down".into(), json!(span::format(*cool_down)));
    object.insert("assignment".into(), assignment_json(assignment));
    object.insert("due_in".into(), json!(due_in.map(span::format)));
    object.insert("playbook".into(), json!(playbook));
    object.insert("action".into(), json!(action));
    Value::Object(object)
}

fn assignment_json(assignment: &Assignment) -> Value {
    match assignment {
        Assignment::Nobody => Value::Null,
        Assignment::To(name) => json!({"to": name}),
        Assignment::RoundRobin(names) => json!({"round_robin": names}),
        Assignment::LeastLoaded(names) => json!({"least_loaded": names}),
    }
}
