//! What is kept up to date while somebody looks.

use std::time::Duration;

use axum::body::{Body, BodyDataStream};
use axum::http::{Request, StatusCode, header};
use axum::response::Response;
use futures_util::StreamExt;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::time::Instant;

use crate::house::House;

const TOKENS: &str = "r=default:reader,w=default:writer,z=acme:admin";

/// Longer than a stream is ever silent.
const LONG: Duration = Duration::from_secs(60);

/// A browser's end of a stream.
struct Live(BodyDataStream);

/// A message: its id, and the markup in it.
struct Message {
    id: String,
    markup: String,
}

impl Live {
    async fn open(house: &House, address: &str) -> Self {
        Self::of(ask(house, address, &[]).await)
    }

    fn of(response: Response) -> Self {
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[header::CONTENT_TYPE], "text/event-stream");
        assert_eq!(response.headers()[header::CACHE_CONTROL], "no-store");
        Self(response.into_body().into_data_stream())
    }

    /// Whatever comes next.
    async fn piece(&mut self) -> String {
        let piece = tokio::time::timeout(LONG, self.0.next()).await.unwrap().unwrap().unwrap();
        String::from_utf8(piece.to_vec()).unwrap()
    }

    /// The next message.
    async fn next(&mut self) -> Message {
        loop {
            let piece = self.piece().await;
            let Some((id, data)) = piece.strip_prefix("id: ").and_then(|it| it.split_once('\n'))
            else {
                assert_eq!(piece, ":\n\n");
                continue;
            };
            assert!(data.ends_with("\n\n"), "{piece}");
            let lines = data.trim_end_matches('\n').split('\n');
            let markup = lines.map(|line| line.strip_prefix("data: ").unwrap()).collect();
            return Message { id: id.to_owned(), markup };
        }
    }

    /// The first message that has something in it.
    async fn until(&mut self, text: &str) -> Message {
        loop {
            let message = self.next().await;
            if message.markup.contains(text) {
                return message;
            }
        }
    }
}

async fn ask(house: &House, address: &str, headers: &[(&str, &str)]) -> Response {
    let mut request = Request::get(address);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    house.open_stream(request.body(Body::empty()).unwrap()).await
}

async fn visit(house: &House, customer: &str) {
    house.tell("page_view", json!({"customer_id": customer, "title": "Prices"})).await;
}

/// Returns the address by which a page keeps itself up to date.
fn address_in(page: &str) -> String {
    let rest = page.split("hx-sse:connect=\"").nth(1).unwrap();
    rest.split('"').next().unwrap().replace("&amp;", "&")
}

#[tokio::test(start_paused = true)]
async fn what_comes_is_shown_to_who_looks() {
    let house = House::at_1505("");
    let mut live = Live::open(&house, "/live").await;
    let empty = live.next().await;
    assert!(empty.markup.contains("None yet. Events stand here as they come."));
    visit(&house, "ana").await;
    let message = live.until("href=\"/customers/ana\"").await;
    for target in ["#now-figures", "#now-queue", "#now-ticker"] {
        let partial = format!("<hx-partial hx-target=\"{target}\" hx-swap=\"innerMorph\">");
        assert!(message.markup.contains(&partial), "{}", message.markup);
    }
    assert_ne!(message.id, empty.id);
}

#[tokio::test(start_paused = true)]
async fn renderings_are_half_a_second_apart() {
    let house = House::at_1505("");
    let mut live = Live::open(&house, "/live").await;
    live.next().await;
    let mut last = Instant::now();
    let telling = async {
        for number in 0..40 {
            visit(&house, &format!("c{number}")).await;
        }
    };
    let looking = async {
        loop {
            let message = live.next().await;
            assert!(last.elapsed() >= Duration::from_millis(500), "{:?}", last.elapsed());
            last = Instant::now();
            if message.markup.contains("/customers/c39") {
                return;
            }
        }
    };
    tokio::join!(telling, looking);
}

#[tokio::test(start_paused = true)]
async fn who_comes_back_gets_only_what_is_new() {
    let house = House::at_1505("");
    visit(&house, "ana").await;
    let address = address_in(&house.page("/").await);
    // The page has it all, so the stream is silent but for signs of life.
    let mut live = Live::open(&house, &address).await;
    let begun = Instant::now();
    for seconds in [15, 30, 45] {
        assert_eq!(live.piece().await, ":\n\n");
        assert_eq!(begun.elapsed().as_secs(), seconds);
    }
    visit(&house, "bo").await;
    let seen = live.next().await;
    assert!(seen.markup.contains("/customers/bo"));
    drop(live);
    // The header tells of later than the address.
    let last = [("last-event-id", seen.id.as_str())];
    let mut live = Live::of(ask(&house, &address, &last).await);
    assert_eq!(live.piece().await, ":\n\n");
    let mut live = Live::of(ask(&house, &address, &[("last-event-id", "gone")]).await);
    assert_eq!(live.next().await.id, seen.id);
}

