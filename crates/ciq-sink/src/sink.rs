//! The sink: a buffer with a bound, and tasks that empty it.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;

use crate::backend::{Backend, Lane};
use crate::counters::Tally;
use crate::{Batch, SinkCounters, SinkError, SinkReport, SinkSettings};

/// Most messages in the buffer: a second of the fastest sink, and minutes of a usual stream.
pub const BUFFER_MESSAGES_MAX: usize = 200_000;

/// Most bytes in the buffer: what the smallest machine can spare. Messages of usual size meet the
/// other bound first.
pub const BUFFER_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Takes messages and delivers them behind the caller's back. Cheap to clone: all clones are one
/// sink.
///
/// What fails is tried again, with growing pauses, until it arrives or the sink is closed. A sink
/// that is forgotten without being closed ends at once.
#[derive(Debug, Clone)]
pub struct Sink {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    settings: SinkSettings,
    tally: Arc<Tally>,
    room: Arc<Room>,
    /// Where batches go in; empty once the sink is closed.
    entries: Mutex<Vec<mpsc::UnboundedSender<Load>>>,
    lane_count: usize,
    /// The tasks; they end when this is dropped.
    tasks: Mutex<JoinSet<()>>,
}

/// What of the buffer is free.
#[derive(Debug)]
struct Room {
    messages: Semaphore,
    bytes: Semaphore,
}

/// Messages for a lane. Their room is free again when this is dropped.
#[derive(Debug)]
pub(crate) struct Load {
    batch: Batch,
    room: Arc<Room>,
}

impl Drop for Load {
    fn drop(&mut self) {
        self.room.messages.add_permits(self.batch.len().min(BUFFER_MESSAGES_MAX));
        self.room.bytes.add_permits(self.batch.size_bytes().min(BUFFER_BYTES_MAX));
    }
}

impl Load {
    pub(crate) fn batch(&self) -> &Batch {
        &self.batch
    }
}

impl Sink {
    /// Opens a sink and starts the tasks that deliver. A server need not be there yet; a setting
    /// that can never work, or a file that cannot be opened, is an error.
    pub async fn open(settings: SinkSettings) -> Result<Self, SinkError> {
        let backends = Backend::open(&settings).await?;
        let tally = Arc::new(Tally::default());
        let secrets: Arc<[String]> = settings.secrets().into();
        let mut tasks = JoinSet::new();
        let mut entries = Vec::new();
        for backend in backends {
            let (entry, loads) = mpsc::unbounded_channel();
            let kind = settings.kind();
            let (tally, secrets) = (Arc::clone(&tally), Arc::clone(&secrets));
            tasks.spawn(Lane { kind, backend, loads, tally, secrets }.run());
            entries.push(entry);
        }
        let messages = Semaphore::new(BUFFER_MESSAGES_MAX);
        let room = Arc::new(Room { messages, bytes: Semaphore::new(BUFFER_BYTES_MAX) });
        let lane_count = entries.len();
        let (entries, tasks) = (Mutex::new(entries), Mutex::new(tasks));
        Ok(Self { shared: Arc::new(Shared { settings, tally, room, entries, lane_count, tasks }) })
    }

    /// Returns where the sink delivers to.
    #[must_use]
    pub fn settings(&self) -> &SinkSettings {
        &self.shared.settings
    }

    /// Takes messages as soon as there is room for them. Fails only when the sink is closed; what
    /// it did not take then counts as dropped.
    pub async fn send(&self, batch: Batch) -> Result<(), SinkError> {
        let mut left = batch.len();
        for part in batch.split_within(BUFFER_MESSAGES_MAX, BUFFER_BYTES_MAX) {
            let count = part.len();
            if !self.shared.room_for(&part).await || self.shared.enter(part).is_err() {
                self.shared.tally.drop_messages(left);
                return Err(SinkError::Closed { message_count: left });
            }
            left -= count;
        }
        Ok(())
    }

    /// Takes messages if there is room for all of them now. Otherwise they come back, and count as
    /// dropped.
    pub fn offer(&self, batch: Batch) -> Result<(), Batch> {
        let taken =
            if self.shared.has_room_for(&batch) { self.shared.enter(batch) } else { Err(batch) };
        taken.inspect_err(|batch| self.shared.tally.drop_messages(batch.len()))
    }

