//! Threads, the clock, chance, and the signals that end it.

use std::collections::hash_map::RandomState;
use std::future::Future;
use std::hash::{BuildHasher as _, Hasher as _};
use std::io;

use jiff::Timestamp;
use tokio::runtime::{Builder, Runtime};

use crate::exit::Failure;

/// Starts the threads.
pub(crate) fn start() -> Result<Runtime, Failure> {
    let runtime = Builder::new_multi_thread().enable_all().build();
    runtime.map_err(Failure::system("start the threads"))
}

/// Reads the clock.
#[expect(clippy::disallowed_methods, reason = "the edge, where the clock is read")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// Returns an id that no other run has: from the time, and from chance of the system's.
pub(crate) fn fresh_run_id() -> String {
    format!("{:x}-{:016x}", now().as_millisecond(), jitter_seed())
}

/// Returns a number from chance of the system's: two programs that are refused at once should not
/// come back at once.
pub(crate) fn jitter_seed() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// Ends when the process is told to stop: SIGTERM, or Ctrl-C.
#[cfg(unix)]
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
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
pub(crate) fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        // Where Ctrl-C cannot be heard, only the system ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
