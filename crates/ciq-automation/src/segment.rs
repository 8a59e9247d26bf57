//! Names of segments and stages in definitions.

use ciq_insight::{Segment, Stage};
use serde_json::{Value, json};

use crate::definition::nearest;

/// Reads the name of a segment: one that insight knows by any of its spellings, or one of the
/// operator's own. What is nearly a known one is a mistake, and would never fire.
pub(crate) fn segment(text: &str) -> Result<String, String> {
    if let Some(known) = Segment::parse(text) {
        return Ok(known.name().to_owned());
    }
    let hint = nearest(text, Segment::ALL.iter().map(|segment| segment.name()));
    if hint.is_empty() { Ok(text.to_owned()) } else { Err(format!("{text:?} is no segment{hint}")) }
}

/// Reads the value of a condition on a field that holds a segment or a stage: a name, or a list of
/// names. Other fields keep theirs.
pub(crate) fn condition_value(field: &str, value: Value) -> Result<Value, String> {
    let read = match field {
        "segment" | "previous_segment" => segment,
        "stage" => stage,
        _ => return Ok(value),
    };
    match value {
        Value::String(text) => read(&text).map(Value::String),
        Value::Array(list) => {
            let names = list.iter().filter_map(Value::as_str).map(read);
            names.collect::<Result<Vec<_>, _>>().map(|names| json!(names))
        }
        other => Ok(other),
    }
}

fn stage(text: &str) -> Result<String, String> {
    Stage::parse(text).map(|stage| stage.name().to_owned()).ok_or_else(|| {
        let hint = nearest(text, Stage::ALL.iter().map(|stage| stage.name()));
        let all = Stage::ALL.map(Stage::name).join(", ");
        format!("{text:?} is no stage{hint}; there are {all}")
    })
}
