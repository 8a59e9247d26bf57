//! A listener, a router, and the end.

use std::future::Future;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::layers::REQUEST_TIMEOUT;
use crate::metric;

/// How long requests under way may take after the end was asked for: a little more than any may.
const GRACE: Duration = REQUEST_TIMEOUT.saturating_add(Duration::from_secs(2));

/// Why serving ended early.
#[derive(Debug, thiserror::Error)]
#[error("could not serve")]
pub struct ServeError(#[from] std::io::Error);

/// Serves until `shutdown` is done, then finishes the requests under way. Afterwards the caller
/// closes the brands.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let (stopping, stopped) = oneshot::channel();
    let told = async move {
        shutdown.await;
        if stopping.send(()).is_err() {
            tracing::debug!("serving ended by itself before it was told to");
        }
    };
    let server = axum::serve(listener, app).with_graceful_shutdown(told);
    tokio::select! {
        ended = server.into_future() => Ok(ended?),
        () = out_of_patience(stopped) => {
            tracing::warn!("a connection did not end in time and was cut");
            Ok(())
        }
        () = metric::keep_up() => Ok(()),
    }
}

/// Ends a while after the end was asked for.
async fn out_of_patience(stopped: oneshot::Receiver<()>) {
    if stopped.await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(GRACE).await;
}
