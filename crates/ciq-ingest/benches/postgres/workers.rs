//! Workers on one brand: each a thread with connections of its own, which takes messages as bytes,
//! parses them and stores them the public way in.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ciq_engine::{EntryOutcome, EventOutcome, prepare};
use ciq_event::{Brand, Message, WireForm};
use ciq_ingest::{BrandHandle, EngineOptions, IngestError, Pipeline};
use ciq_store::{Database, PostgresServer};
use ciq_testkit::PostgresDatabase;
use jiff::Timestamp;

use crate::events::Events;

/// Workers that are connected.
pub(crate) struct Crew {
    handles: Vec<Arc<BrandHandle>>,
    /// How often a batch was refused for the moment, and given again.
    again: AtomicU64,
}

impl Crew {
    /// Connects workers to a database. The first makes the tables.
    pub(crate) fn open(database: &PostgresDatabase, worker_count: usize) -> Self {
        let server = PostgresServer::parse(database.url()).unwrap();
        let place = Database::Postgres(server).location_of(&Brand::default());
        let handles = (0..worker_count).map(|_| {
            let settings = EngineOptions::default().settings(Brand::default()).unwrap();
            Arc::new(BrandHandle::open(&place, settings).unwrap())
        });
        Self { handles: handles.collect(), again: AtomicU64::new(0) }
    }

    /// Stores each worker's share, and returns when all is committed.
    pub(crate) fn run(&self, events: &Events, shares: &[Vec<usize>], batch_size: usize) {
        std::thread::scope(|scope| {
            for (handle, share) in self.handles.iter().zip(shares) {
                scope.spawn(move || self.work(handle, events, share, batch_size));
            }
        });
    }

    /// Returns how often a batch was refused for the moment, and given again.
    pub(crate) fn again(&self) -> u64 {
        self.again.load(Ordering::Relaxed)
    }

    /// Lets the connections go.
    pub(crate) fn close(self) {
        for handle in &self.handles {
            handle.close();
        }
    }

    fn work(&self, handle: &Arc<BrandHandle>, events: &Events, share: &[usize], batch_size: usize) {
        let now = Timestamp::from_second(1_790_000_000).unwrap();
        let mut pipeline = Pipeline::new(Arc::clone(handle)).sharing_out();
        let mut stored_count = 0;
        for batch in share.chunks(batch_size) {
            let prepared = batch.iter().map(|index| {
                let message = Message::new(WireForm::Envelope, events.body(*index), now);
                prepare(message, handle.settings())
            });
            let settled = pipeline.push(prepared.collect(), (), &mut |error| self.wait(error));
            stored_count += settled.unwrap().iter().map(|it| stored(&it.outcomes)).sum::<usize>();
        }
        let settled = pipeline.finish(&mut |error| self.wait(error));
        stored_count += settled.unwrap().iter().map(|it| stored(&it.outcomes)).sum::<usize>();
        assert_eq!(stored_count, share.len(), "not every event was stored");
    }

    fn wait(&self, error: &IngestError) -> bool {
        assert!(error.is_transient(), "{error:?}");
        self.again.fetch_add(1, Ordering::Relaxed);
        true
    }
}

fn stored(outcomes: &[EntryOutcome]) -> usize {
    let is_stored = |outcome: &&EntryOutcome| {
        matches!(outcome, EntryOutcome::Events(events)
            if events.iter().all(|event| matches!(event, EventOutcome::Stored { .. })))
    };
    outcomes.iter().filter(is_stored).count()
}
