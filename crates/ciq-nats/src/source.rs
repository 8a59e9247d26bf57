//! Messages in, in batches, each with the receipt by which it is settled.

use std::time::Duration;

use async_nats::jetstream::consumer::{PullConsumer, StreamError, pull};
use async_nats::{HeaderMap, Subject};
use futures_util::stream::{BoxStream, SelectAll, select_all};
use futures_util::{FutureExt as _, StreamExt as _};
use jiff::Timestamp;

use crate::partition::unsorted;
use crate::stream::{self, StreamRead};
use crate::{Mode, Nats, NatsError, PartitionMessages, Receipt, SourceOptions, Start};

/// Bytes of a batch: bounds memory whatever the size of a message.
const BATCH_BYTES: usize = 12 * 1024 * 1024;

/// What the client asks for ahead of a stream.
const AHEAD: Ahead = Ahead { message_count: 1_024, size_bytes: 16 * 1024 * 1024 };

/// How long the server keeps a request open; it tells of its health in between.
const REQUEST_EXPIRES: Duration = Duration::from_secs(30);

/// How often an idle server shows that it is there.
const HEARTBEAT: Duration = Duration::from_secs(5);

/// Where events are sent by somebody who waits for the outcome. No stream takes it: a stream would
/// answer by itself, before anything is stored.
const REQUESTS: &str = "customeriq.*.ingest";

/// What the subjects begin with by which messages of streams are settled.
const ACK_PREFIX: &str = "$JS.ACK.";

/// The pause before a stream that failed is opened again.
const REOPEN_PAUSE: Duration = Duration::from_millis(500);

/// A message as NATS delivered it.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// Where it was published; of an event that was sorted into partitions, where it would have
    /// been.
    pub subject: String,
    /// Its headers, in the order of their names.
    pub headers: Vec<(String, String)>,
    /// Its body, byte for byte.
    pub body: Vec<u8>,
    /// How it is settled.
    pub receipt: Receipt,
    /// Where it stands in its stream; `None` outside of streams.
    pub place: Option<Place>,
}

/// Where a message stands in a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number.
    pub sequence: u64,
    /// How often it was delivered; 1 the first time.
    pub delivery_count: i64,
    /// Messages of the stream that were not delivered yet.
    pub pending_count: u64,
    /// When the stream took it.
    pub stored_at: Timestamp,
}

/// What is promised about messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guarantee {
    /// Each is delivered until it is settled.
    AtLeastOnce,
    /// What comes while nobody listens, or faster than it is taken, is lost.
    AtMostOnce,
}

/// Messages that come one after the other.
pub(crate) type MessageStream = BoxStream<'static, Result<async_nats::Message, NatsError>>;

type Messages = SelectAll<MessageStream>;

/// How much the client asks the server for ahead of its use.
pub(crate) struct Ahead {
    pub(crate) message_count: usize,
    /// Twice the largest message, should that be more.
    pub(crate) size_bytes: usize,
}

/// Where messages come from.
pub struct Source {
    opening: Opening,
    messages: Messages,
}

/// How the messages are asked for, again and again.
struct Opening {
    nats: Nats,
    options: SourceOptions,
    reads: Vec<StreamRead>,
    guarantee: Guarantee,
    /// Whether a request is answered with what came of it.
    is_answering: bool,
}

impl std::fmt::Debug for Source {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Source").field("guarantee", &self.opening.guarantee).finish_non_exhaustive()
    }
}

impl Source {
    /// Opens a source: makes or checks streams and consumers, or subscribes.
    pub async fn open(nats: &Nats, options: &SourceOptions) -> Result<Self, NatsError> {
        options.check()?;
        let has_jetstream = options.mode != Mode::Core && nats.has_jetstream().await?;
        if options.mode == Mode::JetStream && !has_jetstream {
            return Err(NatsError::NoJetStream);
        }
        let (reads, guarantee) = if has_jetstream {
            (stream::prepare(nats, options).await?, Guarantee::AtLeastOnce)
        } else {
            (Vec::new(), Guarantee::AtMostOnce)
        };
        let is_answering = !has_jetstream && !is_taken(nats, options).await?;
        let (nats, options) = (nats.clone(), options.clone());
        let opening = Opening { nats, options, reads, guarantee, is_answering };
        let messages = opening.subscribe().await?;
        Ok(Self { opening, messages })
    }

