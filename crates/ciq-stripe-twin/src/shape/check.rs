//! Holds parameters against a table.

use std::collections::BTreeMap;

use super::{Field, Shape};
use crate::ApiError;
use crate::params::{Params, Value};

/// How many keys metadata may have.
const METADATA_KEY_COUNT_MAX: usize = 50;
/// The longest key of metadata.
const METADATA_KEY_LENGTH_MAX: usize = 40;
/// The longest value of metadata.
const METADATA_VALUE_LENGTH_MAX: usize = 500;

/// The bounds of a range, each a time.
const BOUNDS: [&str; 4] = ["gt", "gte", "lt", "lte"];

/// Checks parameters against tables, which together are everything that may be given.
///
/// What is unknown is told first, then what is wrong, then what is missing.
pub(crate) fn check(params: &Params, tables: &[&[Field]]) -> Result<(), ApiError> {
    let entries = params.entries();
    let mut unknown = Vec::new();
    find_unknown(entries, tables, "", &mut unknown);
    if let Some(first) = unknown.first() {
        return Err(match unknown.len() {
            1 => ApiError::unknown_parameter(first),
            _ => ApiError::invalid(format!("Received unknown parameters: {}", unknown.join(", ")))
                .with_code("parameter_unknown")
                .with_param(first.clone()),
        });
    }
    check_fields(entries, tables, "")
}

fn field(tables: &[&[Field]], name: &str) -> Option<Field> {
    tables.iter().flat_map(|table| table.iter()).find(|field| field.name == name).copied()
}

/// Names a child: `items` and `0` make `items[0]`.
fn inside(place: &str, step: &str) -> String {
    if place.is_empty() { step.to_owned() } else { format!("{place}[{step}]") }
}

fn find_unknown(
    entries: &BTreeMap<String, Value>,
    tables: &[&[Field]],
    place: &str,
    unknown: &mut Vec<String>,
) {
    for (name, value) in entries {
        let name_inside = inside(place, name);
        let Some(field) = field(tables, name) else {
            unknown.push(name_inside);
            continue;
        };
        match (field.shape, value) {
            (Shape::Object(fields), Value::Map(children)) => {
                find_unknown(children, &[fields], &name_inside, unknown);
            }
            (Shape::Objects(fields), Value::List(values)) => {
                for (index, value) in values.iter().enumerate() {
                    if let Value::Map(children) = value {
                        let place = inside(&name_inside, &index.to_string());
                        find_unknown(children, &[fields], &place, unknown);
                    }
                }
            }
            _ => {}
        }
    }
}

fn check_fields(
    entries: &BTreeMap<String, Value>,
    tables: &[&[Field]],
    place: &str,
) -> Result<(), ApiError> {
    for (name, value) in entries {
        if let Some(field) = field(tables, name) {
            check_value(field, value, &inside(place, name))?;
        }
    }
    let fields = tables.iter().flat_map(|table| table.iter());
    for field in fields.filter(|field| field.is_required) {
        if !entries.contains_key(field.name) {
            return Err(ApiError::missing(&inside(place, field.name)));
        }
    }
    Ok(())
}

fn check_value(field: Field, value: &Value, place: &str) -> Result<(), ApiError> {
    if field.shape == Shape::Beyond {
        let message = format!("The local twin of Stripe does not support the parameter: {place}");
        return Err(ApiError::invalid(message).with_param(place));
    }
    if value.as_text() == Some("") {
        return if field.can_be_unset { Ok(()) } else { Err(empty(place)) };
    }
    match field.shape {
        Shape::Beyond => Ok(()),
        Shape::Texts => check_texts(value, place),
        Shape::Metadata => check_metadata(value, place),
        Shape::Range => check_range(value, place),
        Shape::Object(fields) => match value {
            Value::Map(children) => check_fields(children, &[fields], place),
            Value::Text(_) | Value::List(_) => Err(invalid("object", place)),
        },
        Shape::Objects(fields) => check_objects(value, fields, place),
        Shape::Text(_)
        | Shape::Integer(..)
        | Shape::Time
        | Shape::TimeOr(_)
        | Shape::Boolean
        | Shape::Decimal
        | Shape::Word(_) => match value {
            Value::Text(text) => check_scalar(field.shape, text, place),
            Value::List(_) | Value::Map(_) => Err(invalid("string", place)),
        },
    }
}

/// The longest text in a list: ids, keys and addresses.
const TEXT_IN_LIST_LENGTH_MAX: usize = 2_048;

fn check_scalar(shape: Shape, text: &str, place: &str) -> Result<(), ApiError> {
    match shape {
        Shape::Text(length_max) => check_text(text, length_max, place),
        Shape::Integer(low, high) => check_integer(text, (low, high), place),
        Shape::TimeOr(words) if words.contains(&text) => Ok(()),
        Shape::Time | Shape::TimeOr(_) => check_time(text, place),
        Shape::Boolean if matches!(text, "true" | "false") => Ok(()),
        Shape::Boolean => Err(ApiError::invalid_boolean(place, text)),
        Shape::Decimal => check_decimal(text, place),
        Shape::Word(words) => check_word(text, words, place),
        _ => Ok(()),
    }
}

