//! Reads and writes a whole automation.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::{Automation, Consent, DefinitionError, FrequencyCap, Reader, problem};
use crate::action::Action;
use crate::condition::Condition;
use crate::quiet::QuietProblem;
use crate::{QuietHours, Trigger, span};

const ID_LENGTH_MAX: usize = 64;
const ACTION_COUNT_MAX: usize = 10;
const CONDITION_COUNT_MAX: usize = 50;
/// In either direction; nobody needs more grades.
const PRIORITY_MAX: i64 = 1_000_000;
/// Facts know 31 days of messages.
const CAP_PERIOD_MAX: SignedDuration = SignedDuration::from_hours(31 * 24);
const DELAY_MAX: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Without any rest, a state such as a high churn would fire each time it is looked at.
const COOL_DOWN_MIN: SignedDuration = SignedDuration::from_mins(1);
const COOL_DOWN_MAX: SignedDuration = SignedDuration::from_hours(366 * 24);
const COOL_DOWN_DEFAULT: SignedDuration = SignedDuration::from_hours(24);

pub(super) fn toml(text: &str) -> Result<Vec<Automation>, DefinitionError> {
    let value: Value = toml::from_str(text)
        .map_err(|error| DefinitionError::Toml(error.to_string().trim_end().to_owned()))?;
    let mut reader = Reader::new(&value, "")?;
    let tables = reader.list("automation")?;
    reader.finish()?;
    let mut ids = BTreeSet::new();
    let mut automations = Vec::with_capacity(tables.len());
    for (index, table) in tables.iter().enumerate() {
        let automation = automation(table, &format!("automation[{index}]"))?;
        if !ids.insert(automation.id.clone()) {
            return Err(DefinitionError::DuplicateId { id: automation.id });
        }
        automations.push(automation);
    }
    Ok(automations)
}

pub(super) fn automation(value: &Value, path: &str) -> Result<Automation, DefinitionError> {
    let mut reader = Reader::new(value, path)?;
    let id = id(&mut reader)?;
    let name = reader.text("name")?.unwrap_or(&id).to_owned();
    let enabled = reader.flag("enabled")?.unwrap_or(true);
    let priority = reader.whole("priority", (-PRIORITY_MAX, PRIORITY_MAX))?.unwrap_or(0);
    let delay = reader.span("delay", (SignedDuration::ZERO, DELAY_MAX))?;
    let cool_down = reader.span("cool_down", (COOL_DOWN_MIN, COOL_DOWN_MAX))?;
    let consent = consent(&mut reader)?;
    let quiet_hours = quiet_hours(&mut reader)?;
    let frequency_cap = frequency_cap(&mut reader)?;
    let trigger = reader.required("trigger", "a table with the key type")?;
    let trigger = Trigger::read(trigger, &reader.at("trigger"))?;
    let conditions = conditions(&mut reader)?;
    let actions = actions(&mut reader, &trigger)?;
    reader.finish()?;
    Ok(Automation {
        id,
        name,
        enabled,
        trigger,
        conditions,
        actions,
        delay: delay.unwrap_or(SignedDuration::ZERO),
        cool_down: cool_down.unwrap_or(COOL_DOWN_DEFAULT),
        priority,
        quiet_hours,
        frequency_cap,
        consent,
    })
}

fn id(reader: &mut Reader<'_>) -> Result<String, DefinitionError> {
    let id = reader.required_text("id", "a short name such as \"cart-recovery\"")?;
    let is_allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '_');
    if id.len() > ID_LENGTH_MAX || !id.chars().all(is_allowed) {
        return Err(
            reader.problem("id", format!("must be 1 to 64 of a-z, 0-9, - and _, not {id:?}"))
        );
    }
    Ok(id.to_owned())
}

fn consent(reader: &mut Reader<'_>) -> Result<Consent, DefinitionError> {
    match reader.text("consent")? {
        None | Some("implied") => Ok(Consent::Implied),
        Some("explicit") => Ok(Consent::Explicit),
        Some(other) => Err(reader
            .problem("consent", format!("must be \"implied\" or \"explicit\", not {other:?}"))),
    }
}

