//! Reading settings, by the names of their variables.

use lettre::message::Mailbox;
use url::Url;

use crate::http;
use crate::text::is_e164;
use crate::{
    OutreachSettings, Secret, SettingsError, SmtpSettings, SmtpTls, TwilioSettings, WebhookSettings,
};

const TWILIO: [&str; 5] = [
    "TWILIO_ACCOUNT_SID",
    "TWILIO_AUTH_TOKEN",
    "TWILIO_WHATSAPP_FROM",
    "TWILIO_SMS_FROM",
    "TWILIO_API_URL",
];

const SMTP: [&str; 6] =
    ["SMTP_HOST", "SMTP_FROM", "SMTP_USER", "SMTP_PASSWORD", "SMTP_PORT", "SMTP_TLS"];

/// Most characters of a name in the place of a number, as Twilio has it.
const SENDER_NAME_CHARS_MAX: usize = 11;

pub(super) fn read(
    lookup: &dyn Fn(&str) -> Option<String>,
) -> Result<OutreachSettings, SettingsError> {
    let variables = Variables(lookup);
    Ok(OutreachSettings {
        twilio: variables.twilio()?,
        smtp: variables.smtp()?,
        webhook: WebhookSettings {
            secret: variables.get("OUTREACH_WEBHOOK_SECRET").map(Secret::new),
        },
        timeout: OutreachSettings::TIMEOUT,
    })
}

struct Variables<'a>(&'a dyn Fn(&str) -> Option<String>);

impl Variables<'_> {
    /// Returns a value without the spaces around it, if there is one.
    fn get(&self, name: &str) -> Option<String> {
        let value = (self.0)(name)?;
        Some(value.trim().to_owned()).filter(|value| !value.is_empty())
    }

    fn first_given(&self, names: &[&'static str]) -> Option<&'static str> {
        names.iter().copied().find(|name| self.get(name).is_some())
    }

    fn twilio(&self) -> Result<Option<TwilioSettings>, SettingsError> {
        let Some(given) = self.first_given(&TWILIO) else { return Ok(None) };
        let [sid, token, whatsapp, sms, url] = TWILIO.map(|name| self.get(name));
        let (is_whatsapp, is_sms) = (whatsapp.is_some(), sms.is_some());
        let mut missing = Vec::new();
        if sid.is_none() {
            missing.push("TWILIO_ACCOUNT_SID");
        }
        if token.is_none() {
            missing.push("TWILIO_AUTH_TOKEN");
        }
        if !is_whatsapp && !is_sms {
            missing.push("one of TWILIO_WHATSAPP_FROM and TWILIO_SMS_FROM");
        }
        let (Some(sid), Some(token), true) = (sid, token, is_whatsapp || is_sms) else {
            return Err(incomplete("Twilio", given, &missing));
        };
        Ok(Some(TwilioSettings {
            account_sid: account_sid(sid)?,
            auth_token: Secret::new(token),
            whatsapp_from: whatsapp.map(|text| whatsapp_sender(&text)).transpose()?,
            sms_from: sms.map(sms_sender).transpose()?,
            base_url: url.map_or_else(|| Ok(TwilioSettings::BASE_URL.to_owned()), base_url)?,
        }))
    }

    fn smtp(&self) -> Result<Option<SmtpSettings>, SettingsError> {
        let Some(given) = self.first_given(&SMTP) else { return Ok(None) };
        let [host, from, user, password, port, tls] = SMTP.map(|name| self.get(name));
        let mut missing = Vec::new();
        for (name, value) in [("SMTP_HOST", &host), ("SMTP_FROM", &from)] {
            missing.extend(value.is_none().then_some(name));
        }
        match (&user, &password) {
            (Some(_), None) => missing.push("SMTP_PASSWORD"),
            (None, Some(_)) => missing.push("SMTP_USER"),
            (Some(_), Some(_)) | (None, None) => {}
        }
        let (Some(host), Some(from), true) = (host, from, missing.is_empty()) else {
            return Err(incomplete("the mail server", given, &missing));
        };
        let tls = tls.map_or(Ok(SmtpTls::default()), |text| smtp_tls(&text))?;
        if tls == SmtpTls::None && !http::is_this_machine(&host) {
            let reason = "none is for a server on this machine: write starttls or tls";
            return Err(unusable("SMTP_TLS", reason));
        }
        Ok(Some(SmtpSettings {
            host,
            port: port.map_or(Ok(tls.port()), |text| smtp_port(&text))?,
            user,
            password: password.map(Secret::new),
            from: mail_sender(from)?,
            tls,
        }))
    }
}

fn incomplete(
    provider: &'static str,
    given: &'static str,
    missing: &[&'static str],
) -> SettingsError {
    SettingsError::Incomplete { provider, given, missing: missing.join(" and ") }
}

fn unusable(name: &'static str, reason: impl Into<String>) -> SettingsError {
    SettingsError::Unusable { name, reason: reason.into() }
}

fn account_sid(text: String) -> Result<String, SettingsError> {
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return Ok(text);
    }
    Err(unusable("TWILIO_ACCOUNT_SID", "write AC and 32 digits, as Twilio's console shows it"))
}

fn whatsapp_sender(text: &str) -> Result<String, SettingsError> {
    let number = text.strip_prefix("whatsapp:").unwrap_or(text);
    if is_e164(number) {
        return Ok(number.to_owned());
    }
    Err(unusable("TWILIO_WHATSAPP_FROM", "write a number in E.164 form, such as +14155550100"))
}

fn sms_sender(text: String) -> Result<String, SettingsError> {
    let is_name = text.chars().count() <= SENDER_NAME_CHARS_MAX
        && text.chars().all(|it| it.is_ascii_alphanumeric() || it == ' ');
    if is_name || is_e164(&text) {
        return Ok(text);
    }
    let reason = "write a number in E.164 form, such as +14155550100, a short code, or a name of \
                  11 letters and digits at most";
    Err(unusable("TWILIO_SMS_FROM", reason))
}

fn base_url(text: String) -> Result<String, SettingsError> {
    let url = Url::parse(&text).map_err(|error| unusable("TWILIO_API_URL", error.to_string()))?;
    http::check(&url).map_err(|reason| unusable("TWILIO_API_URL", reason))?;
    Ok(text)
}

fn smtp_tls(text: &str) -> Result<SmtpTls, SettingsError> {
    let known = [SmtpTls::Starttls, SmtpTls::Tls, SmtpTls::None];
    let found = known.into_iter().find(|tls| tls.name() == text);
    found.ok_or_else(|| unusable("SMTP_TLS", "write starttls, tls or none"))
}

fn smtp_port(text: &str) -> Result<u16, SettingsError> {
    let port = text.parse().ok().filter(|port| *port != 0);
    port.ok_or_else(|| unusable("SMTP_PORT", "write a port, such as 587"))
}

fn mail_sender(text: String) -> Result<String, SettingsError> {
    match text.parse::<Mailbox>() {
        Ok(_) => Ok(text),
        Err(_) => {
            Err(unusable("SMTP_FROM", "write shop@example.com or The shop <shop@example.com>"))
        }
    }
}
