//! A publisher that goes on until every message is confirmed, whatever becomes of the servers.

use std::ops::Range;
use std::time::Duration;

use ciq_nats::{Nats, NatsError, NatsOptions, Outgoing, Partitions, Publisher};
use tokio::runtime::Runtime;
use tokio::time::{interval, sleep};

use crate::cluster_people::People;

/// How many partitions there are.
const PARTITIONS: u32 = 8;

/// How often some messages are published.
const TICK: Duration = Duration::from_millis(100);

/// How long to wait before what was not confirmed is published again.
const AGAIN_AFTER: Duration = Duration::from_millis(200);

/// How often the same may be tried: a cluster that takes nothing for so long is broken.
const TRIES_MAX: u64 = 300;

/// Which events, and how fast.
pub(crate) enum Pace {
    /// As fast as they are taken.
    AtOnce(Range<u64>),
    /// At a steady rate.
    Within(Duration, Range<u64>),
}

/// What became of messages.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Published {
    /// How many are in the stream.
    pub(crate) confirmed: u64,
    /// How often some of them were published again.
    pub(crate) again: u64,
}

/// Publishes messages at once, until all are confirmed.
#[track_caller]
pub(crate) fn publish_all(servers: &str, messages: &[Outgoing]) {
    let partitions = Partitions::new(PARTITIONS).unwrap();
    Runtime::new().unwrap().block_on(async {
        let nats = Nats::connect(&NatsOptions::new(servers.parse().unwrap())).await.unwrap();
        send(&nats, partitions, messages).await;
    });
}

/// Publishes events straight to their partitions, until all are confirmed.
#[track_caller]
pub(crate) fn publish(servers: &str, people: People, pace: Pace) -> Published {
    let (events, tick_count) = match pace {
        Pace::AtOnce(events) => (events, 0),
        Pace::Within(duration, events) => (events, duration.as_millis() / TICK.as_millis()),
    };
    let size = if tick_count == 0 {
        1_000
    } else {
        (events.end - events.start).div_ceil(u64::try_from(tick_count).unwrap())
    };
    let partitions = Partitions::new(PARTITIONS).unwrap();
    let runtime = Runtime::new().unwrap();
    let mut published = Published::default();
    runtime.block_on(async {
        let options = NatsOptions::new(servers.parse().unwrap());
        let nats = Nats::connect_when_there(&options).await.unwrap();
        nats.wait_until_up().await;
        let mut ticks = interval(TICK);
        for start in events.clone().step_by(usize::try_from(size).unwrap()) {
            if tick_count > 0 {
                // Those that were missed come at once, so that the rate holds.
                ticks.tick().await;
            }
            let some = start..events.end.min(start + size);
            let messages: Vec<_> =
                some.map(|index| people.told(index).message(partitions)).collect();
            published.again += send(&nats, partitions, &messages).await;
            published.confirmed += messages.len() as u64;
        }
    });
    published
}

/// Publishes until all are confirmed; returns how often it was tried in vain.
async fn send(nats: &Nats, partitions: Partitions, messages: &[Outgoing]) -> u64 {
    let mut tries = 0;
    loop {
        match attempt(nats, partitions, messages).await {
            Ok(confirmed) if confirmed == messages.len() as u64 => return tries,
            told => assert!(tries < TRIES_MAX, "nobody takes messages: {told:?}"),
        }
        tries += 1;
        sleep(AGAIN_AFTER).await;
    }
}

async fn attempt(
    nats: &Nats,
    partitions: Partitions,
    messages: &[Outgoing],
) -> Result<u64, NatsError> {
    let mut publisher = Publisher::new(nats, &partitions.subjects()?).await?;
    // While nobody leads the cluster, no stream is seen.
    if publisher.is_confirmed() {
        for message in messages {
            publisher.publish(message.clone()).await?;
        }
    }
    Ok(publisher.finish().await?.confirmed_count)
}