#[tokio::test(start_paused = true)]
async fn what_people_send_cannot_end_a_message() {
    let house = House::at_1505("");
    let evil = "<script>\r\n\r\nid: x\rdata: y</script>";
    house.tell("profile_update", json!({"customer_id": "x", "name": evil})).await;
    let mut live = Live::open(&house, "/live").await;
    let message = live.next().await;
    assert!(!message.markup.contains("<script"), "{}", message.markup);
    assert!(message.markup.contains("&lt;script&gt;"), "{}", message.markup);
}

#[tokio::test]
async fn a_stream_is_of_the_brand_and_the_role_of_its_token() {
    let house = House::at_1505(TOKENS);
    let account = json!({
        "customer_id": "ana", "stage": "production_ready", "tier": "pro", "api_calls": 100,
        "error_rate": 0.5,
    });
    house.tell("api_usage", account).await;
    let of = |token: &'static str| [("authorization", token)];
    let writer = of("Bearer w");
    let checked = Request::post("/monitor/check").header(writer[0].0, writer[0].1);
    let checked = house.ask(checked.body(Body::empty()).unwrap()).await;
    assert_eq!(checked.location(), "/?checked=1&opened=1&closed=0");
    assert_eq!(ask(&house, "/live", &[]).await.status(), StatusCode::UNAUTHORIZED);
    let stranger = ask(&house, "/live?brand=default", &of("Bearer z")).await;
    assert_eq!(stranger.status(), StatusCode::FORBIDDEN);
    let mut stranger = Live::of(ask(&house, "/live", &of("Bearer z")).await);
    assert!(!stranger.next().await.markup.contains("ana"));
    let mut reader = Live::of(ask(&house, "/live", &of("Bearer r")).await);
    let markup = reader.next().await.markup;
    assert!(markup.contains("Error Debugging") && !markup.contains("<form"), "{markup}");
    let mut writer = Live::of(ask(&house, "/live", &writer).await);
    let markup = writer.next().await.markup;
    assert!(markup.contains("/acknowledge\""), "{markup}");
}

#[tokio::test(start_paused = true)]
async fn addresses_name_the_brand_where_the_page_does() {
    let house = House::at_1505("");
    house.tell_brand("acme", "page_view", json!({"customer_id": "ana"})).await;
    let mut live = Live::open(&house, "/live?brand=acme").await;
    assert!(live.next().await.markup.contains("\"/customers/ana?brand=acme\""));
    let mut live = Live::open(&house, "/live").await;
    assert!(!live.next().await.markup.contains("ana"));
}

#[tokio::test]
async fn there_is_an_end_to_how_many_may_look() {
    let house = House::at_1505("");
    let mut open = Vec::new();
    for _ in 0..1_000 {
        open.push(Live::open(&house, "/live").await);
    }
    let refused = ask(&house, "/live", &[]).await;
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    // All of them are shown one rendering.
    let first = open[0].next().await.id;
    assert_eq!(open[999].next().await.id, first);
    drop(open.pop());
    drop(Live::open(&house, "/live").await);
    drop(open);
    // The last one ended the work; the next begins it again.
    assert_eq!(Live::open(&house, "/live").await.next().await.id, first);
}

#[tokio::test]
async fn the_end_of_the_service_ends_streams() {
    let house = House::at_1505("");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (stop, stopped) = oneshot::channel::<()>();
    let router = house.router();
    let serving = tokio::spawn(async {
        ciq_http::serve(listener, router, async { drop(stopped.await) }).await.unwrap();
    });
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"GET /live HTTP/1.0\r\nHost: localhost\r\n\r\n").await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    assert_eq!(&first, b"HTTP/1.0 200 OK");
    stop.send(()).unwrap();
    let mut rest = Vec::new();
    tokio::time::timeout(LONG, stream.read_to_end(&mut rest)).await.unwrap().unwrap();
    tokio::time::timeout(LONG, serving).await.unwrap().unwrap();
}