    /// Opens a source of requests alone, to which messages of partitions are added.
    pub async fn of_requests(nats: &Nats, options: &SourceOptions) -> Result<Self, NatsError> {
        options.check()?;
        let opening = Opening {
            nats: nats.clone(),
            options: options.clone(),
            reads: Vec::new(),
            guarantee: Guarantee::AtLeastOnce,
            is_answering: false,
        };
        let messages = opening.subscribe().await?;
        Ok(Self { opening, messages })
    }

    /// Adds the messages of a partition, until they end.
    pub fn add(&mut self, messages: PartitionMessages) {
        self.messages.push(messages.0);
    }

    /// Returns what is promised about messages.
    #[must_use]
    pub fn guarantee(&self) -> Guarantee {
        self.opening.guarantee
    }

    /// Waits for a message, and takes what has come with it, up to `count_max`.
    ///
    /// Ends only by being dropped: a stream that fails is opened again for ever.
    pub async fn next_batch(&mut self, count_max: usize) -> Vec<Delivery> {
        let mut batch = Vec::new();
        let mut byte_count = 0;
        while batch.is_empty() {
            match self.messages.next().await {
                Some(Ok(message)) => self.take(message, &mut batch, &mut byte_count),
                Some(Err(error)) => self.reopen(&error).await,
                None => self.reopen(&ended()).await,
            }
        }
        while batch.len() < count_max && byte_count < BATCH_BYTES {
            // An error comes again with the next call, or is over by then.
            let Some(Some(Ok(message))) = self.messages.next().now_or_never() else { break };
            self.take(message, &mut batch, &mut byte_count);
        }
        batch
    }

    fn take(
        &self,
        message: async_nats::Message,
        batch: &mut Vec<Delivery>,
        byte_count: &mut usize,
    ) {
        *byte_count += message.length;
        let is_of_stream =
            message.reply.as_deref().is_some_and(|reply| reply.starts_with(ACK_PREFIX));
        let is_asked = self.opening.is_answering || request_brand(&message.subject).is_some();
        // Its place tells of a backlog: the first of a batch speaks for all.
        let place = if is_of_stream && batch.is_empty() { place_of(&message) } else { None };
        let receipt = match message.reply {
            // A copy: the original is a part of what was read from the socket, and would keep all of it.
            Some(reply) if is_of_stream => Receipt::Stream(Subject::from(reply.as_str())),
            Some(reply) if is_asked => Receipt::Request(reply),
            _ => Receipt::None,
        };
        batch.push(Delivery {
            subject: unsorted(&message.subject).unwrap_or_else(|| message.subject.into_string()),
            headers: message.headers.as_ref().map(pairs).unwrap_or_default(),
            body: message.payload.into(),
            receipt,
            place,
        });
    }

    async fn reopen(&mut self, why: &NatsError) {
        let source = std::error::Error::source(why).map(ToString::to_string);
        tracing::warn!(target: "nats", error = %why, source, "[NATS] opening the source again");
        loop {
            tokio::time::sleep(REOPEN_PAUSE).await;
            match self.opening.subscribe().await {
                Ok(messages) => {
                    self.messages = messages;
                    return;
                }
                Err(error) => {
                    let source = std::error::Error::source(&error).map(ToString::to_string);
                    tracing::warn!(target: "nats", %error, source, "[NATS] could not, yet");
                    self.opening.nats.wait_until_up().await;
                }
            }
        }
    }
}

