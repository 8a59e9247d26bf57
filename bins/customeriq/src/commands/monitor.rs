//! `monitor`: everyone checked, and the rules by which that is done.

use std::path::Path;

use ciq_clockwork::{MonitorReport, Scope};
use ciq_event::Severity;
use ciq_ingest::{Clock as _, SystemClock};
use ciq_monitor::{Rule, Rules};
use ciq_outreach::OutreachSettings;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use super::definition;
use super::waiting::waiting;
use crate::cli::{MonitorArgs, MonitorCommand};
use crate::exit::{Exit, Failure};
use crate::output::{Output, visible};
use crate::session::Session;
use crate::table::{Align, Table, count, minute, or_nothing};

/// What a check came to.
#[derive(Debug, Serialize)]
struct Checked {
    as_of: String,
    #[serde(flatten)]
    report: MonitorReport,
}

/// How rules differ from those before, by kind.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
struct Difference {
    added: Vec<String>,
    changed: Vec<String>,
    removed: Vec<String>,
    unchanged: Vec<String>,
}

/// Lists the rules, or does what is asked about the monitor.
pub(super) fn run(session: &mut Session, args: &MonitorArgs) -> Result<Exit, Failure> {
    match &args.command {
        None => overview(session),
        Some(MonitorCommand::Check { as_of }) => check(session, *as_of),
        Some(MonitorCommand::Rules) => rules(session),
        Some(MonitorCommand::Set { file }) => set(session, file),
        Some(MonitorCommand::Reset) => reset(session),
    }
}

/// Returns the rules of the brand. One without tables has the default set.
pub(super) fn rules_of(session: &Session) -> Result<Rules, Failure> {
    if !session.is_there()? {
        return Ok(Rules::default_set());
    }
    Ok(session.clock(OutreachSettings::default())?.monitor_rules()?)
}

fn overview(session: &mut Session) -> Result<Exit, Failure> {
    let rules = rules_of(session)?;
    let counts = if session.is_there()? {
        session.reader()?.intervention_counts()?.into_iter().rev().collect()
    } else {
        Vec::new()
    };
    if session.output.is_json() {
        let data: Vec<Value> = rules.rules().iter().map(Rule::to_json).collect();
        let counts: serde_json::Map<String, Value> =
            counts.iter().map(|(severity, count)| (severity.to_string(), json!(count))).collect();
        session.output.json(&json!({ "rules": data, "not_resolved": counts }))?;
        return Ok(Exit::Done);
    }
    table_of(&rules).write(&mut session.output)?;
    write_counts(&mut session.output, &counts)?;
    Ok(Exit::Done)
}

fn table_of(rules: &Rules) -> Table {
    let mut table = Table::new(&[
        ("kind", Align::Left),
        ("on", Align::Left),
        ("severity", Align::Left),
        ("rests", Align::Left),
        ("title", Align::Left),
    ]);
    for rule in rules.rules() {
        let definition = rule.to_json();
        table.row([
            rule.kind.clone(),
            if rule.is_enabled { "on" } else { "off" }.to_owned(),
            rule.severity.to_string(),
            or_nothing(definition["cool_down"].as_str()),
            rule.title.clone(),
        ]);
    }
    table
}

fn write_counts(output: &mut Output, counts: &[(Severity, u64)]) -> Result<(), Failure> {
    let counts: Vec<String> =
        counts.iter().map(|(severity, number)| format!("{} {severity}", count(*number))).collect();
    if counts.is_empty() {
        return Ok(());
    }
    output.line(format_args!("\nnot resolved: {}", counts.join(", ")))
}

