//! The consumer of a partition: read from where everything before is settled, so that events come
//! in order whoever had them before.

use std::collections::BTreeMap;
use std::time::Duration;

use async_nats::jetstream::ErrorCode;
use async_nats::jetstream::consumer::{
    self, AckPolicy, Consumer, DeliverPolicy, PullConsumer, pull,
};
use async_nats::jetstream::stream::{ConsumerErrorKind, Stream};
use futures_util::{StreamExt as _, TryStreamExt as _};
use tokio::sync::oneshot;

use super::{Partitions, stream};
use crate::source::{Ahead, MessageStream};
use crate::stream::{check_consumer, is_absent};
use crate::{Nats, NatsError, SourceOptions};

/// What the client asks for ahead of one partition: there are many, and together they are ahead far
/// enough.
const AHEAD: Ahead = Ahead { message_count: 256, size_bytes: 4 * 1024 * 1024 };

/// Reads partitions.
#[derive(Debug, Clone)]
pub struct PartitionReader {
    nats: Nats,
    options: SourceOptions,
    partitions: Partitions,
}

/// The messages of one partition, in order, to be added to a source.
pub struct PartitionMessages(pub(crate) MessageStream);

impl std::fmt::Debug for PartitionMessages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartitionMessages").finish_non_exhaustive()
    }
}

/// Holds messages of a partition open: they end when this is dropped.
#[derive(Debug)]
pub struct PartitionHold(oneshot::Sender<()>);

impl PartitionHold {
    /// Tells whether the messages have ended by themselves.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.0.is_closed()
    }
}

impl PartitionReader {
    /// Makes or checks the stream.
    pub async fn open(
        nats: &Nats,
        options: &SourceOptions,
        partitions: Partitions,
    ) -> Result<Self, NatsError> {
        options.check()?;
        if !nats.has_jetstream().await? {
            return Err(NatsError::NoJetStream);
        }
        stream::prepare(nats, options, partitions).await?;
        Ok(Self { nats: nats.clone(), options: options.clone(), partitions })
    }

    /// Checks that a stream, if there is one, has so many partitions. Makes nothing.
    pub async fn check(
        nats: &Nats,
        options: &SourceOptions,
        partitions: Partitions,
    ) -> Result<(), NatsError> {
        if !nats.has_jetstream().await? {
            return Ok(());
        }
        stream::check(nats, &options.stream, partitions).await
    }

    /// Begins to read a partition behind what is settled of it. Whoever read it until now is cut
    /// off.
    pub async fn read(
        &self,
        partition: u32,
    ) -> Result<(PartitionMessages, PartitionHold), NatsError> {
        let consumer = self.consumer(partition).await?;
        let messages = AHEAD.messages(&self.nats, &consumer).await;
        let messages =
            messages.map_err(NatsError::server(format!("read partition {partition}")))?;
        let (hold, dropped) = oneshot::channel();
        let unbroken = messages.scan((), move |(), message| {
            // After an error something may be missing: it is read again from what is settled.
            if let Err(error) = &message {
                tracing::warn!(target: "nats", %error, "[NATS] partition {partition} broke off");
            }
            std::future::ready(message.ok().map(|message| Ok(message.message)))
        });
        Ok((PartitionMessages(unbroken.take_until(dropped).boxed()), PartitionHold(hold)))
    }

    /// Makes sure that the consumer of a partition delivers from its first message that is not
    /// settled on, to nobody else.
    ///
    /// A consumer of which messages are under way would deliver them again late, behind newer
    /// ones. So another takes its place, which begins at its floor. It has a name of its own: what
    /// is still said about messages of the old one must not settle any of the new one.
    ///
    /// A busy cluster may make one long after we gave up waiting for it. The next attempt takes that
    /// one: with yet another each time, the cluster would have ever more to do.
    async fn consumer(&self, partition: u32) -> Result<PullConsumer, NatsError> {
        let name = &self.options.stream;
        let looking = NatsError::server(format!("look at stream {name}"));
        let stream = self.nats.context.get_stream_no_info(name).await.map_err(looking)?;
        let prefix = format!("{}-{partition}-", self.options.queue_group);
        let found = consumers(&stream, &prefix).await?;
        let wanted = |deliver_policy| self.wanted(partition, deliver_policy);
        for info in found.values() {
            let what = format!("consumer {}", info.name);
            check_consumer(&what, &wanted(DeliverPolicy::All), &info.config)?;
        }
        let floor = found.values().map(floor).max();
        let (number, consumer) = if let Some((number, newest)) = usable(&found) {
            let config = named(wanted(newest.config.deliver_policy), &newest.name);
            (number, Consumer::new(config, newest.clone(), self.nats.context.clone()))
        } else {
            let from = floor.map_or(DeliverPolicy::All, |floor| DeliverPolicy::ByStartSequence {
                start_sequence: floor + 1,
            });
            let number = found.last_key_value().map_or(1, |(number, _)| number + 1);
            let wanted = named(wanted(from), &format!("{prefix}{number}"));
            let made = create(&stream, wanted.clone()).await?;
            let what = format!("consumer {prefix}{number}");
            check_consumer(&what, &wanted, &made.cached_info().config)?;
            (number, made)
        };
        // Afterwards: until this one is there, the others are all that keeps the place.
        for (_, info) in found.iter().filter(|(other, _)| **other != number) {
            delete(&stream, &info.name).await?;
        }
        Ok(consumer)
    }

