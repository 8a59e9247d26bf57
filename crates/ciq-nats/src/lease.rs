//! Leases: who reads which partition, kept in a stream of the server's own, which forgets whoever
//! does not show that it is still there.
//!
//! A lease is the one message on its subject. It is written only where the last one there is the
//! one that its writer knows, which the server checks; so of two that reach for a partition one
//! has it. No server above 2.9 and no agreement of our own is needed.

mod share;
mod stream;

use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, DeliverPolicy, pull};
use async_nats::jetstream::context::PublishErrorKind;
use async_nats::jetstream::message::PublishMessage;
use async_nats::jetstream::{self, ErrorCode};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;

use crate::{Nats, NatsError, SourceOptions};

pub use share::{Lease, LeaseView, Moves};

/// The longest lease: how soon a worker that died is missed.
const LEASE_MAX: Duration = Duration::from_secs(15);

/// Entries of leases and workers that are read at most.
const ENTRIES_MAX: usize = 4_096;

/// How long the server keeps a consumer by which the entries are read, should its reader be gone.
const READER_INACTIVE: Duration = Duration::from_secs(10);

/// Who reads which partition of a stream, as seen by one worker of a group.
#[derive(Debug, Clone)]
pub struct LeaseBook {
    nats: Nats,
    me: String,
    stream: String,
    /// How the subjects of this group begin.
    prefix: String,
    /// Where it is told that something changed.
    changes: String,
    lease: Duration,
}

impl LeaseBook {
    /// Opens the book of a group, making its stream where there is none. `me` names the worker
    /// among all that there are and will be.
    pub async fn open(nats: &Nats, options: &SourceOptions, me: &str) -> Result<Self, NatsError> {
        let is_odd = |sign: char| !(sign.is_ascii_alphanumeric() || "-_".contains(sign));
        if me.is_empty() || me.contains(is_odd) {
            let reason = "letters, digits, - and _".to_owned();
            return Err(NatsError::Setting { name: "NATS_WORKER", reason });
        }
        let group = &options.queue_group;
        let lease = stream::prepare(nats, options, Self::lease_of(options.ack_wait)).await?;
        Ok(Self {
            nats: nats.clone(),
            me: me.to_owned(),
            stream: stream::name(options),
            prefix: format!("customeriq.leases.{}.{group}.", options.stream),
            changes: format!("customeriq.lease.changed.{}.{group}", options.stream),
            lease,
        })
    }

    /// Returns how long a lease is: so much shorter than `ack_wait` that a worker that dies is
    /// replaced within it.
    #[must_use]
    pub fn lease_of(ack_wait: Duration) -> Duration {
        (ack_wait / 3).min(LEASE_MAX)
    }

    /// Returns how long a lease is. It is to be renewed every third of that.
    #[must_use]
    pub fn lease(&self) -> Duration {
        self.lease
    }

    /// Returns the name of the worker.
    #[must_use]
    pub fn me(&self) -> &str {
        &self.me
    }

    /// Reads who is there, and who holds what.
    pub async fn view(&self) -> Result<LeaseView, NatsError> {
        const DOING: &str = "read the leases";
        let stream = self.nats.context.get_stream_no_info(&self.stream).await;
        let stream = stream.map_err(NatsError::server(DOING))?;
        let reader = pull::Config {
            deliver_policy: DeliverPolicy::All,
            ack_policy: AckPolicy::None,
            filter_subject: format!("{}>", self.prefix),
            inactive_threshold: READER_INACTIVE,
            memory_storage: true,
            num_replicas: 1,
            ..pull::Config::default()
        };
        let reader = stream.create_consumer(reader).await.map_err(NatsError::server(DOING))?;
        let info = reader.cached_info();
        let count = usize::try_from(info.num_pending).unwrap_or(ENTRIES_MAX).min(ENTRIES_MAX);
        let mut view = LeaseView::default();
        if count > 0 {
            let entries = reader.fetch().max_messages(count).messages().await;
            let mut entries = entries.map_err(NatsError::server(DOING))?;
            while let Some(entry) = entries.next().await {
                let entry = entry.map_err(NatsError::server(DOING))?;
                self.take(&entry, &mut view);
                // Some may have run out since they were counted: nobody says that there are fewer.
                if entry.info().is_ok_and(|info| info.pending == 0) {
                    break;
                }
            }
        }
        // The server drops it by itself after a while.
        drop(stream.delete_consumer(&info.name).await);
        Ok(view)
    }

