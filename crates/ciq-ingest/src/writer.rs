//! The thread that owns a brand's file: takes what is queued, folds it, commits, answers.

use std::fmt;
use std::hash::{BuildHasher as _, Hasher as _, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ciq_engine::{
    Changes, Counters, Decision, DecisionOutcome, Entry, EntryOutcome, EventOutcome, Needs,
    Settings, decide_on, fold,
};
use ciq_store::{StoreError, Writer};
use tokio::sync::{mpsc, oneshot, watch};

use crate::brand::{IngestError, Refused};
use crate::pause;

/// Most events of a batch. Larger batches write the same index pages less often; this bounds the
/// memory and how long readers wait for what was sent first.
const BATCH_EVENTS_MAX: usize = 10_000;

/// How often a batch is tried again where other workers stand in its way, and how long the first
/// pause is at most.
const CONFLICTS_MAX: u32 = 8;
const CONFLICT_PAUSE_MS: u64 = 10;

/// What a brand's thread is asked to do.
#[derive(Debug)]
pub(crate) enum Job {
    /// Store these.
    Entries(EntriesJob),
    /// Write what was folded ahead.
    Ahead(Box<AheadJob>),
    /// Carry out a decision.
    Decision(Decision, oneshot::Sender<Result<DecisionOutcome, IngestError>>),
    /// Carry out a small write that folds nothing.
    Chore(Chore),
    /// End, after what was asked before.
    Stop,
}

/// A small write that folds nothing, such as a mark of how far a reader has come. It answers for
/// itself.
pub(crate) struct Chore(pub(crate) Box<dyn FnOnce(&mut Writer) + Send>);

impl fmt::Debug for Chore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Chore")
    }
}

#[derive(Debug)]
pub(crate) struct EntriesJob {
    pub(crate) entries: Vec<Entry>,
    pub(crate) reply: oneshot::Sender<Result<Vec<EntryOutcome>, Refused>>,
}

/// A batch that was loaded and folded while the one before it was being written.
#[derive(Debug)]
pub(crate) struct AheadJob {
    pub(crate) base: Counters,
    pub(crate) changes: Changes,
    pub(crate) next: Counters,
    /// The chain of batches that were folded one over the other.
    pub(crate) chain: Chain,
    /// Hears whether the fold still held when it was written.
    pub(crate) reply: oneshot::Sender<Result<bool, IngestError>>,
}

/// Batches folded one over the other: where one is not written, none after it may be. Counters
/// alone do not tell, for somebody else may have written just as much.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chain(Arc<AtomicBool>);

impl Chain {
    /// Tells whether a batch of the chain was not written.
    fn is_broken(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }

