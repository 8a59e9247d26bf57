//! One brand: the way in to what writes its tables, and the way to read them.

use std::hash::{BuildHasher as _, BuildHasherDefault, DefaultHasher};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, Weak};
use std::thread::JoinHandle;

use ciq_engine::{
    Decision, DecisionError, DecisionOutcome, Entry, EntryOutcome, Needs, Settings, WorkingSet,
    fold,
};
use ciq_store::{Location, Readers, StoreError, Writer};
use tokio::sync::{mpsc, oneshot, watch};

use crate::writer::{AheadJob, Chain, Chore, EntriesJob, Job, run};

/// Jobs that may wait for a lane. With at most 10,000 events each, this bounds memory; who comes
/// later waits.
const QUEUE_MAX: usize = 64;

/// Lanes of a brand in PostgreSQL: the server works for one while the other reads, folds and sends.
/// A file has one writer.
pub(crate) const LANES_POSTGRES: usize = 2;

/// Why something could not be taken in.
#[derive(Debug, Clone, thiserror::Error)]
pub enum IngestError {
    /// The file said no.
    #[error("could not use the brand's tables")]
    Store(#[source] Arc<StoreError>),
    /// A person's decision cannot be carried out.
    #[error(transparent)]
    Decision(DecisionError),
    /// The brand is being closed.
    #[error("the service is stopping")]
    Stopped,
}

impl IngestError {
    /// Tells whether the same may go through later. Nothing was written.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Store(error) => error.is_transient(),
            Self::Stopped => true,
            Self::Decision(_) => false,
        }
    }
}

/// Entries that were not taken in, and why. Nothing of them was written.
#[derive(Debug, Clone, thiserror::Error)]
#[error("could not store {} messages", entries.len())]
pub struct Refused {
    /// Why.
    #[source]
    pub error: IngestError,
    /// The entries, to be tried again.
    pub entries: Vec<Entry>,
}

/// One brand's way in and out. Shared by everyone who writes or reads it.
#[derive(Debug)]
pub struct BrandHandle {
    settings: Arc<Settings>,
    readers: Readers,
    /// Writes what is not shared out.
    lane: Lane,
    /// Started when something is to be shared out.
    others: OnceLock<Vec<Lane>>,
    /// The lanes hold it: when they end, whoever listens hears so.
    changes: Weak<watch::Sender<u64>>,
    changed: watch::Receiver<u64>,
}

/// A thread that writes a brand's tables, and what waits for it.
#[derive(Debug)]
struct Lane {
    jobs: mpsc::Sender<Job>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Lane {
    fn start(
        location: &Location,
        settings: &Arc<Settings>,
        changes: &Arc<watch::Sender<u64>>,
    ) -> Result<Self, StoreError> {
        let writer = Writer::open(location, &settings.context.brand)?;
        let (jobs, queue) = mpsc::channel(QUEUE_MAX);
        let (settings, changes) = (Arc::clone(settings), Arc::clone(changes));
        let thread = std::thread::Builder::new()
            .name(format!("writer {}", settings.context.brand))
            .spawn(move || run(writer, &settings, queue, &changes))
            .map_err(|source| StoreError::Folder { folder: location.to_string(), source })?;
        Ok(Self { jobs, thread: Mutex::new(Some(thread)) })
    }

    /// Finishes what was asked, and ends the thread. Blocks.
    fn close(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(thread) = thread else { return };
        // The last to let go may be a job on the thread itself: it ends when nobody can ask.
        if thread.thread().id() == std::thread::current().id() {
            return;
        }
        // A full queue is being worked off; a closed one needs no telling.
        let mut stop = Job::Stop;
        while let Err(mpsc::error::TrySendError::Full(job)) = self.jobs.try_send(stop) {
            stop = job;
            crate::pause(std::time::Duration::from_millis(1));
        }
        if thread.join().is_err() {
            tracing::error!("a brand's writer ended in a panic; its last batch was not written");
        }
    }
}

impl BrandHandle {
    /// Opens a brand's tables and starts what writes to them.
    pub fn open(location: impl Into<Location>, settings: Settings) -> Result<Self, StoreError> {
        let location = location.into();
        let (changes, changed) = watch::channel(0);
        let (changes, settings) = (Arc::new(changes), Arc::new(settings));
        let lane = Lane::start(&location, &settings, &changes)?;
        let readers = Readers::new(&location);
        let (others, changes) = (OnceLock::new(), Arc::downgrade(&changes));
        Ok(Self { settings, readers, lane, others, changes, changed })
    }

