//! Backfills: each a history on its way into the sink, on a thread of its own.

mod job;
mod work;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ciq_sink::Sink;
use ciq_synth::saas::HistorySettings;
use jiff::Timestamp;

use crate::asked::NewBackfill;
use crate::problem::{Problem, ProblemKind};
use crate::wire::BackfillBody;

pub(crate) use job::Job;

/// How long the answer to a new backfill waits for its end.
const SHORT: Duration = Duration::from_secs(1);

/// Backfills at once: each takes a core, and the sink is one.
const RUNNING_MAX: usize = 2;

/// Backfills that are remembered after their end.
const KEPT_MAX: usize = 100;

/// Below so many events per user, nothing can be learnt from a history.
const TRAINING_EVENTS_MIN: u64 = 30;

/// The backfills of a service, the oldest first.
#[derive(Debug, Default)]
pub(crate) struct Jobs(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    jobs: VecDeque<Arc<Job>>,
    number_last: u64,
}

impl Jobs {
    /// Starts a backfill of settings whose history ends now.
    pub(crate) fn start(
        &self,
        (settings, asked): (HistorySettings, NewBackfill),
        clock: fn() -> Timestamp,
        sink: Sink,
    ) -> Result<Arc<Job>, Problem> {
        let mut kept = self.kept();
        if kept.jobs.iter().filter(|job| job.is_running()).count() >= RUNNING_MAX {
            let detail = format!("{RUNNING_MAX} backfills run already: wait for one or cancel it");
            return Err(Problem::new(ProblemKind::Conflict, detail));
        }
        kept.number_last += 1;
        let job = Arc::new(Job::new(kept.number_last, &settings, clock()));
        work::start(&job, (settings, asked.dirt), clock, sink);
        kept.jobs.push_back(Arc::clone(&job));
        if kept.jobs.len() > KEPT_MAX {
            let oldest_ended = kept.jobs.iter().position(|job| !job.is_running());
            oldest_ended.and_then(|place| kept.jobs.remove(place));
        }
        Ok(job)
    }

    /// Waits for the end of a backfill, but not for long.
    pub(crate) async fn wait_short(job: &Job) {
        if tokio::time::timeout(SHORT, job.ended()).await.is_err() {
            tracing::debug!("a backfill takes longer than its answer waits");
        }
    }

    /// Returns a backfill.
    pub(crate) fn get(&self, id: &str) -> Result<Arc<Job>, Problem> {
        let found = self.kept().jobs.iter().find(|job| job.id() == id).cloned();
        found.ok_or_else(|| Problem::new(ProblemKind::NotFound, "there is no such backfill"))
    }

    /// Tells about every backfill, the latest first.
    pub(crate) fn all(&self, now: Timestamp) -> Vec<BackfillBody> {
        self.kept().jobs.iter().rev().map(|job| job.body(now)).collect()
    }

    /// Cancels every backfill and waits until all have ended.
    pub(crate) async fn end(&self) {
        let jobs: Vec<_> = self.kept().jobs.iter().cloned().collect();
        for job in &jobs {
            job.cancel();
        }
        for job in jobs {
            job.ended().await;
        }
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
