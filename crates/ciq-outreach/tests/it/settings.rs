//! Settings as environment variables have them.

use std::collections::BTreeMap;
use std::time::Duration;

use ciq_outreach::{OutreachSettings, Secret, SettingsError, SmtpTls};
use proptest::prelude::*;

/// Every variable, with a value that is usable.
const ALL: [(&str, &str); 12] = [
    ("TWILIO_ACCOUNT_SID", "AC00000000000000000000000000000001"),
    ("TWILIO_AUTH_TOKEN", "hush-token"),
    ("TWILIO_WHATSAPP_FROM", "whatsapp:+14155550100"),
    ("TWILIO_SMS_FROM", "Shop 24"),
    ("TWILIO_API_URL", "http://127.0.0.1:4010"),
    ("SMTP_HOST", "mail.example.com"),
    ("SMTP_PORT", "2525"),
    ("SMTP_USER", "shop"),
    ("SMTP_PASSWORD", "hush-mail"),
    ("SMTP_FROM", "The shop <shop@example.com>"),
    ("SMTP_TLS", "tls"),
    ("OUTREACH_WEBHOOK_SECRET", "hush-webhook"),
];

fn read(variables: &[(&str, &str)]) -> Result<OutreachSettings, SettingsError> {
    let variables: BTreeMap<&str, &str> = variables.iter().copied().collect();
    OutreachSettings::from_lookup(&|name| variables.get(name).map(|value| (*value).to_owned()))
}

/// Reads all variables but for some, which have other values.
fn read_with(changes: &[(&str, &str)]) -> Result<OutreachSettings, SettingsError> {
    read(&[&ALL[..], changes].concat())
}

#[test]
fn all_variables_are_read() {
    let settings = read(&ALL).unwrap();
    let twilio = settings.twilio.unwrap();
    assert_eq!(twilio.account_sid, "AC00000000000000000000000000000001");
    assert_eq!(twilio.auth_token, Secret::new("hush-token"));
    assert_eq!(twilio.whatsapp_from.as_deref(), Some("+14155550100"));
    assert_eq!(twilio.sms_from.as_deref(), Some("Shop 24"));
    assert_eq!(twilio.base_url, "http://127.0.0.1:4010");
    let smtp = settings.smtp.unwrap();
    assert_eq!((smtp.host.as_str(), smtp.port, smtp.tls), ("mail.example.com", 2525, SmtpTls::Tls));
    assert_eq!(
        (smtp.user.as_deref(), smtp.password),
        (Some("shop"), Some(Secret::new("hush-mail")))
    );
    assert_eq!(smtp.from, "The shop <shop@example.com>");
    assert_eq!(settings.webhook.secret, Some(Secret::new("hush-webhook")));
    assert_eq!(settings.timeout, Duration::from_secs(10));
}

#[test]
fn without_variables_nothing_is_set_up() {
    assert_eq!(read(&[]), Ok(OutreachSettings::default()));
    let empty = ALL.map(|(name, _)| (name, " "));
    assert_eq!(read(&empty), Ok(OutreachSettings::default()));
}

#[test]
fn what_is_not_said_is_usual() {
    let smtp = |changes: &[(&str, &str)]| {
        let least = [("SMTP_HOST", "localhost"), ("SMTP_FROM", "shop@example.com")];
        read(&[&least[..], changes].concat()).unwrap().smtp.unwrap()
    };
    assert_eq!((smtp(&[]).port, smtp(&[]).tls, smtp(&[]).user), (587, SmtpTls::Starttls, None));
    assert_eq!(smtp(&[("SMTP_TLS", "tls")]).port, 465);
    assert_eq!(smtp(&[("SMTP_TLS", "none")]).port, 25);
    let twilio = read_with(&[("TWILIO_API_URL", ""), ("TWILIO_SMS_FROM", "")]).unwrap();
    let twilio = twilio.twilio.unwrap();
    assert_eq!((twilio.base_url.as_str(), twilio.sms_from), ("https://api.twilio.com", None));
}

