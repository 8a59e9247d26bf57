//! Streams and consumers: made where there are none, checked and never changed where there are.

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, PullConsumer, pull};
use async_nats::jetstream::context::{ConsumerInfoErrorKind, CreateStreamErrorKind};
use async_nats::jetstream::stream::{Config, RetentionPolicy, StorageType};
use async_nats::jetstream::{ErrorCode, consumer};
use futures_util::TryStreamExt as _;

use crate::plan::{KnownStream, plan};
use crate::{Nats, NatsError, SourceOptions, Start, SubjectFilter};

pub(crate) use crate::plan::StreamRead;

/// For how long a stream knows the ids of messages that were published twice. Beyond it, the
/// store's own key does.
pub(crate) const DUPLICATE_WINDOW: Duration = Duration::from_secs(120);

/// How long a consumer that is used once outlives its user.
const REPLAY_INACTIVE: Duration = Duration::from_secs(300);

/// Makes or checks the streams that the options need, and returns what to read.
pub(crate) async fn prepare(
    nats: &Nats,
    options: &SourceOptions,
) -> Result<Vec<StreamRead>, NatsError> {
    let plan = plan(&options.subjects, &known_streams(nats).await?)?;
    let mut reads = plan.reads;
    if !plan.missing.is_empty() {
        create(nats, options, &plan.missing).await?;
        reads.push(StreamRead { stream: options.stream.clone(), filter: None });
    }
    for read in &reads {
        check_stream(nats, &read.stream).await?;
        let filter = read.filter.as_ref().map_or("everything", SubjectFilter::as_str);
        let (stream, group) = (&read.stream, &options.queue_group);
        tracing::info!(
            target: "nats",
            "[NATS] Subscribing to: {filter} of stream {stream} (consumer: {group})"
        );
    }
    Ok(reads)
}

impl Nats {
    /// Returns the stream that takes a subject, if there is one. Makes none. One that takes a part
    /// of it only is an error, as it is for whoever opens a source.
    pub async fn stream_of(&self, subject: &SubjectFilter) -> Result<Option<String>, NatsError> {
        let plan = plan(std::slice::from_ref(subject), &known_streams(self).await?)?;
        Ok(plan.reads.into_iter().next().map(|read| read.stream))
    }
}

/// Tells whether some stream takes any of the subjects.
pub(crate) async fn takes_any(nats: &Nats, wanted: &[SubjectFilter]) -> Result<bool, NatsError> {
    if !nats.has_jetstream().await? {
        return Ok(false);
    }
    let streams = known_streams(nats).await?;
    let mut taken = streams.iter().flat_map(|stream| &stream.subjects);
    Ok(taken.any(|subject| wanted.iter().any(|want| want.meets(subject))))
}

async fn known_streams(nats: &Nats) -> Result<Vec<KnownStream>, NatsError> {
    let streams: Vec<_> = nats
        .context
        .streams()
        .map_ok(|info| KnownStream { name: info.config.name, subjects: info.config.subjects })
        .try_collect()
        .await
        .map_err(NatsError::server("list the streams"))?;
    Ok(streams)
}

async fn create(
    nats: &Nats,
    options: &SourceOptions,
    subjects: &[SubjectFilter],
) -> Result<(), NatsError> {
    let name = &options.stream;
    let wanted = Config {
        name: name.clone(),
        subjects: subjects.iter().map(ToString::to_string).collect(),
        storage: StorageType::File,
        retention: RetentionPolicy::Limits,
        num_replicas: options.replicas,
        duplicate_window: DUPLICATE_WINDOW,
        description: Some("customer events on their way to customeriq".to_owned()),
        ..Config::default()
    };
    let created = nats.context.create_stream(wanted.clone()).await;
    match created {
        Ok(made) => {
            let got = &made.cached_info().config.subjects;
            if *got != wanted.subjects {
                let reason = format!("the server made it for {}", got.join(", "));
                return Err(NatsError::Unusable { what: format!("stream {name}"), reason });
            }
            tracing::info!(target: "nats", "[NATS] Made stream {name}");
            Ok(())
        }
        Err(error) if is_name_taken(error.kind()) => Err(NatsError::Unusable {
            what: format!("stream {name}"),
            reason: format!(
                "it is there and does not take {}: add that to its subjects, or name another \
                 stream with NATS_STREAM",
                wanted.subjects.join(", ")
            ),
        }),
        Err(error) => Err(NatsError::server(format!("make stream {name}"))(error)),
    }
}

