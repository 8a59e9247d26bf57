//! Events by NATS: confirmed by the stream that takes them, where there is JetStream.

use std::time::Duration;

use ciq_nats::{Link, Nats, NatsError, NatsOptions, Outgoing, Publisher, Servers, SubjectFilter};
use ciq_synth::activity::ActivityEvent;

use super::Sent;
use crate::exit::{Failure, chain};
use crate::output::Output;
use crate::reach::Trouble;
use crate::settings::Settings;

/// What subjects begin with.
const PREFIX: &str = "customer.events";

/// How long a connection may take before that is called trouble.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// How long the events of a cycle may take.
const TIMEOUT: Duration = Duration::from_secs(30);

/// How long the end of the connection may take.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

/// The way by NATS.
#[derive(Debug)]
pub(super) struct NatsBus {
    nats: Nats,
    subjects: SubjectFilter,
    brand: String,
    /// What has events confirmed, once that is known.
    publisher: Option<Publisher>,
    /// Whether it was told that nobody confirms anything.
    is_warned: bool,
}

impl NatsBus {
    /// Begins to connect.
    pub(super) async fn open(servers: &Servers, settings: &Settings) -> Result<Self, Failure> {
        let mut options = NatsOptions::new(servers.clone());
        "simulator".clone_into(&mut options.name);
        let subjects = SubjectFilter::parse(&format!("{PREFIX}.>"))?;
        let nats = Nats::connect_when_there(&options).await?;
        let brand = settings.brand.as_str().to_owned();
        Ok(Self { nats, subjects, brand, publisher: None, is_warned: false })
    }

    /// Sends events. After trouble all of them are to be sent again: their ids make them arrive
    /// once.
    pub(super) async fn send(&mut self, events: &[ActivityEvent]) -> Result<Sent, Trouble> {
        let up = tokio::time::timeout(CONNECT_TIMEOUT, self.nats.wait_until_up());
        if up.await.is_err() {
            return Err(Trouble::Down("no server answers".to_owned()));
        }
        let mut link = self.nats.link();
        if *link.borrow_and_update() != Link::Up {
            return Err(Trouble::Down("the connection is lost".to_owned()));
        }
        let sent = tokio::select! {
            biased;
            // What was on its way when the connection broke may be lost, also if it is back.
            _ = link.changed() => Err(Trouble::Down("the connection broke".to_owned())),
            sent = tokio::time::timeout(TIMEOUT, self.publish(events)) => {
                let late = || format!("no confirmation in {} s", TIMEOUT.as_secs());
                sent.unwrap_or_else(|_| Err(Trouble::Down(late())))
            }
        };
        if sent.is_err() {
            // What it waits for belongs to an attempt that is over.
            self.publisher = None;
        }
        sent
    }

    async fn publish(&mut self, events: &[ActivityEvent]) -> Result<Sent, Trouble> {
        let mut publisher = match self.publisher.take() {
            Some(publisher) => publisher,
            None => self.find_stream().await?,
        };
        for event in events {
            publisher.publish(self.outgoing(event)).await.map_err(down)?;
        }
        let published = publisher.finish().await.map_err(down)?;
        self.publisher = Some(publisher);
        Ok(Sent { duplicates: published.duplicate_count, ..Sent::default() })
    }

    /// Finds out what confirms events. Without JetStream nothing does; with it, a stream must.
    async fn find_stream(&mut self) -> Result<Publisher, Trouble> {
        let publisher = Publisher::new(&self.nats, &self.subjects).await.map_err(down)?;
        if publisher.is_confirmed() {
            return Ok(publisher);
        }
        if self.nats.has_jetstream().await.map_err(down)? {
            let subjects = self.subjects.as_str();
            return Err(Trouble::Down(format!("no stream takes {subjects}")));
        }
        if !self.is_warned {
            Output::warn("the server has no JetStream: events reach only who listens right now");
        }
        self.is_warned = true;
        Ok(publisher)
    }

    fn outgoing(&self, event: &ActivityEvent) -> Outgoing {
        let header = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        Outgoing {
            subject: subject(&event.customer_id, event.event_type()),
            headers: vec![header("Nats-Msg-Id", &event.id), header("x-brand-id", &self.brand)],
            body: event.envelope(),
        }
    }

    /// Ends the connection after everything that was sent is gone.
    pub(super) async fn close(self) {
        // Everything has arrived: whether the end is orderly matters little.
        drop(tokio::time::timeout(CLOSE_TIMEOUT, self.nats.close()).await);
    }
}

fn down(error: NatsError) -> Trouble {
    if error.is_transient() { Trouble::Down(chain(&error)) } else { Failure::from(error).into() }
}

/// Makes the subject of an event. What may not stand in a subject becomes `_`; the body has it as
/// it is.
fn subject(customer_id: &str, event_type: &str) -> String {
    let is_odd = |sign: char| sign.is_whitespace() || sign.is_control() || ".*>".contains(sign);
    let word = customer_id.replace(is_odd, "_");
    format!("{PREFIX}.{word}.{event_type}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_made_of_four_words() {
        let told = subject("startup-inc", "api_usage");
        assert_eq!(told, "customer.events.startup-inc.api_usage");
        assert_eq!(subject("a.b *", "api_usage"), "customer.events.a_b__.api_usage");
    }
}