fn empty(place: &str) -> ApiError {
    ApiError::invalid(format!(
        "You passed an empty string for '{place}'. Empty text asks for a parameter to be unset, \
         and '{place}' cannot be unset. Leave it out or give it a value."
    ))
    .with_code("parameter_invalid_empty")
    .with_param(place)
}

fn invalid(what: &str, place: &str) -> ApiError {
    ApiError::invalid(format!("Invalid {what}")).with_param(place)
}

fn check_text(text: &str, length_max: usize, place: &str) -> Result<(), ApiError> {
    let length = text.chars().count();
    if length <= length_max {
        return Ok(());
    }
    let message = format!(
        "Invalid string: {}...{}; must be at most {length_max} characters",
        text.chars().take(10).collect::<String>(),
        text.chars().skip(length.saturating_sub(5)).collect::<String>()
    );
    Err(ApiError::invalid(message).with_code("parameter_invalid_string").with_param(place))
}

fn check_integer(text: &str, (low, high): (i64, i64), place: &str) -> Result<(), ApiError> {
    let Ok(number) = text.parse::<i64>() else {
        return Err(ApiError::invalid_integer(place, text));
    };
    let bound = match number {
        number if number < low => format!("greater than or equal to {low}"),
        number if number > high => format!("less than or equal to {high}"),
        _ => return Ok(()),
    };
    let message = format!("This value must be {bound} (it currently is '{number}').");
    Err(ApiError::invalid(message).with_code("parameter_invalid_integer").with_param(place))
}

fn check_time(text: &str, place: &str) -> Result<(), ApiError> {
    let Ok(seconds) = text.parse::<i64>() else {
        return Err(ApiError::invalid_integer(place, text));
    };
    match jiff::Timestamp::from_second(seconds) {
        Ok(_) => Ok(()),
        Err(_) => Err(ApiError::invalid_timestamp(place)),
    }
}

fn check_decimal(text: &str, place: &str) -> Result<(), ApiError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    if is_number(whole) && is_number(part) {
        return Ok(());
    }
    Err(ApiError::invalid(format!("Invalid decimal: {text}")).with_param(place))
}

fn check_word(text: &str, words: &[&str], place: &str) -> Result<(), ApiError> {
    if words.contains(&text) {
        return Ok(());
    }
    let list = match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [all @ .., last] => format!("{}, or {last}", all.join(", ")),
    };
    Err(ApiError::invalid(format!("Invalid {place}: must be one of {list}")).with_param(place))
}

fn check_texts(value: &Value, place: &str) -> Result<(), ApiError> {
    let Value::List(values) = value else { return Err(invalid("array", place)) };
    for (index, value) in values.iter().enumerate() {
        let place = inside(place, &index.to_string());
        match value.as_text() {
            Some("") => return Err(empty(&place)),
            Some(text) => check_text(text, TEXT_IN_LIST_LENGTH_MAX, &place)?,
            None => return Err(invalid("string", &place)),
        }
    }
    Ok(())
}

fn check_objects(value: &Value, fields: &[Field], place: &str) -> Result<(), ApiError> {
    let Value::List(values) = value else { return Err(invalid("array", place)) };
    for (index, value) in values.iter().enumerate() {
        let place = inside(place, &index.to_string());
        let Value::Map(children) = value else { return Err(invalid("object", &place)) };
        check_fields(children, &[fields], &place)?;
    }
    Ok(())
}

fn check_metadata(value: &Value, place: &str) -> Result<(), ApiError> {
    let Value::Map(entries) = value else { return Err(invalid("object", place)) };
    let too_much = |message: String| Err(ApiError::invalid(message).with_param(place));
    if entries.len() > METADATA_KEY_COUNT_MAX {
        return too_much(format!("Metadata can have up to {METADATA_KEY_COUNT_MAX} keys."));
    }
    for (key, value) in entries {
        let Some(text) = value.as_text() else {
            return Err(invalid("string", &inside(place, key)));
        };
        if key.is_empty() || key.chars().count() > METADATA_KEY_LENGTH_MAX {
            return too_much(format!(
                "Metadata keys can have up to {METADATA_KEY_LENGTH_MAX} characters: '{key}' \
                 does not fit."
            ));
        }
        if text.chars().count() > METADATA_VALUE_LENGTH_MAX {
            return too_much(format!(
                "Metadata values can have up to {METADATA_VALUE_LENGTH_MAX} characters: the \
                 value of '{key}' does not fit."
            ));
        }
    }
    Ok(())
}

fn check_range(value: &Value, place: &str) -> Result<(), ApiError> {
    match value {
        Value::Text(text) => check_time(text, place),
        Value::List(_) => Err(invalid("object", place)),
        Value::Map(bounds) => bounds.iter().try_for_each(|(bound, value)| {
            let place = inside(place, bound);
            if !BOUNDS.contains(&bound.as_str()) {
                return Err(ApiError::unknown_parameter(&place));
            }
            check_time(value.as_text().unwrap_or_default(), &place)
        }),
    }
}

#[cfg(test)]
mod tests;
