//! `rebuild`: the log folded again, compared, and put in place if wished.

use ciq_store::{Location, Reader, RebuildReport, Writer, exchange, rebuild};
use indicatif::ProgressBar;
use serde_json::json;

use crate::cli::RebuildArgs;
use crate::exit::{Exit, Failure};
use crate::file::{self, beside};
use crate::session::{Session, refused};
use crate::table::counted;

/// What is appended to the name of a schema while it is made, and when another took its place.
const NEW: &str = "_new";
const KEPT: &str = "_bak";

/// Folds the log into tables beside, compares, and replaces the old ones only when asked.
pub(super) fn run(session: &mut Session, args: &RebuildArgs) -> Result<Exit, Failure> {
    let old = session.location();
    drop(session.reader()?);
    let new = place_beside(&old)?;
    let log_end = log_end(session, &old)?;
    let report = fold(session, &old, &new)?;
    let dump_of = |place: &Location| Reader::open(place)?.dump_digest();
    let is_same = dump_of(&old)? == dump_of(&new)?;
    let kept = if args.replace {
        if log_end != self::log_end(session, &old)? {
            return Err(Failure::Unsound(
                "somebody wrote meanwhile, so nothing was replaced: stop what writes and run this \
                 again"
                    .to_owned(),
            ));
        }
        Some(replace(&old, &new)?)
    } else {
        None
    };
    let is_left = !is_same && kept.is_none();
    if !is_left {
        remove(&new)?;
    }
    tell(session, &report, is_same, kept.as_ref())?;
    if is_left {
        return Err(Failure::Unsound(difference(&new)));
    }
    Ok(Exit::Done)
}

/// Returns where the log is folded to. What an earlier attempt left there goes.
fn place_beside(old: &Location) -> Result<Location, Failure> {
    let new = match old {
        Location::File(path) => Location::File(beside(path, ".rebuilt")),
        Location::Schema(place) => Location::Schema(place.beside(NEW)),
    };
    remove(&new)?;
    Ok(new)
}

fn remove(location: &Location) -> Result<(), Failure> {
    match location {
        Location::File(path) => file::remove(path),
        Location::Schema(place) => place.drop_schema().map_err(|error| refused(location, error)),
    }
}

/// Puts the new tables in the place of the old ones, which are kept.
fn replace(old: &Location, new: &Location) -> Result<Location, Failure> {
    match (old, new) {
        (Location::File(old), Location::File(new)) => Ok(Location::File(file::replace(old, new)?)),
        (Location::Schema(old), Location::Schema(new)) => {
            let kept = old.beside(KEPT);
            exchange(new, old, &kept)?;
            Ok(Location::Schema(kept))
        }
        (Location::File(_), Location::Schema(_)) | (Location::Schema(_), Location::File(_)) => {
            Err(Failure::Unsound(format!("{new} cannot take the place of {old}")))
        }
    }
}

fn difference(new: &Location) -> String {
    match new {
        Location::File(path) => {
            let path = path.display();
            format!(
                "the rebuilt file says something else; it is kept at {path} (compare them: \
                 customeriq dump, then customeriq dump --db {path})"
            )
        }
        Location::Schema(place) => format!(
            "the rebuilt schema says something else; it is kept as {} (compare their tables with \
             psql)",
            place.schema()
        ),
    }
}

fn log_end(session: &Session, location: &Location) -> Result<i64, Failure> {
    Ok(Writer::open(location, &session.brand)?.counters().log_seq)
}

fn fold(session: &Session, old: &Location, new: &Location) -> Result<RebuildReport, Failure> {
    let settings = session.options.settings(session.brand.clone())?;
    let is_lively = session.output.voice().is_lively();
    let spinner = if is_lively { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    let report = rebuild(old, new, &session.brand, &settings, &mut |report| {
        spinner.set_message(format!("{} folded", counted(report.message_count, "message")));
        spinner.tick();
    })?;
    spinner.finish_and_clear();
    Ok(report)
}

fn tell(
    session: &mut Session,
    report: &RebuildReport,
    is_same: bool,
    kept: Option<&Location>,
) -> Result<(), Failure> {
    let output = &mut session.output;
    if output.is_json() {
        return output.json(&json!({
            "messages": report.message_count,
            "decisions": report.decision_count,
            "is_same": is_same,
            "is_replaced": kept.is_some(),
            "backup": kept.map(ToString::to_string),
        }));
    }
    output.line(format_args!(
        "folded {} and {} again: the outcome is {}",
        counted(report.message_count, "message"),
        counted(report.decision_count, "decision"),
        if is_same { "the same" } else { "not the same" }
    ))?;
    match kept {
        Some(Location::File(path)) => {
            output.line(format_args!("replaced; the old file is {}", path.display()))
        }
        Some(Location::Schema(place)) => {
            output.line(format_args!("replaced; the old one is {place}"))
        }
        None if is_same => {
            output.note("nothing was changed");
            Ok(())
        }
        None => Ok(()),
    }
}