pub(crate) fn is_name_taken(kind: CreateStreamErrorKind) -> bool {
    match kind {
        CreateStreamErrorKind::JetStream(error) => {
            error.error_code() == ErrorCode::STREAM_NAME_EXIST
        }
        _ => false,
    }
}

/// Reports settings of a stream by which events may be lost. They are the operator's to change.
pub(crate) async fn check_stream(nats: &Nats, name: &str) -> Result<(), NatsError> {
    let stream = nats
        .context
        .get_stream(name)
        .await
        .map_err(NatsError::server(format!("look at stream {name}")))?;
    for concern in concerns(&stream.cached_info().config) {
        tracing::warn!(
            target: "nats",
            "[NATS] stream {name} {concern}; it is left as it is"
        );
    }
    Ok(())
}

/// Says what of a stream's settings may lose events.
fn concerns(config: &Config) -> Vec<&'static str> {
    let all = [
        (config.storage == StorageType::Memory, "keeps messages in memory: a restart loses them"),
        (config.no_ack, "acknowledges nothing: publishers cannot know what was taken"),
        (
            config.retention == RetentionPolicy::Interest,
            "keeps messages only while a consumer is there",
        ),
        (
            config.max_age > Duration::ZERO || config.max_messages > 0 || config.max_bytes > 0,
            "has limits of age, count or size: what is older goes, even if nobody read it",
        ),
        (config.max_messages_per_subject > 0, "keeps only the latest messages of a subject"),
    ];
    all.into_iter().filter(|(is_so, _)| *is_so).map(|(_, concern)| concern).collect()
}

/// Makes or checks the consumer of a stream.
pub(crate) async fn consumer(
    nats: &Nats,
    read: &StreamRead,
    options: &SourceOptions,
) -> Result<PullConsumer, NatsError> {
    let looking = NatsError::server(format!("look at stream {}", read.stream));
    let stream = nats.context.get_stream_no_info(&read.stream).await.map_err(looking)?;
    let wanted = wanted_consumer(read, options);
    let name = wanted.durable_name.clone().unwrap_or_else(|| "for replay".to_owned());
    let what = format!("consumer {name} of stream {}", read.stream);
    if wanted.durable_name.is_some() {
        match stream.consumer_info(&name).await {
            Ok(found) => check_consumer(&what, &wanted, &found.config)?,
            Err(error) if is_absent(error.kind()) => {}
            Err(error) => return Err(NatsError::server(format!("look at {what}"))(error)),
        }
        if let Ok(there) = stream.get_consumer(&name).await {
            return Ok(there);
        }
    }
    let made = stream
        .create_consumer(wanted.clone())
        .await
        .map_err(NatsError::server(format!("make {what}")))?;
    // Old servers leave out what they do not know, without a word.
    check_consumer(&what, &wanted, &made.cached_info().config)?;
    Ok(made)
}

pub(crate) fn is_absent(kind: ConsumerInfoErrorKind) -> bool {
    match kind {
        ConsumerInfoErrorKind::NotFound => true,
        ConsumerInfoErrorKind::JetStream(error) => {
            error.error_code() == ErrorCode::CONSUMER_NOT_FOUND
        }
        _ => false,
    }
}

