//! What happens when time passes, beside the API: insights, automations, messages.

use std::sync::Arc;
use std::time::Duration;

use ciq_clockwork::{Clocks, Clockwork, ClockworkSettings};
use ciq_ingest::SystemClock;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::cli::Every;

/// How long messages that are under way may take at the end. One that was cut off is looked into
/// after the next start, as after a crash.
const FINISH_TIMEOUT: Duration = Duration::from_secs(30);

/// The clockwork, running.
#[derive(Debug)]
pub(crate) struct ClockworkService {
    task: JoinHandle<()>,
}

impl ClockworkService {
    /// Starts the clockwork on the runtime that is entered, unless it is switched off. `stop` turns
    /// true when it is to end.
    pub(crate) fn start(
        every: Every,
        clocks: &Arc<Clocks>,
        stop: watch::Receiver<bool>,
    ) -> Option<Self> {
        let every = every.0?;
        let settings = ClockworkSettings { every };
        let clockwork = Clockwork::new(Arc::clone(clocks), Arc::new(SystemClock), settings, stop);
        Some(Self { task: tokio::spawn(clockwork.run()) })
    }

    /// Waits until the pass that is under way, and what it sends, has ended.
    pub(crate) async fn finish(mut self) {
        if timeout(FINISH_TIMEOUT, &mut self.task).await.is_err() {
            self.task.abort();
            let seconds = FINISH_TIMEOUT.as_secs();
            tracing::warn!("sending did not end within {seconds} s and was cut off");
        }
    }
}
