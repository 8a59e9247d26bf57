//! A listener, a router, and the end.

use std::future::Future;
use std::time::Duration;

use axum::Router;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// How long requests under way may take after the end was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// Why serving ended early.
#[derive(Debug, thiserror::Error)]
#[error("could not serve")]
pub struct ServeError(#[from] std::io::Error);

/// Serves until `shutdown` is done, then finishes the requests under way. Afterwards the caller
/// closes the service.
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
    let served = async { axum::serve(listener, app).with_graceful_shutdown(told).await };
    tokio::select! {
        ended = served => Ok(ended?),
        () = out_of_patience(stopped) => {
            tracing::warn!("a connection did not end in time and was cut");
            Ok(())
        }
    }
}

/// Ends a while after the end was asked for.
async fn out_of_patience(stopped: oneshot::Receiver<()>) {
    if stopped.await.is_err() {
        std::future::pending::<()>().await;
    }
    tokio::time::sleep(GRACE).await;
}