#[track_caller]
fn misses(given: &[&str], text: &str) {
    let variables: Vec<_> = ALL.into_iter().filter(|(name, _)| given.contains(name)).collect();
    assert_eq!(read(&variables).unwrap_err().to_string(), text);
}

#[test]
fn half_a_provider_is_an_error_that_names_the_other_half() {
    misses(
        &["TWILIO_ACCOUNT_SID"],
        "settings of Twilio are incomplete: TWILIO_ACCOUNT_SID is set, and so must be \
         TWILIO_AUTH_TOKEN and one of TWILIO_WHATSAPP_FROM and TWILIO_SMS_FROM",
    );
    misses(
        &["TWILIO_SMS_FROM", "TWILIO_AUTH_TOKEN"],
        "settings of Twilio are incomplete: TWILIO_AUTH_TOKEN is set, and so must be \
         TWILIO_ACCOUNT_SID",
    );
    misses(
        &["TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN"],
        "settings of Twilio are incomplete: TWILIO_ACCOUNT_SID is set, and so must be one of \
         TWILIO_WHATSAPP_FROM and TWILIO_SMS_FROM",
    );
    misses(
        &["SMTP_HOST"],
        "settings of the mail server are incomplete: SMTP_HOST is set, and so must be SMTP_FROM",
    );
    misses(
        &["SMTP_HOST", "SMTP_FROM", "SMTP_USER"],
        "settings of the mail server are incomplete: SMTP_HOST is set, and so must be \
         SMTP_PASSWORD",
    );
    misses(
        &["SMTP_PASSWORD"],
        "settings of the mail server are incomplete: SMTP_PASSWORD is set, and so must be \
         SMTP_HOST and SMTP_FROM and SMTP_USER",
    );
}

#[test]
fn an_unusable_value_is_named() {
    for (name, value) in [
        ("TWILIO_ACCOUNT_SID", "AC/../x"),
        ("TWILIO_WHATSAPP_FROM", "Shop"),
        ("TWILIO_SMS_FROM", "A shop with a long name"),
        ("TWILIO_API_URL", "http://twilio.example.com"),
        ("TWILIO_API_URL", "twilio"),
        ("SMTP_PORT", "0"),
        ("SMTP_PORT", "mail"),
        ("SMTP_FROM", "shop"),
        ("SMTP_TLS", "ssl"),
        // Of another machine than this one.
        ("SMTP_TLS", "none"),
    ] {
        let error = read_with(&[(name, value)]).unwrap_err().to_string();
        assert!(error.starts_with(&format!("{name} is unusable: ")), "{error}");
    }
    for host in ["localhost", "127.0.0.1", "127.1.2.3", "::1", "[::1]"] {
        assert!(read_with(&[("SMTP_TLS", "none"), ("SMTP_HOST", host)]).is_ok(), "{host}");
    }
}

proptest! {
    #[test]
    fn no_value_stops_the_reading_or_shows_a_secret(
        values in prop::collection::vec(prop::option::of("\\PC{0,24}"), ALL.len()),
    ) {
        let names = ALL.iter().map(|(name, _)| *name);
        let variables: BTreeMap<&str, String> = names
            .zip(values)
            .filter_map(|(name, value)| {
                let secret = if name.contains("TOKEN") || name.contains("PASSWORD")
                    || name.contains("SECRET") { "hush" } else { "" };
                Some((name, format!("{secret}{}", value?)))
            })
            .collect();
        let read = OutreachSettings::from_lookup(&|name| variables.get(name).cloned());
        let shown = format!("{read:?}");
        // What the others hold is not secret, and may be this very word.
        let others = variables.iter().filter(|(_, value)| !value.starts_with("hush"));
        prop_assume!(!others.into_iter().any(|(_, value)| value.contains("hush")));
        prop_assert!(!shown.contains("hush"), "{}", shown);
    }
}
