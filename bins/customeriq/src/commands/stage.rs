//! The threads that a service runs on, and the sign to stop.

use std::future::Future;
use std::pin::Pin;

use tokio::runtime::{Builder, Runtime};

use crate::exit::Failure;

/// Ends when the process is told to stop.
pub(super) type Stop = Pin<Box<dyn Future<Output = ()> + Send>>;

/// The threads that a service runs on, and the sign to stop: SIGTERM, or Ctrl-C. Made before
/// anything else, so that a service that is told to stop while it starts ends as any other does.
pub(super) struct Stage {
    runtime: Runtime,
    stop: Stop,
}

impl Stage {
    /// Starts the threads, and hears the sign from now on.
    pub(super) fn open() -> Result<Self, Failure> {
        let runtime = Builder::new_multi_thread()
            .enable_all()
            .build()
            .map_err(system("start the threads that serve"))?;
        let entered = runtime.enter();
        let stop = stop_signal().map_err(system("listen for signals"))?;
        drop(entered);
        Ok(Self { runtime, stop: Box::pin(stop) })
    }

    /// Does what comes before serving; `None` where the sign to stop came first.
    pub(super) fn before<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let Self { runtime, stop } = self;
        runtime.block_on(async {
            tokio::select! {
                biased;
                () = stop => None,
                done = work => Some(done),
            }
        })
    }

    /// As [`Self::before`], for work that blocks. It is given up where the sign came first.
    pub(super) fn before_blocking<T: Send + 'static>(
        &mut self,
        work: impl FnOnce() -> Result<T, Failure> + Send + 'static,
    ) -> Option<Result<T, Failure>> {
        let done = self.before(async { tokio::task::spawn_blocking(work).await })?;
        // A thread that panicked has said so.
        Some(done.unwrap_or_else(|error| Err(system("open the brand")(error.into()))))
    }

    /// Serves until the end. Whoever serves is given the sign.
    pub(super) fn serve<T, F: Future<Output = T>>(self, serving: impl FnOnce(Stop) -> F) -> T {
        self.runtime.block_on(serving(self.stop))
    }

    /// Leaves the stage without having served, and waits for nobody.
    pub(super) fn leave(self) {
        self.runtime.shutdown_background();
    }
}

/// Makes the failure that the system refused something.
pub(super) fn system(doing: &str) -> impl Fn(std::io::Error) -> Failure {
    move |source| Failure::System { doing: doing.to_owned(), source }
}

/// Ends when the process is told to stop: SIGTERM, or Ctrl-C.
#[cfg(unix)]
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
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
fn stop_signal() -> std::io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        // Where Ctrl-C cannot be heard, only the system ends the process.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
