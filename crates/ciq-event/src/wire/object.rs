//! A JSON object as it was sent: field names beside the raw text of their values.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;

use crate::{Currency, Money, MoneyError, Rejection, TimeError, parse_rfc3339, parse_seconds};

use super::json_text::has_lone_surrogate;

/// Fields that a typical object has: room for them is made at once.
const FIELD_COUNT_TYPICAL: usize = 16;

/// A JSON object whose values are read when asked for, each as the type that is wanted. A value of
/// a wrong type is a [`Rejection`] that names the field by its path. `null` is absent, and of
/// equal names the last one counts.
#[derive(Debug, Default)]
pub(super) struct Object<'a> {
    /// Where the object stands, such as `data`; empty for the whole body.
    path: Cow<'static, str>,
    fields: Vec<(Cow<'a, str>, &'a RawValue)>,
    /// One bit for each length that a name has. Most of the names that are asked for are not there,
    /// and this tells without looking through the fields.
    name_lengths: u64,
}

impl<'a> Object<'a> {
    /// Parses a body.
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Rejection> {
        let text = std::str::from_utf8(body)
            .map_err(|_| Rejection::new("body", "not UTF-8: send JSON in UTF-8"))?;
        if body.trim_ascii().is_empty() {
            return Err(Rejection::new("body", "empty: send a JSON object"));
        }
        let object = Self::read(text, Cow::Borrowed(""))?;
        if has_lone_surrogate(text) {
            return Err(Rejection::new("body", "has an escape that is no character"));
        }
        Ok(object)
    }

    /// Makes an object without fields.
    pub(super) fn empty(path: &'static str) -> Self {
        Self { path: Cow::Borrowed(path), ..Self::default() }
    }

    fn read(text: &'a str, path: Cow<'static, str>) -> Result<Self, Rejection> {
        let at = if path.is_empty() { "body" } else { &path };
        let Fields(fields) =
            serde_json::from_str(text).map_err(|error| match error.classify() {
                Category::Data => Rejection::new(at, "must be a JSON object"),
                Category::Io | Category::Syntax | Category::Eof => broken_json(at, &error),
            })?;
        // Only a name with an escape is owned, and only an escape can make a NUL.
        if fields.iter().any(|(name, _)| matches!(name, Cow::Owned(name) if name.contains('\0'))) {
            return Err(Rejection::new(at, "a field's name contains a NUL character"));
        }
        let name_lengths = fields.iter().fold(0, |bits, (name, _)| bits | length_bit(name));
        Ok(Self { path, fields, name_lengths })
    }

