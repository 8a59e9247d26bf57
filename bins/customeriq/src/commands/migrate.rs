//! `migrate`: a brand carried over from an SQLite file to PostgreSQL, or back.

use ciq_store::{Location, MigrateProgress, MigrateReport, MigrateStep, PostgresPlace, migrate};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;

use crate::cli::MigrateArgs;
use crate::environment::Secret;
use crate::exit::{Exit, Failure};
use crate::file::{FileState, at_home, inspect};
use crate::output::Output;
use crate::session::{Session, server_of, server_of_variable};
use crate::table::counted;

/// How a place begins that is a file, and one that is a schema.
const FILE: &str = "sqlite:";
const SCHEMA: &str = "postgres:";

/// Carries the brand over. Nothing at the source changes.
pub(super) fn run(session: &mut Session, args: &MigrateArgs) -> Result<Exit, Failure> {
    let from = location(session, "--from", &args.from)?;
    let to = location(session, "--to", &args.to)?;
    if let Location::File(path) = &from
        && inspect(path)? == FileState::Absent
    {
        return Err(Failure::NoDatabase(path.clone()));
    }
    if let Location::File(path) = &to {
        inspect(path)?;
    }
    let bar = progress_bar(&session.output);
    let migrated = migrate(&from, &to, &session.brand, &mut |progress| show(&bar, progress));
    bar.finish_and_clear();
    tell(session, (&from, &to), &migrated?)?;
    Ok(Exit::Done)
}

/// Reads a place. What is wrong with it is said without showing it: it may hold a password.
fn location(session: &Session, flag: &str, given: &Secret) -> Result<Location, Failure> {
    let text = given.expose().unwrap_or_default();
    if let Some(path) = text.strip_prefix(FILE).filter(|path| !path.is_empty()) {
        return Ok(Location::File(at_home(path.as_ref())));
    }
    let server = if text == SCHEMA {
        server_of_variable(&session.environment)?.ok_or_else(|| {
            Failure::Usage(format!("{flag} {SCHEMA} means the one in DATABASE_URL: set it"))
        })?
    } else if text.starts_with(SCHEMA) || text.starts_with("postgresql:") {
        server_of(flag, text)?
    } else {
        return Err(Failure::Usage(format!(
            "{flag} names no place: write {FILE}FILE, or {SCHEMA} for the one in DATABASE_URL"
        )));
    };
    Ok(Location::Schema(PostgresPlace::of_brand(&server, &session.brand)))
}

fn progress_bar(output: &Output) -> ProgressBar {
    if !output.voice().is_lively() {
        return ProgressBar::hidden();
    }
    let template = "{spinner} {wide_bar} {human_pos}/{human_len} rows  {msg}  {eta} left";
    let style = ProgressStyle::with_template(template);
    ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
}

fn show(bar: &ProgressBar, progress: MigrateProgress) {
    let MigrateProgress { step, row_count, row_total } = progress;
    bar.set_length(row_total);
    bar.set_position(row_count);
    bar.set_message(match step {
        MigrateStep::Table(name) => name,
        MigrateStep::Comparing => "comparing both",
    });
}

fn tell(
    session: &mut Session,
    (from, to): (&Location, &Location),
    report: &MigrateReport,
) -> Result<(), Failure> {
    let MigrateReport { tables, resumed_row_count, dump_hash, dump_bytes } = report;
    let row_count: u64 = tables.iter().map(|(_, count)| count).sum();
    let (brand, output) = (&session.brand, &mut session.output);
    if output.is_json() {
        let tables: serde_json::Map<String, serde_json::Value> =
            tables.iter().map(|(name, count)| ((*name).to_owned(), json!(count))).collect();
        return output.json(&json!({
            "brand": brand.as_str(),
            "from": from.to_string(),
            "to": to.to_string(),
            "rows": row_count,
            "resumed_rows": resumed_row_count,
            "tables": tables,
            "dump_hash": dump_hash,
            "dump_bytes": dump_bytes,
        }));
    }
    if *resumed_row_count > 0 {
        let count = counted(*resumed_row_count, "row");
        output.note(format_args!("{count} had come with an earlier attempt"));
    }
    output.line(format_args!(
        "migrated brand {brand}: {} from {from} to {to}",
        counted(row_count, "row")
    ))?;
    output.line(format_args!("both say the same: their dumps have the hash {dump_hash}"))?;
    output.note(match to {
        Location::Schema(_) => {
            "set DATABASE_URL for everything that works with the brand; the file is as it was"
        }
        Location::File(_) => {
            "unset DATABASE_URL for everything that works with the brand; the schema is as it was"
        }
    });
    Ok(())
}
