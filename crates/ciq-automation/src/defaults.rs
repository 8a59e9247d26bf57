//! Rules to begin with.

use crate::{Automation, DefinitionError};

/// The default set as a TOML text, to be copied and changed.
pub const DEFAULTS_TOML: &str = include_str!("defaults.toml");

/// Returns the default set. Every rule in it is switched off until somebody wants it.
pub fn default_set() -> Result<Vec<Automation>, DefinitionError> {
    Automation::parse_toml(DEFAULTS_TOML)
}