    /// Waits until everything that was taken has arrived or was refused. Waits for ever while the
    /// other side is away.
    pub async fn drain(&self) {
        self.shared.tally.drained().await;
    }

    /// Returns what became of all messages so far.
    #[must_use]
    pub fn counters(&self) -> SinkCounters {
        self.shared.tally.counters()
    }

    /// Closes the sink and all its clones: takes nothing more, waits until everything has arrived
    /// or the limit is over, and says what became of it.
    pub async fn close(self, limit: Duration) -> SinkReport {
        let shared = &self.shared;
        // Whoever waits for room is turned away.
        shared.room.messages.close();
        shared.room.bytes.close();
        lock(&shared.entries).clear();
        let mut tasks = std::mem::take(&mut *lock(&shared.tasks));
        let in_time =
            tokio::time::timeout(limit, async { while tasks.join_next().await.is_some() {} });
        let is_late = in_time.await.is_err();
        tasks.shutdown().await;
        let report = shared.tally.report();
        if is_late || report.undelivered > 0 {
            let (count, sink) = (report.undelivered, shared.settings.kind());
            tracing::warn!(target: "sink", sink, count, "closed before everything was delivered");
        }
        report
    }
}

impl Shared {
    /// Waits for room. Tells whether there is some; there is none once the sink is closed.
    async fn room_for(&self, batch: &Batch) -> bool {
        let (messages, bytes) = permits(batch);
        // In this order everywhere, so that two who wait do not wait for each other.
        let Ok(messages) = self.room.messages.acquire_many(messages).await else { return false };
        let Ok(bytes) = self.room.bytes.acquire_many(bytes).await else { return false };
        messages.forget();
        bytes.forget();
        true
    }

    fn has_room_for(&self, batch: &Batch) -> bool {
        if batch.len() > BUFFER_MESSAGES_MAX || batch.size_bytes() > BUFFER_BYTES_MAX {
            return false;
        }
        let (messages, bytes) = permits(batch);
        let Ok(messages) = self.room.messages.try_acquire_many(messages) else { return false };
        let Ok(bytes) = self.room.bytes.try_acquire_many(bytes) else { return false };
        messages.forget();
        bytes.forget();
        true
    }

    /// Hands messages that have their room to the lanes. They come back once the sink is closed.
    fn enter(&self, batch: Batch) -> Result<(), Batch> {
        // Held while counting, so that what is counted is also taken before the sink closes.
        let entries = lock(&self.entries);
        if entries.is_empty() {
            return Err(batch);
        }
        self.tally.accept(batch.len());
        for (entry, batch) in entries.iter().zip(shards(batch, self.lane_count)) {
            if batch.is_empty() {
                continue;
            }
            let load = Load { batch, room: Arc::clone(&self.room) };
            // A lane ends only after its entry is gone.
            drop(entry.send(load));
        }
        Ok(())
    }
}

/// Splits messages by user, so that each user's stay in one part and in order.
fn shards(batch: Batch, count: usize) -> Vec<Batch> {
    if count == 1 {
        return vec![batch];
    }
    let mut shards = vec![Batch::new(); count];
    for message in batch.iter() {
        let mut hasher = DefaultHasher::new();
        message.user_id.hash(&mut hasher);
        let index = hasher.finish() % u64::try_from(count).unwrap_or(u64::MAX);
        if let Some(shard) = usize::try_from(index).ok().and_then(|index| shards.get_mut(index)) {
            shard.push(message);
        }
    }
    shards
}

/// Returns what a batch takes up of the buffer. A single message that is larger than all of it takes
/// up all of it.
fn permits(batch: &Batch) -> (u32, u32) {
    let narrow = |count: usize, most: usize| u32::try_from(count.min(most)).unwrap_or(u32::MAX);
    (narrow(batch.len(), BUFFER_MESSAGES_MAX), narrow(batch.size_bytes(), BUFFER_BYTES_MAX))
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}
