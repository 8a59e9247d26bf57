//! Who sends messages, as the variables say it.

use std::time::Duration;

use ciq_event::Brand;
use ciq_outreach::{Channel, OutreachSettings};
use clap::Args;

use crate::cli::timeout;
use crate::environment::Secret;
use crate::exit::Failure;

/// The token of the account, which also checks what Twilio sends to us.
const TOKEN: &str = "TWILIO_AUTH_TOKEN";

/// The variables of those who send. All of them are treated as secrets: some hold one, and none of
/// the others need be shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct OutreachVariables {
    #[arg(long, env = "TWILIO_ACCOUNT_SID", hide_env_values = true)]
    twilio_account_sid: Option<Secret>,
    #[arg(long, env = "TWILIO_WHATSAPP_FROM", hide_env_values = true)]
    twilio_whatsapp_from: Option<Secret>,
    #[arg(long, env = "TWILIO_SMS_FROM", hide_env_values = true)]
    twilio_sms_from: Option<Secret>,
    #[arg(long, env = "TWILIO_API_URL", hide_env_values = true)]
    twilio_api_url: Option<Secret>,
    #[arg(long, env = "SMTP_HOST", hide_env_values = true)]
    smtp_host: Option<Secret>,
    #[arg(long, env = "SMTP_FROM", hide_env_values = true)]
    smtp_from: Option<Secret>,
    #[arg(long, env = "SMTP_USER", hide_env_values = true)]
    smtp_user: Option<Secret>,
    #[arg(long, env = "SMTP_PASSWORD", hide_env_values = true)]
    smtp_password: Option<Secret>,
    #[arg(long, env = "SMTP_TLS", hide_env_values = true)]
    smtp_tls: Option<Secret>,
    #[arg(long, env = "SMTP_PORT", hide_env_values = true)]
    smtp_port: Option<Secret>,
    #[arg(long, env = "OUTREACH_WEBHOOK_SECRET", hide_env_values = true)]
    outreach_webhook_secret: Option<Secret>,
    /// How long one try of a message may take.
    #[arg(long, env = "OUTREACH_TIMEOUT", default_value = "10s", value_parser = timeout)]
    outreach_timeout: Duration,
}

/// How far messages of a channel go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Out of this machine.
    Away,
    /// To other programs on this machine.
    Here,
    /// To the console: a line in the log.
    Console,
}

impl OutreachVariables {
    /// Returns who sends. `token` is that of the account at Twilio; where it holds those of several
    /// brands, the one of `brand` sends.
    pub(crate) fn settings(
        &self,
        token: Option<&Secret>,
        brand: &Brand,
    ) -> Result<OutreachSettings, Failure> {
        let token = self.sending_token(token, brand)?;
        let lookup = |name: &str| match name {
            TOKEN => token.clone(),
            _ => self.value(name).map(str::to_owned),
        };
        let settings = OutreachSettings::from_lookup(&lookup)?;
        Ok(OutreachSettings { timeout: self.outreach_timeout, ..settings })
    }

    fn value(&self, name: &str) -> Option<&str> {
        let secret = match name {
            "TWILIO_ACCOUNT_SID" => &self.twilio_account_sid,
            "TWILIO_WHATSAPP_FROM" => &self.twilio_whatsapp_from,
            "TWILIO_SMS_FROM" => &self.twilio_sms_from,
            "TWILIO_API_URL" => &self.twilio_api_url,
            "SMTP_HOST" => &self.smtp_host,
            "SMTP_FROM" => &self.smtp_from,
            "SMTP_USER" => &self.smtp_user,
            "SMTP_PASSWORD" => &self.smtp_password,
            "SMTP_TLS" => &self.smtp_tls,
            "SMTP_PORT" => &self.smtp_port,
            "OUTREACH_WEBHOOK_SECRET" => &self.outreach_webhook_secret,
            _ => return None,
        };
        secret.as_ref().and_then(Secret::expose)
    }