    /// Starts the lanes beside the first, for [`Self::lane_of`]. A server that has no place for them
    /// is no reason not to go on.
    pub(crate) fn open_lanes(&self) {
        let location = self.readers.location();
        let Some(changes) = self.changes.upgrade() else { return };
        if location.file().is_some() || self.others.get().is_some() {
            return;
        }
        let start = |_| Lane::start(location, &self.settings, &changes);
        match (1..LANES_POSTGRES).map(start).collect() {
            // Another may have been quicker.
            Ok(lanes) => drop(self.others.set(lanes)),
            Err(error) => {
                let error: StoreError = error;
                tracing::warn!(error = %error, "one writer instead of {LANES_POSTGRES}");
            }
        }
    }

    /// Returns how the brand understands events: for [`ciq_engine::prepare`].
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Tells whether nobody else writes, so that a batch may be folded before the one before it is
    /// written. Where many write, each batch is loaded when its turn has come.
    pub(crate) fn may_fold_ahead(&self) -> bool {
        self.readers.location().file().is_some()
    }

    /// Returns the way to read.
    pub fn readers(&self) -> &Readers {
        &self.readers
    }

    /// Stores entries and returns what became of each, after the commit.
    pub async fn ingest(&self, entries: Vec<Entry>) -> Result<Vec<EntryOutcome>, Refused> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Entries(EntriesJob { entries, reply });
        if let Err(mpsc::error::SendError(job)) = self.lane.jobs.send(job).await {
            return Err(not_taken(job));
        }
        answer.await.unwrap_or_else(|_| Err(gone()))
    }

    /// As [`Self::ingest`], for a thread that may block. The answer is awaited by
    /// [`PendingAnswer::wait`], so that the caller can prepare the next entries meanwhile.
    pub fn submit(&self, entries: Vec<Entry>) -> PendingAnswer {
        self.submit_to(0, entries)
    }

    /// As [`Self::submit`], to one of the lanes.
    pub(crate) fn submit_to(&self, lane: usize, entries: Vec<Entry>) -> PendingAnswer {
        let (reply, answer) = oneshot::channel();
        let job = Job::Entries(EntriesJob { entries, reply });
        let others = self.others.get().map_or(&[][..], Vec::as_slice);
        let other = lane.checked_sub(1).and_then(|index| others.get(index));
        match other.unwrap_or(&self.lane).jobs.blocking_send(job) {
            Ok(()) => PendingAnswer(Ok(answer)),
            Err(mpsc::error::SendError(job)) => PendingAnswer(Err(not_taken(job))),
        }
    }

    /// Returns the lane of an entry where many are shared out: one customer's are on one lane, in
    /// their order, and two lanes seldom wait for each other.
    pub(crate) fn lane_of(&self, entry: &Entry) -> usize {
        let Entry::Told(prepared) = entry else { return 0 };
        let known_by = prepared.events.first().and_then(|event| event.identifiers.first());
        let hash = known_by.map_or(0, |identifier| {
            BuildHasherDefault::<DefaultHasher>::default().hash_one(identifier.value())
        });
        let count = self.others.get().map_or(0, Vec::len) as u64 + 1;
        usize::try_from(hash % count).unwrap_or(0)
    }

    /// Loads and folds entries on this thread, while the batch before them is being written, and
    /// hands the outcome over. Everything before that one must be answered.
    pub(crate) fn fold_ahead(
        &self,
        entries: &[Entry],
        before: Option<&WorkingSet>,
        chain: Chain,
    ) -> Result<Ahead, IngestError> {
        let needs = Needs::of_entries(entries);
        let mut working = self
            .readers
            .read(|reader| reader.load_ahead(&needs, before))
            .map_err(|error| IngestError::Store(Arc::new(error)))?;
        let base = working.next;
        let (changes, outcomes) = fold(&mut working, entries, &self.settings);
        let (reply, written) = oneshot::channel();
        let job = AheadJob { base, changes, next: working.next, chain, reply };
        self.lane
            .jobs
            .blocking_send(Job::Ahead(Box::new(job)))
            .map_err(|_| IngestError::Stopped)?;
        Ok(Ahead { working, outcomes, written })
    }

