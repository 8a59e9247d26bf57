//! How long to gather before a batch is handed on: not at all for a lone event, a little where many
//! come, and until the batch is full where the stream is far ahead.

use std::collections::VecDeque;
use std::time::Duration;

use ciq_nats::{Delivery, Source};
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout_at};

use super::worker::Work;

/// Most messages of a batch. See `docs/benchmarks.md`: larger ones gain little and cost memory.
const MESSAGES_MAX: usize = 1_250;

/// Messages still in the stream from which on the service is catching up.
const CATCHING_UP_FROM: u64 = 2_000;

/// How long to gather while catching up: enough for a full batch at the rate of the wire.
const LINGER_CATCHING_UP: Duration = Duration::from_millis(40);

/// Messages of the last batch from which on waiting for more makes fewer commits.
const BUSY_FROM: usize = 10;

/// How long to gather while many come. Measured at 10,000/s: 5 and 10 ms make the slowest slower.
const LINGER_BUSY: Duration = Duration::from_millis(2);

/// Gathers batches.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    last_count: usize,
    batch: Vec<Delivery>,
    until: Option<Instant>,
    marks: VecDeque<oneshot::Sender<()>>,
}

impl Gathering {
    /// Puts a mark behind what was gathered until now.
    pub(super) fn mark(&mut self, waiting: oneshot::Sender<()>) {
        self.marks.push_back(waiting);
    }

    /// Waits for the next batch or mark. What was gathered stays where the wait is given up
    /// half-way.
    pub(super) async fn next(&mut self, source: &mut Source) -> Work {
        if !self.marks.is_empty() && !self.batch.is_empty() {
            return Work::Batch(std::mem::take(&mut self.batch));
        }
        match self.marks.pop_front() {
            Some(waiting) => Work::Mark(waiting),
            None => Work::Batch(self.next_batch(source).await),
        }
    }

    async fn next_batch(&mut self, source: &mut Source) -> Vec<Delivery> {
        if self.batch.is_empty() {
            self.batch = source.next_batch(MESSAGES_MAX).await;
            let now = Instant::now();
            self.until = linger(self.last_count, &self.batch).map(|linger| now + linger);
        }
        while let Some(until) = self.until
            && self.batch.len() < MESSAGES_MAX
        {
            match timeout_at(until, source.next_batch(MESSAGES_MAX - self.batch.len())).await {
                Ok(more) => self.batch.extend(more),
                Err(_) => self.until = None,
            }
        }
        self.last_count = self.batch.len();
        std::mem::take(&mut self.batch)
    }

    /// Returns what was gathered when the wait was given up.
    pub(super) fn rest(self) -> Vec<Delivery> {
        self.batch
    }
}

fn linger(last_count: usize, batch: &[Delivery]) -> Option<Duration> {
    let place = batch.first().and_then(|first| first.place);
    let behind = place.map_or(0, |place| place.pending_count.saturating_sub(batch.len() as u64));
    if behind >= CATCHING_UP_FROM {
        return Some(LINGER_CATCHING_UP);
    }
    (last_count >= BUSY_FROM).then_some(LINGER_BUSY)
}

#[cfg(test)]
mod tests {
    use ciq_nats::{Place, Receipt};
    use jiff::Timestamp;

    use super::*;

    fn batch(pending_count: u64) -> Vec<Delivery> {
        let stored_at = Timestamp::UNIX_EPOCH;
        vec![Delivery {
            subject: String::new(),
            headers: Vec::new(),
            body: Vec::new(),
            receipt: Receipt::None,
            place: Some(Place { sequence: 1, delivery_count: 1, pending_count, stored_at }),
        }]
    }

    #[test]
    fn a_lone_event_waits_for_nobody() {
        assert_eq!(linger(1, &batch(0)), None);
        assert_eq!(linger(200, &batch(0)), Some(LINGER_BUSY));
        assert_eq!(linger(1, &batch(50_000)), Some(LINGER_CATCHING_UP));
    }
}
