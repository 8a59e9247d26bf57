//! Reads an object key by key, and knows the path of each for the error text.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::Value;

use super::RuleError;
use crate::span;

/// An object that is read key by key. What is left at the end is unknown.
pub(crate) struct Reader<'a> {
    path: String,
    left: BTreeMap<&'a str, &'a Value>,
    known: Vec<&'static str>,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(value: &'a Value, path: &str) -> Result<Self, RuleError> {
        let object = value.as_object().ok_or_else(|| problem(path, "must be a table (object)"))?;
        let left = object.iter().map(|(key, value)| (key.as_str(), value)).collect();
        Ok(Self { path: path.to_owned(), left, known: Vec::new() })
    }

    /// Returns the path of a key.
    pub(crate) fn at(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Returns an error about a key.
    pub(crate) fn problem(&self, key: &str, text: impl Into<String>) -> RuleError {
        problem(&self.at(key), text)
    }

    /// Takes a value; null counts as absent.
    pub(crate) fn take(&mut self, key: &'static str) -> Option<&'a Value> {
        self.known.push(key);
        self.left.remove(key).filter(|value| !value.is_null())
    }

    pub(crate) fn text(&mut self, key: &'static str) -> Result<Option<&'a str>, RuleError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match value.as_str().map(str::trim) {
            Some(text) if !text.is_empty() => Ok(Some(text)),
            _ => Err(self.problem(key, "must be a text that is not empty")),
        }
    }

    pub(crate) fn required_text(
        &mut self,
        key: &'static str,
        what: &str,
    ) -> Result<&'a str, RuleError> {
        self.text(key)?.ok_or_else(|| self.problem(key, format!("is missing: {what}")))
    }

    pub(crate) fn flag(&mut self, key: &'static str) -> Result<Option<bool>, RuleError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        value.as_bool().map(Some).ok_or_else(|| self.problem(key, "must be true or false"))
    }

    /// Takes a span within limits, both included.
    pub(crate) fn span(
        &mut self,
        key: &'static str,
        (min, max): (SignedDuration, SignedDuration),
    ) -> Result<Option<SignedDuration>, RuleError> {
        let Some(value) = self.take(key) else { return Ok(None) };
        match value.as_str().and_then(span::parse) {
            Some(found) if (min..=max).contains(&found) => Ok(Some(found)),
            _ => Err(self.problem(
                key,
                format!(
                    "must be a time from {} to {}, such as \"90m\", \"2h\" or \"1d\", not {value}",
                    span::format(min),
                    span::format(max)
                ),
            )),
        }
    }

    /// Takes a list; an absent one is empty.
    pub(crate) fn list(&mut self, key: &'static str) -> Result<&'a [Value], RuleError> {
        let Some(value) = self.take(key) else { return Ok(&[]) };
        value.as_array().map(Vec::as_slice).ok_or_else(|| self.problem(key, "must be a list"))
    }

    /// Refuses what nobody took.
    pub(crate) fn finish(self) -> Result<(), RuleError> {
        let Some(key) = self.left.keys().next() else { return Ok(()) };
        let hint = nearest(key, self.known.iter().copied());
        Err(self.problem(
            key,
            format!("is not a key that exists here{hint}; there are {}", self.known.join(", ")),
        ))
    }
}

pub(crate) fn problem(path: &str, text: impl Into<String>) -> RuleError {
    let path = if path.is_empty() { "rule" } else { path };
    RuleError::Field { path: path.to_owned(), problem: text.into() }
}

/// Returns `, did you mean "x"?` for the name that is nearest to what was written, if one is near.
pub(crate) fn nearest<'n>(written: &str, names: impl Iterator<Item = &'n str>) -> String {
    let limit = (written.chars().count() / 3).max(2);
    names
        .map(|name| (distance(written, name), name))
        .filter(|(distance, _)| *distance <= limit)
        .min()
        .map(|(_, name)| format!(", did you mean {name:?}?"))
        .unwrap_or_default()
}

/// The Levenshtein distance: how many letters to change, add or leave out.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let changed = corner + usize::from(from != *to);
            corner = row[j + 1];
            row[j + 1] = changed.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_letters() {
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn only_near_names_are_suggested() {
        let names = ["churn", "segment"];
        assert_eq!(nearest("chrun", names.into_iter()), ", did you mean \"churn\"?");
        assert_eq!(nearest("weather", names.into_iter()), "");
    }
}
