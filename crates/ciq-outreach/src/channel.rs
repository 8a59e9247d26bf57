//! The ways to a customer.

use std::fmt;

/// A way to a customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Channel {
    /// A WhatsApp message, by Twilio.
    Whatsapp,
    /// A text message, by Twilio.
    Sms,
    /// A mail, by a mail server.
    Email,
    /// A request to an address of the customer's own system.
    Webhook,
}

/// A text names no channel.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("channel is unknown: {text:?}: write whatsapp, sms, email or webhook")]
pub struct UnknownChannel {
    /// The text.
    pub text: String,
}

impl Channel {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Whatsapp, Self::Sms, Self::Email, Self::Webhook];

    /// Returns its name, as [`Channel::parse`] reads it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Webhook => "webhook",
        }
    }

    /// Reads a name: `whatsapp`, `sms`, `email` or `webhook`.
    pub fn parse(text: &str) -> Result<Self, UnknownChannel> {
        let found = Self::ALL.into_iter().find(|channel| channel.name() == text);
        found.ok_or_else(|| UnknownChannel { text: text.to_owned() })
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