impl Opening {
    async fn subscribe(&self) -> Result<Messages, NatsError> {
        let mut all = Vec::new();
        let group = &self.options.queue_group;
        if self.options.start == Start::Durable {
            all.push(plain(&self.nats, REQUESTS, group).await?);
        }
        if self.guarantee == Guarantee::AtMostOnce {
            for subject in &self.options.subjects {
                all.push(plain(&self.nats, subject.as_str(), group).await?);
            }
        }
        for read in &self.reads {
            let consumer = stream::consumer(&self.nats, read, &self.options).await?;
            let messages = AHEAD.messages(&self.nats, &consumer).await;
            let messages =
                messages.map_err(NatsError::server(format!("read stream {}", read.stream)))?;
            let messages = messages.map(|message| match message {
                Ok(message) => Ok(message.message),
                Err(error) => Err(NatsError::server("read a stream")(error)),
            });
            all.push(messages.boxed());
        }
        Ok(select_all(all))
    }
}

impl Ahead {
    /// Asks for the messages of a consumer, one request after the other.
    pub(crate) async fn messages(
        &self,
        nats: &Nats,
        consumer: &PullConsumer,
    ) -> Result<pull::Stream, StreamError> {
        let size_bytes = self.size_bytes.max(nats.payload_bytes_max() * 2);
        consumer
            .stream()
            .max_messages_per_batch(self.message_count)
            .max_bytes_per_batch(size_bytes)
            .expires(REQUEST_EXPIRES)
            .heartbeat(HEARTBEAT)
            .messages()
            .await
    }
}

/// Subscribes to a subject outside of streams, sharing the work with the group.
async fn plain(nats: &Nats, subject: &str, group: &str) -> Result<MessageStream, NatsError> {
    tracing::info!(target: "nats", "[NATS] Subscribing to: {subject} (queue: {group})");
    let messages = nats
        .client
        .queue_subscribe(subject.to_owned(), group.to_owned())
        .await
        .map_err(NatsError::server(format!("subscribe to {subject}")))?;
    Ok(messages.map(Ok).boxed())
}

/// Tells whether a stream takes what is subscribed to beside it, and answers by itself. Whoever does
/// without streams does not wait until they can be asked.
async fn is_taken(nats: &Nats, options: &SourceOptions) -> Result<bool, NatsError> {
    match stream::takes_any(nats, &options.subjects).await {
        Err(error) if options.mode == Mode::Core && error.is_transient() => Ok(false),
        known => known,
    }
}

/// Returns the brand that a request names, if the subject is that of a request.
#[must_use]
pub fn request_brand(subject: &str) -> Option<&str> {
    let mut words = subject.split('.');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("customeriq"), Some(brand), Some("ingest"), None) => Some(brand),
        _ => None,
    }
}

fn ended() -> NatsError {
    NatsError::server("go on reading")("the subscription ended")
}

fn pairs(headers: &HeaderMap) -> Vec<(String, String)> {
    let mut pairs: Vec<(String, String)> = headers
        .iter()
        .flat_map(|(name, values)| values.iter().map(move |value| (name, value)))
        .map(|(name, value)| (name.to_string(), value.to_string()))
        .collect();
    // The client's map has no order of its own. Values of one name stay in theirs.
    pairs.sort_by(|one, other| one.0.cmp(&other.0));
    pairs
}

/// Reads a message's place out of the subject to which it is acknowledged:
/// `$JS.ACK.[domain.account.]stream.consumer.deliveries.sequence.own_sequence.time.pending[.token]`.
fn place_of(message: &async_nats::Message) -> Option<Place> {
    let words: Vec<&str> = message.reply.as_deref()?.split('.').collect();
    let rest = match words.len() {
        9 => &words[4..],
        11.. => &words[6..],
        _ => return None,
    };
    Some(Place {
        delivery_count: rest[0].parse().ok()?,
        sequence: rest[1].parse().ok()?,
        stored_at: Timestamp::from_nanosecond(rest[3].parse().ok()?).ok()?,
        pending_count: rest[4].parse().ok()?,
    })
}
