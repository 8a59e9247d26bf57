//! The message: what arrived, byte for byte.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

/// What arrived, before anyone understood it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The form it claims to be in.
    pub form: WireForm,
    /// The body, byte for byte.
    pub body: Vec<u8>,
    /// When it arrived. The shell reads the clock; nothing below does.
    pub received_at: Timestamp,
}

/// The forms in which events arrive.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum WireForm {
    /// `{customer_id, event_type, timestamp, source_service, data, metadata}`.
    Envelope,
    /// `{id, ts, userId, name, props}`.
    Domain,
    /// A Shopify webhook of one topic, such as `orders/create`.
    Shopify {
        /// The value of `x-shopify-topic`.
        topic: String,
    },
    /// A Twilio webhook as JSON.
    Twilio,
    /// A Twilio webhook as `application/x-www-form-urlencoded`, which is what Twilio sends.
    TwilioForm,
    /// A transaction at a point of sale.
    Pos,
}

/// Why a text names no wire form.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a wire form: {0:?} (one of envelope, domain, shopify:TOPIC, twilio, twilio-form, pos)"
)]
pub struct WireFormError(String);

impl fmt::Display for WireForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Envelope => "envelope",
            Self::Domain => "domain",
            Self::Shopify { topic } => return write!(f, "shopify:{topic}"),
            Self::Twilio => "twilio",
            Self::TwilioForm => "twilio-form",
            Self::Pos => "pos",
        })
    }
}

impl FromStr for WireForm {
    type Err = WireFormError;

    fn from_str(text: &str) -> Result<Self, WireFormError> {
        Ok(match text {
            "envelope" => Self::Envelope,
            "domain" => Self::Domain,
            "twilio" => Self::Twilio,
            "twilio-form" => Self::TwilioForm,
            "pos" => Self::Pos,
            other => match other.strip_prefix("shopify:") {
                Some(topic) if !topic.is_empty() => Self::Shopify { topic: topic.to_owned() },
                _ => return Err(WireFormError(other.chars().take(80).collect())),
            },
        })
    }
}
