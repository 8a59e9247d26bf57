//! A listener, a router, and the end.

mod write_deadline;

use std::convert::Infallible;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::{Extension, Router};
use tokio::net::TcpListener;
use tokio::sync::{oneshot, watch};

use crate::layers::REQUEST_TIMEOUT;
use crate::metric;
use write_deadline::PatientListener;

/// How long requests under way may take after the end was asked for: a little more than any may.
const GRACE: Duration = REQUEST_TIMEOUT.saturating_add(Duration::from_secs(2));

/// Why serving ended early.
#[derive(Debug, thiserror::Error)]
#[error("could not serve")]
pub struct ServeError(#[from] std::io::Error);

/// Tells streams, which have no end of their own, that the end was asked for. Whoever holds one is
/// waited for. An extractor, which never fails.
#[derive(Debug, Clone)]
pub struct Ending(Option<watch::Receiver<bool>>);

impl Ending {
    /// Waits until the end is asked for; for ever where nobody serves.
    pub async fn asked(&mut self) {
        match &mut self.0 {
            // An error is an end too: whoever served is gone.
            Some(stopped) => drop(stopped.wait_for(|is_asked| *is_asked).await),
            None => std::future::pending().await,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Ending {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(parts.extensions.get().cloned().unwrap_or(Self(None)))
    }
}

/// Serves until `shutdown` is done, then ends streams and finishes the requests under way. A
/// connection whose other side takes nothing of what waits for it for 20 seconds is cut.
/// Afterwards the caller closes the brands.
pub async fn serve(
    listener: TcpListener,
    app: Router,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> Result<(), ServeError> {
    let (stopping, stopped) = oneshot::channel();
    let (streams, ended) = watch::channel(false);
    let streams = Arc::new(streams);
    let app = app.layer(Extension(Ending(Some(ended))));
    let of_told = Arc::clone(&streams);
    let told = async move {
        shutdown.await;
        of_told.send_replace(true);
        if stopping.send(()).is_err() {
            tracing::debug!("serving ended by itself before it was told to");
        }
    };
    let server = axum::serve(PatientListener(listener), app).with_graceful_shutdown(told);
    let served = async {
        server.await?;
        // What was upgraded is no connection of the server's any more.
        streams.closed().await;
        Ok(())
    };
    tokio::select! {
        ended = served => ended,
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
