//! Why a message was not sent, and what is wrong with settings.

use std::time::Duration;

/// Why a message was not sent, as far as is known. Shows no recipient, no text and no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It was not taken, and may be later.
    #[error("{provider} did not take the message for now: {reason}")]
    Transient {
        /// Who did not take it.
        provider: &'static str,
        /// Why: a status, a code of the provider, and what to do.
        reason: String,
        /// How long the provider asks to wait.
        retry_after: Option<Duration>,
    },
    /// It was not taken, and will not be.
    #[error("{provider} refused the message: {reason}")]
    Permanent {
        /// Who refused it.
        provider: &'static str,
        /// The provider's own code, such as 21610 of Twilio: the recipient has unsubscribed.
        code: Option<u32>,
        /// Why: a status, a code of the provider, and what to do.
        reason: String,
    },
    /// It went out, and no answer came back: it may have been sent.
    ///
    /// Ask [`find_sent`](crate::Outreach::find_sent) before it is tried again.
    #[error("{provider} may have sent the message: {reason}")]
    Unknown {
        /// Who may have sent it.
        provider: &'static str,
        /// What is missing.
        reason: String,
    },
}

impl SendError {
    /// Tells whether another try may help, and does not send the message twice.
    #[must_use]
    pub fn is_transient(&self) -> bool {
        matches!(self, Self::Transient { .. })
    }

    /// Tells whether the recipient has unsubscribed at the provider: Twilio's code 21610.
    #[must_use]
    pub fn is_unsubscribed(&self) -> bool {
        matches!(self, Self::Permanent { code: Some(21_610), .. })
    }

    /// Returns how long the provider asks to wait before the next try.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Transient { retry_after, .. } => *retry_after,
            Self::Permanent { .. } | Self::Unknown { .. } => None,
        }
    }

    pub(crate) fn transient(provider: &'static str, reason: impl Into<String>) -> Self {
        Self::Transient { provider, reason: reason.into(), retry_after: None }
    }

    pub(crate) fn permanent(provider: &'static str, reason: impl Into<String>) -> Self {
        Self::Permanent { provider, code: None, reason: reason.into() }
    }

    pub(crate) fn unknown(provider: &'static str, reason: impl Into<String>) -> Self {
        Self::Unknown { provider, reason: reason.into() }
    }
}

/// What is wrong with settings. Shows no value of a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingsError {
    /// A provider is half set up.
    #[error("settings of {provider} are incomplete: {given} is set, and so must be {missing}")]
    Incomplete {
        /// Which provider.
        provider: &'static str,
        /// The first variable that is set.
        given: &'static str,
        /// The variables that are missing, with `and` or `or` between.
        missing: String,
    },
    /// A value is unusable.
    #[error("{name} is unusable: {reason}")]
    Unusable {
        /// The variable.
        name: &'static str,
        /// Why, and what to write instead.
        reason: String,
    },
}
