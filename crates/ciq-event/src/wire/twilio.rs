//! Twilio webhooks, as JSON and as the `application/x-www-form-urlencoded` that Twilio sends.

use std::borrow::Cow;

use crate::{ContactPoint, Event, EventType, IdentifierKind, Rejection, Source};

use super::object::trimmed;
use super::{Scene, Told, bare_event, contacts, mapping};

/// The service whose ids these are.
const SOURCE: &str = "twilio";
/// Longest name of a channel, in bytes: `whatsapp`, `messenger`, `rcs`.
const CHANNEL_LENGTH_MAX: usize = 32;

/// The fields of a webhook that matter here, whatever form carried them.
struct Webhook {
    sid: Option<String>,
    from: String,
    to: Option<String>,
    body: Option<String>,
    status: Option<String>,
    profile_name: Option<String>,
    wa_id: Option<String>,
}

/// Parses a webhook sent as JSON.
pub(super) fn parse_json(scene: &Scene<'_>) -> Result<Event, Rejection> {
    let body = scene.object()?;
    webhook_event(scene, Webhook::read(|keys| body.first_text(keys))?)
}

/// Parses a webhook sent as a form. What cannot be kept as it came is refused: other bytes would be
/// another event when the log is folded again.
pub(super) fn parse_form(scene: &Scene<'_>) -> Result<Event, Rejection> {
    let body = &scene.message.body;
    if std::str::from_utf8(body).is_err() || body.contains(&0) {
        return Err(Rejection::new("body", "not a form: write such bytes as %XX"));
    }
    let fields: Vec<_> = form_urlencoded::parse(body).collect();
    webhook_event(scene, Webhook::read(|keys| first_field(&fields, keys))?)
}

fn first_field(
    fields: &[(Cow<'_, str>, Cow<'_, str>)],
    keys: &[&str],
) -> Result<Option<String>, Rejection> {
    for key in keys {
        let Some((_, value)) = fields.iter().rev().find(|(name, _)| name == key) else { continue };
        if value.contains('\0') {
            return Err(Rejection::new(*key, "must not contain a NUL character"));
        }
        if let Some(text) = trimmed(with_plus(key, value)) {
            return Ok(Some(text.into_owned()));
        }
    }
    Ok(None)
}

/// In a form a bare `+` is a space, so a number typed by hand without `%2B` has lost its plus.
fn with_plus<'a>(key: &str, value: &'a str) -> Cow<'a, str> {
    let (channel, number) = value.split_once(':').map_or(("", value), |(c, n)| (c, n));
    match number.strip_prefix(' ') {
        Some(digits) if matches!(key, "From" | "To") && channel.is_empty() => {
            Cow::Owned(format!("+{digits}"))
        }
        Some(digits) if matches!(key, "From" | "To") => Cow::Owned(format!("{channel}:+{digits}")),
        _ => Cow::Borrowed(value),
    }
}

impl Webhook {
    fn read(get: impl Fn(&[&str]) -> Result<Option<String>, Rejection>) -> Result<Self, Rejection> {
        Ok(Self {
            sid: get(&["MessageSid", "SmsSid", "SmsMessageSid"])?,
            from: get(&["From"])?.ok_or_else(|| {
                Rejection::new("From", "required, such as whatsapp:+15550123 or +15550123")
            })?,
            to: get(&["To"])?,
            body: get(&["Body"])?,
            status: get(&["MessageStatus", "SmsStatus"])?,
            profile_name: get(&["ProfileName"])?,
            wa_id: get(&["WaId"])?,
        })
    }

    /// Returns the state of a message that we sent; `None` where the customer wrote to us.
    fn callback_status(&self) -> Option<&str> {
        let status = self.status.as_deref()?;
        let is_inbound = ["received", "receiving"].iter().any(|s| s.eq_ignore_ascii_case(status));
        (!is_inbound).then_some(status)
    }
}

/// An address as Twilio writes it: a number, or `channel:` and what the channel calls a person.
struct Address<'a> {
    channel: Option<&'a str>,
    value: &'a str,
}

impl<'a> Address<'a> {
    fn parse(field: &str, text: &'a str) -> Result<Self, Rejection> {
        let (channel, value) = match text.split_once(':') {
            Some((channel, value)) => (Some(channel.trim()), value.trim()),
            None => (None, text),
        };
        let is_channel = |channel: &str| {
            (1..=CHANNEL_LENGTH_MAX).contains(&channel.len())
                && channel.bytes().all(|byte| byte.is_ascii_alphabetic())
        };
        if value.is_empty() || !channel.is_none_or(is_channel) {
            return Err(Rejection::new(field, "not an address, such as whatsapp:+15550123"));
        }
        Ok(Self { channel, value })
    }

