//! `demo`: made-up people through the real pipeline, and how well they were told apart.

mod score;

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use ciq_clockwork::{BrandClock, Scope};
use ciq_engine::{Entry, Settings, prepare};
use ciq_event::{Brand, EventId, unwrap_record};
use ciq_ingest::{BrandHandle, Brands, Clock, ImportReport, Importer, SystemClock};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_store::{Database, Location, Reader, Stats, StoreError};
use ciq_synth::{Seed, World, WorldSettings};
use jiff::Timestamp;
use serde::Serialize;

use self::score::{Ownership, Score};
use super::import::{Patience, Watch, per_second, progress_bar};
use super::serve::Serving;
use super::stage::Stage;
use super::waiting::waiting;
use crate::cli::{DemoArgs, Every};
use crate::exit::{Exit, Failure};
use crate::file::{FileState, inspect, remove};
use crate::output::{Output, Style, Voice};
use crate::session::{Session, data_folder, refused};
use crate::table::count;

/// The file of the demo, which is made anew each time.
const DATABASE: &str = "demo.db";

/// A clock that stands still where the made-up world ends, so that the same seed makes the same
/// file on any day.
#[derive(Debug)]
struct WorldClock(Timestamp);

impl Clock for WorldClock {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// What the demo came to.
#[derive(Debug, Serialize)]
struct Report {
    people: usize,
    days: u32,
    seed: u64,
    messages: u64,
    events: u64,
    duplicates: u64,
    late: usize,
    refused: u64,
    customers: i64,
    merges: i64,
    reviews: i64,
    #[serde(flatten)]
    score: Score,
    seconds: f64,
    events_per_second: u64,
    database: String,
}

/// Makes a world up, imports it, compares with the truth, and serves it.
pub(super) fn run(session: &mut Session, args: &DemoArgs) -> Result<Exit, Failure> {
    let settings = WorldSettings::new(Seed::new(args.seed), args.people, args.days)?;
    let options = super::serve::options(&session.environment, None)?;
    let place = (IpAddr::V4(Ipv4Addr::LOCALHOST), args.port);
    let listener =
        if args.no_serve { None } else { Some(super::serve::bind(place, &options.access)?) };
    let database = fresh(session)?;
    let place = database.location_of(&Brand::default());
    let brands = Brands::new(database, session.options.clone())?;
    let handle = brands.open(&Brand::default())?;
    let voice = session.output.voice();
    let (people, days) = (count(args.people), args.days);
    voice.note(format_args!("making up {people} people and {days} days of their lives ..."));
    let world = ciq_synth::world(settings, threads(args.threads));
    let (imported, elapsed) = import(session, &handle, &world, &place)?;
    understand(&handle, voice, world.settings().end())?;
    voice.note("comparing with the truth ...");
    let score = compare(&handle, &world)?;
    let stats = handle.readers().read(Reader::stats)?;
    let report = report(args, &world, (&imported, elapsed), (score, &stats), &place);
    if session.output.is_json() {
        session.output.json(&report)?;
    } else {
        report.write(&mut session.output, &place)?;
    }
    session.output.flush()?;
    let Some(listener) = listener else {
        handle.close();
        return Ok(Exit::Done);
    };
    // People who are made up are not written to, and time stands still where their world ends.
    let (outreach, every) = (OutreachSettings::default(), Every(None));
    let serving = Serving { options, nats: None, outreach, every };
    super::serve::serve(voice, &Arc::new(brands), serving, listener, Stage::open()?)
}

/// Returns where the demo's tables will be. Only the demo's own file is ever removed.
fn fresh(session: &Session) -> Result<Database, Failure> {
    let (path, database) = match (&session.named_db, session.brands.database()) {
        (None, Database::Files(_)) => {
            let path = data_folder()?.join(DATABASE);
            remove(&path)?;
            return Ok(Database::Files(path));
        }
        (Some(path), database) => (path, database),
        (None, database @ Database::Postgres(_)) => {
            let place = database.location_of(&Brand::default());
            return match Reader::open(&place) {
                Err(StoreError::NoSchema(_)) => Ok(database.clone()),
                Err(error) => Err(refused(&place, error)),
                Ok(_) => Err(Failure::Usage(format!(
                    "{place} is there already, and the demo makes a fresh one: name an empty \
                     database in DATABASE_URL, or a file with --db"
                ))),
            };
        }
    };
    if inspect(path)? == FileState::Absent {
        return Ok(database.clone());
    }
    let path = path.display();
    Err(Failure::Usage(format!(
        "{path} is there already, and the demo makes a fresh file: name another with --db, or \
         remove it first"
    )))
}

fn threads(asked: usize) -> usize {
    match asked {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        asked => asked,
    }
}

/// Imports the world's records as lines, as if they came from a file.
fn import(
    session: &Session,
    handle: &Arc<BrandHandle>,
    world: &World,
    place: &Location,
) -> Result<(ImportReport, Duration), Failure> {
    let mut lines = Vec::new();
    for record in world.records() {
        lines.extend_from_slice(&record.to_line());
        lines.push(b'\n');
    }
    let voice = session.output.voice();
    let bar = progress_bar(voice, u64::try_from(lines.len()).ok());
    let clock = WorldClock(world.settings().end());
    let patience = Patience::new(voice, place.clone());
    let mut watch = Watch::new("demo".to_owned(), patience, bar.clone());
    let mut input = std::io::BufReader::new(bar.wrap_read(lines.as_slice()));
    let started = SystemClock.now();
    let ended = Importer::new(handle, &clock, None).run(&mut input, &mut watch);
    let elapsed = SystemClock.now().duration_since(started).unsigned_abs();
    watch.finish();
    let report = ended.map_err(|source| Failure::Import { name: "demo".to_owned(), source })?;
    Ok((report, elapsed))
}

/// Computes what everyone's history means at the end of the made-up world.
fn understand(handle: &Arc<BrandHandle>, voice: Voice, end: Timestamp) -> Result<(), Failure> {
    let clock =
        BrandClock::new(Arc::clone(handle), Arc::new(Outreach::new(OutreachSettings::default())));
    waiting(voice, "computing what it means ...", || clock.pass(Scope::All, end))?;
    Ok(())
}

/// Looks up whose each record became, and compares with whose it is.
fn compare(handle: &BrandHandle, world: &World) -> Result<Score, Failure> {
    let mut ownership = Ownership::default();
    handle.readers().read(|reader| {
        reader.export("customer_raw_event", &mut |columns, values| {
            ownership.take_row(columns, values);
            std::ops::ControlFlow::Continue(())
        })
    })?;
    let now = world.settings().end();
    for record in world.records() {
        let events = events_of(&record.to_line(), now, handle.settings());
        ownership.take_record(record.person, &events);
    }
    Ok(ownership.score(world.people().len()))
}

/// Returns the ids of the events that a record tells of.
fn events_of(line: &[u8], now: Timestamp, settings: &Settings) -> Vec<EventId> {
    match unwrap_record(line, now).map(|message| prepare(message, settings)) {
        Ok(Entry::Told(told)) => told.events.iter().map(|prepared| prepared.event.id).collect(),
        Ok(Entry::Rejected { .. }) | Err(_) => Vec::new(),
    }
}

fn report(
    args: &DemoArgs,
    world: &World,
    (imported, elapsed): (&ImportReport, Duration),
    (score, stats): (Score, &Stats),
    place: &Location,
) -> Report {
    Report {
        people: world.people().len(),
        days: args.days,
        seed: args.seed,
        messages: imported.record_count,
        events: imported.stored_count,
        duplicates: imported.duplicate_count,
        late: world.late_count(),
        refused: imported.rejected_count,
        customers: stats.customer_count,
        merges: stats.merge_count,
        reviews: stats.pending_review_count,
        score,
        seconds: elapsed.as_secs_f64(),
        events_per_second: per_second(imported.stored_count + imported.duplicate_count, elapsed),
        database: place.to_string(),
    }
}

impl Report {
    fn write(&self, output: &mut Output, place: &Location) -> Result<(), Failure> {
        let head = output.paint(Style::Bold, "the demo");
        output.line(head)?;
        let score = &self.score;
        for (name, figure, remark) in [
            ("people made up", count(self.people), String::new()),
            ("messages", count(self.messages), format!("{} late", count(self.late))),
            ("events stored", count(self.events), String::new()),
            ("sent twice, stored once", count(self.duplicates), String::new()),
            ("refused", count(self.refused), String::new()),
            ("customers found", count(self.customers), String::new()),
            ("merges", count(self.merges), String::new()),
            ("reviews that wait", count(self.reviews), String::new()),
            ("precision", share(score.precision), "customers that are one person".to_owned()),
            ("recall", share(score.recall), "people who are one customer, whole".to_owned()),
            ("pairwise precision", share(score.pairwise_precision), String::new()),
            ("pairwise recall", share(score.pairwise_recall), String::new()),
            ("seconds", format!("{:.2}", self.seconds), "parsing to commit".to_owned()),
            ("events per second", count(self.events_per_second), String::new()),
        ] {
            let line = format!("  {name:<24} {figure:>12}  {remark}");
            output.line(line.trim_end())?;
        }
        let head = output.paint(Style::Bold, "where to look");
        output.line(format_args!("\n{head}"))?;
        let (at, shell) = match place {
            Location::File(path) => {
                let path = path.display();
                let select = "'SELECT * FROM customers LIMIT 5'";
                (format!(" --db {path}"), format!("sqlite3 {path} {select}"))
            }
            Location::Schema(place) => {
                let select = format!("'SELECT * FROM {}.customers LIMIT 5'", place.schema());
                (String::new(), format!("psql \"$DATABASE_URL\" -c {select}"))
            }
        };
        output.line(format_args!("  customeriq{at} customers --sort lifetime-value"))?;
        output.line(format_args!("  customeriq{at} merges"))?;
        output.line(format_args!("  {shell}"))
    }
}

/// Shows a share of one with four places.
fn share(share: f64) -> String {
    format!("{share:.4}")
}
