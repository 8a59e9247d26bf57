//! Variables that are no flags: a secret, which must not show in a list of processes, and a word
//! that other programs share.

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
#[command(name = "simulator", disable_help_flag = true)]
pub(crate) struct Environment {
    /// The token of a writer of the brand.
    #[arg(long, env = "CUSTOMERIQ_TOKEN", hide_env_values = true)]
    pub(crate) token: Option<Secret>,
    /// Whether colours are unwanted.
    #[arg(long, env = "NO_COLOR")]
    no_color: Option<String>,
}

impl Environment {
    /// Reads the variables.
    pub(crate) fn read() -> Result<Self, clap::Error> {
        Self::try_parse_from(["simulator"])
    }

    /// Tells whether `NO_COLOR` is set to anything.
    pub(crate) fn is_no_color(&self) -> bool {
        self.no_color.as_deref().is_some_and(|value| !value.is_empty())
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