    fn is_whatsapp(&self) -> bool {
        self.channel.is_some_and(|channel| channel.eq_ignore_ascii_case("whatsapp"))
    }

    fn contacts(&self) -> Vec<ContactPoint> {
        let Self { channel, value } = self;
        match channel {
            None => vec![ContactPoint::new(IdentifierKind::Phone, *value)],
            Some(_) if self.is_whatsapp() => vec![
                ContactPoint::new(IdentifierKind::Phone, *value),
                ContactPoint::new(IdentifierKind::Whatsapp, *value),
            ],
            Some(channel) => {
                let kind = IdentifierKind::External(channel.to_ascii_lowercase());
                vec![ContactPoint::new(kind, *value)]
            }
        }
    }

    /// Names the type of an event by the channel: `whatsapp_message`, `sms_message`.
    fn message_type(&self) -> String {
        format!("{}_message", self.channel.unwrap_or("sms").to_ascii_lowercase())
    }
}

fn webhook_event(scene: &Scene<'_>, webhook: Webhook) -> Result<Event, Rejection> {
    let from = Address::parse("From", &webhook.from)?;
    let callback = webhook.callback_status();
    let is_inbound = callback.is_none();
    let (event_type, contacts, title) = if let Some(status) = callback {
        let to = webhook.to.as_deref();
        let to = to.ok_or_else(|| Rejection::new("To", "a status needs the message's receiver"))?;
        let title = format!("Message {}", status.to_ascii_lowercase());
        ("message_status".to_owned(), Address::parse("To", to)?.contacts(), title)
    } else {
        let event_type = from.message_type();
        let title = message_title(&event_type);
        (event_type, inbound_contacts(&from, webhook.wa_id.as_deref()), title)
    };
    let event_type =
        EventType::parse(&event_type).map_err(|error| Rejection::new("From", error.reason))?;
    let id = match (&webhook.sid, callback) {
        // Twilio tells the state of one message several times, each under the same id.
        (Some(sid), Some(status)) => {
            scene.given_id("twilio/status", &format!("{sid}:{}", status.to_ascii_lowercase()))
        }
        (Some(sid), None) => scene.given_id("twilio/message", sid),
        (None, _) => {
            let event_type = event_type.as_str();
            scene.content_id(None, &Told { source: SOURCE, event_type, ..Told::default() })
        }
    };
    let mut event = bare_event(id, event_type, scene.received_at(), Source::from_raw(SOURCE));
    event.contacts = contacts;
    event.title = Some(title);
    // The name beside a status is that of whoever sent the message: us.
    event.profile.name = webhook.profile_name.filter(|_| is_inbound);
    if let Some(word) = webhook.body.as_deref().filter(|_| is_inbound).and_then(consent) {
        let channel = if from.is_whatsapp() { "whatsapp" } else { "sms" };
        event.profile.custom_fields.insert(format!("{channel}_consent"), word.to_string());
    }
    event.description = webhook.body;
    event.status = webhook.status;
    Ok(event)
}

/// What a message says about further ones, where it is one of the words that Twilio keeps for that:
/// <https://help.twilio.com/articles/223134027>.
fn consent(body: &str) -> Option<bool> {
    const STOP: [&str; 6] = ["STOP", "STOPALL", "UNSUBSCRIBE", "CANCEL", "END", "QUIT"];
    const START: [&str; 3] = ["START", "UNSTOP", "YES"];
    let body = body.trim();
    let is_one_of = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(body));
    if is_one_of(&STOP) {
        return Some(false);
    }
    is_one_of(&START).then_some(true)
}

fn message_title(event_type: &str) -> String {
    match event_type {
        "whatsapp_message" => "WhatsApp message".to_owned(),
        "sms_message" => "SMS message".to_owned(),
        other => mapping::readable(other),
    }
}

fn inbound_contacts(from: &Address<'_>, wa_id: Option<&str>) -> Vec<ContactPoint> {
    let mut found = from.contacts();
    if let Some(wa_id) = wa_id {
        let number = format!("+{}", wa_id.trim_start_matches('+'));
        contacts::push_new(ContactPoint::new(IdentifierKind::Whatsapp, number), &mut found);
    }
    found
}
