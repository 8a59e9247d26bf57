//! Messages on their way out, in reading order:
//!
//! - [`Channel`], [`Outgoing`], [`Sent`]: what is sent, by which way, and what became of it;
//! - [`SendError`]: whether another try may help, and whether the message may have gone out;
//! - [`OutreachSettings`]: who sends: Twilio for WhatsApp and SMS, a mail server for mail;
//! - [`Outreach`]: sends one message.
//!
//! A channel that is not set up goes to the console: nothing leaves the machine, and one line in
//! the log says so. No error, no log and no `Debug` shows a recipient, a body or a secret.

mod channel;
mod console;
mod error;
mod http;
mod message;
mod outreach;
mod secret;
mod settings;
mod smtp;
mod text;
mod twilio;
mod webhook;

pub use channel::{Channel, UnknownChannel};
pub use error::{SendError, SettingsError};
pub use message::{Outgoing, Sent};
pub use outreach::Outreach;
pub use secret::Secret;
pub use settings::{OutreachSettings, SmtpSettings, SmtpTls, TwilioSettings, WebhookSettings};
