//! What an automation does.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::definition::{DefinitionError, Reader, nearest};
use crate::segment;
use crate::template::{self, Template};
use crate::{Automation, Channel, Facts, Message, Suppression, Trigger, Triggered};

/// Most entries in the data of a webhook.
const DATA_COUNT_MAX: usize = 50;

/// Most bytes of the name of a segment that customers are put into: it is a part of a key.
const SEGMENT_BYTES_MAX: usize = 255;

/// The types, as written.
const TYPES: [&str; 6] =
    ["send_message", "send_email", "send_sms", "webhook", "create_task", "update_segment"];

/// What an automation does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// Sends a message to the customer: `send_message` (WhatsApp unless its `channel` says
    /// otherwise), `send_email` or `send_sms`.
    Send {
        /// How: WhatsApp, text message or e-mail.
        channel: Channel,
        /// The subject; there for e-mail, and only there.
        subject: Option<Template>,
        /// The text.
        body: Template,
    },
    /// Posts JSON to a URL of the operator: what fired, for whom, and why.
    Webhook {
        /// Where to; `https`, or `http`.
        url: String,
        /// Further texts that go with it.
        data: BTreeMap<String, Template>,
    },
    /// Writes a task for a colleague.
    CreateTask {
        /// What to do.
        title: Template,
        /// More about it.
        body: Option<Template>,
        /// Whose task it is.
        assignee: Option<String>,
    },
    /// Puts the customer into a segment.
    UpdateSegment {
        /// Which.
        segment: String,
    },
}

impl Action {
    /// Returns where the action goes.
    #[must_use]
    pub fn channel(&self) -> Channel {
        match self {
            Self::Send { channel, .. } => *channel,
            Self::Webhook { .. } => Channel::Webhook,
            Self::CreateTask { .. } => Channel::Task,
            Self::UpdateSegment { .. } => Channel::Segment,
        }
    }

    pub(crate) fn read(
        value: &Value,
        path: &str,
        trigger: &Trigger,
    ) -> Result<Self, DefinitionError> {
        let mut reader = Reader::new(value, path)?;
        let kind = reader.required_text("type", &format!("one of {}", TYPES.join(", ")))?;
        let action = match kind {
            "send_message" => {
                let channel = message_channel(&mut reader)?;
                read_send(&mut reader, channel, trigger)
            }
            "send_email" => read_send(&mut reader, Channel::Email, trigger),
            "send_sms" => read_send(&mut reader, Channel::Sms, trigger),
            "webhook" => read_webhook(&mut reader, trigger),
            "create_task" => read_task(&mut reader, trigger),
            "update_segment" => read_segment(&mut reader),
            other => {
                let hint = nearest(other, TYPES.into_iter());
                let all = TYPES.join(", ");
                Err(reader
                    .problem("type", format!("{other:?} does not exist{hint}; there are {all}")))
            }
        }?;
        reader.finish()?;
        Ok(action)
    }

    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::Send { channel, subject, body } => {
                let kind = match channel {
                    Channel::Email => "send_email",
                    Channel::Sms => "send_sms",
                    _ => "send_message",
                };
                let mut object = Map::new();
                object.insert("type".into(), json!(kind));
                if *channel == Channel::Whatsapp {
                    object.insert("channel".into(), json!(channel.name()));
                }
                if let Some(subject) = subject {
                    object.insert("subject".into(), json!(subject.source()));
                }
                object.insert("body".into(), json!(body.source()));
                Value::Object(object)
            }
            Self::Webhook { url, data } => {
                let data: Map<String, Value> =
                    data.iter().map(|(key, text)| (key.clone(), json!(text.source()))).collect();
                json!({"type": "webhook", "url": url, "data": data})
            }
            Self::CreateTask { title, body, assignee } => json!({
                "type": "create_task",
                "title": title.source(),
                "body": body.as_ref().map(Template::source),
                "assignee": assignee,
            }),
            Self::UpdateSegment { segment } => {
                json!({"type": "update_segment", "segment": segment})
            }
        }
    }

    /// Returns what goes out. Fails if the customer lacks an address, or something the text needs.
    pub(crate) fn message(
        &self,
        automation: &Automation,
        action_index: usize,
        facts: &Facts,
        triggered: &Triggered,
    ) -> Result<Message, Suppression> {
        let context = template::context(facts, triggered);
        let filled = |text: &Template| match text.render(&context) {
            Ok(filled) if !filled.trim().is_empty() => Ok(filled),
            _ => Err(Suppression::TextIncomplete),
        };
        let line = |text: &Template| filled(text).map(|filled| one_line(&filled));
        let channel = self.channel();
        let idempotency_key = idempotency_key(automation, action_index, triggered);
        let (to, subject, body) = match self {
            Self::Send { subject, body, .. } => {
                let to = address(facts, channel).ok_or(Suppression::NoAddress)?;
                (Some(to), subject.as_ref().map(line).transpose()?, filled(body)?)
            }
            Self::Webhook { url, data } => {
                let mut texts = Map::new();
                for (key, text) in data {
                    texts.insert(key.clone(), json!(filled(text)?));
                }
                let body = json!({
                    "automation": automation.id,
                    "customer_id": facts.customer_id,
                    "occasion": triggered.occasion,
                    "triggered_at": triggered.triggered_at.to_string(),
                    "evidence": triggered.evidence,
                    "idempotency_key": idempotency_key,
                    "data": texts,
                });
                (Some(url.clone()), None, body.to_string())
            }
            Self::CreateTask { title, body, assignee } => {
                let text = body.as_ref().map(filled).transpose()?.unwrap_or_default();
                (assignee.clone(), Some(line(title)?), text)
            }
            Self::UpdateSegment { segment } => (None, None, segment.clone()),
        };
        Ok(Message { channel, to, subject, body, idempotency_key })
    }
}

