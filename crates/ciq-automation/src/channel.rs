//! Where an action goes.

use std::fmt;

/// Where an action goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Channel {
    /// A WhatsApp message to the customer.
    Whatsapp,
    /// A text message to the customer.
    Sms,
    /// An e-mail to the customer.
    Email,
    /// A request to a URL of the operator.
    Webhook,
    /// A task for a colleague.
    Task,
    /// A segment of the customer, changed in the store.
    Segment,
}

impl Channel {
    /// All channels, in order.
    pub const ALL: [Self; 6] =
        [Self::Whatsapp, Self::Sms, Self::Email, Self::Webhook, Self::Task, Self::Segment];

    /// Returns the name: `whatsapp`, `sms`, `email`, `webhook`, `task` or `segment`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Whatsapp => "whatsapp",
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Webhook => "webhook",
            Self::Task => "task",
            Self::Segment => "segment",
        }
    }

    /// Reads a name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|channel| channel.name() == name)
    }

    /// Tells whether a customer sees what goes there. Only then do consent, the frequency cap and
    /// quiet hours apply.
    #[must_use]
    pub fn is_to_customer(self) -> bool {
        match self {
            Self::Whatsapp | Self::Sms | Self::Email => true,
            Self::Webhook | Self::Task | Self::Segment => false,
        }
    }
}

impl fmt::Display for Channel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
