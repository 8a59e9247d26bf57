//! `replay stream`: what a stream holds, into the tables once more.

use std::time::Duration;

use ciq_engine::{EntryOutcome, EventOutcome};
use ciq_ingest::{BrandHandle, Clock as _, SystemClock, entry_of};
use ciq_nats::{
    Delivery, Mode, Nats, NatsError, NatsOptions, Settlement, Source, SourceOptions, Start,
};
use indicatif::ProgressBar;
use jiff::Timestamp;
use serde::Serialize;
use tokio::time::timeout;

use crate::cli::ReplayStreamArgs;
use crate::commands::publish::is_of_brand;
use crate::exit::{Exit, Failure};
use crate::nats::runtime;
use crate::session::Session;
use crate::table::{count, counted};

/// Most messages of a batch.
const BATCH_MESSAGES_MAX: usize = 5_000;

/// How long to wait for the first message.
const FIRST_WAIT: Duration = Duration::from_secs(5);

/// How long to wait for another one when there seems to be none.
const LAST_WAIT: Duration = Duration::from_secs(2);

/// How long to wait for another one while the stream says that there are more.
const MIDDLE_WAIT: Duration = Duration::from_secs(30);

/// How long messages that are published meanwhile are taken along.
const LIVE_MAX: Duration = Duration::from_secs(10);

/// What came of a replay.
#[derive(Debug, Clone, Copy, Default, Serialize)]
struct Counts {
    messages: u64,
    stored: u64,
    duplicates: u64,
    rejected: u64,
    /// Messages that name another brand.
    other_brands: u64,
}

/// Reads a stream into the tables until there is no more.
pub(super) fn run(session: &mut Session, args: &ReplayStreamArgs) -> Result<Exit, Failure> {
    let nats_options = args.nats.nats_options(&session.environment)?;
    let source_options = source_options(args)?;
    let runtime = runtime()?;
    let (nats, mut source) = runtime.block_on(open(&nats_options, &source_options))?;
    let handle = session.handle()?;
    let is_lively = session.output.voice().is_lively();
    let bar = if is_lively { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    let started = SystemClock.now();
    let replay = Replay { session, handle: &handle, bar: bar.clone(), counts: Counts::default() };
    let counts = runtime.block_on(replay.run(&nats, &mut source));
    bar.finish_and_clear();
    handle.close();
    let (counts, seconds) = (counts?, SystemClock.now().duration_since(started).as_secs_f64());
    report(session, &counts, seconds)
}

fn source_options(args: &ReplayStreamArgs) -> Result<SourceOptions, Failure> {
    let options = args.nats.source_options()?;
    if options.mode == Mode::Core {
        let advice = "NATS_MODE=core leaves streams alone: say --nats-mode auto to read one";
        return Err(Failure::Usage(advice.to_owned()));
    }
    let start = match (args.from_sequence, args.from_time) {
        (_, Some(time)) => Start::Time(time),
        (sequence, None) => Start::Sequence(sequence.unwrap_or(1)),
    };
    let options = match args.partitions {
        Some(partitions) => options.sorted(partitions)?,
        None => options,
    };
    Ok(SourceOptions { mode: Mode::JetStream, start, ..options })
}

/// Opens a source that reads beside the service, if there is anything to read.
async fn open(
    nats_options: &NatsOptions,
    source_options: &SourceOptions,
) -> Result<(Nats, Source), Failure> {
    let nats = Nats::connect(nats_options).await?;
    if !nats.has_jetstream().await? {
        return Err(NatsError::NoJetStream.into());
    }
    // Opening would make the stream that is missing.
    for subject in &source_options.subjects {
        if nats.stream_of(subject).await?.is_none() {
            return Err(Failure::NotFound(format!(
                "no stream takes {subject}: name other subjects with --nats-subjects, or let \
                 `customeriq serve --nats` make {}",
                source_options.stream
            )));
        }
    }
    let source = Source::open(&nats, source_options).await?;
    Ok((nats, source))
}

struct Replay<'a> {
    session: &'a Session,
    handle: &'a BrandHandle,
    bar: ProgressBar,
    counts: Counts,
}

