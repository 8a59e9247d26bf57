//! What goes into a sink, and the wait until it has arrived.

use std::time::Duration;

use ciq_sink::{Batch, Sink, SinkReport, SinkSettings};
use tokio::runtime::Runtime;

use crate::exit::Failure;
use crate::runtime;

/// How long a sink may bring nothing further before it is given up, once all is handed over.
const STALLED: Duration = Duration::from_secs(10);

/// How long the sink may take to end afterwards.
const END: Duration = Duration::from_secs(5);

/// A sink, used from a thread that may wait.
#[derive(Debug)]
pub(crate) struct Feed {
    runtime: Runtime,
    sink: Sink,
}

impl Feed {
    /// Opens the sink.
    pub(crate) fn open(settings: SinkSettings) -> Result<Self, Failure> {
        let runtime = runtime::start()?;
        let sink = runtime.block_on(Sink::open(settings))?;
        Ok(Self { runtime, sink })
    }

    /// Hands messages over as soon as there is room.
    pub(crate) fn send(&self, batch: Batch) -> Result<(), Failure> {
        Ok(self.runtime.block_on(self.sink.send(batch))?)
    }

    /// Waits until everything has arrived, for as long as anything still does.
    pub(crate) fn finish(self) -> Result<SinkReport, Failure> {
        let report = self.runtime.block_on(async {
            let mut before = 0;
            while tokio::time::timeout(STALLED, self.sink.drain()).await.is_err() {
                let delivered = self.sink.counters().delivered;
                if before == delivered {
                    break;
                }
                before = delivered;
            }
            self.sink.close(END).await
        });
        if report.undelivered > 0 || report.refused > 0 {
            let SinkReport { undelivered, refused, last_error, .. } = report;
            return Err(Failure::Undelivered { undelivered, refused, last_error });
        }
        Ok(report)
    }
}