    fn take(&self, entry: &jetstream::Message, view: &mut LeaseView) {
        let Some(words) = entry.subject.strip_prefix(&self.prefix) else { return };
        match words.split_once('.') {
            Some(("worker", name)) => {
                view.workers.insert(name.to_owned());
            }
            Some(("partition", partition)) => {
                let (Ok(partition), Ok(info)) = (partition.parse(), entry.info()) else { return };
                let holder = String::from_utf8_lossy(&entry.payload).into_owned();
                let lease = Lease { holder, revision: info.stream_sequence };
                view.leases.insert(partition, lease);
            }
            _ => {}
        }
    }

    /// Shows the others that this worker is there.
    pub async fn show(&self) -> Result<(), NatsError> {
        const DOING: &str = "show that this worker is there";
        let subject = format!("{}worker.{}", self.prefix, self.me);
        let shown = self.nats.context.publish(subject, "".into()).await;
        shown.map_err(NatsError::server(DOING))?.await.map_err(NatsError::server(DOING))?;
        Ok(())
    }

    /// Takes a partition, or keeps it for longer, where its lease is still as `revision` says; 0
    /// for none. Returns the new revision; `None` where somebody else was faster.
    pub async fn hold(&self, partition: u32, revision: u64) -> Result<Option<u64>, NatsError> {
        let doing = || format!("hold partition {partition}");
        let lease = PublishMessage::build()
            .payload(self.me.clone().into())
            .expected_last_subject_sequence(revision);
        let subject = format!("{}partition.{partition}", self.prefix);
        let sent = self.nats.context.send_publish(subject, lease).await;
        match sent.map_err(NatsError::server(doing()))?.await {
            Ok(taken) => Ok(Some(taken.sequence)),
            Err(error) if error.kind() == PublishErrorKind::WrongLastSequence => Ok(None),
            Err(error) if is_wrong_sequence(&error) => Ok(None),
            Err(error) => Err(NatsError::server(doing())(error)),
        }
    }

    /// Gives a partition up, where its lease is still as `revision` says.
    pub async fn release(&self, revision: u64) -> Result<(), NatsError> {
        let stream = self.nats.context.get_stream_no_info(&self.stream).await;
        let stream = stream.map_err(NatsError::server("release a partition"))?;
        // Where it is gone, it ran out, or somebody else has it: both are as good.
        drop(stream.delete_message(revision).await);
        Ok(())
    }

    /// Goes: nobody counts on this worker any more.
    pub async fn leave(&self) -> Result<(), NatsError> {
        const DOING: &str = "leave";
        let stream = self.nats.context.get_stream_no_info(&self.stream).await;
        let stream = stream.map_err(NatsError::server(DOING))?;
        let subject = format!("{}worker.{}", self.prefix, self.me);
        stream.purge().filter(subject).await.map_err(NatsError::server(DOING))?;
        self.tell().await
    }

    /// Tells the others that something changed, so that they look at once.
    pub async fn tell(&self) -> Result<(), NatsError> {
        let told = self.nats.client.publish(self.changes.clone(), "".into()).await;
        told.map_err(NatsError::server("tell of a change"))
    }

    /// Hears when something changed.
    pub async fn changes(&self) -> Result<BoxStream<'static, ()>, NatsError> {
        let heard = self.nats.client.subscribe(self.changes.clone()).await;
        let heard = heard.map_err(NatsError::server("listen for changes"))?;
        Ok(heard.map(drop).boxed())
    }
}

/// Servers of a cluster have a second code for the same.
fn is_wrong_sequence(error: &jetstream::context::PublishError) -> bool {
    let source = std::error::Error::source(error);
    source
        .and_then(|source| source.downcast_ref::<jetstream::Error>())
        .is_some_and(|error| error.error_code() == ErrorCode::STREAM_WRONG_LAST_SEQUENCE_CONSTANT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_that_dies_is_missed_within_the_wait_for_an_acknowledgement() {
        for seconds in [1, 2, 10, 60, 86_400] {
            let ack_wait = Duration::from_secs(seconds);
            let lease = LeaseBook::lease_of(ack_wait);
            assert!(lease + lease / 3 < ack_wait && lease <= LEASE_MAX, "{seconds} s");
        }
    }
}
