//! A lane: takes what is queued, delivers it in order, and does not give up.

use std::sync::Arc;

use tokio::sync::mpsc;

use super::{Backend, Done};
use crate::Batch;
use crate::backoff::Backoff;
use crate::counters::{IsNews, Tally};
use crate::secret::masked;
use crate::sink::Load;

/// Messages from which on what is queued is not joined any more: more would not be faster, and
/// what is joined is in memory twice.
const JOIN_UNTIL: usize = 10_000;

/// One way to the other side, what goes there, and what became of it.
#[derive(Debug)]
pub(crate) struct Lane {
    pub(crate) kind: &'static str,
    pub(crate) backend: Backend,
    pub(crate) loads: mpsc::UnboundedReceiver<Load>,
    pub(crate) tally: Arc<Tally>,
    pub(crate) secrets: Arc<[String]>,
}

impl Lane {
    /// Delivers until the sink is closed and nothing is left.
    pub(crate) async fn run(mut self) {
        while let Some(load) = self.loads.recv().await {
            let mut loads = vec![load];
            let mut count = loads.iter().map(|load| load.batch().len()).sum::<usize>();
            while count < JOIN_UNTIL
                && let Ok(next) = self.loads.try_recv()
            {
                count += next.batch().len();
                loads.push(next);
            }
            match loads.as_slice() {
                [one] => self.deliver(one.batch()).await,
                several => self.deliver(&joined(several)).await,
            }
        }
        self.backend.close().await;
    }

    async fn deliver(&mut self, batch: &Batch) {
        let mut backoff = Backoff::default();
        let mut from = 0;
        while from < batch.len() {
            match self.backend.deliver(batch, from).await {
                Ok(Done { delivered, refused, reason }) => {
                    if let Some(reason) = reason {
                        self.tally.complain(masked(&reason, &self.secrets));
                    }
                    self.tally.settle(delivered, refused);
                    from += delivered + refused;
                    backoff.reset();
                }
                Err(failure) => {
                    let reason = masked(&failure.reason, &self.secrets);
                    if self.tally.fail(reason.clone()) == IsNews::Yes {
                        let sink = self.kind;
                        tracing::warn!(target: "sink", sink, reason, "could not deliver, yet");
                    }
                    tokio::time::sleep(backoff.next_pause(failure.retry_after)).await;
                }
            }
        }
    }
}

fn joined(loads: &[Load]) -> Batch {
    let mut joined = Batch::new();
    for load in loads {
        joined.append(load.batch());
    }
    joined
}