    /// Returns the token that sends. Alone, it only checks what Twilio sends to us, and asks for
    /// nothing else to be set.
    fn sending_token(
        &self,
        token: Option<&Secret>,
        brand: &Brand,
    ) -> Result<Option<String>, Failure> {
        let others =
            ["TWILIO_ACCOUNT_SID", "TWILIO_WHATSAPP_FROM", "TWILIO_SMS_FROM", "TWILIO_API_URL"];
        if !others.iter().any(|name| self.value(name).is_some()) {
            return Ok(None);
        }
        let Some(text) = token.and_then(Secret::expose) else { return Ok(None) };
        if !text.contains(['=', ',']) {
            return Ok(Some(text.to_owned()));
        }
        let of_brand = |entry: &str| {
            let (name, secret) = entry.trim().split_once('=')?;
            (name == brand.as_str()).then(|| secret.to_owned())
        };
        let found = text.split(',').find_map(of_brand);
        let missing = format!(
            "{TOKEN} has no entry of brand {brand}, whose account sends messages: add \
             {brand}=TOKEN, or unset TWILIO_ACCOUNT_SID"
        );
        found.map(Some).ok_or(Failure::Usage(missing))
    }
}

/// Tells how far messages of a channel go.
pub(crate) fn reach(settings: &OutreachSettings, channel: Channel) -> Reach {
    let OutreachSettings { twilio, smtp, webhook, timeout: _ } = settings;
    let twilio = twilio.as_ref();
    let is_away = match channel {
        Channel::Whatsapp => twilio.is_some_and(|twilio| twilio.whatsapp_from.is_some()),
        Channel::Sms => twilio.is_some_and(|twilio| twilio.sms_from.is_some()),
        Channel::Email => smtp.is_some(),
        // What is not signed goes no further.
        Channel::Webhook if webhook.secret.is_none() => return Reach::Here,
        Channel::Webhook => true,
    };
    if is_away { Reach::Away } else { Reach::Console }
}

/// Says in one sentence which channels leave this machine, by their names only.
pub(crate) fn sentence(settings: &OutreachSettings) -> String {
    let names = |wanted: Reach| {
        let names: Vec<&str> = Channel::ALL
            .into_iter()
            .filter(|channel| reach(settings, *channel) == wanted)
            .map(Channel::name)
            .collect();
        names.join(", ")
    };
    let away = names(Reach::Away);
    let away = if away.is_empty() { "none" } else { &away };
    let mut text = format!("channels that leave this machine: {away}");
    for (reach, place) in
        [(Reach::Here, "to this machine only"), (Reach::Console, "to the console")]
    {
        let names = names(reach);
        if !names.is_empty() {
            text.extend(["; ", place, ": ", &names]);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    fn settings(flags: &[&str]) -> Result<OutreachSettings, Failure> {
        let environment = Environment::of(flags);
        let token = environment.twilio_auth_token.as_ref();
        environment.outreach.settings(token, &Brand::default())
    }

    #[test]
    fn without_variables_nothing_leaves_the_machine() {
        let none = settings(&[]).unwrap();
        assert_eq!(none, OutreachSettings::default());
        assert_eq!(
            sentence(&none),
            "channels that leave this machine: none; to this machine only: webhook; to the \
             console: whatsapp, sms, email"
        );
    }

    #[test]
    fn the_token_alone_checks_what_arrives_and_sends_nothing() {
        assert_eq!(settings(&["--twilio-auth-token", "hush"]).unwrap().twilio, None);
    }

    #[test]
    fn a_provider_half_set_up_is_named_by_what_is_missing() {
        for (flags, missing) in [
            (["--twilio-account-sid", "AC1"].as_slice(), TOKEN),
            (&["--smtp-host", "localhost"], "SMTP_FROM"),
            (
                &["--twilio-account-sid", "AC1", "--twilio-auth-token", "other=hush"],
                "brand default",
            ),
        ] {
            let error = settings(flags).unwrap_err();
            assert_eq!(error.exit(), crate::exit::Exit::Usage);
            assert!(error.to_string().contains(missing), "{error}");
            assert!(!error.to_string().contains("hush"), "{error}");
        }
    }

    #[test]
    fn what_is_set_up_leaves_the_machine() {
        let all = settings(&[
            "--twilio-account-sid",
            "AC1",
            "--twilio-auth-token",
            "other=x,default=hush",
            "--twilio-sms-from",
            "+14155550100",
            "--outreach-webhook-secret",
            "hush",
            "--outreach-timeout",
            "2s",
        ])
        .unwrap();
        assert_eq!(all.timeout, Duration::from_secs(2));
        assert_eq!(all.twilio.as_ref().map(|it| it.auth_token.expose()), Some("hush"));
        assert_eq!(
            sentence(&all),
            "channels that leave this machine: sms, webhook; to the console: whatsapp, email"
        );
    }
}
