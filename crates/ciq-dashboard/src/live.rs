//! What a page shows without being loaded again: one task per watched brand renders, and streams of
//! server-sent events hand on what it rendered last.
//!
//! A stream holds no queue. Whoever is slow misses what lies between, and whoever comes back says
//! what it has and gets what there is now, if that is something else.

mod frame;
mod hub;

use std::convert::Infallible;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::Extension;
use axum::http::{HeaderMap, HeaderName, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ciq_http::{AppState, Ending};
use futures_util::stream;

pub(crate) use self::frame::{Message, Variant};
pub(crate) use self::hub::Hub;
use self::hub::Watching;
use crate::page_error::PageError;
use crate::session::Session;

/// Names the last message that a browser has, when it comes back by itself.
const LAST_EVENT_ID: &str = "last-event-id";

/// How often a silent stream says that it is there: proxies give up on silence after 30 to 60
/// seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// What a silent stream says: a comment, which nobody takes for a message.
const STILL_HERE: Bytes = Bytes::from_static(b":\n\n");

/// Nobody in between holds back what comes.
const UNBUFFERED: HeaderName = HeaderName::from_static("x-accel-buffering");

/// Returns the route of the stream.
pub(crate) fn routes(state: AppState) -> Router<AppState> {
    Router::new().route("/live", get(open)).layer(Extension(Hub::new(state)))
}

/// Opens a stream. Who may read the page may follow it; nobody is asked again until it ends.
async fn open(
    session: Session,
    Extension(hub): Extension<Hub>,
    ending: Ending,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let last = headers.get(LAST_EVENT_ID).and_then(|value| value.to_str().ok());
    let known = last.or_else(|| session.asked.get("since")).map(str::to_owned);
    let variant = Variant::of(&session.visitor);
    let watching = hub.watch(&session.visitor.brand)?;
    let stream = Stream { watching, ending, variant, known };
    let pieces = stream::unfold(stream, |mut stream| async {
        let piece = stream.next().await?;
        Some((Ok::<_, Infallible>(piece), stream))
    });
    let headers = [(header::CONTENT_TYPE, "text/event-stream"), (UNBUFFERED, "no")];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

/// What goes to one reader.
#[derive(Debug)]
struct Stream {
    watching: Watching,
    ending: Ending,
    variant: Variant,
    known: Option<String>,
}

impl Stream {
    /// Waits for what the reader does not have. `None` where the stream ends: the service does, or
    /// the brand's file can no longer be read.
    async fn next(&mut self) -> Option<Bytes> {
        let silence = tokio::time::sleep(KEEP_ALIVE);
        tokio::pin!(silence);
        loop {
            if let Some(message) = self.watching.latest(self.variant)
                && self.known.as_deref() != Some(message.id())
            {
                self.known = Some(message.id().to_owned());
                return Some(message.bytes());
            }
            tokio::select! {
                changed = self.watching.changed() => changed?,
                () = self.ending.asked() => return None,
                () = &mut silence => return Some(STILL_HERE),
            }
        }
    }
}
