//! `interventions`: what a person should do about customers, and what people do about it.

use ciq_event::InterventionId;
use ciq_ingest::{Clock as _, SystemClock};
use ciq_monitor::Action;
use ciq_outreach::OutreachSettings;
use ciq_store::{
    EvidenceView, InterventionChangeView, InterventionDetail, InterventionFilter, InterventionView,
    Reader,
};
use serde_json::Value;

use super::monitor::rules_of;
use crate::cli::{InterventionListArgs, InterventionsArgs, InterventionsCommand, RestArgs};
use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, visible};
use crate::session::{Session, nobody};
use crate::table::{Align, Table, minute, or_nothing};

/// Lists interventions, or does what is asked about one.
pub(super) fn run(session: &mut Session, args: &InterventionsArgs) -> Result<Exit, Failure> {
    let Some(command) = &args.command else { return list(session, &args.list) };
    match command {
        InterventionsCommand::List(args) => list(session, args),
        InterventionsCommand::Show { id } => show(session, id),
        InterventionsCommand::Acknowledge { id, actor } => {
            act(session, id, &actor.actor, &Action::Acknowledge)
        }
        InterventionsCommand::Snooze { id, rest, actor } => {
            let until = until(rest)?;
            act(session, id, &actor.actor, &Action::Snooze { until })
        }
        InterventionsCommand::Assign { id, to, actor } => {
            act(session, id, &actor.actor, &Action::Assign { to: to.to.clone() })
        }
        InterventionsCommand::Resolve { id, note, actor } => {
            act(session, id, &actor.actor, &Action::Resolve { note: note.clone() })
        }
        InterventionsCommand::Reopen { id, actor } => {
            act(session, id, &actor.actor, &Action::Reopen)
        }
        InterventionsCommand::Comment { id, text, actor } => {
            act(session, id, &actor.actor, &Action::Comment { text: text.clone() })
        }
    }
}

fn list(session: &mut Session, args: &InterventionListArgs) -> Result<Exit, Failure> {
    let (reader, filter) = (session.reader()?, args.filter());
    if let Some(id) = &filter.customer {
        reader.resolve(id)?.ok_or_else(|| nobody(id))?;
    }
    let page = reader.interventions(&filter)?;
    if page.data.is_empty() {
        check_kind(session, &reader, filter.kind.as_deref())?;
    }
    if session.output.is_json() {
        session.output.json(&page)?;
        return Ok(Exit::Done);
    }
    if page.data.is_empty() {
        session.output.note("nothing has to be done: `customeriq monitor check` looks again");
        return Ok(Exit::Done);
    }
    table_of(page.data).write(&mut session.output)?;
    if let Some(cursor) = page.next_cursor {
        session.output.note(format_args!("more: --cursor {cursor}"));
    }
    Ok(Exit::Done)
}

/// Refuses a kind that no rule has, and that is not on record either.
fn check_kind(session: &Session, reader: &Reader, kind: Option<&str>) -> Result<(), Failure> {
    let Some(kind) = kind else { return Ok(()) };
    let rules = rules_of(session)?;
    if rules.rule(kind).is_some() {
        return Ok(());
    }
    let all = ciq_monitor::Status::ALL.iter().map(|status| status.name().to_owned()).collect();
    let on_record = InterventionFilter {
        status: Some(all),
        kind: Some(kind.to_owned()),
        limit: Some(1),
        ..InterventionFilter::default()
    };
    if !reader.interventions(&on_record)?.data.is_empty() {
        return Ok(());
    }
    let kinds: Vec<&str> = rules.rules().iter().map(|rule| rule.kind.as_str()).collect();
    let kind = visible(kind);
    Err(Failure::Usage(format!("there is no kind {kind}: there are {}", kinds.join(", "))))
}

/// Makes a table of interventions.
pub(super) fn table_of(interventions: Vec<InterventionView>) -> Table {
    let mut table = Table::new(&[
        ("severity", Align::Left),
        ("status", Align::Left),
        ("kind", Align::Left),
        ("customer", Align::Left),
        ("name", Align::Left),
        ("assignee", Align::Left),
        ("open since (UTC)", Align::Left),
        ("due (UTC)", Align::Left),
        ("id", Align::Left),
    ]);
    for view in interventions {
        table.row([
            view.severity,
            view.status,
            view.kind,
            view.customer_id,
            view.customer_name,
            or_nothing(view.assignee.as_deref()),
            minute(view.opened_at.as_deref()),
            minute(view.due_at.as_deref()),
            view.id,
        ]);
    }
    table
}

fn show(session: &mut Session, id: &str) -> Result<Exit, Failure> {
    let known = parsed(id)?;
    let found = session.reader()?.intervention(known)?.ok_or_else(|| missing(id))?;
    let detail = with_playbook(session, found)?;
    if session.output.is_json() {
        session.output.json(&detail)?;
    } else {
        write(&mut session.output, &detail)?;
    }
    Ok(Exit::Done)
}

