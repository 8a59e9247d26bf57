//! What changes, as it happens: server-sent events and a WebSocket over the same feed.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use ciq_event::Brand;
use ciq_store::{FeedItem, FeedKind};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, Stream, StreamExt, stream};

use crate::extract::QueryOf;
use crate::follow::Follower;
use crate::origin::check_page;
use crate::query::{Start, StreamQuery, invalid};
use crate::serve::Ending;
use crate::{AppState, Caller, PageCaller, Problem, Role};

/// Names the last change that a browser has seen, when it comes back by itself.
const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Nobody in between keeps what comes, or holds it back.
const PASSED_ON: [(&str, &str); 2] = [("cache-control", "no-store"), ("x-accel-buffering", "no")];

/// How often a silent stream says that it is there: proxies give up on silence after 30 to 60
/// seconds.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The largest message that is taken from a client, in bytes: none means anything here.
const HEARD_SIZE_MAX: usize = 4 * 1024;

/// How long a client may take to hear that the end has come.
const GOODBYE: Duration = Duration::from_millis(500);

/// Streams what changes, as server-sent events
///
/// `event` is the type of a change, `id` its position, and `data` is JSON: `id`, `position`,
/// `type`, `data`. Each change comes once, except that a customer may be told again; `id` tells a
/// repetition. A customer is told before what touched it. The stream goes on until either side
/// ends it; going on after a position repeats and skips nothing.
#[utoipa::path(
    get,
    path = "/api/stream",
    tag = "Events",
    params(
        StreamQuery,
        ("last-event-id" = Option<String>, Header,
            description = "The position of the last change that is known; goes before `after`.")
    ),
    responses((status = 200, description = "Changes, without an end.", body = String,
        content_type = "text/event-stream"))
)]
pub(crate) async fn stream_changes(asked: Asked) -> Result<Response, Problem> {
    let follower = Follower::begin(asked.state, asked.brand, asked.kinds, asked.start).await?;
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    let answer = Sse::new(sse_events(follower, asked.ending)).keep_alive(keep_alive);
    Ok((PASSED_ON, answer).into_response())
}

/// Streams what changes, over a WebSocket
///
/// As `/api/stream`: each message is one change as JSON. Nothing that a client says is listened
/// to.
#[utoipa::path(
    get,
    path = "/api/ws",
    tag = "Events",
    params(StreamQuery),
    responses((status = 101, description = "Changes, a text message each."))
)]
pub(crate) async fn open_socket(
    headers: HeaderMap,
    asked: Asked,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Problem> {
    check_page(&headers, &asked.state)?;
    let upgrade = upgrade.map_err(|_| {
        invalid("upgrade", "this path speaks WebSocket (RFC 6455, version 13) and nothing else")
    })?;
    let follower = Follower::begin(asked.state, asked.brand, asked.kinds, asked.start).await?;
    let upgrade = upgrade.max_message_size(HEARD_SIZE_MAX).max_frame_size(HEARD_SIZE_MAX);
    Ok(upgrade.on_upgrade(|socket| carry(socket, follower, asked.ending)))
}

/// What a caller asks to be told.
#[derive(Debug)]
pub(crate) struct Asked {
    state: AppState,
    brand: Brand,
    kinds: Vec<FeedKind>,
    start: Start,
    ending: Ending,
}

impl FromRequestParts<AppState> for Asked {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let PageCaller(caller) = PageCaller::from_request_parts(parts, state).await?;
        let Caller { brand, role: _ } = caller.allowed(Role::Reader)?;
        let QueryOf(query) = QueryOf::<StreamQuery>::from_request_parts(parts, state).await?;
        let start = query.start(parts.headers.get(LAST_EVENT_ID))?;
        let Ok(ending) = Ending::from_request_parts(parts, state).await;
        Ok(Self { state: state.clone(), brand, kinds: query.kinds()?, start, ending })
    }
}

/// Begins with a place alone, so that a browser that loses the stream before the first change
/// knows where it was.
fn sse_events(
    follower: Follower,
    ending: Ending,
) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    let place = Event::default().id(follower.position().to_string());
    let changes = stream::unfold((follower, ending), |(mut follower, mut ending)| async {
        let item = tokio::select! {
            item = follower.next() => item?,
            () = ending.asked() => return None,
        };
        Some((sse_event(&item), (follower, ending)))
    });
    stream::iter([place]).chain(changes).map(Ok)
}

fn sse_event(item: &FeedItem) -> Event {
    let data = item.to_json().to_string();
    Event::default().event(item.kind.name()).id(item.position.to_string()).data(data)
}

/// Carries changes over a socket until either side ends it.
async fn carry(socket: WebSocket, mut follower: Follower, mut ending: Ending) {
    let (mut outgoing, incoming) = socket.split();
    tokio::select! {
        () = tell(&mut outgoing, &mut follower) => {}
        () = listen(incoming) => {}
        () = ending.asked() => {}
    }
    let frame = CloseFrame { code: close_code::AWAY, reason: "the stream ends here".into() };
    let goodbye = outgoing.send(Message::Close(Some(frame)));
    // Whoever does not take it finds the connection closed.
    drop(tokio::time::timeout(GOODBYE, goodbye).await);
}

/// Sends a change when the one before it was taken.
async fn tell(outgoing: &mut SplitSink<WebSocket, Message>, follower: &mut Follower) {
    loop {
        let message = tokio::select! {
            item = follower.next() => match item {
                Some(item) => Message::Text(item.to_json().to_string().into()),
                None => return,
            },
            () = tokio::time::sleep(KEEP_ALIVE) => Message::Ping(Vec::new().into()),
        };
        if outgoing.send(message).await.is_err() {
            return;
        }
    }
}

/// Hears the client out, which is what answers its pings, until it goes.
async fn listen(mut incoming: SplitStream<WebSocket>) {
    while let Some(Ok(message)) = incoming.next().await {
        if matches!(message, Message::Close(_)) {
            return;
        }
    }
}
