//! The sender of channels that are not set up: nothing leaves the machine.

use tracing::info;

use crate::{Outgoing, Sent};

/// Logs that a message would have been sent.
pub(crate) fn send(message: &Outgoing) -> Sent {
    let key = &message.idempotency_key;
    info!(
        channel = message.channel.name(),
        idempotency_key = %key,
        "message was not sent: its channel is not set up"
    );
    Sent::accepted(format!("console:{key}"), "logged")
}
