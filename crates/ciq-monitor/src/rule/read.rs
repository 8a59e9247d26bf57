//! Reads rules.

use std::collections::BTreeSet;

use ciq_event::Severity;
use jiff::SignedDuration;
use serde_json::Value;

use super::{Assignment, Reader, Rule, RuleError, nearest, problem, tables};
use crate::Condition;

/// Every check of a customer asks each of them.
const RULE_COUNT_MAX: usize = 100;
const KIND_LENGTH_MAX: usize = 64;
const CONDITION_COUNT_MAX: usize = 50;
const SEVERITY_COUNT_MAX: usize = 10;
const STEP_COUNT_MAX: usize = 50;
const TEAM_SIZE_MAX: usize = 100;
/// In characters: a name or a title fits into a line, a step into a paragraph.
const NAME_LENGTH_MAX: usize = 200;
const STEP_LENGTH_MAX: usize = 1_000;
/// Without any rest, a value at its threshold would open one intervention after the other.
const COOL_DOWN: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(1), SignedDuration::from_hours(366 * 24));
const COOL_DOWN_DEFAULT: SignedDuration = SignedDuration::from_hours(24);
const DUE_IN: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(1), SignedDuration::from_hours(366 * 24));

pub(super) fn toml(text: &str) -> Result<Vec<Rule>, RuleError> {
    let value = tables::read(text)?;
    let mut reader = Reader::new(&value, "")?;
    let list = reader.take("rule").cloned();
    reader.finish()?;
    // A file that was cut off must not pass for the wish to watch nothing.
    let list = list.ok_or_else(|| {
        problem("rule", "is missing: write at least one [[rule]] table, or rule = [] for none")
    })?;
    rules(&list, "rule")
}

pub(super) fn json(value: &Value) -> Result<Vec<Rule>, RuleError> {
    if value.is_array() {
        return rules(value, "rules");
    }
    let mut reader = Reader::new(value, "")?;
    let list = reader.take("rules");
    reader.finish()?;
    let list = list.ok_or_else(|| problem("rules", "is missing: a list of rules"))?;
    rules(list, "rules")
}

fn rules(list: &Value, path: &str) -> Result<Vec<Rule>, RuleError> {
    let list = list.as_array().ok_or_else(|| problem(path, "must be a list of rules"))?;
    if list.len() > RULE_COUNT_MAX {
        let text = format!("must be at most {RULE_COUNT_MAX} rules, not {}", list.len());
        return Err(problem(path, text));
    }
    let mut kinds = BTreeSet::new();
    let mut rules = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        let rule = rule(value, &format!("{path}[{index}]"))?;
        if !kinds.insert(rule.kind.clone()) {
            return Err(RuleError::DuplicateKind { kind: rule.kind });
        }
        rules.push(rule);
    }
    Ok(rules)
}

pub(super) fn rule(value: &Value, path: &str) -> Result<Rule, RuleError> {
    let mut reader = Reader::new(value, path)?;
    let kind = kind(&mut reader)?;
    let title = short_text(&mut reader, "title", NAME_LENGTH_MAX)?.unwrap_or(&kind).to_owned();
    let is_enabled = reader.flag("enabled")?.unwrap_or(true);
    let severity = severity(&mut reader)?.unwrap_or(Severity::Medium);
    let severities = severities(&mut reader)?;
    let when = conditions(&mut reader, "when")?;
    if when.is_empty() {
        let text = "must be a list of 1 to 50 conditions, such as { field = \"error_rate\", op = \
                    \"gt\", value = 0.1 }";
        return Err(reader.problem("when", text));
    }
    let unless = conditions(&mut reader, "unless")?;
    let cool_down = reader.span("cool_down", COOL_DOWN)?.unwrap_or(COOL_DOWN_DEFAULT);
    let assignment = assignment(&mut reader)?;
    let due_in = reader.span("due_in", DUE_IN)?;
    let playbook = texts(&mut reader, "playbook", (STEP_COUNT_MAX, STEP_LENGTH_MAX))?;
    let action = short_text(&mut reader, "action", STEP_LENGTH_MAX)?.unwrap_or(&title).to_owned();
    reader.finish()?;
    Ok(Rule {
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
    })
}

fn kind(reader: &mut Reader<'_>) -> Result<String, RuleError> {
    let kind = reader.required_text("kind", "a short name such as \"error_debugging\"")?;
    let is_allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if kind.len() > KIND_LENGTH_MAX || !kind.chars().all(is_allowed) {
        let text = format!("must be 1 to {KIND_LENGTH_MAX} of a-z, 0-9, - and _, not {kind:?}");
        return Err(reader.problem("kind", text));
    }
    Ok(kind.to_owned())
}

