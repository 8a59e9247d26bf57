//! What the search indexes hold. SQLite cuts texts into words itself; for PostgreSQL they are cut
//! here, in the same way: letters, numbers and other symbols make words, in lower case and without
//! diacritics (SQLite's FTS5, tokenizer unicode61).

use std::borrow::Cow;
use std::collections::BTreeSet;

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;
use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory as _};

use crate::sql;
use crate::sql::{Connection, Many, ToSql, params};

/// Most bytes of a word; PostgreSQL takes 2,046.
const WORD_MAX: usize = 255;

/// Most bytes of a text's words; PostgreSQL takes a mebibyte. The rest is not found by search.
const WORDS_MAX: usize = 512 * 1024;

/// An index, and how a row is put into it.
#[derive(Debug)]
pub(crate) struct Index {
    sqlite: &'static str,
    postgres: &'static str,
}

pub(crate) const EVENTS: Index = Index {
    sqlite: "INSERT INTO event_search (rowid, title, description, full_text)
        VALUES (?1, ?2, ?3, ?4)",
    postgres: "INSERT INTO event_search (rowid, document)
        VALUES (?1, array_to_tsvector(string_to_array(?2, ' ')))",
};

pub(crate) const KNOWLEDGE: Index = Index {
    sqlite: "INSERT INTO knowledge_search (rowid, content, tags) VALUES (?1, ?2, ?3)",
    postgres: "INSERT INTO knowledge_search (rowid, document)
        VALUES (?1, array_to_tsvector(string_to_array(?2, ' ')))",
};

pub(crate) const CUSTOMERS: Index = Index {
    sqlite: "INSERT OR REPLACE INTO customer_search (rowid, words) VALUES (?1, ?2)",
    postgres: "INSERT INTO customer_search (rowid, document)
        VALUES (?1, array_to_tsvector(string_to_array(?2, ' ')))
        ON CONFLICT (rowid) DO UPDATE SET document = excluded.document",
};

/// Rows on their way into an index.
pub(crate) struct Indexing<'c> {
    rows: Many<'c>,
    is_cut_here: bool,
}

impl Index {
    /// Begins to put rows in.
    pub(crate) fn open<'c>(&self, connection: &'c Connection) -> sql::Result<Indexing<'c>> {
        let rows = connection.prepare_many(connection.choose(self.sqlite, self.postgres))?;
        Ok(Indexing { rows, is_cut_here: connection.as_sqlite().is_none() })
    }
}

impl Indexing<'_> {
    /// Puts a row in: its number and its texts.
    pub(crate) fn add(&mut self, row: i64, texts: &[Option<&str>]) -> sql::Result<()> {
        if self.is_cut_here {
            return self.rows.push(params![row, joined(texts)]);
        }
        let mut given: Vec<&dyn ToSql> = vec![&row];
        given.extend(texts.iter().map(|text| -> &dyn ToSql { text }));
        self.rows.push(&*given)
    }

    /// Puts in what is not in yet.
    pub(crate) fn finish(self) -> sql::Result<()> {
        self.rows.finish()
    }
}

/// The words of texts, each once, with a space between two.
fn joined(texts: &[Option<&str>]) -> String {
    let mut seen = BTreeSet::new();
    let mut length = 0;
    for word in texts.iter().flatten().flat_map(|text| words(text)) {
        if length + word.len() + 1 > WORDS_MAX {
            break;
        }
        let added = word.len() + 1;
        if seen.insert(word) {
            length += added;
        }
    }
    seen.into_iter().collect::<Vec<_>>().join(" ")
}

/// Cuts a text into words.
pub(crate) fn words(text: &str) -> impl Iterator<Item = Cow<'_, str>> {
    text.split(|c: char| !is_of_word(c)).filter(|word| !word.is_empty()).filter_map(|word| {
        let plain = plain(word);
        (!plain.is_empty()).then_some(plain)
    })
}

/// Letters, numbers, what is for private use, and symbols that are neither of mathematics nor
/// money; and marks, which go with the letter before them.
fn is_of_word(c: char) -> bool {
    if c.is_ascii() {
        return c.is_ascii_alphanumeric();
    }
    let is_of_group = matches!(
        c.general_category_group(),
        GeneralCategoryGroup::Letter | GeneralCategoryGroup::Number
    );
    let is_of_category =
        matches!(c.general_category(), GeneralCategory::PrivateUse | GeneralCategory::OtherSymbol);
    is_of_group || is_of_category || is_combining_mark(c)
}

/// A word in lower case and without marks, cut off where it is too long.
fn plain(word: &str) -> Cow<'_, str> {
    if word.is_ascii() {
        let word = word.get(..WORD_MAX).unwrap_or(word);
        let is_plain = !word.bytes().any(|byte| byte.is_ascii_uppercase());
        return if is_plain { word.into() } else { word.to_ascii_lowercase().into() };
    }
    let mut plain = String::with_capacity(word.len());
    for c in word.nfd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).nfc() {
        if plain.len() + c.len_utf8() > WORD_MAX {
            break;
        }
        plain.push(c);
    }
    plain.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        assert_eq!(words(text).collect::<Vec<_>>(), expected, "{text}");
    }

    #[test]
    fn texts_are_cut_into_words() {
        check(
            "Sarah O'Neil-Jones, sarah@example.com",
            &["sarah", "o", "neil", "jones", "sarah", "example", "com"],
        );
        check("order no. A-17_b", &["order", "no", "a", "17", "b"]);
        check("", &[]);
    }

    #[test]
    fn words_are_plain() {
        check("Grüße ÉCOLE niño", &["gruße", "ecole", "nino"]);
        check("Київ 東京", &["киів", "東京"]);
        check("I ❤ it 🎉", &["i", "❤", "it", "🎉"]);
    }

    #[test]
    fn words_are_joined_once_each_and_bounded() {
        assert_eq!(joined(&[Some("b a"), None, Some("B c")]), "a b c");
        let words: Vec<String> = (0..200_000).map(|number| format!("word{number}")).collect();
        let long = words.join(" ");
        assert!(joined(&[Some(&long)]).len() <= WORDS_MAX);
        assert_eq!(joined(&[Some(&"x".repeat(5_000))]).len(), WORD_MAX);
    }
}
