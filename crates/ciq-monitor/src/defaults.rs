//! The rules to begin with.

use crate::Rules;

/// The default set as a TOML text, to be copied and changed.
pub const DEFAULTS_TOML: &str = include_str!("defaults.toml");

impl Rules {
    /// Returns the default set: [`DEFAULTS_TOML`], read.
    #[must_use]
    pub fn default_set() -> Self {
        // The text is part of the program, and a test reads it: it cannot fail here.
        Self::parse_toml(DEFAULTS_TOML).unwrap_or_default()
    }
}