fn severity(reader: &mut Reader<'_>) -> Result<Option<Severity>, RuleError> {
    let Some(name) = reader.text("severity")? else { return Ok(None) };
    Severity::parse(name).map(Some).ok_or_else(|| {
        let names: Vec<_> = Severity::ALL.iter().map(|severity| severity.name()).collect();
        let hint = nearest(name, names.iter().copied());
        let text = format!("{name:?} is no severity{hint}; there are {}", names.join(", "));
        reader.problem("severity", text)
    })
}

fn severities(reader: &mut Reader<'_>) -> Result<Vec<(Severity, Vec<Condition>)>, RuleError> {
    let list = reader.list("severities")?;
    if list.len() > SEVERITY_COUNT_MAX {
        return Err(reader.problem("severities", format!("must be at most {SEVERITY_COUNT_MAX}")));
    }
    let path = reader.at("severities");
    let read = |(index, value)| {
        let mut inner = Reader::new(value, &format!("{path}[{index}]"))?;
        let severity = severity(&mut inner)?;
        let severity =
            severity.ok_or_else(|| inner.problem("severity", "is missing: such as \"high\""))?;
        let when = conditions(&mut inner, "when")?;
        if when.is_empty() {
            let text =
                "must be a list of conditions; what holds without any is the rule's severity";
            return Err(inner.problem("when", text));
        }
        inner.finish()?;
        Ok((severity, when))
    };
    list.iter().enumerate().map(read).collect()
}

fn conditions(reader: &mut Reader<'_>, key: &'static str) -> Result<Vec<Condition>, RuleError> {
    let list = reader.list(key)?;
    if list.len() > CONDITION_COUNT_MAX {
        let text = format!("must be at most {CONDITION_COUNT_MAX} conditions: split the rule");
        return Err(reader.problem(key, text));
    }
    let path = reader.at(key);
    let read = |(index, value)| Condition::read(value, &format!("{path}[{index}]"));
    list.iter().enumerate().map(read).collect()
}

fn assignment(reader: &mut Reader<'_>) -> Result<Assignment, RuleError> {
    let Some(value) = reader.take("assignment") else { return Ok(Assignment::Nobody) };
    let path = reader.at("assignment");
    let mut inner = Reader::new(value, &path)?;
    let to = short_text(&mut inner, "to", NAME_LENGTH_MAX)?;
    let round_robin = texts(&mut inner, "round_robin", (TEAM_SIZE_MAX, NAME_LENGTH_MAX))?;
    let least_loaded = texts(&mut inner, "least_loaded", (TEAM_SIZE_MAX, NAME_LENGTH_MAX))?;
    inner.finish()?;
    match (to, round_robin.is_empty(), least_loaded.is_empty()) {
        (Some(name), true, true) => Ok(Assignment::To(name.to_owned())),
        (None, false, true) => Ok(Assignment::RoundRobin(round_robin)),
        (None, true, false) => Ok(Assignment::LeastLoaded(least_loaded)),
        _ => Err(problem(
            &path,
            "must be one of { to = \"kim\" }, { round_robin = [\"kim\", \"lee\"] } and \
             { least_loaded = [\"kim\", \"lee\"] }; leave it out for nobody",
        )),
    }
}

fn short_text<'a>(
    reader: &mut Reader<'a>,
    key: &'static str,
    length_max: usize,
) -> Result<Option<&'a str>, RuleError> {
    let text = reader.text(key)?;
    if text.is_some_and(|text| text.chars().count() > length_max) {
        return Err(reader.problem(key, format!("must be at most {length_max} characters")));
    }
    Ok(text)
}

fn texts(
    reader: &mut Reader<'_>,
    key: &'static str,
    (count_max, length_max): (usize, usize),
) -> Result<Vec<String>, RuleError> {
    let list = reader.list(key)?;
    if list.len() > count_max {
        return Err(reader.problem(key, format!("must be at most {count_max} texts")));
    }
    let path = reader.at(key);
    let read = |(index, value): (usize, &Value)| {
        let text = value.as_str().map(str::trim).unwrap_or_default();
        if text.is_empty() || text.chars().count() > length_max {
            let text = format!("must be a text of 1 to {length_max} characters");
            return Err(problem(&format!("{path}[{index}]"), text));
        }
        Ok(text.to_owned())
    };
    list.iter().enumerate().map(read).collect()
}
