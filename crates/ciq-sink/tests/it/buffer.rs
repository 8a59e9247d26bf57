//! The buffer's bound, and the end of a sink.

use std::time::Duration;

use ciq_sink::{BUFFER_MESSAGES_MAX, Sink, SinkError, SinkSettings};
use futures_util::FutureExt as _;

use crate::receiver::Receiver;
use crate::support::{LIMIT, batch, check_once_in_order, counters, drain, send};

#[tokio::test(flavor = "multi_thread")]
async fn the_buffer_keeps_its_bound_and_says_what_it_did_not_take() {
    let receiver = Receiver::start().await;
    receiver.hold();
    let sink = Sink::open(SinkSettings::http(&receiver.url()).unwrap()).await.unwrap();
    let size = 7_000;
    let fitting = BUFFER_MESSAGES_MAX / size;
    for number in 0..fitting {
        sink.offer(batch(number * size..(number + 1) * size)).unwrap();
    }
    let left = sink.offer(batch(0..size)).unwrap_err();
    assert_eq!(left, batch(0..size));
    let full = counters(&sink);
    assert_eq!(full.accepted, u64::try_from(fitting * size).unwrap());
    assert_eq!((full.buffered, full.dropped), (full.accepted, 7_000));

    // Who may wait does, until there is room.
    let sending = sink.send(batch(fitting * size..(fitting + 1) * size));
    let mut sending = std::pin::pin!(sending);
    assert!(sending.as_mut().now_or_never().is_none());
    receiver.go_on();
    tokio::time::timeout(LIMIT, sending).await.unwrap().unwrap();
    drain(&sink).await;
    check_once_in_order(&receiver.bodies(), (fitting + 1) * size);
}

#[tokio::test(flavor = "multi_thread")]
async fn more_than_the_buffer_holds_is_taken_in_parts() {
    let receiver = Receiver::start().await;
    let sink = Sink::open(SinkSettings::http(&receiver.url()).unwrap()).await.unwrap();
    let count = BUFFER_MESSAGES_MAX + 5_000;
    assert!(sink.offer(batch(0..count)).is_err());
    sink.send(batch(0..count)).await.unwrap();
    drain(&sink).await;
    check_once_in_order(&receiver.bodies(), count);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_is_closed_says_what_is_left() {
    let receiver = Receiver::start().await;
    receiver.hold();
    let sink = Sink::open(SinkSettings::http(&receiver.url()).unwrap()).await.unwrap();
    send(&sink, 0..1_000, 100).await;
    let (other, waiting) = (sink.clone(), sink.clone());
    // More than there is room for: it waits, and is turned away.
    let waiting = tokio::spawn(async move { waiting.send(batch(0..BUFFER_MESSAGES_MAX)).await });
    let report = sink.close(Duration::ZERO).await;
    assert_eq!((report.delivered, report.undelivered), (0, 1_000));
    let turned = waiting.await.unwrap();
    assert!(matches!(turned, Err(SinkError::Closed { message_count: BUFFER_MESSAGES_MAX })));
    assert_eq!(other.offer(batch(0..3)), Err(batch(0..3)));
    assert!(other.send(batch(0..3)).await.is_err());
    let after = counters(&other);
    assert_eq!((after.buffered, after.accepted), (1_000, 1_000));
    assert_eq!(after.dropped, u64::try_from(BUFFER_MESSAGES_MAX + 6).unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sink_that_is_closed_delivers_what_it_took() {
    let receiver = Receiver::start().await;
    let sink = Sink::open(SinkSettings::http(&receiver.url()).unwrap()).await.unwrap();
    send(&sink, 0..5_000, 10).await;
    let report = sink.close(LIMIT).await;
    assert_eq!((report.delivered, report.undelivered, report.dropped), (5_000, 0, 0));
    check_once_in_order(&receiver.bodies(), 5_000);
}