fn quiet_hours(reader: &mut Reader<'_>) -> Result<Option<QuietHours>, DefinitionError> {
    let Some(value) = reader.take("quiet_hours") else { return Ok(None) };
    let mut inner = Reader::new(value, &reader.at("quiet_hours"))?;
    let from = inner.required_text("from", "a time of day such as \"21:00\"")?;
    let to = inner.required_text("to", "a time of day such as \"08:00\"")?;
    let zone = inner.text("time_zone")?.unwrap_or("UTC");
    let parsed = QuietHours::parse(from, to, zone).map_err(|why| match why {
        QuietProblem::From => clock_problem(&inner, "from", from),
        QuietProblem::To => clock_problem(&inner, "to", to),
        QuietProblem::Empty => inner.problem("to", "must differ from the key from"),
        QuietProblem::Zone => inner.problem(
            "time_zone",
            format!(
                "{zone:?} is not known here: write \"UTC\", an offset such as \"+05:30\", or a \
                 POSIX rule such as \"CET-1CEST,M3.5.0,M10.5.0/3\" (names such as \
                 \"Europe/Berlin\" need a build with a time zone database)"
            ),
        ),
    })?;
    inner.finish()?;
    Ok(Some(parsed))
}

fn clock_problem(reader: &Reader<'_>, key: &str, written: &str) -> DefinitionError {
    reader
        .problem(key, format!("must be a time of day from \"00:00\" to \"23:59\", not {written:?}"))
}

fn frequency_cap(reader: &mut Reader<'_>) -> Result<FrequencyCap, DefinitionError> {
    let default = FrequencyCap::default();
    let Some(value) = reader.take("frequency_cap") else { return Ok(default) };
    let mut inner = Reader::new(value, &reader.at("frequency_cap"))?;
    let max = inner.whole("max", (1, 1_000))?;
    let per = inner.span("per", (SignedDuration::from_mins(1), CAP_PERIOD_MAX))?;
    inner.finish()?;
    Ok(FrequencyCap {
        max: max.and_then(|max| u32::try_from(max).ok()).unwrap_or(default.max),
        per: per.unwrap_or(default.per),
    })
}

fn conditions(reader: &mut Reader<'_>) -> Result<Vec<Condition>, DefinitionError> {
    let list = reader.list("conditions")?;
    if list.len() > CONDITION_COUNT_MAX {
        return Err(reader.problem("conditions", "more than 50: split the automation"));
    }
    let path = reader.at("conditions");
    let read = |(index, value)| Condition::read(value, &format!("{path}[{index}]"));
    list.iter().enumerate().map(read).collect()
}

fn actions(reader: &mut Reader<'_>, trigger: &Trigger) -> Result<Vec<Action>, DefinitionError> {
    let list = reader.list("actions")?;
    let path = reader.at("actions");
    if list.is_empty() || list.len() > ACTION_COUNT_MAX {
        let text = "must be a list of 1 to 10 actions, such as { type = \"send_message\", body = \
                    \"Hi {{ name | default('there') }}\" }";
        return Err(problem(&path, text));
    }
    let read = |(index, value)| Action::read(value, &format!("{path}[{index}]"), trigger);
    list.iter().enumerate().map(read).collect()
}

pub(super) fn to_json(automation: &Automation) -> Value {
    let Automation {
        id,
        name,
        enabled,
        trigger,
        conditions,
        actions,
        delay,
        cool_down,
        priority,
        quiet_hours,
        frequency_cap,
        consent,
    } = automation;
    let mut object = Map::new();
    object.insert("id".into(), json!(id));
    object.insert("name".into(), json!(name));
    object.insert("enabled".into(), json!(enabled));
    object.insert("trigger".into(), trigger.to_json());
    object.insert("conditions".into(), conditions.iter().map(Condition::to_json).collect());
    object.insert("actions".into(), actions.iter().map(Action::to_json).collect());
    object.insert("delay".into(), json!(span::format(*delay)));
    object.insert("cool_down".into(), json!(span::format(*cool_down)));
    object.insert("priority".into(), json!(priority));
    if let Some(quiet) = quiet_hours {
        let zone = &quiet.time_zone;
        let quiet = json!({"from": quiet.begin_text(), "to": quiet.end_text(), "time_zone": zone});
        object.insert("quiet_hours".into(), quiet);
    }
    let cap = json!({"max": frequency_cap.max, "per": span::format(frequency_cap.per)});
    object.insert("frequency_cap".into(), cap);
    object.insert("consent".into(), json!(consent.name()));
    Value::Object(object)
}