    /// Returns the names and raw values, in the order sent, `null` included.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&str, &'a RawValue)> {
        self.fields.iter().map(|(name, raw)| (name.as_ref(), *raw))
    }

    /// Returns a value as raw JSON.
    pub(super) fn raw(&self, key: &str) -> Option<&'a RawValue> {
        if self.name_lengths & length_bit(key) == 0 {
            return None;
        }
        let (_, raw) = self.fields.iter().rev().find(|(name, _)| name == key)?;
        (raw.get() != "null").then_some(*raw)
    }

    /// Tells whether a field is there and not `null`.
    pub(super) fn has(&self, key: &str) -> bool {
        self.raw(key).is_some()
    }

    /// Makes a rejection of one field.
    pub(super) fn rejection(&self, key: &str, reason: impl Into<String>) -> Rejection {
        Rejection::new(self.path_of(key), reason)
    }

    fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Returns a text, trimmed, or a number with its digits as written. A blank one is absent.
    pub(super) fn text(&self, key: &str) -> Result<Option<Cow<'a, str>>, Rejection> {
        let Some(raw) = self.raw(key) else { return Ok(None) };
        let Some(text) = scalar(raw) else {
            return Err(self.rejection(key, "must be a text"));
        };
        Ok(trimmed(text.map_err(|reason| self.rejection(key, reason))?))
    }

    /// Returns the first text among several names of one thing.
    pub(super) fn first_text(&self, keys: &[&str]) -> Result<Option<String>, Rejection> {
        for key in keys {
            if let Some(text) = self.text(key)? {
                return Ok(Some(text.into_owned()));
            }
        }
        Ok(None)
    }

    /// Returns an amount, sent as a number or as a text.
    pub(super) fn money(&self, key: &str, currency: Currency) -> Result<Option<Money>, Rejection> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        Money::parse(&text, currency).map(Some).map_err(|why| {
            let reason = match why {
                // The text may be anything, so it is not repeated.
                MoneyError::NotANumber(_) | MoneyError::NotACurrency(_) => {
                    "not an amount: send a number such as 299.99".to_owned()
                }
                MoneyError::TooPrecise { .. } | MoneyError::TooLarge(_) => why.to_string(),
            };
            self.rejection(key, reason)
        })
    }

    /// Returns the first amount among several names of one thing.
    pub(super) fn first_money(
        &self,
        keys: &[&str],
        currency: Currency,
    ) -> Result<Option<Money>, Rejection> {
        for key in keys {
            if let Some(money) = self.money(key, currency)? {
                return Ok(Some(money));
            }
        }
        Ok(None)
    }

    /// Returns the currency that the object names, else `default`.
    pub(super) fn currency(&self, default: Currency) -> Result<Currency, Rejection> {
        let Some(text) = self.text("currency")? else { return Ok(default) };
        Currency::parse(&text)
            .map_err(|_| self.rejection("currency", "must be three letters, such as USD"))
    }

    /// Returns a whole number of 64 bits, sent as a number or as a text; `2.0` is one too.
    pub(super) fn integer(&self, key: &str) -> Result<Option<i64>, Rejection> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let whole = match text.split_once('.') {
            Some((whole, zeros)) if zeros.bytes().all(|digit| digit == b'0') => whole,
            _ => &text,
        };
        whole.parse().map(Some).map_err(|_| self.rejection(key, "must be a whole number"))
    }

    /// Returns a yes or no.
    pub(super) fn flag(&self, key: &str) -> Result<Option<bool>, Rejection> {
        match self.raw(key).map(RawValue::get) {
            None => Ok(None),
            Some("true" | "\"true\"") => Ok(Some(true)),
            Some("false" | "\"false\"") => Ok(Some(false)),
            Some(_) => Err(self.rejection(key, "must be true or false")),
        }
    }

    /// Returns a time: seconds since 1970 as a number or a text, or RFC 3339. `received_at` is the
    /// arrival, against which the future is judged.
    pub(super) fn time(
        &self,
        key: &str,
        received_at: Timestamp,
    ) -> Result<Option<Timestamp>, Rejection> {
        let Some(text) = self.text(key)? else { return Ok(None) };
        let parsed = match parse_seconds(&text, received_at) {
            Err(TimeError::Unreadable) => parse_rfc3339(&text, received_at),
            other => other,
        };
        parsed.map(Some).map_err(|why| self.rejection(key, why.to_string()))
    }

    /// Returns the first time among several names of one thing, and its text as sent.
    pub(super) fn first_time(
        &self,
        keys: &[&str],
        received_at: Timestamp,
    ) -> Result<(Option<Timestamp>, Cow<'a, str>), Rejection> {
        for key in keys {
            if let Some(at) = self.time(key, received_at)? {
                return Ok((Some(at), self.text(key)?.unwrap_or_default()));
            }
        }
        Ok((None, Cow::Borrowed("")))
    }

    /// Returns an object within this one.
    pub(super) fn object(&self, key: &str) -> Result<Option<Self>, Rejection> {
        let Some(raw) = self.raw(key) else { return Ok(None) };
        Self::read(raw.get(), Cow::Owned(self.path_of(key))).map(Some)
    }

    /// Returns a list of objects.
    pub(super) fn objects(&self, key: &str) -> Result<Option<Vec<Self>>, Rejection> {
        let Some(list) = self.list(key)? else { return Ok(None) };
        let objects = list.into_iter().enumerate().map(|(place, raw)| {
            let path = format!("{}[{place}]", self.path_of(key));
            Self::read(raw.get(), Cow::Owned(path))
        });
        objects.collect::<Result<_, _>>().map(Some)
    }

    /// Returns a list of raw values.
    pub(super) fn list(&self, key: &str) -> Result<Option<Vec<&'a RawValue>>, Rejection> {
        let Some(raw) = self.raw(key) else { return Ok(None) };
        if !raw.get().starts_with('[') {
            return Err(self.rejection(key, "must be a list"));
        }
        serde_json::from_str(raw.get())
            .map(Some)
            .map_err(|error| broken_json(&self.path_of(key), &error))
    }

    /// Returns a list of texts, sent as a list or as one text with commas.
    pub(super) fn texts(&self, key: &str) -> Result<Option<Vec<String>>, Rejection> {
        let Some(raw) = self.raw(key) else { return Ok(None) };
        if !raw.get().starts_with('[') {
            let text = self.text(key)?.unwrap_or_default();
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            return Ok(Some(words.map(str::to_owned).collect()));
        }
        let mut texts = Vec::new();
        for (place, raw) in self.list(key)?.unwrap_or_default().into_iter().enumerate() {
            match scalar(raw) {
                Some(Ok(text)) => texts.extend(trimmed(text).map(Cow::into_owned)),
                Some(Err(_)) | None => {
                    return Err(self.rejection(&format!("{key}[{place}]"), "must be a text"));
                }
            }
        }
        Ok(Some(texts))
    }
}

