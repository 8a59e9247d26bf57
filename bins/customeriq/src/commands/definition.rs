//! Definitions of rules as people keep them: TOML files.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use crate::exit::Failure;

/// The name that stands for standard input.
const STDIN: &str = "-";

/// Most bytes of a file of definitions: thousands of them fit.
const FILE_BYTES_MAX: u64 = 4 * 1024 * 1024;

/// Reads a file, or standard input.
pub(super) fn read(file: &Path) -> Result<String, Failure> {
    let doing = Failure::file("read", file);
    let mut text = String::new();
    if file == Path::new(STDIN) {
        std::io::stdin().lock().take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(doing)?;
    } else {
        let opened = std::fs::File::open(file).map_err(&doing)?;
        opened.take(FILE_BYTES_MAX).read_to_string(&mut text).map_err(doing)?;
    }
    Ok(text)
}

/// Writes definitions as a TOML text that reads back as the same: each is a table `[[name]]`.
pub(super) fn toml(name: &str, definitions: Vec<Value>) -> Result<String, Failure> {
    let tables: Vec<Value> = definitions.into_iter().map(without_nulls).collect();
    toml::to_string(&BTreeMap::from([(name, tables)]))
        .map_err(|error| Failure::Unsound(format!("a definition cannot be written: {error}")))
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
    use ciq_monitor::{Rule, Rules};

    use super::*;

    #[test]
    fn automations_read_back_as_the_same() {
        for automation in default_set().unwrap() {
            let text = toml("automation", vec![automation.to_json()]).unwrap();
            assert_eq!(Automation::parse_toml(&text).unwrap(), [automation], "{text}");
        }
    }

    #[test]
    fn rules_of_the_monitor_read_back_as_the_same() {
        let written = |rules: &Rules| rules.rules().iter().map(Rule::to_json).collect::<Vec<_>>();
        let definitions = written(&Rules::default_set());
        let text = toml("rule", definitions.clone()).unwrap();
        assert_eq!(written(&Rules::parse_toml(&text).unwrap()), definitions, "{text}");
    }
}
