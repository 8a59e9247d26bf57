//! What a mail server's refusal means.

use std::error::Error as _;

use lettre::transport::smtp::Error;

use super::PROVIDER;
use crate::SendError;

/// How far a mail has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The connection, the greeting and the encryption.
    Greeting,
    /// The login.
    Login,
    /// Whom the mail comes from.
    Sender,
    /// To whom it goes.
    Recipient,
    /// The word that the text follows.
    Data,
    /// The text, and the answer to it.
    Text,
}

impl Step {
    fn words(self) -> &'static str {
        match self {
            Self::Greeting => "the server took no connection: check SMTP_HOST, SMTP_PORT, SMTP_TLS",
            Self::Login => "the login was refused: check SMTP_USER and SMTP_PASSWORD",
            Self::Sender => "the sender was refused: check SMTP_FROM",
            Self::Recipient => "the recipient was refused: correct it in the customer's profile",
            Self::Data | Self::Text => "the mail was refused: check its text and the server's log",
        }
    }
}

/// Returns what an error means at a step. A server's own text is left out, as it may name the
/// recipient; its codes are kept.
pub(super) fn failure(step: Step, error: &Error) -> SendError {
    if let Some(status) = error.status() {
        let number = status.to_string();
        let detail = error.source().and_then(|said| enhanced(&said.to_string()));
        let detail = detail.map(|detail| format!(" {detail}")).unwrap_or_default();
        let reason = format!("SMTP {number}{detail}: {}", step.words());
        if error.is_transient() {
            return SendError::transient(PROVIDER, reason);
        }
        return SendError::Permanent { provider: PROVIDER, code: number.parse().ok(), reason };
    }
    if error.is_client() {
        // Nothing the server said: no way to log in that both know.
        return SendError::permanent(PROVIDER, step.words());
    }
    if step == Step::Text {
        return SendError::unknown(PROVIDER, "the connection broke before the mail was confirmed");
    }
    if step == Step::Greeting {
        // What the system or TLS says of the connection names the server at most.
        let said = error.to_string().replace("Connection error: ", "");
        return SendError::transient(PROVIDER, format!("could not connect: {said}"));
    }
    SendError::transient(PROVIDER, "the connection broke before the mail went out")
}

/// Returns the code in front of a server's text, such as 5.1.1: RFC 3463.
fn enhanced(text: &str) -> Option<String> {
    let first = text.split_whitespace().next()?;
    let parts: Vec<&str> = first.split('.').collect();
    let is_number =
        |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(is_number)).then(|| first.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_code_is_taken_from_a_text() {
        assert_eq!(enhanced("5.1.1 <ann@example.com>: no such mailbox"), Some("5.1.1".to_owned()));
        for text in ["", "ann@example.com", "1.2.3.4 is blocked", "a.b.c", "5.1 x", "5..1"] {
            assert_eq!(enhanced(text), None, "{text}");
        }
    }
}
