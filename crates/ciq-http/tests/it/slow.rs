//! Who takes nothing of what is sent.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use ciq_http::serve;
use futures_util::stream;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::time::{Duration, Instant};

/// An answer without an end, which holds on to what tells that it is gone.
fn endless(held: mpsc::Sender<()>) -> Body {
    let piece = Bytes::from(vec![b'.'; 64 * 1024]);
    Body::from_stream(stream::unfold((piece, held), |(piece, held)| async {
        Some((Ok::<_, Infallible>(piece.clone()), (piece, held)))
    }))
}

#[tokio::test(start_paused = true)]
async fn who_takes_nothing_for_twenty_seconds_is_cut() {
    let (held, mut gone) = mpsc::channel::<()>(1);
    let app = Router::new().route("/", get(async move || endless(held.clone())));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let serving = tokio::spawn(serve(listener, app, std::future::pending()));
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.unwrap();
    let begun = Instant::now();
    // From here on the reader reads nothing, and the clock runs as soon as the server only waits.
    let mut rest = Vec::new();
    tokio::time::sleep(Duration::from_secs(21)).await;
    let end = stream.read_to_end(&mut rest).await;
    assert!(begun.elapsed() < Duration::from_secs(60), "{:?}", begun.elapsed());
    assert!(end.is_err() || rest.len() < 1 << 30, "{end:?}");
    serving.abort();
    assert!(serving.await.unwrap_err().is_cancelled());
    assert_eq!(gone.recv().await, None);
}
