//! A mail as bytes.

use std::time::SystemTime;

use jiff::Timestamp;
use lettre::Message;
use lettre::address::{Address, Envelope};
use lettre::message::Mailbox;
use lettre::message::header::ContentType;
use sha2::{Digest as _, Sha256};

use super::PROVIDER;
use crate::text::hex;
use crate::{Outgoing, SendError};

/// How much of a hash names a mail: 128 bits are as good as unique.
const NAME_BYTES: usize = 16;

/// A mail, ready to go.
pub(super) struct Composed {
    pub(super) envelope: Envelope,
    pub(super) bytes: Vec<u8>,
    pub(super) message_id: String,
}

/// Writes a mail of plain text. What is wrong with an address is told without it.
pub(super) fn compose(
    from: &str,
    message: &Outgoing,
    now: Timestamp,
) -> Result<Composed, SendError> {
    let refused = |reason: &str| SendError::permanent(PROVIDER, reason);
    let from: Mailbox =
        from.parse().map_err(|_| refused("SMTP_FROM is no address: write shop@example.com"))?;
    let to: Address =
        message.to.parse().map_err(|_| refused("the recipient is no mail address"))?;
    let message_id = message_id(&message.idempotency_key, from.email.domain());
    let mail = Message::builder()
        .from(from)
        .to(Mailbox::new(None, to))
        .date(SystemTime::from(now))
        .message_id(Some(message_id.clone()))
        .subject(message.subject.as_deref().unwrap_or_default())
        .header(ContentType::TEXT_PLAIN)
        .body(message.body.clone())
        .map_err(|_| refused("the mail cannot be written: check subject and text"))?;
    Ok(Composed { envelope: mail.envelope().clone(), bytes: mail.formatted(), message_id })
}

/// Names a mail by its key, the same at each try: servers that keep each Message-ID once may
/// recognise a repetition.
fn message_id(key: &str, domain: &str) -> String {
    let hash = Sha256::digest(key.as_bytes());
    format!("<{}@{domain}>", hex(&hash[..NAME_BYTES]))
}