/// Returns where a customer is reached: `+` and digits, or an e-mail address.
pub(crate) fn address(facts: &Facts, channel: Channel) -> Option<String> {
    let number = |text: &Option<String>| {
        let digits: String = text.as_deref()?.chars().filter(char::is_ascii_digit).collect();
        (!digits.is_empty()).then(|| format!("+{digits}"))
    };
    match channel {
        Channel::Whatsapp => number(&facts.whatsapp).or_else(|| number(&facts.phone)),
        Channel::Sms => number(&facts.phone),
        Channel::Email => facts.email.clone().filter(|email| !email.trim().is_empty()),
        Channel::Webhook | Channel::Task | Channel::Segment => None,
    }
}

/// Hashes what tells one action of one execution from all others. Each part goes in with its
/// length, so that no two lists of parts read alike.
fn idempotency_key(automation: &Automation, action_index: usize, triggered: &Triggered) -> String {
    let mut hasher = blake3::Hasher::new();
    let index = action_index.to_string();
    for part in [&triggered.customer_id, &automation.id, &triggered.occasion, &index] {
        hasher.update(part.len().to_string().as_bytes());
        hasher.update(b":");
        hasher.update(part.as_bytes());
    }
    let hex = hasher.finalize().to_hex();
    hex.chars().take(32).collect()
}

/// A line break in a subject would begin another header.
fn one_line(text: &str) -> String {
    text.split(|c: char| c.is_control() || c.is_whitespace())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

fn message_channel(reader: &mut Reader<'_>) -> Result<Channel, DefinitionError> {
    let name = reader.text("channel")?.unwrap_or("whatsapp");
    Channel::parse(name).filter(|channel| channel.is_to_customer()).ok_or_else(|| {
        reader.problem("channel", format!("must be whatsapp, sms or email, not {name:?}"))
    })
}

fn read_send(
    reader: &mut Reader<'_>,
    channel: Channel,
    trigger: &Trigger,
) -> Result<Action, DefinitionError> {
    let subject = match channel {
        Channel::Email => Some(required_template(reader, "subject", trigger)?),
        _ => None,
    };
    Ok(Action::Send { channel, subject, body: required_template(reader, "body", trigger)? })
}

fn read_webhook(reader: &mut Reader<'_>, trigger: &Trigger) -> Result<Action, DefinitionError> {
    let url =
        reader.required_text("url", "where to post to, such as \"https://example.com/hook\"")?;
    let is_http = ["https://", "http://"].iter().any(|scheme| {
        url.strip_prefix(scheme)
            .is_some_and(|rest| rest.starts_with(|c: char| c.is_alphanumeric() || c == '['))
    });
    if !is_http || url.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return Err(
            reader.problem("url", format!("must begin with https:// or http://, not {url:?}"))
        );
    }
    let mut data = BTreeMap::new();
    if let Some(value) = reader.take("data") {
        let path = reader.at("data");
        let object = value.as_object().filter(|object| object.len() <= DATA_COUNT_MAX);
        let object =
            object.ok_or_else(|| reader.problem("data", "must be a table of 50 texts at most"))?;
        for (key, value) in object {
            let problem = |text: String| crate::definition::problem(&format!("{path}.{key}"), text);
            let source = value.as_str().ok_or_else(|| problem("must be a text".to_owned()))?;
            data.insert(key.clone(), Template::parse(source, trigger).map_err(problem)?);
        }
    }
    Ok(Action::Webhook { url: url.to_owned(), data })
}

fn read_task(reader: &mut Reader<'_>, trigger: &Trigger) -> Result<Action, DefinitionError> {
    Ok(Action::CreateTask {
        title: required_template(reader, "title", trigger)?,
        body: template(reader, "body", trigger)?,
        assignee: reader.text("assignee")?.map(str::to_owned),
    })
}

fn read_segment(reader: &mut Reader<'_>) -> Result<Action, DefinitionError> {
    let segment = reader.required_text("segment", "which segment, such as \"champion\"")?;
    let segment = segment::segment(segment).map_err(|text| reader.problem("segment", text))?;
    if segment.len() > SEGMENT_BYTES_MAX {
        let text = format!("must have {SEGMENT_BYTES_MAX} bytes at most");
        return Err(reader.problem("segment", text));
    }
    Ok(Action::UpdateSegment { segment })
}

fn template(
    reader: &mut Reader<'_>,
    key: &'static str,
    trigger: &Trigger,
) -> Result<Option<Template>, DefinitionError> {
    let Some(source) = reader.text(key)? else { return Ok(None) };
    Template::parse(source, trigger).map(Some).map_err(|text| reader.problem(key, text))
}

fn required_template(
    reader: &mut Reader<'_>,
    key: &'static str,
    trigger: &Trigger,
) -> Result<Template, DefinitionError> {
    template(reader, key, trigger)?.ok_or_else(|| reader.problem(key, "is missing: a text"))
}
