//! Who sends, and with which credentials.

mod lookup;

use std::time::Duration;

use crate::{Secret, SettingsError};

/// Who sends. Without settings each channel but webhooks goes to the console.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutreachSettings {
    /// For WhatsApp and SMS.
    pub twilio: Option<TwilioSettings>,
    /// For mail.
    pub smtp: Option<SmtpSettings>,
    /// For webhooks, which are always possible.
    pub webhook: WebhookSettings,
    /// How long one try may take, from its first byte to the last of the answer.
    pub timeout: Duration,
}

/// An account of Twilio.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TwilioSettings {
    /// The account: `AC` and 32 digits.
    pub account_sid: String,
    /// Its token.
    pub auth_token: Secret,
    /// The number that WhatsApp messages come from, in E.164 form; without one they go to the
    /// console.
    pub whatsapp_from: Option<String>,
    /// The number or the name that text messages come from; without one they go to the console.
    pub sms_from: Option<String>,
    /// Where the API is: `https`, or plain `http` on this machine.
    pub base_url: String,
}

/// A mail server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Its name, as its certificate has it.
    pub host: String,
    /// Its port: 587 is usual with STARTTLS, 465 with TLS.
    pub port: u16,
    /// Who logs in; `None` where nobody needs to.
    pub user: Option<String>,
    /// The password of that user.
    pub password: Option<Secret>,
    /// Whom mails come from: `shop@example.com` or `The shop <shop@example.com>`.
    pub from: String,
    /// How the way there is encrypted.
    pub tls: SmtpTls,
}

/// How the way to a mail server is encrypted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum SmtpTls {
    /// From the STARTTLS command on, and not at all without it: nothing is sent in the clear.
    #[default]
    Starttls,
    /// From the first byte on.
    Tls,
    /// Not at all: for a server on this machine only.
    None,
}

/// How webhooks are signed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WebhookSettings {
    /// What the receiver knows too. Without one, webhooks go only to this machine.
    pub secret: Option<Secret>,
}

impl OutreachSettings {
    /// How long one try may take unless told otherwise.
    pub const TIMEOUT: Duration = Duration::from_secs(10);

    /// Reads settings as environment variables have them:
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `TWILIO_ACCOUNT_SID`, `TWILIO_AUTH_TOKEN` | the account; both or neither |
    /// | `TWILIO_WHATSAPP_FROM`, `TWILIO_SMS_FROM` | the senders; one at least, with an account |
    /// | `TWILIO_API_URL` | where the API is, if not at `https://api.twilio.com` |
    /// | `SMTP_HOST`, `SMTP_FROM` | the mail server and the sender; both or neither |
    /// | `SMTP_USER`, `SMTP_PASSWORD` | the login; both or neither |
    /// | `SMTP_TLS` | `starttls` (as without it), `tls`, or `none` on this machine |
    /// | `SMTP_PORT` | 587 without it; with `tls` 465, with `none` 25 |
    /// | `OUTREACH_WEBHOOK_SECRET` | what webhooks are signed with |
    ///
    /// An empty variable counts as none. Fails where a provider is half set up, and names what is
    /// missing.
    pub fn from_lookup(lookup: &dyn Fn(&str) -> Option<String>) -> Result<Self, SettingsError> {
        lookup::read(lookup)
    }
}

impl Default for OutreachSettings {
    fn default() -> Self {
        Self {
            twilio: None,
            smtp: None,
            webhook: WebhookSettings::default(),
            timeout: Self::TIMEOUT,
        }
    }
}

impl TwilioSettings {
    /// Where the API is unless told otherwise.
    pub const BASE_URL: &str = "https://api.twilio.com";
}

impl SmtpTls {
    /// Returns its name: `starttls`, `tls` or `none`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Starttls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }

    /// Returns the port that is usual with it.
    #[must_use]
    pub const fn port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}