    fn break_off(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs until told to stop or until nobody can ask any more.
pub(crate) fn run(
    mut writer: Writer,
    settings: &Settings,
    mut jobs: mpsc::Receiver<Job>,
    changed: &watch::Sender<u64>,
) {
    let mut waiting = None;
    while let Some(job) = waiting.take().or_else(|| jobs.blocking_recv()) {
        match job {
            Job::Stop => break,
            Job::Chore(chore) => {
                (chore.0)(&mut writer);
                continue;
            }
            Job::Decision(decision, reply) => {
                // Whoever asked may have gone; the decision stands all the same.
                drop(reply.send(carry_out(&mut writer, &decision, settings)));
            }
            Job::Ahead(job) => {
                let written = if job.chain.is_broken() {
                    Ok(false)
                } else {
                    writer.commit_ahead(job.base, &job.changes, job.next)
                };
                if !matches!(written, Ok(true)) {
                    job.chain.break_off();
                }
                drop(job.reply.send(written.map_err(|error| IngestError::Store(Arc::new(error)))));
            }
            Job::Entries(first) => {
                let batch = gather(first, &mut jobs, &mut waiting);
                store_batch(&mut writer, batch, settings);
            }
        }
        changed.send_modify(|count| *count += 1);
    }
    if let Err(error) = writer.checkpoint() {
        tracing::warn!(error = %error, "could not shrink the write-ahead log at the end");
    }
}

/// Takes what is queued already, up to a batch: under load batches grow by themselves, and a lone
/// event waits for nobody.
fn gather(
    first: EntriesJob,
    jobs: &mut mpsc::Receiver<Job>,
    waiting: &mut Option<Job>,
) -> Vec<EntriesJob> {
    let mut count = first.entries.len();
    let mut batch = vec![first];
    while count < BATCH_EVENTS_MAX {
        match jobs.try_recv() {
            Ok(Job::Entries(job)) => {
                count += job.entries.len();
                batch.push(job);
            }
            Ok(other) => {
                *waiting = Some(other);
                break;
            }
            Err(_) => break,
        }
    }
    batch
}

/// Stores a batch. Where it fails for good, each job is tried by itself, so that one does not
/// take the others down.
fn store_batch(writer: &mut Writer, mut batch: Vec<EntriesJob>, settings: &Settings) {
    let lengths: Vec<usize> = batch.iter().map(|job| job.entries.len()).collect();
    let entries: Vec<Entry> = batch.iter_mut().flat_map(|job| job.entries.drain(..)).collect();
    match store(writer, &entries, settings) {
        Ok(outcomes) => {
            let mut outcomes = outcomes.into_iter();
            for (job, length) in batch.into_iter().zip(lengths) {
                let own = outcomes.by_ref().take(length).collect();
                drop(job.reply.send(Ok(own)));
            }
        }
        Err(error) => {
            let is_alone = batch.len() == 1;
            let error = Arc::new(error);
            let mut entries = entries.into_iter();
            for (job, length) in batch.into_iter().zip(lengths) {
                let own: Vec<Entry> = entries.by_ref().take(length).collect();
                let answer = if is_alone || error.is_transient() {
                    Err(Refused { error: IngestError::Store(Arc::clone(&error)), entries: own })
                } else {
                    store(writer, &own, settings).map_err(|error| Refused {
                        error: IngestError::Store(Arc::new(error)),
                        entries: own,
                    })
                };
                drop(job.reply.send(answer));
            }
        }
    }
}

fn store(
    writer: &mut Writer,
    entries: &[Entry],
    settings: &Settings,
) -> Result<Vec<EntryOutcome>, StoreError> {
    let needs = Needs::of_entries(entries);
    let outcomes = again_after_conflicts(|| {
        let mut working = writer.load(&needs)?;
        let (changes, outcomes) = fold(&mut working, entries, settings);
        writer.commit(&changes, working.next)?;
        Ok(outcomes)
    })?;
    count(&outcomes);
    Ok(outcomes)
}

/// Tries again where another worker's work stood in the way, after a pause that grows, and that is
/// not the same for two workers.
fn again_after_conflicts<T>(
    mut work: impl FnMut() -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    let mut longest_ms = CONFLICT_PAUSE_MS;
    for _ in 0..CONFLICTS_MAX {
        match work() {
            Err(error) if error.is_conflict() => {
                metrics::counter!("customeriq_conflicts_total").increment(1);
                tracing::debug!(error = %error, "another worker was in the way");
                // The keys of the standard library's hashes are random.
                let chance = RandomState::new().build_hasher().finish();
                pause(Duration::from_millis(chance % longest_ms + 1));
                longest_ms *= 2;
            }
            done => return done,
        }
    }
    work()
}

fn carry_out(
    writer: &mut Writer,
    decision: &Decision,
    settings: &Settings,
) -> Result<DecisionOutcome, IngestError> {
    let stored = |error| IngestError::Store(Arc::new(error));
    let needs = Needs::of_decision(decision);
    let mut working = again_after_conflicts(|| writer.load(&needs)).map_err(stored)?;
    match decide_on(&mut working, decision, settings) {
        Ok((changes, outcome)) => {
            writer.commit(&changes, working.next).map_err(stored)?;
            Ok(outcome)
        }
        Err(error) => {
            writer.abandon();
            Err(IngestError::Decision(error))
        }
    }
}

pub(crate) fn count(outcomes: &[EntryOutcome]) {
    let mut counts = [0_u64; 3];
    for outcome in outcomes {
        match outcome {
            EntryOutcome::Rejected(_) => counts[2] += 1,
            EntryOutcome::Events(events) => {
                for event in events {
                    match event {
                        EventOutcome::Stored { .. } => counts[0] += 1,
                        EventOutcome::Duplicate { .. } => counts[1] += 1,
                        EventOutcome::Refused { .. } => counts[2] += 1,
                    }
                }
            }
        }
    }
    for (name, count) in ["stored", "duplicate", "rejected"].into_iter().zip(counts) {
        metrics::counter!("customeriq_events_total", "outcome" => name).increment(count);
    }
    metrics::counter!("customeriq_batches_total").increment(1);
}
