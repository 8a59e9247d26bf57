//! The threads that connections to PostgreSQL live on. Callers block, on threads of their own.

use std::future::Future;
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use tokio::runtime::{Builder, Runtime};

use super::{Error, Result};

/// The threads that read and write the sockets. They only move bytes.
const THREADS: usize = 2;

/// Returns what connections are spawned on.
pub(super) fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let new = Builder::new_multi_thread()
        .worker_threads(THREADS)
        .thread_name("postgres")
        .enable_all()
        .build()
        .map_err(Error::Runtime)?;
    // Another thread may have been quicker: then its runtime stays, and ours goes unused.
    if let Err(unused) = RUNTIME.set(new) {
        unused.shutdown_background();
    }
    RUNTIME.get().ok_or_else(|| Error::Runtime(std::io::Error::other("it is gone")))
}

/// Waits for a future on this thread, whatever thread it is. The runtime's own way refuses where a
/// task runs, although a short wait there is the caller's to decide.
pub(super) fn wait<T>(future: impl Future<Output = T>) -> T {
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    loop {
        match future.as_mut().poll(&mut context) {
            Poll::Ready(value) => return value,
            Poll::Pending => std::thread::park(),
        }
    }
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}
