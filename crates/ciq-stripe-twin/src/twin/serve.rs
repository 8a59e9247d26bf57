//! A listener, the end, and the events' way to the webhook.

use std::future::Future;
use std::time::Duration;

use axum::serve::ListenerExt as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

use super::Twin;
use crate::TwinError;
use crate::webhook::Webhook;

/// How long requests and events under way may take after the end was asked for.
const GRACE: Duration = Duration::from_secs(5);

/// How often a clock's advance is looked after when nobody asks: its end is an event too.
const TICK: Duration = Duration::from_millis(100);

impl Twin {
    /// Serves until `shutdown` is done, then finishes the requests under way and delivers the
    /// events that wait.
    ///
    /// Fails where the listener does.
    pub async fn serve(
        &self,
        listener: TcpListener,
        shutdown: impl Future<Output = ()> + Send + 'static,
    ) -> Result<(), TwinError> {
        // Small answers, one after the other: waiting to fill a packet helps nobody.
        let listener = listener.tap_io(|stream| {
            if let Err(error) = stream.set_nodelay(true) {
                tracing::debug!(%error, "a connection keeps its delay");
            }
        });
        let (stopping, stopped) = watch::channel(false);
        let told = async move {
            shutdown.await;
            stopping.send_replace(true);
            tokio::time::sleep(GRACE).await;
        };
        let mut seen = stopped.clone();
        let noticed = async move { drop(seen.wait_for(|is_over| *is_over).await) };
        let served = axum::serve(listener, self.router()).with_graceful_shutdown(noticed);
        let served = async { served.await.map_err(TwinError::Serve) };
        let delivered = self.deliver(stopped);
        let work = async {
            let (served, ()) = tokio::join!(served, delivered);
            served
        };
        tokio::select! {
            ended = work => ended,
            () = told => {
                tracing::warn!("a connection or an event did not end in time and was cut");
                Ok(())
            }
        }
    }

    /// Brings events to the webhook, one after the other, until the end.
    async fn deliver(&self, mut stopped: watch::Receiver<bool>) {
        let Some(webhook) = &self.inner.webhook else { return };
        loop {
            let event = {
                let mut desk = self.desk();
                desk.tick((self.inner.settings.clock)());
                desk.next_event().map(ToString::to_string)
            };
            if let Some(event) = event {
                self.bring(webhook, &event).await;
            } else if *stopped.borrow() {
                return;
            } else {
                tokio::select! {
                    () = self.inner.bell.notified() => {}
                    () = tokio::time::sleep(TICK) => {}
                    changed = stopped.changed() => if changed.is_err() { return },
                }
            }
        }
    }

    async fn bring(&self, webhook: &Webhook, event: &str) {
        let outcome = webhook.deliver(event, self.inner.settings.clock).await;
        if let Err(reason) = &outcome {
            tracing::warn!(%reason, "the webhook did not take an event");
        }
        self.desk().finish_event(outcome.is_ok());
    }
}
