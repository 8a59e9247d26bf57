//! Arrays of events to a service.

use std::time::Duration;

use ciq_sink::{Sink, SinkSettings, SinkState};
use tokio::net::TcpListener;

use crate::receiver::{Receiver, Reply};
use crate::support::{LIMIT, check_once_in_order, counters, drain, send, until};

async fn open(receiver: &Receiver) -> Sink {
    Sink::open(SinkSettings::http(&receiver.url()).unwrap()).await.unwrap()
}

/// Opens a sink with one connection, so that requests come one after another.
async fn open_single(receiver: &Receiver) -> Sink {
    let mut settings = SinkSettings::http(&receiver.url()).unwrap();
    if let SinkSettings::Http { connection_count, .. } = &mut settings {
        *connection_count = 1;
    }
    Sink::open(settings).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn events_arrive_once_and_in_order_for_each_user() {
    let receiver = Receiver::start().await;
    let sink = open(&receiver).await;
    send(&sink, 0..20_000, 700).await;
    drain(&sink).await;
    let counters = counters(&sink);
    assert_eq!((counters.delivered, counters.buffered, counters.retried), (20_000, 0, 0));
    check_once_in_order(&receiver.bodies(), 20_000);
    let requests = receiver.requests();
    assert!(requests.iter().all(|got| got.event_count <= SinkSettings::HTTP_EVENTS_MAX));
    assert_eq!(requests[0].headers["content-type"], "application/json");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_cannot_take_now_is_sent_again_in_order() {
    let replies = [500, 408, 503, 302].map(Reply::Status).to_vec();
    let receiver = Receiver::start_with(replies, usize::MAX).await;
    let sink = open(&receiver).await;
    send(&sink, 0..2_000, 100).await;
    drain(&sink).await;
    check_once_in_order(&receiver.bodies(), 2_000);
    let counters = counters(&sink);
    assert_eq!((counters.retried, counters.state), (4, SinkState::Healthy));
    assert!(counters.last_error.unwrap().contains("the service answered"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_left_alone_for_as_long_as_it_asks() {
    let receiver = Receiver::start_with(vec![Reply::RetryAfter(429, 1)], usize::MAX).await;
    let sink = open_single(&receiver).await;
    send(&sink, 0..10, 10).await;
    drain(&sink).await;
    let requests = receiver.requests();
    assert_eq!(requests.iter().map(|got| got.status).collect::<Vec<_>>(), [429, 200]);
    assert!(requests[1].at - requests[0].at >= Duration::from_secs(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_service_does_not_want_is_refused_once() {
    let receiver = Receiver::start_with(vec![Reply::Status(400)], usize::MAX).await;
    let sink = open_single(&receiver).await;
    send(&sink, 0..10, 10).await;
    drain(&sink).await;
    send(&sink, 10..15, 5).await;
    drain(&sink).await;
    let counters = counters(&sink);
    assert_eq!((counters.delivered, counters.refused, counters.retried), (5, 10, 0));
    assert_eq!(receiver.requests().len(), 2);
    let error = counters.last_error.unwrap();
    assert!(error.contains("400") && error.contains("as you asked"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn events_that_a_service_lists_as_rejected_are_refused() {
    let receiver = Receiver::start_with(vec![Reply::Rejecting(3)], usize::MAX).await;
    let sink = open_single(&receiver).await;
    send(&sink, 0..10, 10).await;
    let report = sink.close(LIMIT).await;
    assert_eq!((report.delivered, report.refused, report.undelivered), (7, 3, 0));
    assert_eq!(report.last_error.as_deref(), Some("the service refused 3 of 10 events"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_too_large_is_sent_in_parts() {
    let receiver = Receiver::start_with(Vec::new(), 300).await;
    let sink = open_single(&receiver).await;
    send(&sink, 0..3_000, 1_000).await;
    drain(&sink).await;
    check_once_in_order(&receiver.bodies(), 3_000);
    let statuses: Vec<u16> = receiver.requests().iter().map(|got| got.status).collect();
    assert_eq!(statuses.iter().filter(|status| **status == 413).count(), 2, "{statuses:?}");
    assert_eq!(counters(&sink).refused, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_is_too_large_by_itself_is_refused() {
    let receiver = Receiver::start_with(Vec::new(), 0).await;
    let sink = open_single(&receiver).await;
    send(&sink, 0..8, 8).await;
    drain(&sink).await;
    assert_eq!((counters(&sink).refused, receiver.bodies().len()), (8, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_away_at_first_gets_everything_later() {
    let receiver = Receiver::start().await;
    let address = receiver.address();
    let sink = open(&receiver).await;
    drop(receiver);
    until_refused(address).await;
    send(&sink, 0..500, 50).await;
    let counters = until(&sink, |counters| counters.state == SinkState::Failing).await;
    assert_eq!((counters.buffered, counters.delivered), (500, 0));
    assert!(counters.last_error.unwrap().contains("could not post events"));
    let receiver = Receiver::serve(TcpListener::bind(address).await.unwrap(), Vec::new(), 1_000);
    drain(&sink).await;
    check_once_in_order(&receiver.bodies(), 500);
    assert_eq!(sink.counters().state, SinkState::Healthy);
}

/// Waits until nobody listens any more.
async fn until_refused(address: std::net::SocketAddr) {
    while tokio::net::TcpStream::connect(address).await.is_ok() {
        tokio::task::yield_now().await;
    }
}