fn wanted_consumer(read: &StreamRead, options: &SourceOptions) -> pull::Config {
    let group = &options.queue_group;
    let durable_name = match (&read.filter, options.start) {
        (_, Start::Sequence(_) | Start::Time(_)) => None,
        (None, Start::Durable) => Some(group.clone()),
        (Some(filter), Start::Durable) => Some(format!("{group}-{}", filter.as_name())),
    };
    let deliver_policy = match options.start {
        Start::Durable => DeliverPolicy::All,
        Start::Sequence(start_sequence) => DeliverPolicy::ByStartSequence { start_sequence },
        Start::Time(at) => match time_of(at) {
            Some(start_time) => DeliverPolicy::ByStartTime { start_time },
            None => DeliverPolicy::All,
        },
    };
    let is_replay = durable_name.is_none();
    pull::Config {
        durable_name,
        deliver_policy,
        ack_policy: AckPolicy::Explicit,
        ack_wait: options.ack_wait,
        max_ack_pending: options.ack_pending_max,
        // For ever: what can never be taken is ended by us, once it is a dead letter.
        max_deliver: -1,
        filter_subject: read.filter.as_ref().map(ToString::to_string).unwrap_or_default(),
        inactive_threshold: if is_replay { REPLAY_INACTIVE } else { Duration::ZERO },
        ..pull::Config::default()
    }
}

fn time_of(at: jiff::Timestamp) -> Option<async_nats::datetime::DateTime> {
    async_nats::datetime::from_nanos(at.as_nanosecond()).ok()
}

/// Compares a consumer with what was asked for. What would lose events is refused, the rest told.
pub(crate) fn check_consumer(
    what: &str,
    wanted: &pull::Config,
    found: &consumer::Config,
) -> Result<(), NatsError> {
    let refuse = |reason: &str| {
        Err(NatsError::Unusable {
            what: what.to_owned(),
            reason: format!(
                "{reason}: delete it (nats consumer rm), or choose another NATS_QUEUE_GROUP"
            ),
        })
    };
    if found.deliver_subject.is_some() {
        return refuse("it is a push consumer");
    }
    if found.ack_policy != AckPolicy::Explicit {
        return refuse("it does not want each message acknowledged");
    }
    if found.max_deliver > 0 {
        return refuse("it gives up after some deliveries, and what it gives up is lost");
    }
    if found.filter_subject != wanted.filter_subject {
        return refuse("it reads other subjects");
    }
    for (name, is_other) in [
        ("NATS_ACK_WAIT", found.ack_wait != wanted.ack_wait),
        ("NATS_MAX_ACK_PENDING", found.max_ack_pending != wanted.max_ack_pending),
    ] {
        if is_other {
            tracing::warn!(
                target: "nats",
                "[NATS] {what} has another {name} than asked for; it is left as it is"
            );
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_as_we_make_it_gives_no_concern() {
        let made = Config { duplicate_window: DUPLICATE_WINDOW, ..Config::default() };
        assert_eq!(concerns(&made), Vec::<&str>::new());
        let odd = Config { storage: StorageType::Memory, max_messages: 5, ..made };
        assert_eq!(concerns(&odd).len(), 2);
    }

    #[test]
    fn a_consumer_that_would_lose_events_is_refused() {
        let options = SourceOptions::new(SubjectFilter::parse_list("a.>").unwrap());
        let read = StreamRead { stream: "S".to_owned(), filter: None };
        let wanted = wanted_consumer(&read, &options);
        let found = |change: fn(&mut consumer::Config)| {
            let mut found = consumer::Config {
                ack_policy: AckPolicy::Explicit,
                max_deliver: -1,
                ..consumer::Config::default()
            };
            change(&mut found);
            check_consumer("consumer", &wanted, &found)
        };
        assert!(found(|_| {}).is_ok());
        assert!(found(|found| found.ack_wait = Duration::from_secs(1)).is_ok());
        assert!(found(|found| found.ack_policy = AckPolicy::None).is_err());
        assert!(found(|found| found.max_deliver = 3).is_err());
        assert!(found(|found| found.filter_subject = "a.b".to_owned()).is_err());
        assert!(found(|found| found.deliver_subject = Some("x".to_owned())).is_err());
    }

    #[test]
    fn a_filtered_read_has_a_durable_of_its_own() {
        let options = SourceOptions::new(SubjectFilter::parse_list("a.*.>").unwrap());
        let filter = Some(options.subjects[0].clone());
        let read = StreamRead { stream: "S".to_owned(), filter };
        let wanted = wanted_consumer(&read, &options);
        assert_eq!(wanted.durable_name.as_deref(), Some("customeriq-service-a_any_all"));
        assert_eq!(wanted.filter_subject, "a.*.>");
    }
}
