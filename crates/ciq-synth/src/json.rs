//! A writer of JSON objects that puts fields in the order given and needs no float.
//!
//! `serde_json::Map` sorts or keeps order depending on what other crates switch on: its bytes
//! are not ours to promise.

use std::io::Write;

/// An object under construction.
#[derive(Debug, Clone)]
pub(crate) struct Object {
    bytes: Vec<u8>,
}

impl Object {
    pub(crate) fn new() -> Self {
        Self::with_capacity(384)
    }

    pub(crate) fn with_capacity(size_bytes: usize) -> Self {
        let mut bytes = Vec::with_capacity(size_bytes);
        bytes.push(b'{');
        Self { bytes }
    }

    /// Adds a text.
    pub(crate) fn text(mut self, key: &str, value: &str) -> Self {
        self.key(key);
        push_text(&mut self.bytes, value);
        self
    }

    /// Adds a text, where there is one.
    pub(crate) fn text_if(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// Adds a whole number.
    pub(crate) fn number(mut self, key: &str, value: i64) -> Self {
        self.key(key);
        push_number(&mut self.bytes, value);
        self
    }

    /// Adds a truth value.
    pub(crate) fn flag(self, key: &str, value: bool) -> Self {
        self.raw(key, if value { b"true" } else { b"false" })
    }

    /// Adds `null`.
    pub(crate) fn null(self, key: &str) -> Self {
        self.raw(key, b"null")
    }

    /// Adds hundredths as a number, such as `89.99`.
    pub(crate) fn amount(mut self, key: &str, cents: i64) -> Self {
        self.key(key);
        push_amount(&mut self.bytes, cents);
        self
    }

    /// Adds hundredths as a text, such as `"89.99"`.
    pub(crate) fn amount_text(mut self, key: &str, cents: i64) -> Self {
        self.key(key);
        self.bytes.push(b'"');
        push_amount(&mut self.bytes, cents);
        self.bytes.push(b'"');
        self
    }

    /// Adds an object.
    pub(crate) fn object(self, key: &str, value: Self) -> Self {
        self.raw(key, &value.finish())
    }

    /// Adds a list of objects.
    pub(crate) fn list(mut self, key: &str, items: impl IntoIterator<Item = Self>) -> Self {
        self.key(key);
        self.bytes.push(b'[');
        for (place, item) in items.into_iter().enumerate() {
            if place > 0 {
                self.bytes.push(b',');
            }
            self.bytes.extend_from_slice(&item.finish());
        }
        self.bytes.push(b']');
        self
    }

    /// Adds a list of texts.
    pub(crate) fn texts(mut self, key: &str, items: &[&str]) -> Self {
        self.key(key);
        self.bytes.push(b'[');
        for (place, item) in items.iter().enumerate() {
            if place > 0 {
                self.bytes.push(b',');
            }
            push_text(&mut self.bytes, item);
        }
        self.bytes.push(b']');
        self
    }

    /// Adds a value that is JSON already.
    pub(crate) fn raw(mut self, key: &str, value: &[u8]) -> Self {
        self.key(key);
        self.bytes.extend_from_slice(value);
        self
    }

    /// Returns how long the object is so far.
    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Closes the object and returns its bytes.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.bytes.push(b'}');
        self.bytes
    }

    fn key(&mut self, key: &str) {
        if self.bytes.len() > 1 {
            self.bytes.push(b',');
        }
        push_text(&mut self.bytes, key);
        self.bytes.push(b':');
    }
}

/// Writes a JSON string.
pub(crate) fn push_text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(b'"');
    let is_plain = !text.bytes().any(|byte| matches!(byte, b'"' | b'\\' | 0..0x20));
    if is_plain {
        bytes.extend_from_slice(text.as_bytes());
    } else {
        text.bytes().for_each(|byte| push_escaped(bytes, byte));
    }
    bytes.push(b'"');
}

fn push_escaped(bytes: &mut Vec<u8>, byte: u8) {
    match byte {
        b'"' | b'\\' => bytes.extend_from_slice(&[b'\\', byte]),
        0..0x20 => write_into(bytes, format_args!("\\u{byte:04x}")),
        _ => bytes.push(byte),
    }
}

fn push_number(bytes: &mut Vec<u8>, value: i64) {
    write_into(bytes, format_args!("{value}"));
}

fn push_amount(bytes: &mut Vec<u8>, cents: i64) {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    write_into(bytes, format_args!("{sign}{}.{:02}", cents / 100, cents % 100));
}

fn write_into(bytes: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    let written = bytes.write_fmt(text);
    debug_assert!(written.is_ok(), "a Vec takes every byte");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_keeps_its_order_and_escapes_its_texts() {
        let object = Object::new()
            .text("b", "say \"hi\"\n")
            .amount("a", 12_505)
            .amount("s", -5)
            .amount_text("t", 7)
            .list("l", [Object::new().number("n", -3), Object::new().null("z")])
            .texts("w", &["x", "y"])
            .flag("f", true);
        assert_eq!(
            String::from_utf8(object.finish()).unwrap(),
            r#"{"b":"say \"hi\"\u000a","a":125.05,"s":-0.05,"t":"0.07","l":[{"n":-3},{"z":null}],"w":["x","y"],"f":true}"#
        );
    }
}