    fn wanted(&self, partition: u32, deliver_policy: DeliverPolicy) -> pull::Config {
        pull::Config {
            deliver_policy,
            ack_policy: AckPolicy::Explicit,
            ack_wait: self.options.ack_wait,
            max_ack_pending: self.options.ack_pending_max,
            // For ever: what can never be taken is ended by us, once it is a dead letter.
            max_deliver: -1,
            filter_subject: self.partitions.filter(partition),
            inactive_threshold: Duration::ZERO,
            ..pull::Config::default()
        }
    }
}

fn named(config: pull::Config, name: &str) -> pull::Config {
    pull::Config { durable_name: Some(name.to_owned()), ..config }
}

/// Returns the newest of some consumers, by their numbers, where it can go on for them all: it is
/// at rest, and none of the others knows of more that is settled.
fn usable(found: &BTreeMap<u64, consumer::Info>) -> Option<(u64, &consumer::Info)> {
    let (number, newest) = found.last_key_value()?;
    let is_furthest = found.values().all(|info| floor(info) <= floor(newest));
    (is_at_rest(newest) && is_furthest).then_some((*number, newest))
}

/// Tells whether nothing of a consumer is under way, and nobody waits for its next message.
fn is_at_rest(found: &consumer::Info) -> bool {
    found.num_ack_pending == 0 && found.num_waiting == 0
}

/// Returns the number of the message up to which all that a consumer reads is settled.
fn floor(found: &consumer::Info) -> u64 {
    let begun = match found.config.deliver_policy {
        DeliverPolicy::ByStartSequence { start_sequence } => start_sequence.saturating_sub(1),
        _ => 0,
    };
    found.ack_floor.stream_sequence.max(begun)
}

/// Returns the consumers whose names are a prefix and a number, by that number.
async fn consumers(
    stream: &Stream<()>,
    prefix: &str,
) -> Result<BTreeMap<u64, consumer::Info>, NatsError> {
    let names = stream.consumer_names().try_collect::<Vec<String>>().await;
    let names = names.map_err(NatsError::server("list the consumers"))?;
    let mut found = BTreeMap::new();
    for name in names {
        let number = name.strip_prefix(prefix).and_then(|number| number.parse().ok());
        let Some(number) = number else { continue };
        match stream.consumer_info(&name).await {
            Ok(info) => {
                found.insert(number, info);
            }
            Err(error) if is_absent(error.kind()) => {}
            Err(error) => return Err(NatsError::server(format!("look at consumer {name}"))(error)),
        }
    }
    Ok(found)
}

async fn create(stream: &Stream<()>, wanted: pull::Config) -> Result<PullConsumer, NatsError> {
    let name = wanted.durable_name.clone().unwrap_or_default();
    let made = stream.create_consumer(wanted).await;
    made.map_err(NatsError::server(format!("make consumer {name}")))
}

async fn delete(stream: &Stream<()>, name: &str) -> Result<(), NatsError> {
    match stream.delete_consumer(name).await {
        Ok(_) => Ok(()),
        Err(error) if is_gone(&error.kind()) => Ok(()),
        Err(error) => Err(NatsError::server(format!("delete consumer {name}"))(error)),
    }
}

fn is_gone(kind: &ConsumerErrorKind) -> bool {
    match kind {
        ConsumerErrorKind::JetStream(error) => error.error_code() == ErrorCode::CONSUMER_NOT_FOUND,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> consumer::Info {
        serde_json::from_str(text).unwrap()
    }

    fn told(config: &str, floor: u64, under_way: usize, waiting: usize) -> consumer::Info {
        found(&format!(
            r#"{{
                "stream_name": "S", "name": "c", "created": "2026-01-01T00:00:00Z",
                "config": {{
                    "deliver_policy": {config}, "ack_policy": "explicit", "replay_policy": "instant"
                }},
                "delivered": {{"consumer_seq": 9, "stream_seq": 9}},
                "ack_floor": {{"consumer_seq": {floor}, "stream_seq": {floor}}},
                "num_ack_pending": {under_way}, "num_redelivered": 0, "num_waiting": {waiting},
                "num_pending": 0
            }}"#
        ))
    }

    #[test]
    fn a_consumer_is_at_rest_where_nothing_is_under_way_and_nobody_waits() {
        assert!(is_at_rest(&told("\"all\"", 9, 0, 0)));
        assert!(!is_at_rest(&told("\"all\"", 7, 2, 0)));
        assert!(!is_at_rest(&told("\"all\"", 9, 0, 1)));
    }

    #[test]
    fn what_an_earlier_attempt_has_made_is_used_unless_more_is_settled_by_now() {
        let busy = |floor| told("\"all\"", floor, 2, 1);
        let begun = told(r#""by_start_sequence", "opt_start_seq": 31"#, 0, 0, 0);
        let number = |found: [&consumer::Info; 2]| {
            usable(&(4..).zip(found.map(Clone::clone)).collect()).map(|(number, _)| number)
        };
        assert_eq!(number([&busy(30), &begun]), Some(5));
        assert_eq!(number([&busy(31), &begun]), None);
        assert_eq!(number([&begun, &busy(30)]), None);
        assert!(usable(&BTreeMap::new()).is_none());
    }

    #[test]
    fn the_floor_of_a_consumer_that_read_nothing_is_where_it_began() {
        assert_eq!(floor(&told("\"all\"", 7, 2, 0)), 7);
        let begun = r#""by_start_sequence", "opt_start_seq": 31"#;
        assert_eq!(floor(&told(begun, 0, 0, 0)), 30);
        assert_eq!(floor(&told(begun, 44, 0, 0)), 44);
    }
}
