//! Parameters: a form or a query with brackets, as a tree of text.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::ApiError;

mod decode;

/// The free-keyed hash of an object: its keys stay keys, whatever they look like.
pub(crate) const METADATA: &str = "metadata";

/// One parameter's value. Stripe knows no other type on the wire than text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// `name=value`. Empty text asks for the parameter to be unset.
    Text(String),
    /// `name[]=value` or `name[0]=value`, in the order of the indexes.
    List(Vec<Value>),
    /// `name[key]=value`.
    Map(BTreeMap<String, Value>),
}

impl Value {
    /// Returns the text, if it is one.
    pub(crate) fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::List(_) | Self::Map(_) => None,
        }
    }

    /// Returns the value one step further down: a key of a map or the place in a list.
    pub(crate) fn child(&self, step: &str) -> Option<&Value> {
        match self {
            Self::Text(_) => None,
            Self::List(values) => values.get(step.parse::<usize>().ok()?),
            Self::Map(values) => values.get(step),
        }
    }
}

/// The parameters of one request, by name.
///
/// A path is the names on the way down: `["items", "0", "price"]` is `items[0][price]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Params(BTreeMap<String, Value>);

impl Params {
    /// Reads a form or a query.
    pub(crate) fn decode(text: &str) -> Result<Self, ApiError> {
        decode::decode(text).map(Self)
    }

    /// Sets a parameter to a text.
    pub(crate) fn set(&mut self, name: &str, text: &str) {
        self.0.insert(name.to_owned(), Value::Text(text.to_owned()));
    }

    /// Takes a parameter out.
    pub(crate) fn take(&mut self, name: &str) -> Option<Value> {
        self.0.remove(name)
    }

    /// Returns all of them.
    pub(crate) fn entries(&self) -> &BTreeMap<String, Value> {
        &self.0
    }

    /// Returns what is at a path.
    pub(crate) fn value(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter().try_fold(self.0.get(*first)?, |value, step| value.child(step))
    }

    /// Tells whether something was given at a path, empty text included.
    pub(crate) fn has(&self, path: &[&str]) -> bool {
        self.value(path).is_some()
    }

    /// Tells whether empty text was given at a path: the wish to unset it.
    pub(crate) fn is_unset(&self, path: &[&str]) -> bool {
        self.value(path).and_then(Value::as_text) == Some("")
    }

    /// Returns the text at a path; empty text is `Some("")`.
    pub(crate) fn text(&self, path: &[&str]) -> Option<&str> {
        self.value(path)?.as_text()
    }

    /// Returns the whole number at a path; nothing where it is absent or unset.
    pub(crate) fn integer(&self, path: &[&str]) -> Result<Option<i64>, ApiError> {
        match self.text(path) {
            None | Some("") => Ok(None),
            Some(text) => match text.parse() {
                Ok(number) => Ok(Some(number)),
                Err(_) => Err(ApiError::invalid_integer(&param_name(path), text)),
            },
        }
    }

    /// Returns the time at a path, given as seconds since 1970; nothing where it is absent or
    /// unset.
    pub(crate) fn timestamp(&self, path: &[&str]) -> Result<Option<Timestamp>, ApiError> {
        let Some(seconds) = self.integer(path)? else { return Ok(None) };
        match Timestamp::from_second(seconds) {
            Ok(time) => Ok(Some(time)),
            Err(_) => Err(ApiError::invalid_timestamp(&param_name(path))),
        }
    }

    /// Returns the yes or no at a path; nothing where it is absent or unset.
    pub(crate) fn boolean(&self, path: &[&str]) -> Result<Option<bool>, ApiError> {
        match self.text(path) {
            None | Some("") => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(text) => Err(ApiError::invalid_boolean(&param_name(path), text)),
        }
    }

    /// Returns the list at a path; empty where there is none.
    pub(crate) fn list(&self, path: &[&str]) -> &[Value] {
        match self.value(path) {
            Some(Value::List(values)) => values,
            Some(Value::Text(_) | Value::Map(_)) | None => &[],
        }
    }

    /// Returns the map at a path.
    pub(crate) fn map(&self, path: &[&str]) -> Option<&BTreeMap<String, Value>> {
        match self.value(path) {
            Some(Value::Map(values)) => Some(values),
            Some(Value::Text(_) | Value::List(_)) | None => None,
        }
    }
}

/// Returns a path as Stripe writes it: `items[0][price]`.
pub(crate) fn param_name(path: &[&str]) -> String {
    let Some((first, rest)) = path.split_first() else { return String::new() };
    rest.iter().fold((*first).to_owned(), |name, step| format!("{name}[{step}]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn params(text: &str) -> Params {
        Params::decode(text).unwrap()
    }

    #[test]
    fn a_path_leads_through_lists_and_maps() {
        let params = params("items[0][price]=price_1&items[1][price]=price_2&cancel=true");
        assert_eq!(params.text(&["items", "1", "price"]), Some("price_2"));
        assert_eq!(params.text(&["items", "2", "price"]), None);
        assert_eq!(params.list(&["items"]).len(), 2);
        assert_eq!(params.boolean(&["cancel"]).unwrap(), Some(true));
    }

    #[test]
    fn empty_text_is_the_wish_to_unset() {
        let params = params("description=&metadata[plan]=");
        assert!(params.is_unset(&["description"]));
        assert!(params.is_unset(&["metadata", "plan"]));
        assert!(!params.is_unset(&["name"]));
        assert_eq!(params.integer(&["description"]).unwrap(), None);
    }

    #[test]
    fn a_wrong_number_names_its_parameter() {
        let error = params("items[0][quantity]=many").integer(&["items", "0", "quantity"]);
        let error = error.unwrap_err();
        assert_eq!(error.param(), Some("items[0][quantity]"));
        assert_eq!(error.message(), "Invalid integer: many");
    }
}
