//! A service that takes arrays of events: it keeps what it takes, and fails when told to.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use serde_json::value::RawValue;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// What the service says to one request, instead of taking it.
#[derive(Debug, Clone)]
pub(crate) enum Reply {
    /// A status and nothing else.
    Status(u16),
    /// A status, and the sender's own headers.
    Echo(u16),
    /// A status and when to come back.
    RetryAfter(u16, u64),
    /// It takes the events but for the first few.
    Rejecting(usize),
}

/// A request that the service got.
#[derive(Debug, Clone)]
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) event_count: usize,
    pub(crate) at: Instant,
}

#[derive(Debug)]
pub(crate) struct Desk {
    replies: Mutex<VecDeque<Reply>>,
    events_max: usize,
    /// A request takes one before it is answered.
    turns: Semaphore,
    requests: Mutex<Vec<Got>>,
    bodies: Mutex<Vec<String>>,
}

/// A running service; it ends with this value.
#[derive(Debug)]
pub(crate) struct Receiver {
    address: SocketAddr,
    desk: Arc<Desk>,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Receiver {
    /// Takes everything.
    pub(crate) async fn start() -> Self {
        Self::start_with(Vec::new(), usize::MAX).await
    }

    /// Answers the first requests as told, and then takes arrays up to a length.
    pub(crate) async fn start_with(replies: Vec<Reply>, events_max: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        Self::serve(listener, replies, events_max)
    }

    pub(crate) fn serve(listener: TcpListener, replies: Vec<Reply>, events_max: usize) -> Self {
        let desk = Arc::new(Desk {
            replies: Mutex::new(replies.into()),
            events_max,
            turns: Semaphore::new(Semaphore::MAX_PERMITS),
            requests: Mutex::default(),
            bodies: Mutex::default(),
        });
        let address = listener.local_addr().unwrap();
        let service = Router::new().route("/events", post(take));
        let service = service.layer(DefaultBodyLimit::disable()).with_state(Arc::clone(&desk));
        let serving = tokio::spawn(axum::serve(listener, service).into_future());
        Self { address, desk, serving }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/events", self.address)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers nobody until it is told to go on.
    pub(crate) fn hold(&self) {
        self.desk.turns.forget_permits(Semaphore::MAX_PERMITS);
    }

    pub(crate) fn go_on(&self) {
        self.desk.turns.add_permits(Semaphore::MAX_PERMITS / 2);
    }

    pub(crate) fn requests(&self) -> Vec<Got> {
        self.desk.requests.lock().unwrap().clone()
    }

    pub(crate) fn bodies(&self) -> Vec<String> {
        self.desk.bodies.lock().unwrap().clone()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn take(State(desk): State<Arc<Desk>>, headers: HeaderMap, body: Bytes) -> Response {
    desk.turns.acquire().await.unwrap().forget();
    let events: Vec<&RawValue> = serde_json::from_slice(&body).unwrap();
    let reply = desk.replies.lock().unwrap().pop_front();
    let response = match reply {
        _ if events.len() > desk.events_max => StatusCode::PAYLOAD_TOO_LARGE.into_response(),
        Some(Reply::Status(status)) => {
            (StatusCode::from_u16(status).unwrap(), "as you asked").into_response()
        }
        Some(Reply::Echo(status)) => {
            (StatusCode::from_u16(status).unwrap(), format!("{headers:?}")).into_response()
        }
        Some(Reply::RetryAfter(status, seconds)) => {
            let headers = [("retry-after", seconds.to_string())];
            (StatusCode::from_u16(status).unwrap(), headers).into_response()
        }
        Some(Reply::Rejecting(count)) => desk.keep(&events, count),
        None => desk.keep(&events, 0),
    };
    let (status, event_count) = (response.status().as_u16(), events.len());
    let got = Got { status, headers, event_count, at: Instant::now() };
    desk.requests.lock().unwrap().push(got);
    response
}

impl Desk {
    fn keep(&self, events: &[&RawValue], rejected: usize) -> Response {
        let rejected = rejected.min(events.len());
        let taken = events[rejected..].iter().map(|event| event.get().to_owned());
        self.bodies.lock().unwrap().extend(taken);
        let stored = events.len() - rejected;
        format!("{{\"results\":[],\"stored\":{stored},\"duplicates\":0,\"rejected\":{rejected}}}")
            .into_response()
    }
}
