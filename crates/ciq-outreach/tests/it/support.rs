//! Messages and settings that the tests share.

use std::time::Duration;

use ciq_outreach::{
    Channel, Outgoing, Outreach, OutreachSettings, Secret, SendError, Sent, SmtpSettings, SmtpTls,
    TwilioSettings, WebhookSettings,
};
use ciq_testkit::{SmtpDouble, TwilioDouble};

/// Long beside an answer on this machine, however busy it is.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// Short enough to be waited for.
pub(crate) const IMPATIENCE: Duration = Duration::from_secs(1);

pub(crate) const SID: &str = "AC00000000000000000000000000000001";
pub(crate) const TOKEN: &str = "hush-token";
/// The account and the token, as basic authentication has them.
pub(crate) const LOGIN: &str = "QUMwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMTpodXNoLXRva2Vu";
pub(crate) const WEBHOOK_SECRET: &str = "hush-webhook";
pub(crate) const MAIL_PASSWORD: &str = "hush-mail";

pub(crate) const NUMBER: &str = "+4915112345678";
pub(crate) const ADDRESS: &str = "ann@example.com";
pub(crate) const TEXT: &str = "Ann, your sneakers are waiting";
pub(crate) const KEY: &str = "abandoned_cart-prf_1-2026";

/// Returns a message to whom such a channel reaches.
pub(crate) fn message(channel: Channel) -> Outgoing {
    let (to, subject, body) = match channel {
        Channel::Whatsapp | Channel::Sms => (NUMBER, None, TEXT.to_owned()),
        Channel::Email => (ADDRESS, Some("Waiting for you".to_owned()), TEXT.to_owned()),
        Channel::Webhook => ("http://127.0.0.1:1/hook", None, format!("{{\"text\":\"{TEXT}\"}}")),
    };
    Outgoing { channel, to: to.to_owned(), subject, body, idempotency_key: KEY.to_owned() }
}

pub(crate) fn keyed(channel: Channel, key: &str) -> Outgoing {
    Outgoing { idempotency_key: key.to_owned(), ..message(channel) }
}

pub(crate) fn twilio_at(base_url: &str) -> TwilioSettings {
    TwilioSettings {
        account_sid: SID.to_owned(),
        auth_token: Secret::new(TOKEN),
        whatsapp_from: Some("+14155550100".to_owned()),
        sms_from: Some("+14155550101".to_owned()),
        base_url: base_url.to_owned(),
    }
}

pub(crate) fn by_twilio(base_url: &str, timeout: Duration) -> Outreach {
    let twilio = Some(twilio_at(base_url));
    Outreach::new(OutreachSettings { twilio, timeout, ..OutreachSettings::default() })
}

/// Starts a double, and a sender to it.
pub(crate) fn twilio() -> (TwilioDouble, Outreach) {
    let double = TwilioDouble::start().unwrap();
    let outreach = by_twilio(&double.url(), PATIENCE);
    (double, outreach)
}

pub(crate) fn mail_at(double: &SmtpDouble) -> SmtpSettings {
    SmtpSettings {
        host: double.address().ip().to_string(),
        port: double.address().port(),
        user: Some("shop".to_owned()),
        password: Some(Secret::new(MAIL_PASSWORD)),
        from: "The shop <shop@example.com>".to_owned(),
        tls: SmtpTls::None,
    }
}

pub(crate) fn by_mail(smtp: SmtpSettings, timeout: Duration) -> Outreach {
    let smtp = Some(smtp);
    Outreach::new(OutreachSettings { smtp, timeout, ..OutreachSettings::default() })
}

pub(crate) fn by_webhook(secret: Option<&str>, timeout: Duration) -> Outreach {
    let webhook = WebhookSettings { secret: secret.map(Secret::new) };
    Outreach::new(OutreachSettings { webhook, timeout, ..OutreachSettings::default() })
}

/// Returns the id and the status of a message that was taken.
#[track_caller]
pub(crate) fn accepted(sent: Result<Sent, SendError>) -> (String, String) {
    let Sent::Accepted { provider_id, status } = sent.unwrap();
    (provider_id, status)
}

/// Checks that a message may be taken later, and returns the reason.
#[track_caller]
pub(crate) fn transient(sent: Result<Sent, SendError>) -> String {
    let error = sent.unwrap_err();
    assert!(error.is_transient(), "{error}");
    shown(&error)
}

/// Checks that a message will never be taken, and returns the reason.
#[track_caller]
pub(crate) fn permanent(sent: Result<Sent, SendError>) -> String {
    let error = sent.unwrap_err();
    assert!(matches!(error, SendError::Permanent { .. }), "{error}");
    shown(&error)
}

/// Checks that a message may have been sent, and returns the reason.
#[track_caller]
pub(crate) fn unknown(sent: Result<Sent, SendError>) -> String {
    let error = sent.unwrap_err();
    assert!(matches!(error, SendError::Unknown { .. }), "{error}");
    assert!(!error.is_transient());
    shown(&error)
}

/// Returns an error's text, which must show nothing that is not to be shown.
#[track_caller]
fn shown(error: &SendError) -> String {
    hides_everything(&format!("{error:?}"));
    error.to_string()
}

/// Checks that a text shows no recipient, no text of a message and no secret.
#[track_caller]
pub(crate) fn hides_everything(text: &str) {
    for hidden in ["hush", LOGIN, NUMBER, &NUMBER[1..], ADDRESS, "sneakers", "Waiting for you"] {
        assert!(!text.contains(hidden), "{hidden} in {text}");
    }
}
