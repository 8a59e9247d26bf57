//! `import`: events from files and standard input.

mod patience;
mod rejects;
mod source;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ciq_event::WireForm;
use ciq_ingest::{BrandHandle, Clock as _, ImportReport, Importer, SystemClock, pause};
use indicatif::ProgressBar;
use serde::Serialize;

pub(super) use self::patience::Patience;
pub(super) use self::rejects::Rejects;
pub(super) use self::source::{open as open_input, progress_bar};
pub(super) use self::watch::Watch;
use crate::cli::ImportArgs;
use crate::exit::{Exit, Failure};
use crate::session::Session;
use crate::table::{count, counted};

/// The name that stands for standard input.
const STDIN: &str = "-";

/// How long to wait before opening the brand is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// What became of one input.
#[derive(Debug, Serialize)]
struct FileReport {
    file: String,
    #[serde(flatten)]
    counts: Counts,
    /// Where refused records are kept; `null` where none was refused.
    rejected_file: Option<PathBuf>,
}

/// What an import came to.
#[derive(Debug, Serialize)]
struct Report {
    #[serde(flatten)]
    counts: Counts,
    seconds: f64,
    events_per_second: u64,
    files: Vec<FileReport>,
}

/// What was counted.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Counts {
    records: u64,
    stored: u64,
    duplicates: u64,
    rejected: u64,
    bytes: u64,
}

impl Counts {
    fn add(&mut self, other: Self) {
        let Self { records, stored, duplicates, rejected, bytes } = other;
        self.records += records;
        self.stored += stored;
        self.duplicates += duplicates;
        self.rejected += rejected;
        self.bytes += bytes;
    }
}

impl From<ImportReport> for Counts {
    fn from(report: ImportReport) -> Self {
        Self {
            records: report.record_count,
            stored: report.stored_count,
            duplicates: report.duplicate_count,
            rejected: report.rejected_count,
            bytes: report.byte_count,
        }
    }
}

/// Imports every file, one after the other.
pub(super) fn run(session: &mut Session, args: &ImportArgs) -> Result<Exit, Failure> {
    check_inputs(args)?;
    let (voice, place) = (session.output.voice(), session.location());
    let patience =
        if args.no_wait { Patience::none(voice, place) } else { Patience::new(voice, place) };
    let handle = open(session, patience.clone())?;
    let started = SystemClock.now();
    let mut shared = args.rejected.clone().map(|path| Rejects::new(path, voice));
    let mut files = Vec::new();
    for path in &args.files {
        let mut own = match shared.take() {
            Some(rejects) => rejects,
            None => Rejects::new(rejected_path(path), voice),
        };
        let report = import(session, &handle, (path, args.form.clone()), (&mut own, &patience))?;
        files.push(report);
        if args.rejected.is_some() {
            shared = Some(own);
        }
    }
    handle.close();
    let elapsed = SystemClock.now().duration_since(started).unsigned_abs();
    report(session, files, elapsed)
}

/// Finds mistakes before anything is stored.
fn check_inputs(args: &ImportArgs) -> Result<(), Failure> {
    let stdin_count = args.files.iter().filter(|path| is_stdin(path)).count();
    if stdin_count > 1 {
        return Err(Failure::Usage("standard input can be read once only".to_owned()));
    }
    for path in args.files.iter().filter(|path| !is_stdin(path)) {
        let input = path.canonicalize().map_err(Failure::file("read", path))?;
        if input.is_dir() {
            let path = path.display();
            return Err(Failure::Usage(format!("{path} is a folder: name its files, {path}/*")));
        }
        let rejected = args.rejected.clone().unwrap_or_else(|| rejected_path(path));
        if rejected.canonicalize().is_ok_and(|rejected| rejected == input) {
            let path = path.display();
            return Err(Failure::Usage(format!(
                "{path} is what is read: keep refused records in another file with --rejected"
            )));
        }
    }
    Ok(())
}

fn is_stdin(path: &Path) -> bool {
    path == Path::new(STDIN)
}

/// Returns where refused records of an input are kept: beside it.
fn rejected_path(input: &Path) -> PathBuf {
    if is_stdin(input) {
        PathBuf::from("stdin.rejected.ndjson")
    } else {
        crate::file::beside(input, ".rejected.ndjson")
    }
}

/// Opens the brand, for as long as the patience lasts.
fn open(session: &Session, mut patience: Patience) -> Result<Arc<BrandHandle>, Failure> {
    let no_bar = ProgressBar::hidden();
    loop {
        match session.handle() {
            Ok(handle) => {
                patience.end(&no_bar);
                return Ok(handle);
            }
            Err(failure) => match failure.of_store() {
                Some(error) if patience.lasts(error, &no_bar) => pause(RETRY_AFTER),
                _ => return Err(failure),
            },
        }
    }
}

fn import(
    session: &Session,
    handle: &Arc<BrandHandle>,
    (path, form): (&Path, Option<WireForm>),
    (rejects, patience): (&mut Rejects, &Patience),
) -> Result<FileReport, Failure> {
    let name = if is_stdin(path) { "stdin".to_owned() } else { path.display().to_string() };
    let voice = session.output.voice();
    let (mut input, bar) = source::open(path, voice)?;
    let mut watch = Watch::new(name.clone(), patience.clone(), bar).with_rejects(rejects);
    let ended = Importer::new(handle, &SystemClock, form).run(&mut input, &mut watch);
    watch.finish();
    rejects.finish(&name);
    let report = ended.map_err(|source| Failure::Import { name: name.clone(), source })?;
    Ok(FileReport { file: name, counts: report.into(), rejected_file: rejects.path_of_kept() })
}

fn report(
    session: &mut Session,
    files: Vec<FileReport>,
    elapsed: Duration,
) -> Result<Exit, Failure> {
    let mut counts = Counts::default();
    for file in &files {
        counts.add(file.counts);
    }
    let exit = if counts.rejected > 0 { Exit::SomeRefused } else { Exit::Done };
    let events_per_second = per_second(counts.stored + counts.duplicates, elapsed);
    if session.output.is_json() {
        let seconds = elapsed.as_secs_f64();
        session.output.json(&Report { counts, seconds, events_per_second, files })?;
        return Ok(exit);
    }
    for FileReport { file, counts, rejected_file: _ } in &files {
        session.output.line(format_args!(
            "{file}: {}, {} stored, {} seen before, {} refused",
            counted(counts.records, "record"),
            counted(counts.stored, "event"),
            count(counts.duplicates),
            count(counts.rejected)
        ))?;
    }
    session.output.note(format_args!(
        "{:.1} s, {} events/s, into {}",
        elapsed.as_secs_f64(),
        count(events_per_second),
        session.location()
    ));
    Ok(exit)
}

/// Returns how many there were in a second.
pub(super) fn per_second(events: u64, elapsed: Duration) -> u64 {
    let micros = elapsed.as_micros().max(1);
    u64::try_from(u128::from(events) * 1_000_000 / micros).unwrap_or(u64::MAX)
}
