//! `backup`: the brand's file as it is now, copied while others write to it.

use std::path::{Path, PathBuf};

use ciq_store::{CopyProgress, Location, Reader, backup};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::Timestamp;
use serde_json::json;

use crate::cli::BackupArgs;
use crate::exit::{Exit, Failure};
use crate::file::{beside, remove};
use crate::output::Output;
use crate::session::Session;
use crate::table::counted;

/// Copies into a file beside, which gets its name when it is whole and checked.
pub(super) fn run(session: &mut Session, args: &BackupArgs) -> Result<Exit, Failure> {
    let from = file_of(session, "backup")?;
    drop(session.reader()?);
    if args.to.exists() {
        let advice = "name another file, or move that one away";
        return Err(Failure::Usage(format!("{} is there already: {advice}", args.to.display())));
    }
    let part = beside(&args.to, ".part");
    remove(&part)?;
    copy(&session.output, &from, &part)?;
    std::fs::rename(&part, &args.to).map_err(Failure::file("move", &part))?;
    let copied = Copied::look_at(&args.to)?;
    copied.tell(&mut session.output, "backup", &args.to)?;
    Ok(Exit::Done)
}

/// Returns the brand's file. PostgreSQL has tools of its own for what is done with files here.
pub(super) fn file_of(session: &Session, doing: &str) -> Result<PathBuf, Failure> {
    match session.location() {
        Location::File(path) => Ok(path),
        Location::Schema(place) => {
            let schema = place.schema();
            Err(Failure::Usage(format!(
                "{doing} works with an SQLite file, and the brand is in PostgreSQL: copy it with \
                 `pg_dump --format=custom --schema={schema} --file={schema}.dump \"$DATABASE_URL\"`, \
                 and put it back with `pg_restore --clean --if-exists \
                 --dbname=\"$DATABASE_URL\" {schema}.dump`"
            )))
        }
    }
}

/// Copies a file, with a bar on a terminal. What was copied in part does not stay.
pub(super) fn copy(output: &Output, from: &Path, to: &Path) -> Result<(), Failure> {
    let bar = if output.voice().is_lively() {
        ProgressBar::new(0).with_style(style())
    } else {
        ProgressBar::hidden()
    };
    let copied = backup(from, to, &mut |CopyProgress { done, total }| {
        bar.set_length(total);
        bar.set_position(done);
    });
    bar.finish_and_clear();
    if copied.is_err() {
        // The first failure is the one to tell of.
        drop(remove(to));
    }
    Ok(copied?)
}

fn style() -> ProgressStyle {
    let template = "copying {wide_bar} {percent:>3} %, {eta} left";
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}

/// What there is in a copy.
pub(super) struct Copied {
    byte_count: u64,
    customer_count: i64,
    event_count: i64,
    last_received_at: Option<Timestamp>,
}

impl Copied {
    pub(super) fn look_at(path: &Path) -> Result<Self, Failure> {
        let reader = Reader::open(path)?;
        let stats = reader.stats()?;
        Ok(Self {
            byte_count: path.metadata().map_err(Failure::file("read", path))?.len(),
            customer_count: stats.customer_count,
            event_count: stats.event_count,
            last_received_at: reader.last_received_at()?,
        })
    }

    /// Says what was copied, and from when on events are not in it.
    pub(super) fn tell(&self, output: &mut Output, what: &str, path: &Path) -> Result<(), Failure> {
        let Self { byte_count, customer_count, event_count, last_received_at } = self;
        let last = last_received_at.map(|at| at.to_string());
        if output.is_json() {
            return output.json(&json!({
                "file": path.display().to_string(),
                "bytes": byte_count,
                "customers": customer_count,
                "events": event_count,
                "last_received_at": last,
            }));
        }
        output.line(format_args!(
            "{what} {}: {} and {}, {} MB",
            path.display(),
            counted(*customer_count, "customer"),
            counted(*event_count, "event"),
            byte_count.div_ceil(1_000_000),
        ))?;
        if let Some(last) = last {
            output.note(format_args!("the last message in it arrived at {last}"));
        }
        Ok(())
    }
}
