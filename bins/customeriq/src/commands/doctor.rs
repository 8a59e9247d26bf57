//! `doctor`: checks the tables and the surroundings, and says what to do.

mod bus;
mod channels;
mod postgres;

use std::net::TcpListener;

use ciq_store::{Location, Reader, SCHEMA_VERSION, StoreError};
use serde::Serialize;
use serde_json::json;

use crate::cli::DoctorArgs;
use crate::exit::{Exit, Failure, chain};
use crate::output::Style;
use crate::session::Session;

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Ok,
    /// Perhaps as it should be.
    Note,
    /// Not as it should be.
    Bad,
}

/// One thing that was checked.
#[derive(Debug, Serialize)]
struct Finding {
    name: String,
    state: State,
    finding: String,
}

impl Finding {
    fn new(name: impl Into<String>, state: State, finding: impl Into<String>) -> Self {
        Self { name: name.into(), state, finding: finding.into() }
    }
}

/// Checks everything. Fails where something is not as it should be.
pub(super) fn run(session: &mut Session, args: &DoctorArgs) -> Result<Exit, Failure> {
    let mut findings = match session.location() {
        Location::File(_) => file_findings(session),
        Location::Schema(place) => {
            let mut findings = postgres::findings(&place);
            // Where it does not answer, there is nothing more to ask.
            if findings.len() > 1 {
                findings.extend(schema_findings(session));
            }
            findings
        }
    };
    findings.push(port_finding(args));
    findings.extend(bus::findings(session, args));
    findings.extend(channels::findings(session));
    findings.extend(token_finding(session, args));
    let is_well = findings.iter().all(|finding| finding.state != State::Bad);
    let output = &mut session.output;
    if output.is_json() {
        output.json(&json!({ "is_well": is_well, "checks": findings }))?;
    } else {
        for Finding { name, state, finding } in &findings {
            let mark = match state {
                State::Ok => output.paint(Style::Green, "ok  "),
                State::Note => output.paint(Style::Bold, "note"),
                State::Bad => output.paint(Style::Red, "BAD "),
            };
            output.line(format_args!("{mark}  {name}: {finding}"))?;
        }
    }
    Ok(if is_well { Exit::Done } else { Exit::Failed })
}

fn file_findings(session: &Session) -> Vec<Finding> {
    let path = session.location().to_string();
    let reader = match session.reader() {
        Ok(reader) => reader,
        Err(failure @ Failure::NoDatabase(_)) => {
            let advice = failure.advice().unwrap_or_default();
            let finding = format!("there is none at {path} yet: {advice}");
            return vec![Finding::new("file", State::Note, finding)];
        }
        Err(failure) => {
            let advice = failure.advice().unwrap_or("name another file with --db");
            let finding = format!("{}: {advice}", chain(&failure));
            return vec![Finding::new("file", State::Bad, finding)];
        }
    };
    sound("file", path, &reader)
}

fn schema_findings(session: &Session) -> Vec<Finding> {
    let name = "brand";
    let failure = match session.reader() {
        Ok(reader) => return sound(name, session.location().to_string(), &reader),
        Err(failure) => failure,
    };
    let state = match &failure {
        Failure::Store(StoreError::NoSchema(_)) => State::Note,
        _ => State::Bad,
    };
    let advice = failure.advice().unwrap_or("name another database in DATABASE_URL");
    vec![Finding::new(name, state, format!("{}: {advice}", chain(&failure)))]
}

/// Looks into tables that can be read.
fn sound(name: &str, place: String, reader: &Reader) -> Vec<Finding> {
    let mut findings = vec![
        Finding::new(name, State::Ok, place),
        Finding::new("schema", State::Ok, format!("version {SCHEMA_VERSION}, the current one")),
    ];
    findings.extend(checks(reader));
    findings
}

fn checks(reader: &Reader) -> Vec<Finding> {
    match reader.check() {
        Ok(checks) => checks
            .into_iter()
            .map(|check| {
                let state = if check.is_ok { State::Ok } else { State::Bad };
                Finding::new(check.name, state, check.finding)
            })
            .collect(),
        Err(error) => {
            let finding = format!("{}: restore a backup", chain(&error));
            vec![Finding::new("tables can be read", State::Bad, finding)]
        }
    }
}

fn port_finding(args: &DoctorArgs) -> Finding {
    let (listen, port) = (args.at.listen, args.at.port);
    let name = format!("port {port}");
    match TcpListener::bind((listen, port)) {
        Ok(_) => Finding::new(name, State::Ok, "free for `customeriq serve`"),
        Err(error) => {
            let advice = "if that is not `customeriq serve`, choose another with --port or PORT";
            Finding::new(name, State::Note, format!("{error}: {advice}"))
        }
    }
}

fn token_finding(session: &Session, args: &DoctorArgs) -> Option<Finding> {
    let has_tokens = session.environment.tokens.as_ref().is_some_and(|it| it.expose().is_some());
    if args.at.listen.is_loopback() || has_tokens {
        return None;
    }
    let advice = "set CUSTOMERIQ_TOKENS: `serve` listens beyond this machine only with tokens";
    Some(Finding::new("tokens", State::Bad, advice))
}
