//! What happens when time passes, beside the API: insights, automations, messages.

use std::sync::Arc;
use std::time::Duration;

use ciq_clockwork::{Clocks, Clockwork, ClockworkSettings};
use ciq_ingest::{Brands, SystemClock};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use crate::cli::Every;
use crate::exit::chain;

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
        open_all(clocks.brands());
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

/// Opens every brand that has a file: time passes for those too whom nobody has asked for yet.
fn open_all(brands: &Brands) {
    let known = match brands.known_brands() {
        Ok(known) => known,
        Err(error) => {
            let error = chain(&error);
            tracing::warn!(error, "it is not known which brands there are");
            return;
        }
    };
    for brand in known {
        if let Err(error) = brands.open(&brand) {
            let error = chain(&error);
            tracing::warn!(brand = %brand, error, "a brand is left out of the passes");
        }
    }
}
