//! `/api/stream` and `/api/ws`, over real connections.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::Request;
use ciq_http::{ApiOptions, AppState, router, serve};
use ciq_ingest::{Brands, EngineOptions, SystemClock};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use tower::ServiceExt;

use crate::world::World;

/// Long enough for anything that should happen, on any machine.
const SOON: Duration = Duration::from_secs(8);

/// A world behind a listener.
struct Served {
    world: World,
    port: u16,
    stop: Option<oneshot::Sender<()>>,
    serving: JoinHandle<()>,
}

impl Served {
    async fn new(world: World) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (stop, stopped) = oneshot::channel::<()>();
        let app = world.app.clone();
        let serving = tokio::spawn(async {
            serve(listener, app, async { drop(stopped.await) }).await.unwrap();
        });
        Self { world, port, stop: Some(stop), serving }
    }

    /// Opens a stream of a target such as `/api/stream?after=beginning`.
    async fn follow(&self, target: &str, headers: &str) -> Follow {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        // With HTTP/1.0 the body comes as it is, without the lengths of its pieces.
        let head = format!("GET {target} HTTP/1.0\r\nHost: localhost\r\n{headers}\r\n");
        stream.write_all(head.as_bytes()).await.unwrap();
        let mut follow = Follow { lines: BufReader::new(stream).lines(), head: Vec::new() };
        follow.head = follow.block().await.unwrap();
        follow
    }

    async fn socket(&self, target: &str, headers: &[(&'static str, &str)]) -> Socket {
        self.try_socket(target, headers).await.unwrap()
    }

    async fn try_socket(
        &self,
        target: &str,
        headers: &[(&'static str, &str)],
    ) -> Result<Socket, Error> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let url = format!("ws://localhost:{}{target}", self.port);
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        client_async(request, stream).await.map(|(socket, _)| socket)
    }

    /// Stores an event of a customer and brand.
    async fn tell(&self, brand: &str, customer: &str, second: i64) {
        let event = login(customer, second).to_string();
        let headers = [("x-brand-id", brand), ("content-type", "application/json")];
        self.world.ask(("POST", "/events"), &headers, event).await.ok();
    }

    async fn stop(mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        tokio::time::timeout(Duration::from_secs(1), self.serving).await.unwrap().unwrap();
    }
}

type Socket = WebSocketStream<TcpStream>;

/// An open stream of server-sent events.
struct Follow {
    lines: Lines<BufReader<TcpStream>>,
    head: Vec<String>,
}

impl Follow {
    /// The lines up to the next empty one; `None` at the end.
    async fn block(&mut self) -> Option<Vec<String>> {
        let mut block = Vec::new();
        loop {
            match tokio::time::timeout(SOON, self.lines.next_line()).await.unwrap().unwrap() {
                None => return None,
                Some(line) if line.is_empty() => return Some(block),
                Some(line) => block.push(line),
            }
        }
    }

    /// The next change; `None` at the end.
    async fn next(&mut self) -> Option<Value> {
        loop {
            let block = self.block().await?;
            let field = |name: &str| block.iter().find_map(|line| line.strip_prefix(name));
            let Some(data) = field("data: ") else { continue };
            let change: Value = serde_json::from_str(data).unwrap();
            assert_eq!(field("event: "), change["type"].as_str());
            assert_eq!(field("id: "), change["position"].as_str());
            return Some(change);
        }
    }

    async fn many(&mut self, count: usize) -> Vec<Value> {
        let mut changes = Vec::new();
        while changes.len() < count {
            changes.push(self.next().await.unwrap());
        }
        changes
    }
}

async fn heard(socket: &mut Socket) -> Option<Value> {
    loop {
        match tokio::time::timeout(SOON, socket.next()).await.unwrap()?.unwrap() {
            Message::Text(text) => return serde_json::from_str(&text).unwrap(),
            Message::Close(_) => return None,
            _ => {}
        }
    }
}

fn login(customer: &str, second: i64) -> Value {
    json!({"customer_id": customer, "event_type": "login",
        "timestamp": 1_700_000_000 + second})
}

fn customers(changes: &[Value]) -> Vec<&str> {
    changes.iter().map(|change| change["data"]["customer_id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_change_is_streamed_when_it_happens() {
    let served = Served::new(World::open()).await;
    served.tell("default", "before", 1).await;
    let mut stream = served.follow("/api/stream", "").await;
    assert!(stream.head[0].contains("200"), "{:?}", stream.head);
    let header = |line: &&String| line.to_lowercase().starts_with("content-type:");
    assert!(stream.head.iter().find(header).unwrap().contains("text/event-stream"));
    // The place comes first, so that a browser can come back to it.
    assert_eq!(stream.block().await.unwrap(), ["id: 1-0-0-0-0"]);
    served.tell("default", "c1", 2).await;
    let changes = stream.many(2).await;
    assert_eq!(changes[0]["type"], "profiles.updated");
    assert_eq!(changes[1]["type"], "events.normalized");
    assert_eq!(changes[1]["data"]["event_type"], "login");
    assert_eq!(customers(&changes), ["c1", "c1"]);
    served.world.post("/events", "[7]").await;
    let letter = stream.next().await.unwrap();
    assert_eq!(letter["type"], "dead_letters.added");
    served.stop().await;
}

#[tokio::test]
async fn going_on_from_any_place_repeats_nothing_and_misses_nothing() {
    let served = Served::new(World::open()).await;
    for second in 0..5 {
        served.tell("default", "c1", second).await;
    }
    let events = "/api/stream?types=events.normalized";
    let mut stream = served.follow(&format!("{events}&after=beginning"), "").await;
    let all = stream.many(5).await;
    drop(stream);
    served.tell("default", "c2", 9).await;
    for (index, change) in all.iter().enumerate() {
        let position = change["position"].as_str().unwrap();
        // What the browser says goes before the link that it came by.
        let header = format!("Last-Event-ID: {position}\r\n");
        let again = served.follow(&format!("{events}&after=beginning"), &header).await;
        let linked = served.follow(&format!("{events}&after={position}"), "").await;
        for mut stream in [again, linked] {
            let rest = stream.many(5 - index).await;
            assert_eq!(&rest[..4 - index], &all[index + 1..]);
            assert_eq!(rest.last().unwrap()["data"]["customer_id"], "c2");
        }
    }
    served.stop().await;
}

#[tokio::test]
async fn a_stream_carries_the_kinds_that_were_asked_for() {
    let served = Served::new(World::open()).await;
    served.tell("default", "c1", 1).await;
    served.world.post("/events", "[7]").await;
    let target = "/api/stream?after=beginning&types=dead_letters.added,profiles.updated";
    let changes = served.follow(target, "").await.many(2).await;
    assert_eq!(changes[0]["type"], "profiles.updated");
    assert_eq!(changes[1]["type"], "dead_letters.added");
    served.stop().await;
}

#[tokio::test]
async fn brands_do_not_hear_of_each_other() {
    let served = Served::new(World::open()).await;
    let kind = "types=events.normalized";
    let target = format!("/api/stream?{kind}");
    let mut one = served.follow(&target, "x-brand-id: one\r\n").await;
    // A page cannot set a header: its link names the brand.
    let mut other = served.follow(&format!("{target}&brand=other"), "").await;
    let mut socket = served.socket(&format!("/api/ws?{kind}"), &[("x-brand-id", "one")]).await;
    assert_eq!(served.world.brands(), [""; 0], "listening makes no brand");
    served.tell("other", "c-other", 1).await;
    served.tell("one", "c-one", 1).await;
    assert_eq!(customers(&[one.next().await.unwrap()]), ["c-one"]);
    assert_eq!(customers(&[other.next().await.unwrap()]), ["c-other"]);
    assert_eq!(customers(&[heard(&mut socket).await.unwrap()]), ["c-one"]);
    served.stop().await;
}

#[tokio::test]
async fn what_another_process_writes_is_streamed_too() {
    let served = Served::new(World::open()).await;
    served.tell("default", "c1", 1).await;
    let mut stream = served.follow("/api/stream?types=events.normalized", "").await;
    let place = served.world.place();
    let brands = Arc::new(Brands::new(place, EngineOptions::default()).unwrap());
    let mut other = World::open();
    other.state = AppState::new(brands, Arc::new(SystemClock), ApiOptions::default());
    other.app = router(other.state.clone());
    other.store(&login("c2", 2)).await;
    assert_eq!(customers(&[stream.next().await.unwrap()]), ["c2"]);
    served.stop().await;
}

#[tokio::test]
async fn a_socket_carries_what_a_stream_does() {
    let served = Served::new(World::open()).await;
    served.tell("default", "c1", 1).await;
    let mut stream = served.follow("/api/stream?after=beginning", "").await;
    let mut socket = served.socket("/api/ws?after=beginning", &[]).await;
    for change in stream.many(2).await {
        assert_eq!(heard(&mut socket).await.unwrap(), change);
    }
    socket.send(Message::Ping(b"there?".to_vec().into())).await.unwrap();
    served.tell("default", "c2", 2).await;
    for change in stream.many(2).await {
        assert_eq!(heard(&mut socket).await.unwrap(), change);
    }
    socket.close(None).await.unwrap();
    served.stop().await;
}

#[tokio::test]
async fn a_slow_reader_gets_all_of_many() {
    let served = Served::new(World::open()).await;
    let many: Vec<Value> = (0..1_000).map(|second| login("c1", second)).collect();
    served.world.post("/events", json!(many).to_string()).await.ok();
    let target = "/api/stream?after=beginning&types=events.normalized";
    let all = served.follow(target, "").await.many(1_000).await;
    assert_eq!(all[999]["position"], "1000-0-0-0-0");
    let target = target.replace("stream", "ws");
    let mut socket = served.socket(&target, &[]).await;
    for change in all {
        assert_eq!(heard(&mut socket).await.unwrap(), change);
    }
    served.stop().await;
}

#[tokio::test]
async fn the_end_of_the_service_ends_streams_at_once() {
    let served = Served::new(World::open()).await;
    served.tell("default", "c1", 1).await;
    let mut stream = served.follow("/api/stream", "").await;
    stream.block().await.unwrap();
    let mut socket = served.socket("/api/ws", &[]).await;
    let mut waiting = served.follow("/api/stream", "x-brand-id: nobody\r\n").await;
    waiting.block().await.unwrap();
    served.stop().await;
    assert_eq!(stream.next().await, None);
    assert_eq!(waiting.next().await, None);
    assert_eq!(heard(&mut socket).await, None);
}

#[tokio::test]
async fn a_token_is_needed_where_tokens_are() {
    let served = Served::new(World::closed()).await;
    for path in ["/api/stream", "/api/ws"] {
        served.world.get(path).await.is_problem(401, "");
        let headers = [("x-api-key", "other"), ("x-brand-id", "shop")];
        served.world.ask(("GET", path), &headers, "").await.is_problem(403, "x-brand-id");
    }
    assert!(matches!(served.try_socket("/api/ws", &[]).await, Err(Error::Http(answer))
        if answer.status() == 401));
    let mut stream = served.follow("/api/stream", "x-api-key: r\r\n").await;
    stream.block().await.unwrap();
    let mut socket = served.socket("/api/ws", &[("authorization", "Bearer r")]).await;
    let headers = [("x-api-key", "w"), ("content-type", "application/json")];
    let event = login("c1", 1).to_string();
    served.world.ask(("POST", "/events"), &headers, event).await.ok();
    let change = stream.next().await.unwrap();
    assert_eq!(change["data"]["customer_id"], "c1");
    assert_eq!(heard(&mut socket).await.unwrap(), change);
    served.stop().await;
}

#[tokio::test]
async fn a_page_of_another_site_opens_no_socket() {
    for (world, token) in [(World::open(), ""), (World::closed(), "r")] {
        let served = Served::new(world).await;
        for origin in ["https://evil.example", "null", "https://localhost.evil.example"] {
            let headers = [("origin", origin), ("x-api-key", token)];
            let answer = served.try_socket("/api/ws", &headers).await;
            assert!(matches!(answer, Err(Error::Http(answer)) if answer.status() == 403));
        }
        let own = format!("http://localhost:{}", served.port);
        let headers = [("origin", own.as_str()), ("x-api-key", token)];
        served.socket("/api/ws", &headers).await;
        served.stop().await;
    }
}

#[tokio::test]
async fn what_makes_no_sense_is_named() {
    let world = World::open();
    for junk in ["1", "1-2-3-x", "-1-0-0-0", "1-2-3-4-5-6", "%00", "end"] {
        world.get(&format!("/api/stream?after={junk}")).await.is_problem(400, "after");
        world.get(&format!("/api/ws?after={junk}")).await.is_problem(400, "after");
    }
    for junk in ["x", "1-2-3", "é"] {
        let headers = [("last-event-id", junk)];
        world.ask(("GET", "/api/stream"), &headers, "").await.is_problem(400, "last-event-id");
    }
    for junk in ["events", "events.normalized,", "events.normalized,x", "EVENTS.NORMALIZED"] {
        world.get(&format!("/api/stream?types={junk}")).await.is_problem(400, "types");
    }
    world.get("/api/stream?brand=..%2Fa").await.is_problem(400, "brand");
    world.get("/api/stream?after=a&after=b").await.is_problem(400, "query");
    world.get("/api/ws").await.is_problem(400, "upgrade");
    assert_eq!(world.get("/api/stream?after=&types=").await.status, 200);
}

#[tokio::test]
async fn there_are_only_so_many_streams() {
    let served = Served::new(World::open()).await;
    let mut open = Vec::new();
    for _ in 0..64 {
        let mut stream = served.follow("/api/stream", "").await;
        stream.block().await.unwrap();
        open.push(stream);
    }
    let refused = served.world.get("/api/stream").await;
    refused.is_problem(503, "");
    assert!(refused.json()["detail"].as_str().unwrap().contains("close one"));
    // Who goes makes room.
    open.pop();
    let is_room = async {
        while served.world.get("/api/stream").await.status != 200 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(SOON, is_room).await.unwrap();
    served.stop().await;
}

#[tokio::test]
async fn a_client_that_reads_nothing_does_not_hold_up_a_socket() {
    let served = Served::new(World::open()).await;
    let many: Vec<Value> = (0..1_000).map(|second| login("c1", second)).collect();
    let many = json!(many).to_string();
    served.world.post("/events", many).await.ok();
    let mut silent = TcpStream::connect(("127.0.0.1", served.port)).await.unwrap();
    let head = "GET /api/ws?after=beginning HTTP/1.1\r\nHost: localhost\r\nConnection: upgrade\r\n\
                Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n";
    silent.write_all(head.as_bytes()).await.unwrap();
    let mut first = [0; 12];
    silent.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.1 101");
    served.stop().await;
}

#[tokio::test]
async fn a_silent_stream_outlives_the_time_of_a_request() {
    let world = World::open();
    world.store(&login("c1", 1)).await;
    let request = Request::get("/api/stream").body(Body::empty()).unwrap();
    let answer = world.app.clone().oneshot(request).await.unwrap();
    assert_eq!(answer.headers()["cache-control"], "no-store");
    let mut body = answer.into_body().into_data_stream();
    let mut silences = 0;
    tokio::time::pause();
    // A comment every 15 seconds, and a request may take 30.
    while silences < 4 {
        let piece = body.next().await.unwrap().unwrap();
        silences += usize::from(piece.starts_with(b":"));
    }
    tokio::time::resume();
    world.store(&login("c2", 2)).await;
    let change = async {
        while !body.next().await.unwrap().unwrap().starts_with(b"event: profiles.updated") {}
    };
    tokio::time::timeout(SOON, change).await.unwrap();
}
