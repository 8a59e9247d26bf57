//! Who else belongs to the group: instances that keep their customers in other files would split
//! a customer over them.

use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use serde_json::{Value, json};

use crate::{Nats, NatsError};

/// How long others may take to answer.
const ANSWER_WAIT: Duration = Duration::from_millis(400);

/// Most answers that are read.
const ANSWERS_MAX: usize = 256;

/// An instance of a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Names the process.
    pub instance: String,
    /// Names the machine.
    pub host: String,
    /// Names the file in which it keeps customers.
    pub file_id: String,
    /// When it began, in milliseconds since 1970: the one that was there first stays.
    pub started_at_ms: i64,
}

impl Member {
    fn to_json(&self) -> Vec<u8> {
        let Self { instance, host, file_id, started_at_ms } = self;
        json!({
            "instance": instance, "host": host, "file_id": file_id, "started_at_ms": started_at_ms,
        })
        .to_string()
        .into_bytes()
    }

    fn from_json(body: &[u8]) -> Option<Self> {
        let value: Value = serde_json::from_slice(body).ok()?;
        let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
        Some(Self {
            instance: text("instance")?,
            host: text("host")?,
            file_id: text("file_id")?,
            started_at_ms: value.get("started_at_ms")?.as_i64()?,
        })
    }

    /// Returns the member that this one must give way to, if any: one that was there before and
    /// keeps its customers elsewhere.
    #[must_use]
    pub fn gives_way_to<'a>(&self, others: &'a [Self]) -> Option<&'a Self> {
        others.iter().find(|other| {
            let is_elsewhere = other.file_id != self.file_id || other.host != self.host;
            let age = |member: &Self| (member.started_at_ms, member.instance.clone());
            other.instance != self.instance && is_elsewhere && age(other) < age(self)
        })
    }
}

/// The place where the members of a group hear of each other.
#[derive(Debug, Clone)]
pub struct Registry {
    nats: Nats,
    subject: String,
    member: Member,
}

impl Registry {
    /// Makes the registry of a group, as seen by one member.
    #[must_use]
    pub fn new(nats: &Nats, queue_group: &str, member: Member) -> Self {
        let subject = format!("customeriq.members.{queue_group}");
        Self { nats: nats.clone(), subject, member }
    }

    /// Returns the member by whom the registry is seen.
    #[must_use]
    pub fn member(&self) -> &Member {
        &self.member
    }

    /// Begins to tell others who asks that this member is there: poll the returned stream.
    pub async fn answer(&self) -> Result<BoxStream<'static, ()>, NatsError> {
        let asked = self
            .nats
            .client
            .subscribe(self.subject.clone())
            .await
            .map_err(NatsError::server("join the group"))?;
        let (client, answer) = (self.nats.client.clone(), self.member.to_json());
        let answered = asked.then(move |question| {
            let (client, answer) = (client.clone(), answer.clone());
            async move {
                if let Some(reply) = question.reply {
                    // Whoever asked asks again.
                    drop(client.publish(reply, answer.into()).await);
                }
            }
        });
        Ok(answered.boxed())
    }

    /// Asks who is there, and waits a little for answers.
    pub async fn roll_call(&self) -> Result<Vec<Member>, NatsError> {
        const DOING: &str = "ask who belongs to the group";
        let client = &self.nats.client;
        let inbox = client.new_inbox();
        let mut answers =
            client.subscribe(inbox.clone()).await.map_err(NatsError::server(DOING))?;
        client
            .publish_with_reply(self.subject.clone(), inbox, "".into())
            .await
            .map_err(NatsError::server(DOING))?;
        let mut members = Vec::new();
        let gather = async {
            while let Some(answer) = answers.next().await {
                members.extend(Member::from_json(&answer.payload));
                if members.len() >= ANSWERS_MAX {
                    break;
                }
            }
        };
        // Nobody says that all have answered.
        drop(tokio::time::timeout(ANSWER_WAIT, gather).await);
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn member(instance: &str, host: &str, file_id: &str, started_at_ms: i64) -> Member {
        Member {
            instance: instance.to_owned(),
            host: host.to_owned(),
            file_id: file_id.to_owned(),
            started_at_ms,
        }
    }

    #[test]
    fn the_later_one_of_two_files_gives_way() {
        let (first, second) = (member("a", "h1", "f1", 1), member("b", "h2", "f2", 2));
        assert_eq!(second.gives_way_to(std::slice::from_ref(&first)), Some(&first));
        assert_eq!(first.gives_way_to(std::slice::from_ref(&second)), None);
    }

    #[test]
    fn members_on_one_file_of_one_host_share_the_work() {
        let (first, second) = (member("a", "h", "f", 1), member("b", "h", "f", 2));
        assert_eq!(second.gives_way_to(&[first]), None);
    }

    #[test]
    fn one_file_that_two_hosts_see_is_no_shared_file() {
        let (first, second) = (member("a", "h1", "f", 1), member("b", "h2", "f", 2));
        assert!(second.gives_way_to(&[first]).is_some());
    }

    #[test]
    fn an_answer_reads_back() {
        let member = member("a", "h", "f", 7);
        assert_eq!(Member::from_json(&member.to_json()), Some(member));
        assert_eq!(Member::from_json(b"{}"), None);
    }
}