/// Returns the text of a JSON string, or a number as written; `None` for any other value. A string
/// that is no text, or has a NUL in it, is a reason to reject the field.
pub(super) fn scalar(raw: &RawValue) -> Option<Result<Cow<'_, str>, &'static str>> {
    let token = raw.get();
    match token.as_bytes() {
        [b'"', .., b'"'] if !token.contains('\\') => {
            Some(Ok(Cow::Borrowed(&token[1..token.len() - 1])))
        }
        [b'"', ..] => Some(match serde_json::from_str::<String>(token) {
            Ok(text) if text.contains('\0') => Err("must not contain a NUL character"),
            Ok(text) => Ok(Cow::Owned(text)),
            Err(_) => Err("has an escape that is no character"),
        }),
        [b'-' | b'0'..=b'9', ..] => Some(Ok(Cow::Borrowed(token))),
        _ => None,
    }
}

fn length_bit(name: &str) -> u64 {
    1 << (name.len() % 64)
}

/// Trims a text; a blank one is none.
pub(super) fn trimmed(text: Cow<'_, str>) -> Option<Cow<'_, str>> {
    let inner = text.trim();
    if inner.is_empty() {
        return None;
    }
    if inner.len() == text.len() {
        return Some(text);
    }
    Some(match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    })
}

/// Says where JSON is broken without repeating any of it.
pub(super) fn broken_json(field: &str, error: &serde_json::Error) -> Rejection {
    let (line, column) = (error.line(), error.column());
    let reason = if error.is_eof() {
        format!("JSON that ends too early, at line {line}, column {column}")
    } else {
        format!("not valid JSON at line {line}, column {column}")
    };
    Rejection::new(field, reason)
}

/// The fields of an object, as the JSON reader hands them over.
struct Fields<'a>(Vec<(Cow<'a, str>, &'a RawValue)>);

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(FieldsVisitor)
    }
}

struct FieldsVisitor;

impl<'de> Visitor<'de> for FieldsVisitor {
    type Value = Fields<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = Vec::with_capacity(FIELD_COUNT_TYPICAL);
        while let Some((Name(name), raw)) = map.next_entry()? {
            fields.push((name, raw));
        }
        Ok(Fields(fields))
    }
}

/// A field's name, borrowed unless it has an escape. (`Cow` itself always copies.)
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(NameVisitor)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Name<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, name: &'de str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Borrowed(name)))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        Ok(Name(Cow::Owned(name.to_owned())))
    }
}
