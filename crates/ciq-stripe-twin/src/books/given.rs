//! What a request gives, put to where it belongs.
//!
//! In an update a parameter that is absent changes nothing, and empty text unsets.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::calendar::Moment;
use crate::ApiError;
use crate::params::{Params, Value, param_name};

/// An object's own keys and values.
pub(super) type Metadata = BTreeMap<String, String>;

/// Refuses the parameters that the books do not honour: better than to ignore them.
pub(super) fn only(params: &Params, known: &[&str]) -> Result<(), ApiError> {
    match params.entries().keys().find(|name| !known.contains(&name.as_str())) {
        None => Ok(()),
        Some(name) => Err(not_done(name)),
    }
}

/// Makes the refusal of what Stripe does and the books do not.
pub(super) fn not_done(param: &str) -> ApiError {
    ApiError::invalid(format!("The local twin cannot do `{param}`.")).with_param(param)
}

/// Returns a path with more steps.
pub(super) fn join<'a>(path: &[&'a str], more: &[&'a str]) -> Vec<&'a str> {
    [path, more].concat()
}

/// Returns a text that is there and not empty.
pub(super) fn text<'a>(params: &'a Params, path: &[&str]) -> Option<&'a str> {
    params.text(path).filter(|text| !text.is_empty())
}

/// Returns a text that must be there.
pub(super) fn required<'a>(params: &'a Params, path: &[&str]) -> Result<&'a str, ApiError> {
    text(params, path).ok_or_else(|| ApiError::missing(&param_name(path)))
}

/// Returns a text of one's own.
pub(super) fn owned(params: &Params, path: &[&str]) -> Option<String> {
    text(params, path).map(str::to_owned)
}

/// Returns a time that must be there.
pub(super) fn required_moment(params: &Params, path: &[&str]) -> Result<Moment, ApiError> {
    moment(params, path)?.ok_or_else(|| ApiError::missing(&param_name(path)))
}

/// Returns a time.
pub(super) fn moment(params: &Params, path: &[&str]) -> Result<Option<Moment>, ApiError> {
    Ok(params.timestamp(path)?.map(Moment::of))
}

/// Returns a whole number that is not below zero.
pub(super) fn count(params: &Params, path: &[&str]) -> Result<Option<u64>, ApiError> {
    let Some(number) = params.integer(path)? else { return Ok(None) };
    let refusal = || ApiError::invalid("Invalid non-negative integer").with_param(param_name(path));
    u64::try_from(number).map(Some).map_err(|_| refusal())
}

/// Returns texts; nothing where no list was given.
pub(super) fn texts(params: &Params, path: &[&str]) -> Option<Vec<String>> {
    let own = |value: &Value| value.as_text().map(str::to_owned);
    params.has(path).then(|| params.list(path).iter().filter_map(own).collect())
}

/// Sets or unsets a text.
pub(super) fn set_text(target: &mut Option<String>, params: &Params, path: &[&str]) {
    if params.has(path) {
        *target = owned(params, path);
    }
}

/// Sets or unsets something that is kept as it was given.
pub(super) fn set_json(target: &mut Option<Json>, params: &Params, path: &[&str]) {
    if let Some(value) = params.value(path) {
        *target = (!params.is_unset(path)).then(|| json(value));
    }
}

/// Sets a yes or no.
pub(super) fn set_boolean(
    target: &mut bool,
    params: &Params,
    path: &[&str],
) -> Result<(), ApiError> {
    if let Some(given) = params.boolean(path)? {
        *target = given;
    }
    Ok(())
}

/// Adds metadata, takes out the keys whose value is empty, or takes out everything.
pub(super) fn set_metadata(target: &mut Metadata, params: &Params, path: &[&str]) {
    if params.is_unset(path) {
        target.clear();
    }
    for (key, value) in params.map(path).into_iter().flatten() {
        match value.as_text() {
            None | Some("") => target.remove(key),
            Some(text) => target.insert(key.clone(), text.to_owned()),
        };
    }
}

/// Returns the metadata of a new object.
pub(super) fn metadata(params: &Params, path: &[&str]) -> Metadata {
    let mut metadata = Metadata::new();
    set_metadata(&mut metadata, params, path);
    metadata
}

/// Returns a parameter as JSON, its texts as texts.
fn json(value: &Value) -> Json {
    match value {
        Value::Text(text) => Json::String(text.clone()),
        Value::List(values) => Json::Array(values.iter().map(json).collect()),
        Value::Map(values) => {
            let entries = values.iter().map(|(key, value)| (key.clone(), json(value)));
            Json::Object(entries.collect::<Map<_, _>>())
        }
    }
}

/// A filter on a time: a moment, or bounds.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TimeRange {
    first: Option<Moment>,
    last: Option<Moment>,
}

impl TimeRange {
    /// Reads `name=…` or `name[gte]=…` and the like.
    pub(super) fn read(params: &Params, name: &str) -> Result<Self, ApiError> {
        if params.text(&[name]).is_some() {
            let exactly = moment(params, &[name])?;
            return Ok(Self { first: exactly, last: exactly });
        }
        let bound = |key, offset| {
            let bound = moment(params, &[name, key])?;
            Ok(bound.map(|bound: Moment| bound.plus(offset)))
        };
        Ok(Self {
            first: bound("gt", 1)?.max(bound("gte", 0)?),
            last: [bound("lt", -1)?, bound("lte", 0)?].into_iter().flatten().min(),
        })
    }

    /// Tells whether a time is inside.
    pub(super) fn holds(self, at: Moment) -> bool {
        self.first.is_none_or(|first| first <= at) && self.last.is_none_or(|last| at <= last)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params {
        Params::decode(text).unwrap()
    }

    #[test]
    fn empty_metadata_values_take_keys_out() {
        let mut kept = metadata(&params("metadata[a]=1&metadata[b]=2"), &["metadata"]);
        set_metadata(&mut kept, &params("metadata[a]=&metadata[c]=3"), &["metadata"]);
        assert_eq!(kept.keys().collect::<Vec<_>>(), ["b", "c"]);
        set_metadata(&mut kept, &params("metadata="), &["metadata"]);
        assert!(kept.is_empty());
    }

    #[test]
    fn bounds_are_strict_or_not() {
        let range = TimeRange::read(&params("created[gt]=10&created[lte]=12"), "created").unwrap();
        let holds = |seconds: i64| {
            let at = params(&format!("at={seconds}"));
            range.holds(required_moment(&at, &["at"]).unwrap())
        };
        assert_eq!([10, 11, 12, 13].map(holds), [false, true, true, false]);
    }

    #[test]
    fn what_is_not_done_is_refused_by_name() {
        let refusal = only(&params("name=a&discounts[0][coupon]=b"), &["name"]).unwrap_err();
        assert_eq!(refusal.param(), Some("discounts"));
    }
}
