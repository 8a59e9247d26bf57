//! The twin on a port.

use std::net::SocketAddr;
use std::time::Duration;

use ciq_stripe_twin::{Faults, Twin, TwinError, TwinSettings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::kit::{settings, with_faults};

/// A twin that is served.
pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) twin: Twin,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<Result<(), TwinError>>,
}

impl Served {
    pub(crate) async fn start(settings: TwinSettings) -> Self {
        let twin = Twin::open(settings).unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let served = twin.clone();
        let serving = tokio::spawn(async move {
            let shutdown = async { stopped.await.unwrap_or_default() };
            served.serve(listener, shutdown).await
        });
        Self { address, twin, stop, serving }
    }

    pub(crate) async fn stop(self) {
        self.stop.send(()).unwrap();
        self.serving.await.unwrap().unwrap();
    }

    /// Sends a request over a connection of its own, and returns all that comes back.
    pub(crate) async fn exchange(&self, method: &str, path: &str, form: &str) -> String {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        stream.write_all(text(method, path, form, "close").as_bytes()).await.unwrap();
        let mut answer = String::new();
        // A connection that is cut may be reset.
        match stream.read_to_string(&mut answer).await {
            Ok(_) | Err(_) => answer,
        }
    }
}

fn text(method: &str, path: &str, form: &str, connection: &str) -> String {
    format!(
        "{method} {path} HTTP/1.1\r\nhost: twin\r\nauthorization: Bearer sk_test_any\r\n\
         connection: {connection}\r\ncontent-type: application/x-www-form-urlencoded\r\n\
         content-length: {}\r\n\r\n{form}",
        form.len()
    )
}

#[tokio::test]
async fn a_served_twin_answers_and_ends_when_told() {
    let served = Served::start(settings()).await;
    let answer = served.exchange("POST", "/v1/customers", "name=Ann").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    assert!(answer.contains("stripe-twin: this is not Stripe"), "{answer}");
    let address = served.address;
    served.stop().await;
    assert!(TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_connection_that_is_kept_open_does_not_keep_the_twin() {
    let served = Served::start(settings()).await;
    let mut stream = TcpStream::connect(served.address).await.unwrap();
    let request = text("GET", "/v1/customers", "", "keep-alive");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut buffer = [0; 4_096];
    let count = stream.read(&mut buffer).await.unwrap();
    assert!(buffer[..count].starts_with(b"HTTP/1.1 200 OK"));
    tokio::time::timeout(Duration::from_secs(4), served.stop()).await.unwrap();
}

#[tokio::test]
async fn a_lost_answer_cuts_the_connection_after_the_work_is_done() {
    let faults = Faults { lost_answer_per_mille: 1_000, ..Faults::default() };
    let served = Served::start(with_faults(faults)).await;
    let answer = served.exchange("POST", "/v1/customers", "name=Ann").await;
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    assert_eq!(body, "", "{answer}");
    assert_eq!(served.twin.counters().executed_writes, 1);
    served.stop().await;
}

#[tokio::test]
async fn an_answer_can_be_slow() {
    let latency = Duration::from_millis(50);
    let served = Served::start(with_faults(Faults { latency, ..Faults::default() })).await;
    let hurried = served.exchange("GET", "/v1/customers", "");
    assert!(tokio::time::timeout(latency / 2, hurried).await.is_err());
    let answer = served.exchange("GET", "/v1/customers", "").await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    served.stop().await;
}
