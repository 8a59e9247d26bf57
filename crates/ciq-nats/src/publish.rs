//! Publishing, confirmed by a stream where one takes it.

use std::collections::VecDeque;

use async_nats::HeaderMap;
use async_nats::header::NATS_MESSAGE_ID;
use async_nats::jetstream::context::{PublishAckFuture, PublishErrorKind};
use bytes::Bytes;

use crate::{Nats, NatsError, SubjectFilter, partition, stream};

/// Messages that may be on their way to a stream without its confirmation. Measured: more gain
/// little.
const WINDOW: usize = 1_000;

/// A message to publish.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outgoing {
    /// Where to.
    pub subject: String,
    /// Its headers. `Nats-Msg-Id` makes a stream take it once.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: Vec<u8>,
}

/// What became of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Published {
    /// Those that a stream confirmed.
    pub confirmed_count: u64,
    /// Of these, those that it had already.
    pub duplicate_count: u64,
    /// Those that no stream takes: whoever listened has them.
    pub sent_count: u64,
}

/// Publishes to one kind of subject.
#[derive(Debug)]
pub struct Publisher {
    nats: Nats,
    subjects: SubjectFilter,
    is_confirmed: bool,
    waiting: VecDeque<PublishAckFuture>,
    published: Published,
}

impl Publisher {
    /// Finds out whether a stream takes what is published to `subjects`: as it is, or sorted into
    /// partitions on its way through the server.
    pub async fn new(nats: &Nats, subjects: &SubjectFilter) -> Result<Self, NatsError> {
        let takers = [Some(subjects.clone()), partition::sorted_from(subjects)];
        let takers: Vec<SubjectFilter> = takers.into_iter().flatten().collect();
        let is_confirmed = stream::takes_any(nats, &takers).await?;
        let (waiting, published) = (VecDeque::new(), Published::default());
        let (nats, subjects) = (nats.clone(), subjects.clone());
        Ok(Self { nats, subjects, is_confirmed, waiting, published })
    }

    /// Tells whether a stream confirms what is published.
    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.is_confirmed
    }

    /// Publishes a message. It is safe only after [`Self::finish`].
    pub async fn publish(&mut self, message: Outgoing) -> Result<(), NatsError> {
        let headers = header_map(&message.headers);
        let doing = format!("publish to {}", message.subject);
        if self.is_confirmed {
            let context = &self.nats.context;
            let sent =
                context.publish_with_headers(message.subject, headers, message.body.into()).await;
            match sent {
                Ok(waiting) => self.waiting.push_back(waiting),
                Err(error) => return Err(NatsError::server(doing)(error)),
            }
            while self.waiting.len() >= WINDOW {
                self.confirm_oldest().await?;
            }
            return Ok(());
        }
        let client = &self.nats.client;
        let sent = client.publish_with_headers(message.subject, headers, message.body.into()).await;
        sent.map_err(NatsError::server(doing))?;
        self.published.sent_count += 1;
        Ok(())
    }

    /// Waits until the stream has confirmed everything, or the server has read everything, and
    /// returns what became of all messages since the last time.
    pub async fn finish(&mut self) -> Result<Published, NatsError> {
        while !self.waiting.is_empty() {
            self.confirm_oldest().await?;
        }
        if self.published.sent_count > 0 {
            self.nats.fence().await?;
        }
        Ok(std::mem::take(&mut self.published))
    }

    async fn confirm_oldest(&mut self) -> Result<(), NatsError> {
        let Some(oldest) = self.waiting.pop_front() else { return Ok(()) };
        let confirmed = oldest.await.map_err(|error| match error.kind() {
            PublishErrorKind::StreamNotFound => {
                NatsError::NotTaken { subjects: self.subjects.to_string() }
            }
            _ => NatsError::server("have a message confirmed")(error),
        })?;
        self.published.confirmed_count += 1;
        self.published.duplicate_count += u64::from(confirmed.duplicate);
        Ok(())
    }
}

impl Nats {
    /// Publishes a message to whoever listens, under an id. Nobody confirms it: once
    /// [`Self::fence`] has returned, the server has read it.
    pub async fn publish_plain(
        &self,
        subject: String,
        id: &str,
        body: Bytes,
    ) -> Result<(), NatsError> {
        let mut headers = HeaderMap::new();
        if let Some(id) = value_of(id) {
            headers.insert(NATS_MESSAGE_ID, id);
        }
        let sent = self.client.publish_with_headers(subject, headers, body).await;
        sent.map_err(NatsError::server("publish"))
    }
}

/// Makes headers as the client takes them. What can be no name is left out.
pub(crate) fn header_map(headers: &[(String, String)]) -> HeaderMap {
    let named = headers.iter().filter_map(|(name, value)| {
        Some((name.parse::<async_nats::HeaderName>().ok()?, value_of(value)?))
    });
    named.collect()
}

/// A value that cannot stand in a header is made printable.
fn value_of(value: &str) -> Option<async_nats::HeaderValue> {
    let printable: String = value.chars().map(|sign| if sign < ' ' { ' ' } else { sign }).collect();
    printable.parse().ok()
}
