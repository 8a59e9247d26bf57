//! Automations as TOML.

use serde::Serialize;
use serde_json::Value;

use crate::exit::Failure;

/// A file of automations.
#[derive(Serialize)]
struct File {
    automation: [Value; 1],
}

/// Writes a definition as a TOML text that `add` reads again.
pub(super) fn toml(definition: Value) -> Result<String, Failure> {
    let file = File { automation: [without_nulls(definition)] };
    toml::to_string(&file)
        .map_err(|error| Failure::Unsound(format!("the automation cannot be written: {error}")))
}

/// TOML has no word for nothing.
fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(object) => {
            let held = object.into_iter().filter(|(_, value)| !value.is_null());
            held.map(|(name, value)| (name, without_nulls(value))).collect()
        }
        Value::Array(list) => list.into_iter().map(without_nulls).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use ciq_automation::{Automation, default_set};

    use super::*;

    #[test]
    fn what_is_shown_reads_back_as_the_same() {
        for automation in default_set().unwrap() {
            let text = toml(automation.to_json()).unwrap();
            assert_eq!(Automation::parse_toml(&text).unwrap(), [automation], "{text}");
        }
    }
}
