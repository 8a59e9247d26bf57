//! Subjects of NATS, with a stream behind them or without.
//!
//! The client keeps what it could not send while it connects again, but not what was on its way:
//! the end of a row of messages may arrive without its beginning. So a message goes out only when
//! the one before it of the same user has arrived: messages go in rounds, the first of each user,
//! then the second of each, and each round is waited for.

use std::collections::BTreeMap;
use std::ops::Range;
use std::time::Duration;

use bytes::Bytes;
use ciq_nats::{Link, Nats, NatsError, NatsOptions, Outgoing, Publisher, SubjectFilter};

use super::{Done, Failure};
use crate::{Batch, Message, NatsMode, SinkError};

/// Most messages of an attempt. After each, the server is asked whether it has read them all.
const MESSAGES_MAX: usize = 5_000;

/// Most bytes of an attempt.
const BYTES_MAX: usize = 4 * 1024 * 1024;

/// How long an attempt may take: the client keeps what it cannot send while it connects again.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long the end of the connection may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// Bytes of a message beside its body: its header and its subject.
const HEAD_BYTES_MAX: usize = 1_024;

/// Publishes.
#[derive(Debug)]
pub(crate) struct NatsSink {
    nats: Nats,
    prefix: String,
    subjects: SubjectFilter,
    mode: NatsMode,
    /// What has messages confirmed, once a stream was found.
    publisher: Option<Publisher>,
    /// Rounds of the attempt at hand that have arrived, so that they are not sent again.
    round_count: usize,
}

impl NatsSink {
    pub(crate) async fn open(
        options: &NatsOptions,
        prefix: &str,
        mode: NatsMode,
    ) -> Result<Self, SinkError> {
        let subjects = SubjectFilter::parse(&format!("{prefix}.>"))?;
        let nats = Nats::connect_when_there(options).await?;
        Ok(Self {
            nats,
            prefix: prefix.to_owned(),
            subjects,
            mode,
            publisher: None,
            round_count: 0,
        })
    }

    pub(crate) async fn deliver(&mut self, batch: &Batch, from: usize) -> Result<Done, Failure> {
        let mut link = self.nats.link();
        match *link.borrow_and_update() {
            Link::Up => {}
            Link::Waiting => return Err(Failure::new("no server of NATS has answered yet")),
            Link::Lost => return Err(Failure::new("the connection to NATS is lost")),
        }
        let body_max = self.nats.payload_bytes_max().saturating_sub(HEAD_BYTES_MAX);
        let mut end = batch.end_within(from, MESSAGES_MAX, BYTES_MAX);
        if let Some(large) = (from..end).find(|&at| batch.body_place(at).len() > body_max) {
            if large == from {
                let reason = format!("the server takes no more than {body_max} bytes");
                return Ok(Done::refused(1, reason));
            }
            end = large;
        }
        let rounds = rounds(batch, from..end);
        for round in rounds.iter().skip(self.round_count) {
            let attempt = tokio::select! {
                biased;
                // What was on its way when the connection broke may be lost, also if it is back.
                _ = link.changed() => Err(Failure::new("the connection to NATS broke")),
                attempt = self.attempt(batch, round) => attempt,
            };
            if let Err(failure) = attempt {
                // What it waits for belongs to an attempt that is over.
                self.publisher = None;
                return Err(failure);
            }
            self.round_count += 1;
        }
        self.round_count = 0;
        Ok(Done::delivered(end - from))
    }

    pub(crate) async fn close(&mut self) {
        // Everything has arrived: whether the end is orderly matters little.
        drop(tokio::time::timeout(CLOSE_TIMEOUT, self.nats.close()).await);
    }

    async fn attempt(&mut self, batch: &Batch, round: &[usize]) -> Result<(), Failure> {
        let attempt = tokio::time::timeout(TIMEOUT, self.publish(batch, round)).await;
        attempt.unwrap_or_else(|_| {
            let limit = TIMEOUT.as_secs();
            Err(Failure::new(format!("no answer to {} messages in {limit} s", round.len())))
        })
    }

