//! `automations`: listed, shown, added, switched, removed, and made to act.

mod act;

use std::path::Path;

use ciq_automation::{Automation, DEFAULTS_TOML, DefinitionError, default_set};
use ciq_ingest::{Clock as _, SystemClock};
use ciq_store::{AutomationView, Reader};
use serde_json::{Value, json};

use super::definition;
use crate::cli::{AutomationsArgs, AutomationsCommand};
use crate::exit::{Exit, Failure};
use crate::output::visible;
use crate::session::Session;
use crate::table::{Align, Table, counted, minute, or_nothing};

/// Lists automations, or does what is asked about them.
pub(super) fn run(session: &mut Session, args: &AutomationsArgs) -> Result<Exit, Failure> {
    match &args.command {
        None | Some(AutomationsCommand::List) => list(session),
        Some(AutomationsCommand::Show { id }) => show(session, id),
        Some(AutomationsCommand::Add { file, replace }) => add(session, file, !*replace),
        Some(AutomationsCommand::Enable(names)) => switch(session, &names.ids, true),
        Some(AutomationsCommand::Disable(names)) => switch(session, &names.ids, false),
        Some(AutomationsCommand::Remove(names)) => remove(session, &names.ids),
        Some(AutomationsCommand::Defaults) => defaults(session),
        Some(AutomationsCommand::Evaluate { as_of }) => act::evaluate(session, *as_of),
    }
}

fn list(session: &mut Session) -> Result<Exit, Failure> {
    let automations = session.reader()?.automations()?;
    if session.output.is_json() {
        session.output.json(&json!({ "data": automations }))?;
        return Ok(Exit::Done);
    }
    if automations.is_empty() {
        session.output.note("no automations: `customeriq automations defaults` prints some");
        return Ok(Exit::Done);
    }
    let mut table = Table::new(&[
        ("id", Align::Left),
        ("on", Align::Left),
        ("trigger", Align::Left),
        ("actions", Align::Left),
        ("rests", Align::Left),
        ("changed (UTC)", Align::Left),
        ("name", Align::Left),
    ]);
    for view in automations {
        let definition = definition_of(&view);
        let text = |value: &Value| or_nothing(value.as_str());
        let actions: Vec<&str> = definition["actions"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|action| action["channel"].as_str().or_else(|| action["type"].as_str()))
            .collect();
        table.row([
            view.id,
            if definition["enabled"] == true { "on" } else { "off" }.to_owned(),
            text(&definition["trigger"]["type"]),
            actions.join(", "),
            text(&definition["cool_down"]),
            minute(view.updated_at.as_deref()),
            text(&definition["name"]),
        ]);
    }
    table.write(&mut session.output)?;
    Ok(Exit::Done)
}

fn definition_of(view: &AutomationView) -> Value {
    serde_json::from_str(view.definition.get()).unwrap_or_default()
}

fn found(reader: &Reader, id: &str) -> Result<AutomationView, Failure> {
    let missing = || {
        let id = visible(id);
        Failure::NotFound(format!(
            "there is no automation {id}: list them with `customeriq automations`"
        ))
    };
    reader.automation(id)?.ok_or_else(missing)
}

fn show(session: &mut Session, id: &str) -> Result<Exit, Failure> {
    let view = found(&session.reader()?, id)?;
    if session.output.is_json() {
        session.output.json(&view)?;
    } else {
        let text = definition::toml("automation", vec![definition_of(&view)])?;
        session.output.line(text.trim_end())?;
    }
    Ok(Exit::Done)
}

fn add(session: &mut Session, file: &Path, is_new: bool) -> Result<Exit, Failure> {
    let text = definition::read(file)?;
    let unusable = |source| Failure::Definition { name: file.display().to_string(), source };
    let automations = Automation::parse_toml(&text).map_err(unusable)?;
    // A brand may have its rules before its first event.
    let handle = session.handle()?;
    if is_new {
        let known = handle.readers().read(Reader::automations)?;
        if let Some(double) = automations.iter().find(|one| known.iter().any(|it| it.id == one.id))
        {
            return Err(there_already(&double.id));
        }
    }
    let ids: Vec<String> = automations.iter().map(|one| one.id.clone()).collect();
    let texts = automations.iter().map(|one| (one.id.clone(), one.to_json().to_string()));
    let (texts, now) = (texts.collect::<Vec<_>>(), SystemClock.now());
    let is_kept =
        handle.write_blocking(move |writer| writer.put_automations(&texts, now, is_new))?;
    handle.close();
    if !is_kept {
        return Err(there_already(&ids.join(", ")));
    }
    let enabled = automations.iter().filter(|one| one.enabled).count();
    if session.output.is_json() {
        session.output.json(&json!({ "ids": ids, "enabled_count": enabled }))?;
        return Ok(Exit::Done);
    }
    for (id, automation) in ids.iter().zip(&automations) {
        session.output.line(format_args!("{id}: {}", switched(automation.enabled)))?;
    }
    if enabled < ids.len() {
        session.output.note("switch them on with `customeriq automations enable ID`");
    }
    Ok(Exit::Done)
}

fn there_already(id: &str) -> Failure {
    Failure::Usage(format!(
        "nothing was kept: {id} is there already; give it another id, or add --replace"
    ))
}

fn switched(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

fn switch(session: &mut Session, ids: &[String], is_on: bool) -> Result<Exit, Failure> {
    let reader = session.reader()?;
    let mut texts = Vec::new();
    for id in ids {
        let definition = definition_of(&found(&reader, id)?);
        let broken = |source: DefinitionError| Failure::Definition { name: id.clone(), source };
        let automation = Automation::parse_json(&definition).map_err(broken)?;
        let automation = Automation { enabled: is_on, ..automation };
        texts.push((id.clone(), automation.to_json().to_string()));
    }
    drop(reader);
    let (handle, now) = (session.existing()?, SystemClock.now());
    handle.write_blocking(move |writer| writer.put_automations(&texts, now, false))?;
    handle.close();
    if session.output.is_json() {
        session.output.json(&json!({ "ids": ids, "enabled": is_on }))?;
        return Ok(Exit::Done);
    }
    for id in ids {
        session.output.line(format_args!("{}: {}", visible(id), switched(is_on)))?;
    }
    Ok(Exit::Done)
}

fn remove(session: &mut Session, ids: &[String]) -> Result<Exit, Failure> {
    let reader = session.reader()?;
    for id in ids {
        found(&reader, id)?;
    }
    drop(reader);
    let handle = session.existing()?;
    for id in ids {
        let id = id.clone();
        handle.write_blocking(move |writer| writer.delete_automation(&id))?;
    }
    handle.close();
    if session.output.is_json() {
        session.output.json(&json!({ "removed": ids }))?;
    } else {
        session.output.line(format_args!("removed {}", counted(ids.len(), "automation")))?;
    }
    Ok(Exit::Done)
}

fn defaults(session: &mut Session) -> Result<Exit, Failure> {
    if !session.output.is_json() {
        session.output.line(DEFAULTS_TOML.trim_end())?;
        return Ok(Exit::Done);
    }
    let broken = |source| Failure::Definition { name: "the default set".to_owned(), source };
    let set = default_set().map_err(broken)?;
    let set: Vec<Value> = set.iter().map(Automation::to_json).collect();
    session.output.json(&json!({ "data": set }))?;
    Ok(Exit::Done)
}
