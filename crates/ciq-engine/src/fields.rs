//! Fields that follow event time: the latest word wins, whatever order the words arrive in.

use std::collections::BTreeMap;
use std::ops::Bound;

use ciq_event::Profile;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

/// Why a text is not a set of fields.
#[derive(Debug, thiserror::Error)]
#[error("not a set of stamped fields")]
pub struct FieldsError(#[from] serde_json::Error);

/// Named values, each with the time of the event that set it.
///
/// Setting is commutative, associative and idempotent: the later time wins, and of two equal
/// times the greater value. So any order of arrival gives the same fields (I-3).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields(BTreeMap<String, Stamped>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Stamped {
    /// JSON text.
    value: String,
    at_ms: i64,
}

impl Stamped {
    /// Takes a word if it is the later one. Tells whether the value is another now.
    fn take(&mut self, word: Self) -> bool {
        if (self.at_ms, &self.value) >= (word.at_ms, &word.value) {
            return false;
        }
        let is_changed = self.value != word.value;
        *self = word;
        is_changed
    }
}

/// What a custom field's name begins with.
const CUSTOM_PREFIX: &str = "custom.";

impl Fields {
    /// Sets a field to a JSON value as of a time. Tells whether the value is another now.
    pub fn set(&mut self, name: &str, value: String, at: Timestamp) -> bool {
        let word = Stamped { value, at_ms: at.as_millisecond() };
        match self.0.get_mut(name) {
            None => self.0.insert(name.to_owned(), word).is_none(),
            Some(held) => held.take(word),
        }
    }

    /// Sets a field to a text as of a time, if there is a text. Tells whether it is another now.
    pub fn set_text(&mut self, name: &str, text: Option<&str>, at: Timestamp) -> bool {
        text.is_some_and(|text| self.set(name, json_text(text), at))
    }

    /// Takes in what an event says about its customer. Tells whether any value is another now.
    pub fn take_profile(&mut self, profile: &Profile, at: Timestamp) -> bool {
        let Profile { name, email, phone, company, status, tags, custom_fields } = profile;
        let mut is_changed = self.set_text("name", name.as_deref(), at);
        is_changed |= self.set_text("email", email.as_deref(), at);
        is_changed |= self.set_text("phone", phone.as_deref(), at);
        is_changed |= self.set_text("company", company.as_deref(), at);
        is_changed |= self.set_text("status", status.as_deref(), at);
        if let Some(tags) = tags {
            let list: Vec<String> = tags.iter().map(|tag| json_text(tag)).collect();
            is_changed |= self.set("tags", format!("[{}]", list.join(",")), at);
        }
        for (name, value) in custom_fields {
            is_changed |= self.set(&format!("{CUSTOM_PREFIX}{name}"), value.clone(), at);
        }
        is_changed
    }

    /// Takes in another set of fields.
    pub fn merge(&mut self, other: Self) {
        for (name, word) in other.0 {
            match self.0.get_mut(&name) {
                None => drop(self.0.insert(name, word)),
                Some(held) => _ = held.take(word),
            }
        }
    }

    /// Returns a field that is a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<String> {
        serde_json::from_str(&self.0.get(name)?.value).ok()
    }

    /// Returns a field that is a whole number.
    #[must_use]
    pub fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name)?.value.parse().ok()
    }

    /// Returns a field's value as the type that is wanted.
    pub(crate) fn value<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(&self.0.get(name)?.value).ok()
    }

    /// Returns the time of the event that set a field.
    pub(crate) fn set_at(&self, name: &str) -> Option<Timestamp> {
        Timestamp::from_millisecond(self.0.get(name)?.at_ms).ok()
    }

    /// Returns the names that begin with a text, sorted, without that text.
    pub(crate) fn names_under<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let from = (Bound::Included(prefix), Bound::Unbounded);
        let names = self.0.range::<str, _>(from).map(move |(name, _)| name.strip_prefix(prefix));
        names.map_while(|name| name)
    }

    /// Tells whether a field is there.
    #[must_use]
    pub fn holds(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// Returns a field that is a list of texts; none where it is not.
    #[must_use]
    pub fn texts(&self, name: &str) -> Vec<String> {
        let held = self.0.get(name).map(|word| serde_json::from_str(&word.value));
        held.and_then(Result::ok).unwrap_or_default()
    }

    /// Returns the custom fields by their names.
    #[must_use]
    pub fn custom(&self) -> BTreeMap<String, serde_json::Value> {
        let named = self.0.iter().filter_map(|(name, word)| {
            let value = serde_json::from_str(&word.value).ok()?;
            Some((name.strip_prefix(CUSTOM_PREFIX)?.to_owned(), value))
        });
        named.collect()
    }

    /// Tells whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Writes `{"name":[value, milliseconds],...}`, as it is stored.
    #[must_use]
    pub fn to_json(&self) -> String {
        let entries: Vec<String> = self
            .0
            .iter()
            .map(|(name, word)| format!("{}:[{},{}]", json_text(name), word.value, word.at_ms))
            .collect();
        format!("{{{}}}", entries.join(","))
    }

    /// Reads what [`Self::to_json`] writes.
    pub fn from_json(text: &str) -> Result<Self, FieldsError> {
        let words: BTreeMap<String, (Box<RawValue>, i64)> = serde_json::from_str(text)?;
        let stamped =
            |(value, at_ms): (Box<RawValue>, i64)| Stamped { value: value.get().to_owned(), at_ms };
        Ok(Self(words.into_iter().map(|(name, word)| (name, stamped(word))).collect()))
    }
}

/// Writes a text as a JSON string.
pub(crate) fn json_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    fn fields_of(words: &[(String, String, i64)]) -> Fields {
        let mut fields = Fields::default();
        for (name, value, second) in words {
            fields.set_text(name, Some(value), at(*second));
        }
        fields
    }

    #[test]
    fn an_older_word_does_not_overwrite_a_newer_one() {
        let words = [("name", "new", 20), ("name", "old", 10)]
            .map(|(name, value, second)| (name.to_owned(), value.to_owned(), second));
        assert_eq!(fields_of(&words).text("name").as_deref(), Some("new"));
    }

    proptest! {
        #[test]
        fn any_order_gives_the_same_fields(
            words in prop::collection::vec(("[ab]", "[xyz]{1,2}", 1_i64..5), 0..8),
            cut in 0_usize..8,
        ) {
            let mut reversed = words.clone();
            reversed.reverse();
            let whole = fields_of(&words);
            prop_assert_eq!(&whole, &fields_of(&reversed));
            let (left, right) = words.split_at(cut.min(words.len()));
            let mut merged = fields_of(right);
            merged.merge(fields_of(left));
            prop_assert_eq!(&whole, &merged);
            prop_assert_eq!(Fields::from_json(&whole.to_json()).unwrap(), whole);
        }
    }
}
