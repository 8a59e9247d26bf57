//! Sends messages.

use jiff::Timestamp;

use crate::http::HttpClient;
use crate::smtp::MailServer;
use crate::twilio::Twilio;
use crate::webhook::Webhook;
use crate::{
    Channel, Outgoing, OutreachSettings, SendError, Sent, TwilioSettings, WebhookSettings, console,
};

/// Most bytes of a key.
const KEY_BYTES_MAX: usize = 255;

/// Sends messages, each to the provider of its channel. Copies share their connections.
#[derive(Debug, Clone)]
pub struct Outreach {
    client: HttpClient,
    twilio: Option<TwilioSettings>,
    mail: Option<MailServer>,
    webhook: WebhookSettings,
    clock: fn() -> Timestamp,
}

/// Who sends a message.
enum Route<'a> {
    Whatsapp(Twilio<'a>, &'a str),
    Sms(Twilio<'a>, &'a str),
    Mail(&'a MailServer),
    Webhook(Webhook<'a>),
    Console,
}

impl Outreach {
    /// Makes a sender. Nothing is connected, and no certificate read, before the first message.
    #[must_use]
    pub fn new(settings: OutreachSettings) -> Self {
        let OutreachSettings { twilio, smtp, webhook, timeout } = settings;
        let client = HttpClient::new(timeout);
        let mail = smtp.map(|smtp| MailServer::new(smtp, timeout));
        Self { client, twilio, mail, webhook, clock: system_time }
    }

    /// Takes the time of signatures and of mails from elsewhere than the system.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> Timestamp) -> Self {
        self.clock = clock;
        self
    }

    /// Tells whether messages of a channel leave the machine. Those of others go to the console.
    #[must_use]
    pub fn configured(&self, channel: Channel) -> bool {
        !matches!(self.route(channel, Timestamp::UNIX_EPOCH), Route::Console)
    }

    /// Sends a message, once: whoever calls decides about another try.
    ///
    /// It ends within the time-out of the settings, and a second more where a mail server does not
    /// say goodbye. A message with an unusable key or address is refused before anything is sent.
    pub async fn send(&self, message: &Outgoing) -> Result<Sent, SendError> {
        let now = (self.clock)();
        check_key(&message.idempotency_key)?;
        match self.route(message.channel, now) {
            Route::Whatsapp(twilio, from) => twilio.send_whatsapp(from, message).await,
            Route::Sms(twilio, from) => twilio.send_sms(from, message).await,
            Route::Mail(server) => server.send(message, now).await,
            Route::Webhook(webhook) => webhook.send(message).await,
            Route::Console => Ok(console::send(message)),
        }
    }

    /// Looks whether a message was sent since a time, after a crash between sending and noting it.
    ///
    /// Twilio is asked for its messages to that recipient, and the same text counts as the same
    /// message. Its times are in whole seconds, and the second of `since` is included. A message
    /// counts as sent whatever became of it afterwards. No other channel can be asked: `None` then
    /// means that nothing is known. Each failure is transient: whether it was sent is still open.
    pub async fn find_sent(
        &self,
        message: &Outgoing,
        since: Timestamp,
    ) -> Result<Option<Sent>, SendError> {
        match self.route(message.channel, (self.clock)()) {
            Route::Whatsapp(twilio, from) => twilio.find_whatsapp(from, message, since).await,
            Route::Sms(twilio, from) => twilio.find_sms(from, message, since).await,
            Route::Mail(_) | Route::Webhook(_) | Route::Console => Ok(None),
        }
    }

    fn route(&self, channel: Channel, now: Timestamp) -> Route<'_> {
        let twilio = |settings| Twilio { client: &self.client, settings, now };
        let account = self.twilio.as_ref();
        let route = match channel {
            Channel::Whatsapp => account.and_then(|settings| {
                let from = settings.whatsapp_from.as_deref()?;
                Some(Route::Whatsapp(twilio(settings), from))
            }),
            Channel::Sms => account.and_then(|settings| {
                let from = settings.sms_from.as_deref()?;
                Some(Route::Sms(twilio(settings), from))
            }),
            Channel::Email => self.mail.as_ref().map(Route::Mail),
            Channel::Webhook => {
                let (client, settings) = (&self.client, &self.webhook);
                Some(Route::Webhook(Webhook { client, settings, now }))
            }
        };
        route.unwrap_or(Route::Console)
    }
}

fn check_key(key: &str) -> Result<(), SendError> {
    let is_usable =
        !key.is_empty() && key.len() <= KEY_BYTES_MAX && !key.chars().any(char::is_control);
    if is_usable {
        return Ok(());
    }
    let reason = format!("the idempotency key is empty, unprintable or over {KEY_BYTES_MAX} bytes");
    Err(SendError::permanent("customeriq", reason))
}

#[expect(clippy::disallowed_methods, reason = "receivers check a signature against this clock")]
fn system_time() -> Timestamp {
    Timestamp::now()
}
