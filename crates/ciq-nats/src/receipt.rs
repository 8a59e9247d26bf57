//! Settling messages: what the server, or whoever asked, is told.

use std::time::Duration;

use async_nats::Subject;

use crate::{Nats, NatsError};

/// How a message is settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Receipt {
    /// A stream delivers it again until it is settled.
    Stream(Subject),
    /// Somebody waits for an answer.
    Request(Subject),
    /// Nobody waits.
    None,
}

/// What is told about a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Settlement {
    /// It is stored.
    Stored,
    /// It can never be an event, and is a dead letter now.
    Dead,
    /// It is being worked on: deliver it no sooner.
    InProgress,
    /// Deliver it again, after a while.
    Later(Duration),
}

impl Settlement {
    /// Returns the words of JetStream's protocol.
    fn words(&self) -> bytes::Bytes {
        match self {
            Self::Stored => bytes::Bytes::from_static(b"+ACK"),
            Self::Dead => bytes::Bytes::from_static(b"+TERM"),
            Self::InProgress => bytes::Bytes::from_static(b"+WPI"),
            Self::Later(delay) => format!("-NAK {{\"delay\": {}}}", delay.as_nanos()).into(),
        }
    }
}

impl Nats {
    /// Tells the stream what became of a message. Nothing for a message of no stream.
    ///
    /// The word may be lost on the way: then the message is delivered again.
    pub async fn settle(
        &self,
        receipt: &Receipt,
        settlement: &Settlement,
    ) -> Result<(), NatsError> {
        let Receipt::Stream(reply) = receipt else { return Ok(()) };
        self.client
            .publish(reply.clone(), settlement.words())
            .await
            .map_err(NatsError::server("settle a message"))
    }

    /// Answers whoever waits for it. Nothing where nobody does.
    pub async fn answer(&self, receipt: &Receipt, body: Vec<u8>) -> Result<(), NatsError> {
        let Receipt::Request(reply) = receipt else { return Ok(()) };
        self.client
            .publish(reply.clone(), body.into())
            .await
            .map_err(NatsError::server("answer a request"))
    }

    /// Waits until everything that was told has left this process.
    pub async fn flush(&self) -> Result<(), NatsError> {
        self.client.flush().await.map_err(NatsError::server("send what was told"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_told_in_nanoseconds() {
        let later = Settlement::Later(Duration::from_millis(5));
        assert_eq!(later.words(), "-NAK {\"delay\": 5000000}");
    }
}
