//! Reads a TOML text as the JSON that it says.

use serde_json::{Map, Value};

use super::{RuleError, problem};

/// Reads a text. JSON has no NaN and no infinity, so they are refused here, where their place is
/// known.
pub(super) fn read(text: &str) -> Result<Value, RuleError> {
    let table: toml::Table = toml::from_str(text)
        .map_err(|error| RuleError::Toml(error.to_string().trim_end().to_owned()))?;
    object(table, "")
}

fn object(table: toml::Table, path: &str) -> Result<Value, RuleError> {
    let entry = |(key, value): (String, toml::Value)| {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        json(value, &path).map(|value| (key, value))
    };
    table.into_iter().map(entry).collect::<Result<Map<_, _>, _>>().map(Value::Object)
}

fn json(value: toml::Value, path: &str) -> Result<Value, RuleError> {
    Ok(match value {
        toml::Value::String(text) => Value::String(text),
        toml::Value::Integer(number) => Value::from(number),
        toml::Value::Float(number) if number.is_finite() => Value::from(number),
        toml::Value::Float(number) => {
            return Err(problem(path, format!("must be a finite number, not {number}")));
        }
        toml::Value::Boolean(flag) => Value::Bool(flag),
        toml::Value::Datetime(at) => Value::String(at.to_string()),
        toml::Value::Array(list) => {
            let entry = |(index, value)| json(value, &format!("{path}[{index}]"));
            list.into_iter().enumerate().map(entry).collect::<Result<_, _>>()?
        }
        toml::Value::Table(table) => object(table, path)?,
    })
}
