//! What is sent, and what a provider said of it.

use std::fmt;

use crate::Channel;

/// A message on its way out. Its `Debug` shows neither recipient nor text.
#[derive(Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// By which way.
    pub channel: Channel,
    /// To whom: a number in E.164 form (`+4915112345678`), a mail address, or the URL of a webhook.
    pub to: String,
    /// The subject of a mail; no other channel has one.
    pub subject: Option<String>,
    /// The text; of a webhook a JSON document.
    pub body: String,
    /// What names this message and no other, the same at each try: 1 to 255 bytes without
    /// control characters.
    pub idempotency_key: String,
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outgoing")
            .field("channel", &self.channel)
            .field("idempotency_key", &self.idempotency_key)
            .finish_non_exhaustive()
    }
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sent {
    /// A provider took it. Whether it arrives is another matter.
    Accepted {
        /// What the provider calls it: a SID of Twilio, the Message-ID of a mail, `webhook:<key>`,
        /// or `console:<key>` where nothing left the machine.
        provider_id: String,
        /// What the provider said of it: a status of Twilio such as `queued`, or the status code
        /// of a mail server (`250`) or a webhook (`200`); `logged` of the console.
        status: String,
    },
}

impl Sent {
    /// Makes what is said of a message that was taken.
    pub(crate) fn accepted(provider_id: impl Into<String>, status: impl Into<String>) -> Self {
        Self::Accepted { provider_id: provider_id.into(), status: status.into() }
    }
}