fn check(session: &mut Session, as_of: Option<Timestamp>) -> Result<Exit, Failure> {
    let clock = session.clock(OutreachSettings::default())?;
    let (as_of, voice) = (as_of.unwrap_or_else(|| SystemClock.now()), session.output.voice());
    let report = waiting(voice, "checking everyone ...", || clock.monitor(Scope::All, as_of))?;
    let checked = Checked { as_of: as_of.to_string(), report };
    if session.output.is_json() {
        session.output.json(&checked)?;
        return Ok(Exit::Done);
    }
    checked.write(&mut session.output)?;
    if report.opened_count > 0 {
        session.output.note("list what has to be done with `customeriq interventions`");
    }
    Ok(Exit::Done)
}

impl Checked {
    fn write(&self, output: &mut Output) -> Result<(), Failure> {
        output.line(format_args!("as of {} UTC", minute(Some(&self.as_of))))?;
        let report = &self.report;
        for (name, figure) in [
            ("accounts checked", report.checked_count),
            ("interventions opened", report.opened_count),
            ("closed", report.closed_count),
            ("woken", report.woken_count),
            ("updated", report.updated_count),
        ] {
            output.line(format_args!("  {name:<24} {:>12}", count(figure)))?;
        }
        Ok(())
    }
}

fn rules(session: &mut Session) -> Result<Exit, Failure> {
    let rules = rules_of(session)?;
    let definitions: Vec<Value> = rules.rules().iter().map(Rule::to_json).collect();
    if session.output.is_json() {
        session.output.json(&json!({ "data": definitions }))?;
    } else {
        session.output.line(definition::toml("rule", definitions)?.trim_end())?;
    }
    Ok(Exit::Done)
}

fn set(session: &mut Session, file: &Path) -> Result<Exit, Failure> {
    let text = definition::read(file)?;
    let unusable = |source| Failure::Rules { name: file.display().to_string(), source };
    let rules = Rules::parse_toml(&text).map_err(unusable)?;
    if rules.rules().is_empty() {
        let advice = "switch rules off with enabled = false, or go back to the default set with \
                      `customeriq monitor reset`";
        return Err(Failure::Usage(format!("there is no rule in {}: {advice}", file.display())));
    }
    // A brand may have its rules before its first event.
    drop(session.handle()?);
    replace(session, Some(&rules))
}

fn reset(session: &mut Session) -> Result<Exit, Failure> {
    replace(session, None)
}

/// Puts rules in the place of those that there are, and says what that changes.
fn replace(session: &mut Session, rules: Option<&Rules>) -> Result<Exit, Failure> {
    let clock = session.clock(OutreachSettings::default())?;
    let before = clock.monitor_rules()?;
    clock.set_monitor_rules(rules, SystemClock.now())?;
    let after = clock.monitor_rules()?;
    let difference = Difference::between(&before, &after);
    if session.output.is_json() {
        session.output.json(&difference)?;
        return Ok(Exit::Done);
    }
    difference.write(&mut session.output)?;
    if !difference.removed.is_empty() {
        session.output.note("what the removed rules have open is closed by the next check");
    }
    Ok(Exit::Done)
}

impl Difference {
    fn between(before: &Rules, after: &Rules) -> Self {
        let mut difference = Self::default();
        for rule in after.rules() {
            let old = before.rule(&rule.kind);
            let kinds = match old {
                None => &mut difference.added,
                Some(old) if old.to_json() == rule.to_json() => &mut difference.unchanged,
                Some(_) => &mut difference.changed,
            };
            kinds.push(rule.kind.clone());
        }
        let is_gone = |old: &&Rule| after.rule(&old.kind).is_none();
        let gone = before.rules().iter().filter(is_gone);
        difference.removed.extend(gone.map(|rule| rule.kind.clone()));
        difference
    }

    fn write(&self, output: &mut Output) -> Result<(), Failure> {
        let Self { added, changed, removed, unchanged } = self;
        for (word, kinds) in
            [("added", added), ("changed", changed), ("removed", removed), ("unchanged", unchanged)]
        {
            for kind in kinds {
                output.line(format_args!("{}: {word}", visible(kind)))?;
            }
        }
        Ok(())
    }
}
