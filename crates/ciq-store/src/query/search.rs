//! Search that takes what people type.

use ciq_event::CustomerId;
use rusqlite::{Row, params};
use serde::Serialize;
use utoipa::ToSchema;

use super::view::rfc3339;
use crate::codec::{identifier_hash, numbers_list, texts_list};
use crate::{Reader, StoreError};

/// Words of a query that are looked for; further ones are ignored.
const WORDS_MAX: usize = 12;

/// What a hit is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchHitKind {
    /// A customer.
    Customer,
    /// An event of a customer.
    Event,
    /// A note about a customer.
    Knowledge,
}

/// A hit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SearchHit {
    /// What was found.
    pub kind: SearchHitKind,
    /// The customer that it is, or belongs to.
    pub customer_id: String,
    /// One line: a name, or a title.
    pub title: String,
    /// The text, for an event or a note.
    pub text: Option<String>,
    /// When it happened.
    pub occurred_at: Option<String>,
}

impl Reader {
    /// Returns hits for anything a person may type: words, the beginning of a word, an e-mail
    /// address, a number in any form, an id, an emoji. Never fails for what was typed. Exact
    /// identifiers come first, then customers, notes and events, each the best first.
    pub fn search(&self, typed: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let limit = limit.clamp(1, 200);
        let mut hits = self.identified(typed, limit)?;
        let Some(query) = fts_query(typed) else { return Ok(hits) };
        for hit in self.customers_with(&query, limit)? {
            if !hits.iter().any(|found| found.customer_id == hit.customer_id) {
                hits.push(hit);
            }
        }
        hits.extend(self.knowledge_with(&query, limit)?);
        hits.extend(self.events_with(&query, limit)?);
        Ok(hits)
    }

    /// Customers of whom the whole query is an identifier, or an id that ever named them.
    fn identified(&self, typed: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        const SQL: &str = "SELECT DISTINCT r.id,
                coalesce(json_extract(a.fields, '$.name[0]'), r.email, r.phone, r.id), NULL,
                a.last_event_at
            FROM identifier AS i
            JOIN customer AS o ON o.key = i.customer_key
            JOIN customer AS r ON r.key = o.root_key
            JOIN activity AS a ON a.key = r.key
            WHERE i.hash IN rarray(?4) AND i.kind = ?1 AND i.value IN rarray(?2) LIMIT ?3";
        let typed = typed.trim();
        let lower = typed.to_lowercase();
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let forms = [typed, lower.as_str(), digits.as_str()];
        let forms: Vec<&str> = forms.into_iter().filter(|form| !form.is_empty()).collect();
        let list = texts_list(forms.iter().copied());
        let doing = StoreError::doing("search identifiers");
        let mut hits = Vec::new();
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        for kind in ["customer_id", "email", "phone", "whatsapp", "loyalty_id", "device_id"] {
            let hashes = numbers_list(forms.iter().map(|form| identifier_hash(kind, form)));
            let rows = statement
                .query_map(params![kind, list, limit, hashes], hit_of(SearchHitKind::Customer))
                .map_err(&doing)?;
            for hit in rows {
                let hit = hit.map_err(&doing)?;
                if !hits.contains(&hit) {
                    hits.push(hit);
                }
            }
        }
        if hits.is_empty() && typed.starts_with(CustomerId::MINTED_PREFIX) {
            hits.extend(self.customer(&CustomerId::from_raw(typed))?.map(|found| SearchHit {
                kind: SearchHitKind::Customer,
                customer_id: found.summary.id,
                title: found.summary.name,
                text: None,
                occurred_at: found.summary.last_event_at,
            }));
        }
        Ok(hits)
    }

    fn customers_with(&self, query: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        const SQL: &str = "SELECT c.id,
                coalesce(json_extract(a.fields, '$.name[0]'), c.email, c.phone, c.id), NULL,
                a.last_event_at
            FROM customer_search AS f JOIN customer AS c ON c.key = f.rowid
            JOIN activity AS a ON a.key = c.key
            WHERE f.customer_search MATCH ?1 ORDER BY f.rank LIMIT ?2";
        self.hits(SQL, query, limit, SearchHitKind::Customer)
    }

    fn knowledge_with(&self, query: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        const SQL: &str = "SELECT r.id, coalesce(k.category, 'note'), k.content, e.occurred_at
            FROM knowledge_search AS f
            JOIN knowledge AS k ON k.event_seq = f.rowid
            JOIN event AS e ON e.seq = k.event_seq
            JOIN customer AS o ON o.key = e.customer_key
            JOIN customer AS r ON r.key = o.root_key
            WHERE f.knowledge_search MATCH ?1 ORDER BY f.rank LIMIT ?2";
        self.hits(SQL, query, limit, SearchHitKind::Knowledge)
    }

    /// The latest first: ranking would read every event that holds a common word.
    fn events_with(&self, query: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        const SQL: &str = "SELECT r.id, coalesce(e.title, ''), e.description, e.occurred_at
            FROM event_search AS f
            JOIN event AS e ON e.seq = f.rowid
            JOIN customer AS o ON o.key = e.customer_key
            JOIN customer AS r ON r.key = o.root_key
            WHERE f.event_search MATCH ?1 ORDER BY f.rowid DESC LIMIT ?2";
        self.hits(SQL, query, limit, SearchHitKind::Event)
    }

    fn hits(
        &self,
        sql: &str,
        query: &str,
        limit: u32,
        kind: SearchHitKind,
    ) -> Result<Vec<SearchHit>, StoreError> {
        let doing = StoreError::doing("search");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let rows = statement.query_map(params![query, limit], hit_of(kind)).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}

fn hit_of(kind: SearchHitKind) -> impl Fn(&Row<'_>) -> rusqlite::Result<SearchHit> {
    move |row| {
        Ok(SearchHit {
            kind,
            customer_id: row.get(0)?,
            title: row.get(1)?,
            text: row.get(2)?,
            occurred_at: rfc3339(row.get(3)?),
        })
    }
}

/// Writes what was typed as an FTS5 query: every word quoted, so that nothing in it is syntax,
/// and the last as a beginning. `None` where there is no word.
fn fts_query(typed: &str) -> Option<String> {
    let words: Vec<String> = typed
        .split(|c: char| !is_word_character(c))
        .filter(|word| !word.is_empty())
        .take(WORDS_MAX)
        .map(|word| format!("\"{word}\""))
        .collect();
    (!words.is_empty()).then(|| format!("{}*", words.join(" ")))
}

/// Roughly what the tokenizer keeps: letters, digits and other symbols. Wider than it is no harm:
/// within the quotes the tokenizer decides.
fn is_word_character(c: char) -> bool {
    c.is_alphanumeric() || (!c.is_ascii() && !c.is_whitespace() && !c.is_control())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_is_typed_is_quoted() {
        assert_eq!(fts_query("sarah j").as_deref(), Some("\"sarah\" \"j\"*"));
        assert_eq!(fts_query("a\"b OR c*").as_deref(), Some("\"a\" \"b\" \"OR\" \"c\"*"));
        assert_eq!(fts_query("  \"'*()- "), None);
    }
}