    /// Carries out a decision and returns what came of it, after the commit.
    pub async fn decide(&self, decision: Decision) -> Result<DecisionOutcome, IngestError> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Decision(decision, reply);
        self.lane.jobs.send(job).await.map_err(|_| IngestError::Stopped)?;
        answer.await.unwrap_or(Err(IngestError::Stopped))
    }

    /// As [`Self::decide`], for a thread that may block.
    pub fn decide_blocking(&self, decision: Decision) -> Result<DecisionOutcome, IngestError> {
        let (reply, answer) = oneshot::channel();
        let job = Job::Decision(decision, reply);
        self.lane.jobs.blocking_send(job).map_err(|_| IngestError::Stopped)?;
        answer.blocking_recv().unwrap_or(Err(IngestError::Stopped))
    }

    /// Returns a signal that changes after every write of this process; what it counts means
    /// nothing else. Other processes on the same file do not move it.
    pub fn changed(&self) -> watch::Receiver<u64> {
        self.changed.clone()
    }

    /// Carries out a small write that folds nothing, on a thread that writes.
    pub async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, IngestError> {
        let (chore, answer) = chore(work);
        self.lane.jobs.send(Job::Chore(chore)).await.map_err(|_| IngestError::Stopped)?;
        answer.await.unwrap_or(Err(IngestError::Stopped))
    }

    /// As [`Self::write`], for a thread that may block.
    pub fn write_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, IngestError> {
        let (chore, answer) = chore(work);
        self.lane.jobs.blocking_send(Job::Chore(chore)).map_err(|_| IngestError::Stopped)?;
        answer.blocking_recv().unwrap_or(Err(IngestError::Stopped))
    }

    /// Finishes what was asked, writes the log into the file and ends what writes. Blocks.
    pub fn close(&self) {
        self.lane.close();
        self.others.get().into_iter().flatten().for_each(Lane::close);
    }
}

impl Drop for BrandHandle {
    fn drop(&mut self) {
        self.close();
    }
}

type Answer<T> = oneshot::Receiver<Result<T, IngestError>>;

fn chore<T: Send + 'static>(
    work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
) -> (Chore, Answer<T>) {
    let (reply, answer) = oneshot::channel();
    let chore = Chore(Box::new(move |writer| {
        // Whoever asked may have gone; what was written stands all the same.
        drop(reply.send(work(writer).map_err(|error| IngestError::Store(Arc::new(error)))));
    }));
    (chore, answer)
}

/// A batch folded ahead, on its way into the file.
#[derive(Debug)]
pub(crate) struct Ahead {
    /// The working set after the fold: what the next batch starts from.
    pub(crate) working: WorkingSet,
    /// What becomes of the entries once they are written.
    pub(crate) outcomes: Vec<EntryOutcome>,
    written: oneshot::Receiver<Result<bool, IngestError>>,
}

impl Ahead {
    /// Waits until the batch is written. Not ok where it was not, or where somebody else wrote
    /// meanwhile: `Ok(false)`. Then it has to be loaded and folded again.
    pub(crate) fn wait(&mut self) -> Result<bool, IngestError> {
        // The receiver is used once: a second wait finds it closed.
        let written = std::mem::replace(&mut self.written, oneshot::channel().1);
        written.blocking_recv().unwrap_or(Err(IngestError::Stopped))
    }
}

/// An answer on its way.
#[derive(Debug)]
pub struct PendingAnswer(Result<oneshot::Receiver<Result<Vec<EntryOutcome>, Refused>>, Refused>);

impl PendingAnswer {
    /// Waits for the answer. Blocks.
    pub fn wait(self) -> Result<Vec<EntryOutcome>, Refused> {
        self.0?.blocking_recv().unwrap_or_else(|_| Err(gone()))
    }
}

fn not_taken(job: Job) -> Refused {
    let entries = match job {
        Job::Entries(job) => job.entries,
        Job::Ahead(_) | Job::Decision(..) | Job::Chore(_) | Job::Stop => Vec::new(),
    };
    Refused { error: IngestError::Stopped, entries }
}

fn gone() -> Refused {
    Refused { error: IngestError::Stopped, entries: Vec::new() }
}
