//! `rebuild`: the log folded again, compared, and put in place if wished.

use std::io::{self, Write};
use std::path::Path;

use ciq_store::{Reader, RebuildReport, Writer, rebuild};
use indicatif::ProgressBar;
use serde_json::json;

use crate::cli::RebuildArgs;
use crate::exit::{Exit, Failure};
use crate::file::{beside, remove, replace};
use crate::session::Session;
use crate::table::counted;

/// Folds the log into a file beside, compares, and replaces the old file only when asked.
pub(super) fn run(session: &mut Session, args: &RebuildArgs) -> Result<Exit, Failure> {
    let old = session.path();
    let new = beside(&old, ".rebuilt");
    drop(session.reader()?);
    remove(&new)?;
    let log_end = log_end(session, &old)?;
    let report = fold(session, &old, &new)?;
    let (old_dump, new_dump) = (dump_of(&old)?, dump_of(&new)?);
    let is_same = old_dump == new_dump;
    let backup = if args.replace {
        if log_end != self::log_end(session, &old)? {
            return Err(Failure::Unsound(
                "the file was written to meanwhile, so nothing was replaced: stop what writes to \
                 it and run this again"
                    .to_owned(),
            ));
        }
        Some(replace(&old, &new)?)
    } else {
        None
    };
    let is_kept = !is_same && backup.is_none();
    if !is_kept {
        remove(&new)?;
    }
    tell(session, &report, is_same, backup.as_deref())?;
    if is_kept {
        let advice = "compare them: customeriq dump, then customeriq dump --db";
        return Err(Failure::Unsound(format!(
            "the rebuilt file says something else; it is kept at {} ({advice} {})",
            new.display(),
            new.display()
        )));
    }
    Ok(Exit::Done)
}

fn log_end(session: &Session, path: &Path) -> Result<i64, Failure> {
    Ok(Writer::open(path, &session.brand)?.counters().log_seq)
}

fn fold(session: &Session, old: &Path, new: &Path) -> Result<RebuildReport, Failure> {
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

/// What a dump comes to: its digest and its length.
type Dump = (blake3::Hash, u64);

fn dump_of(path: &Path) -> Result<Dump, Failure> {
    let mut digest = Digest { hasher: blake3::Hasher::new(), byte_count: 0 };
    let written = Reader::open(path)?.dump(&mut digest)?;
    written.map_err(|source| Failure::System { doing: "compare".to_owned(), source })?;
    Ok((digest.hasher.finalize(), digest.byte_count))
}

struct Digest {
    hasher: blake3::Hasher,
    byte_count: u64,
}

impl Write for Digest {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hasher.update(bytes);
        self.byte_count += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn tell(
    session: &mut Session,
    report: &RebuildReport,
    is_same: bool,
    backup: Option<&Path>,
) -> Result<(), Failure> {
    let output = &mut session.output;
    if output.is_json() {
        return output.json(&json!({
            "messages": report.message_count,
            "decisions": report.decision_count,
            "is_same": is_same,
            "is_replaced": backup.is_some(),
            "backup": backup.map(|path| path.display().to_string()),
        }));
    }
    output.line(format_args!(
        "folded {} and {} again: the outcome is {}",
        counted(report.message_count, "message"),
        counted(report.decision_count, "decision"),
        if is_same { "the same" } else { "not the same" }
    ))?;
    match backup {
        Some(path) => output.line(format_args!("replaced; the old file is {}", path.display())),
        None if is_same => {
            output.note("nothing was changed");
            Ok(())
        }
        None => Ok(()),
    }
}