    async fn publish(&mut self, batch: &Batch, round: &[usize]) -> Result<(), Failure> {
        let messages = round.iter().filter_map(|&index| batch.get(index));
        let published = match self.mode {
            NatsMode::Core => self.publish_plain(messages).await,
            NatsMode::JetStream => {
                let mut publisher = self.confirmed().await?;
                let published = publish_confirmed(&mut publisher, &self.prefix, messages).await;
                self.publisher = Some(publisher);
                published
            }
        };
        published.map_err(|error| Failure::of("publish", &error))
    }

    async fn publish_plain(
        &self,
        messages: impl Iterator<Item = Message<'_>>,
    ) -> Result<(), NatsError> {
        for message in messages {
            let subject = subject(&self.prefix, message.user_id, message.name);
            let body = Bytes::copy_from_slice(message.body);
            self.nats.publish_plain(subject, message.id, body).await?;
        }
        self.nats.fence().await
    }

    /// Returns what has messages confirmed, if a stream takes them.
    async fn confirmed(&mut self) -> Result<Publisher, Failure> {
        let publisher = match self.publisher.take() {
            Some(publisher) => publisher,
            None => Publisher::new(&self.nats, &self.subjects)
                .await
                .map_err(|error| Failure::of("look for a stream", &error))?,
        };
        if !publisher.is_confirmed() {
            let subjects = self.subjects.as_str();
            return Err(Failure::new(format!(
                "no stream takes {subjects}: start customeriq once, make the stream, or publish \
                 without one (core)"
            )));
        }
        Ok(publisher)
    }
}

async fn publish_confirmed(
    publisher: &mut Publisher,
    prefix: &str,
    messages: impl Iterator<Item = Message<'_>>,
) -> Result<(), NatsError> {
    for message in messages {
        let outgoing = Outgoing {
            subject: subject(prefix, message.user_id, message.name),
            headers: vec![("Nats-Msg-Id".to_owned(), message.id.to_owned())],
            body: message.body.to_vec(),
        };
        publisher.publish(outgoing).await?;
    }
    publisher.finish().await.map(drop)
}

/// Returns the places of messages in rounds: no round has two messages of one user, and each user's
/// are in order.
fn rounds(batch: &Batch, places: Range<usize>) -> Vec<Vec<usize>> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    for (index, message) in places.clone().zip(batch.range(places)) {
        let count = counts.entry(message.user_id).or_default();
        match rounds.get_mut(*count) {
            Some(round) => round.push(index),
            None => rounds.push(vec![index]),
        }
        *count += 1;
    }
    rounds
}

/// Makes the subject of an event. What may not stand in a subject becomes `_`; the body has it as
/// it was.
fn subject(prefix: &str, user_id: &str, name: &str) -> String {
    let mut subject = String::with_capacity(prefix.len() + user_id.len() + name.len() + 2);
    subject.push_str(prefix);
    for word in [user_id, name] {
        subject.push('.');
        if word.is_empty() {
            subject.push('_');
        }
        let is_odd = |sign: char| sign.is_whitespace() || sign.is_control() || ".*>".contains(sign);
        subject.extend(word.chars().map(|sign| if is_odd(sign) { '_' } else { sign }));
    }
    subject
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_round_has_each_user_once() {
        let mut batch = Batch::new();
        for user_id in ["a", "b", "a", "a", "c", "b"] {
            batch.push(Message { id: "", user_id, name: "", body: b"" });
        }
        assert_eq!(rounds(&batch, 0..6), [vec![0, 1, 4], vec![2, 5], vec![3]]);
        assert_eq!(rounds(&batch, 2..4), [[2], [3]]);
    }

    #[test]
    fn a_subject_is_made_of_words() {
        assert_eq!(subject("customer.events", "ABC123", "login"), "customer.events.ABC123.login");
        assert_eq!(subject("c", "a.b *", ""), "c.a_b__._");
    }
}
