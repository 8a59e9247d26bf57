//! Variables that are no flags: secrets, which must not show in a list of processes, and words
//! that other programs share.

use std::fmt;
use std::path::PathBuf;

use clap::Parser;

use crate::outreach::OutreachVariables;

/// A value that is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl Secret {
    /// Returns the value; `None` for an empty one, which is as good as unset.
    pub(crate) fn expose(&self) -> Option<&str> {
        Some(self.0.trim()).filter(|text| !text.is_empty())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Variables that are no flags.
#[derive(Debug, Clone, Parser)]
#[command(name = "customeriq", disable_help_flag = true)]
pub(crate) struct Environment {
    /// The tokens that may use the API.
    #[arg(long, env = "CUSTOMERIQ_TOKENS", hide_env_values = true)]
    pub(crate) tokens: Option<Secret>,
    /// What Shopify signs with.
    #[arg(long, env = "SHOPIFY_WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) shopify_webhook_secret: Option<Secret>,
    /// What Twilio signs with.
    #[arg(long, env = "TWILIO_AUTH_TOKEN", hide_env_values = true)]
    pub(crate) twilio_auth_token: Option<Secret>,
    /// What Stripe signs with.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", hide_env_values = true)]
    pub(crate) stripe_webhook_secret: Option<Secret>,
    /// The PostgreSQL database of all brands.
    #[arg(long, env = "DATABASE_URL", hide_env_values = true)]
    pub(crate) database_url: Option<Secret>,
    /// The file of the default brand.
    #[arg(long, env = "SQLITE_PATH")]
    pub(crate) sqlite_path: Option<PathBuf>,
    /// Whether colours are unwanted.
    #[arg(long, env = "NO_COLOR")]
    no_color: Option<String>,
    /// Whether NATS is used.
    #[arg(long, env = "NATS_ENABLED", default_value = "false")]
    nats_enabled: String,
    /// Who we are to NATS.
    #[arg(long, env = "NATS_USER", hide_env_values = true)]
    pub(crate) nats_user: Option<Secret>,
    /// What proves it.
    #[arg(long, env = "NATS_PASSWORD", hide_env_values = true)]
    pub(crate) nats_password: Option<Secret>,
    /// What lets anyone in who knows it.
    #[arg(long, env = "NATS_TOKEN", hide_env_values = true)]
    pub(crate) nats_token: Option<Secret>,
    /// The seed of our nkey.
    #[arg(long, env = "NATS_NKEY", hide_env_values = true)]
    pub(crate) nats_nkey: Option<Secret>,
    /// Who sends messages.
    #[command(flatten)]
    pub(crate) outreach: OutreachVariables,
}

impl Environment {
    /// Reads the variables.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        Self::try_parse_from(["customeriq"])
    }

    /// Makes one of flags instead of variables.
    #[cfg(test)]
    pub(crate) fn of(flags: &[&str]) -> Self {
        Self::parse_from([&["customeriq"], flags].concat())
    }

    /// Tells whether `NO_COLOR` is set to anything.
    pub(crate) fn is_no_color(&self) -> bool {
        self.no_color.as_deref().is_some_and(|value| !value.is_empty())
    }

    /// Tells whether NATS is switched on.
    pub(crate) fn is_nats_enabled(&self) -> bool {
        matches!(self.nats_enabled.trim().to_lowercase().as_str(), "true" | "1" | "yes" | "on")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_show() {
        let secret = Secret::from("hush".to_owned());
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        assert_eq!(secret.expose(), Some("hush"));
        assert_eq!(Secret::from(" ".to_owned()).expose(), None);
    }
}
