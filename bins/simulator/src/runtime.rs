//! Threads, the clock, and the signals that end it.

use std::fmt;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::time::Duration;

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

use crate::exit::Failure;

/// Starts the threads.
pub(crate) fn start() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build();
    runtime.map_err(Failure::system("start a thread"))
}

/// Reads the clock, to the millisecond: what events keep.
#[expect(clippy::disallowed_methods, reason = "the edge, where the clock is read")]
pub(crate) fn now() -> Timestamp {
    let now = Timestamp::now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// Whether it is time to end. A signal that comes while nobody waits is found by the next who does.
pub(crate) struct Stop {
    signal: Pin<Box<dyn Future<Output = ()> + Send>>,
    is_asked: bool,
}

impl fmt::Debug for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stop").field("is_asked", &self.is_asked).finish_non_exhaustive()
    }
}

impl Stop {
    /// Listens from now on.
    pub(crate) fn listen() -> Result<Self, Failure> {
        let signal = stop_signal().map_err(Failure::system("listen for signals"))?;
        Ok(Self { signal: Box::pin(signal), is_asked: false })
    }

    /// Waits until it is time to end.
    pub(crate) async fn asked(&mut self) {
        if !self.is_asked {
            (&mut self.signal).await;
            self.is_asked = true;
        }
    }

    /// Waits for a while; tells whether it became time to end.
    pub(crate) async fn asked_within(&mut self, pause: Duration) -> bool {
        tokio::time::timeout(pause, self.asked()).await.is_ok()
    }
}

/// Ends when the process is told to stop: SIGTERM, or Ctrl-C.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Ends when the process is told to stop: Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        // Where Ctrl-C cannot be heard, only the system ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