/// Adds what its rule says how to go about it.
fn with_playbook(
    session: &Session,
    mut detail: InterventionDetail,
) -> Result<InterventionDetail, Failure> {
    let rules = rules_of(session)?;
    if let Some(rule) = rules.rule(&detail.view.kind) {
        detail.view.playbook.clone_from(&rule.playbook);
    }
    Ok(detail)
}

fn until(rest: &RestArgs) -> Result<jiff::Timestamp, Failure> {
    let now = SystemClock.now();
    let until = match (rest.until, rest.span) {
        (Some(until), _) => Some(until),
        (None, Some(span)) => now.checked_add(span).ok(),
        (None, None) => None,
    };
    until.filter(|until| *until > now).ok_or_else(|| {
        Failure::Usage(format!("--until takes a time that is yet to come: it is {now} now"))
    })
}

/// Does something about one, and says how it is then.
fn act(session: &mut Session, id: &str, actor: &str, action: &Action) -> Result<Exit, Failure> {
    let known = parsed(id)?;
    let clock = session.clock(OutreachSettings::default())?;
    let acted = clock.act_on_intervention(known, actor, action, SystemClock.now())?;
    let detail = with_playbook(session, acted.ok_or_else(|| missing(id))?)?;
    if session.output.is_json() {
        session.output.json(&detail)?;
        return Ok(Exit::Done);
    }
    let view = &detail.view;
    let mut line = format!("{}: {}", view.id, view.status);
    if let Some(until) = &view.snoozed_until {
        line = format!("{line} until {} UTC", minute(Some(until)));
    }
    if let Some(assignee) = &view.assignee {
        line = format!("{line}, of {}", visible(assignee));
    }
    session.output.line(line)?;
    Ok(Exit::Done)
}

fn parsed(id: &str) -> Result<InterventionId, Failure> {
    id.parse().map_err(|_| missing(id))
}

fn missing(id: &str) -> Failure {
    let id = visible(id);
    Failure::NotFound(format!(
        "there is no intervention {id}: list them with `customeriq interventions`"
    ))
}

fn write(output: &mut Output, detail: &InterventionDetail) -> Result<(), Failure> {
    let InterventionDetail { view, history } = detail;
    let title = output.paint(Style::Bold, visible(&view.title));
    let id = output.paint(Style::Dim, &view.id);
    output.line(format_args!("{title}  {id}"))?;
    output.line(format_args!(
        "{} {}, {}, of {} ({})",
        view.severity,
        view.kind,
        standing(view),
        visible(&view.customer_name),
        visible(&view.customer_id)
    ))?;
    output.line(format_args!(
        "opened {} UTC, due {}, assigned to {}; worth {} {} so far",
        minute(view.opened_at.as_deref()),
        minute(view.due_at.as_deref()),
        view.assignee.as_deref().map_or("nobody".to_owned(), visible),
        view.value_at_risk.0,
        view.currency
    ))?;
    write_why(output, &view.evidence)?;
    write_what(output, view)?;
    write_history(output, history)
}

/// How it is with an intervention, in words.
fn standing(view: &InterventionView) -> String {
    match (&view.snoozed_until, &view.close_reason) {
        (Some(until), _) => format!("{} until {} UTC", view.status, minute(Some(until))),
        (None, Some(reason)) => format!("{} ({})", view.status, visible(reason)),
        (None, None) => view.status.clone(),
    }
}

fn write_why(output: &mut Output, evidence: &[EvidenceView]) -> Result<(), Failure> {
    if evidence.is_empty() {
        return Ok(());
    }
    heading(output, "why")?;
    for EvidenceView { field, value, op, threshold } in evidence {
        output.line(format_args!(
            "  {field} is {}  ({op} {})",
            visible(&shown(value)),
            visible(&shown(threshold))
        ))?;
    }
    Ok(())
}

/// A value as people write it.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "not known".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn write_what(output: &mut Output, view: &InterventionView) -> Result<(), Failure> {
    heading(output, "what to do")?;
    if !view.action.is_empty() {
        output.line(format_args!("  {}", visible(&view.action)))?;
    }
    for (number, step) in (1..).zip(&view.playbook) {
        output.line(format_args!("  {number}. {}", visible(step)))?;
    }
    Ok(())
}

fn write_history(output: &mut Output, history: &[InterventionChangeView]) -> Result<(), Failure> {
    heading(output, "history")?;
    let mut table = Table::new(&[
        ("at (UTC)", Align::Left),
        ("what", Align::Left),
        ("by", Align::Left),
        ("status", Align::Left),
        ("detail", Align::Left),
    ]);
    for change in history {
        table.row([
            minute(change.changed_at.as_deref()),
            change.action.clone(),
            change.actor.clone(),
            change.status.clone(),
            or_nothing(change.detail.as_deref()),
        ]);
    }
    table.write(output)
}

fn heading(output: &mut Output, text: &str) -> Result<(), Failure> {
    output.line("")?;
    let text = output.paint(Style::Bold, text);
    output.line(text)
}
