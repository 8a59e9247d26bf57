//! Variables that are no flags: secrets, which must not show in a list of processes, and a server.

use std::fmt;

use clap::Parser;

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
#[command(name = "stripe-seed", disable_help_flag = true)]
pub(crate) struct Environment {
    /// The key of Stripe's test mode.
    #[arg(long, env = "STRIPE_SECRET_KEY", hide_env_values = true)]
    key: Option<Secret>,
    /// Another server than Stripe.
    #[arg(long, env = "STRIPE_API_BASE", hide_env_values = true)]
    api_base: Option<String>,
    /// With what the twin signs its webhooks.
    #[arg(long, env = "STRIPE_WEBHOOK_SECRET", hide_env_values = true)]
    webhook_secret: Option<Secret>,
}

impl Environment {
    /// Reads the variables.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        Self::try_parse_from(["stripe-seed"])
    }

    /// Returns the key, if one is set.
    pub(crate) fn key(&self) -> Option<&str> {
        self.key.as_ref().and_then(Secret::expose)
    }

    /// Returns the address of another server than Stripe, if one is set.
    pub(crate) fn api_base(&self) -> Option<&str> {
        self.api_base.as_deref().map(str::trim).filter(|text| !text.is_empty())
    }

    /// Returns the secret of webhooks, if one is set.
    pub(crate) fn webhook_secret(&self) -> Option<&str> {
        self.webhook_secret.as_ref().and_then(Secret::expose)
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