/// How far a replay is.
enum Reach {
    /// Nothing came yet.
    Nothing,
    /// The stream holds more.
    Behind,
    /// The stream held no more at this time.
    CaughtUp(Timestamp),
}

impl Replay<'_> {
    async fn run(mut self, nats: &Nats, source: &mut Source) -> Result<Counts, Failure> {
        let mut reach = Reach::Nothing;
        loop {
            let wait = match reach {
                Reach::Nothing => FIRST_WAIT,
                Reach::Behind => MIDDLE_WAIT,
                Reach::CaughtUp(_) => LAST_WAIT,
            };
            let Ok(batch) = timeout(wait, source.next_batch(BATCH_MESSAGES_MAX)).await else {
                break;
            };
            let pending = batch.first().and_then(|first| first.place);
            let pending = pending.map_or(0, |place| place.pending_count);
            let is_behind = pending >= batch.len() as u64;
            self.store(nats, batch).await?;
            reach = match reach {
                _ if is_behind => Reach::Behind,
                Reach::CaughtUp(at) if is_long_ago(at) => break,
                caught_up @ Reach::CaughtUp(_) => caught_up,
                Reach::Nothing | Reach::Behind => Reach::CaughtUp(SystemClock.now()),
            };
        }
        nats.fence().await?;
        match reach {
            Reach::Behind => Err(Failure::Unsound(format!(
                "the stream holds more, and nothing came for {} s: run the same again",
                MIDDLE_WAIT.as_secs()
            ))),
            Reach::Nothing | Reach::CaughtUp(_) => Ok(self.counts),
        }
    }

    /// Stores a batch, then settles it.
    async fn store(&mut self, nats: &Nats, batch: Vec<Delivery>) -> Result<(), Failure> {
        let now = SystemClock.now();
        let (mut entries, mut receipts) = (Vec::new(), Vec::new());
        for delivery in batch {
            self.counts.messages += 1;
            if !is_of_brand(&delivery.headers, &self.session.brand) {
                self.counts.other_brands += 1;
                nats.settle(&delivery.receipt, &Settlement::Stored).await?;
                continue;
            }
            let (entry, receipt) = entry_of(delivery, self.handle.settings(), now);
            entries.push(entry);
            receipts.push(receipt);
        }
        let outcomes = self.handle.ingest(entries).await?;
        for (receipt, outcome) in receipts.iter().zip(&outcomes) {
            self.count(outcome);
            nats.settle(receipt, &Settlement::Stored).await?;
        }
        let (messages, stored) = (count(self.counts.messages), count(self.counts.stored));
        self.bar.set_message(format!("{messages} messages read, {stored} events stored"));
        self.bar.tick();
        Ok(())
    }

    fn count(&mut self, outcome: &EntryOutcome) {
        let EntryOutcome::Events(events) = outcome else {
            self.counts.rejected += 1;
            return;
        };
        for event in events {
            match event {
                EventOutcome::Stored { .. } => self.counts.stored += 1,
                EventOutcome::Duplicate { .. } => self.counts.duplicates += 1,
                EventOutcome::Refused { .. } => self.counts.rejected += 1,
            }
        }
    }
}

fn is_long_ago(at: Timestamp) -> bool {
    SystemClock.now().duration_since(at).unsigned_abs() >= LIVE_MAX
}

fn report(session: &mut Session, counts: &Counts, seconds: f64) -> Result<Exit, Failure> {
    let Counts { messages, stored, duplicates, rejected, other_brands } = *counts;
    let exit = if rejected > 0 { Exit::SomeRefused } else { Exit::Done };
    let output = &mut session.output;
    if output.is_json() {
        output.json(counts)?;
        return Ok(exit);
    }
    output.line(format_args!(
        "{} read, {} stored, {} seen before, {} refused",
        counted(messages, "message"),
        counted(stored, "event"),
        count(duplicates),
        count(rejected)
    ))?;
    if messages == 0 {
        output.note("the stream holds nothing from there on");
    }
    if other_brands > 0 {
        let others = counted(other_brands, "message");
        output.note(format_args!("{others} of other brands left out: name one with --brand"));
    }
    if rejected > 0 {
        output.note("`customeriq dead-letters` lists what was refused");
    }
    output.note(format_args!("{seconds:.1} s"));
    Ok(exit)
}
