//! Search that takes what people type.

use ciq_event::CustomerId;
use serde::Serialize;
use utoipa::ToSchema;

use super::view::rfc3339;
use super::{CustomerFilter, CustomerSummary, ListedCustomer};
use crate::codec::{identifier_hash, numbers_list, texts_list};
use crate::sql::{Connection, Row, ToSql, Value, params, params_from_iter};
use crate::{Reader, StoreError, search_words, sql};

/// Words of a query that are looked for; further ones are ignored.
const WORDS_MAX: usize = 12;

/// Most matches that are ranked, the latest: of a word that more hold, nobody looks for the best.
const RANKED_MAX: u32 = 10_000;

/// Most hits of a kind.
const LIMIT_MAX: u32 = 200;

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
        let customers = self.search_customers(typed, &CustomerFilter::default(), limit)?;
        let mut hits: Vec<SearchHit> =
            customers.into_iter().map(|found| SearchHit::of_customer(found.summary)).collect();
        hits.extend(self.mentions(typed, limit)?);
        Ok(hits)
    }

    /// Returns the customers that a filter leaves of those that what was typed may mean: first
    /// whom it identifies, then those with the words in a name, a company or an identifier.
    pub fn search_customers(
        &self,
        typed: &str,
        filter: &CustomerFilter,
        limit: u32,
    ) -> Result<Vec<ListedCustomer>, StoreError> {
        let limit = limit.clamp(1, LIMIT_MAX);
        let mut keys = self.identified(typed, filter, limit)?;
        if let Some(query) = self.query_of(typed) {
            for key in self.customers_with(&query, filter, limit)? {
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        self.listed_by_keys(&keys)
    }

    /// Returns notes and then events that hold what was typed.
    pub fn mentions(&self, typed: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let limit = limit.clamp(1, LIMIT_MAX);
        let Some(query) = self.query_of(typed) else { return Ok(Vec::new()) };
        let mut hits = self.knowledge_with(&query, limit)?;
        hits.extend(self.events_with(&query, limit)?);
        Ok(hits)
    }

    /// Customers of whom the whole query is an identifier, or an id that ever named them.
    fn identified(
        &self,
        typed: &str,
        filter: &CustomerFilter,
        limit: u32,
    ) -> Result<Vec<i64>, StoreError> {
        let typed = typed.trim();
        let lower = typed.to_lowercase();
        let digits: String = typed.chars().filter(char::is_ascii_digit).collect();
        let forms = [typed, lower.as_str(), digits.as_str()];
        let forms: Vec<&str> = forms.into_iter().filter(|form| !form.is_empty()).collect();
        let (left, values) = left_by(filter, "r.key");
        let sql = format!(
            "SELECT DISTINCT r.key
            FROM identifier AS i
            JOIN customer AS o ON o.key = i.customer_key
            JOIN customer AS r ON r.key = o.root_key
            WHERE i.hash IN rarray(?) AND i.kind = ? AND i.value IN rarray(?){left} LIMIT ?"
        );
        let doing = StoreError::doing("search identifiers");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let mut keys = Vec::new();
        for kind in ["customer_id", "email", "phone", "whatsapp", "loyalty_id", "device_id"] {
            let hashes = numbers_list(forms.iter().map(|form| identifier_hash(kind, form)));
            let list = texts_list(forms.iter().copied());
            let mut given: Vec<&dyn ToSql> = vec![&hashes, &kind, &list];
            given.extend(values.iter().map(|value| -> &dyn ToSql { value }));
            given.push(&limit);
            let rows = statement.query_map(&*given, |row| row.get(0)).map_err(&doing)?;
            for key in rows {
                let key: i64 = key.map_err(&doing)?;
                if !keys.contains(&key) {
                    keys.push(key);
                }
            }
        }
        // A minted id names its customer without being one of its identifiers.
        if keys.is_empty() && typed.starts_with(CustomerId::MINTED_PREFIX) && filter.is_empty() {
            keys.extend(self.key_of(&CustomerId::from_raw(typed))?.map(|key| key.0));
        }
        Ok(keys)
    }

    fn customers_with(
        &self,
        query: &str,
        filter: &CustomerFilter,
        limit: u32,
    ) -> Result<Vec<i64>, StoreError> {
        let (left, mut given) = left_by(filter, "f.rowid");
        let found = self.found_in("customer_search", "?", &left);
        let sql = format!("SELECT m.key FROM ({found}) AS m ORDER BY m.place, m.key DESC LIMIT ?");
        given.insert(0, Value::from(query.to_owned()));
        given.push(Value::from(limit));
        let doing = StoreError::doing("search customers");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let rows =
            statement.query_map(params_from_iter(given), |row| row.get(0)).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    fn knowledge_with(&self, query: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let found = self.found_in("knowledge_search", "?1", "");
        let sql = format!(
            "SELECT r.id, coalesce(k.category, 'note'), k.content, e.occurred_at
            FROM (SELECT b.key, b.place FROM ({found}) AS b
                ORDER BY b.place, b.key DESC LIMIT ?2) AS m
            JOIN knowledge AS k ON k.event_seq = m.key
            JOIN event AS e ON e.seq = k.event_seq
            JOIN customer AS o ON o.key = e.customer_key
            JOIN customer AS r ON r.key = o.root_key
            ORDER BY m.place, m.key DESC"
        );
        self.hits(&sql, query, limit, SearchHitKind::Knowledge)
    }

    /// The latest first: ranking would read every event that holds a common word.
    fn events_with(&self, query: &str, limit: u32) -> Result<Vec<SearchHit>, StoreError> {
        let matches =
            self.connection.choose("f.event_search MATCH ?1", "f.document @@ CAST(?1 AS TSQUERY)");
        let sql = format!(
            "SELECT r.id, coalesce(e.title, ''), e.description, e.occurred_at
            FROM event_search AS f
            JOIN event AS e ON e.seq = f.rowid
            JOIN customer AS o ON o.key = e.customer_key
            JOIN customer AS r ON r.key = o.root_key
            WHERE {matches} ORDER BY f.rowid DESC LIMIT ?2"
        );
        self.hits(&sql, query, limit, SearchHitKind::Event)
    }

    /// Writes the statement that finds the latest rows of an index that match, and how well: the
    /// least first. PostgreSQL's index has no places of words, so the shortest text is the best.
    fn found_in(&self, index: &str, query: &str, left: &str) -> String {
        match &self.connection {
            Connection::Sqlite(_) => format!(
                "SELECT f.rowid AS key, f.rank AS place FROM {index} AS f
                WHERE f.{index} MATCH {query}{left} ORDER BY f.rowid DESC LIMIT {RANKED_MAX}"
            ),
            Connection::Postgres(_) => format!(
                "SELECT f.rowid AS key, length(f.document) AS place FROM {index} AS f
                WHERE f.document @@ CAST({query} AS TSQUERY){left}
                ORDER BY f.rowid DESC LIMIT {RANKED_MAX}"
            ),
        }
    }

    /// Writes what was typed as the database's query; `None` where there is no word.
    fn query_of(&self, typed: &str) -> Option<String> {
        match &self.connection {
            Connection::Sqlite(_) => fts_query(typed),
            Connection::Postgres(_) => ts_query(typed),
        }
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

impl SearchHit {
    fn of_customer(customer: CustomerSummary) -> Self {
        Self {
            kind: SearchHitKind::Customer,
            customer_id: customer.id,
            title: customer.name,
            text: None,
            occurred_at: customer.last_event_at,
        }
    }
}

/// Writes what a filter leaves of the customers under `key`. The plus keeps the search in the
/// lead: looking up one customer after the other in a search index is dear.
fn left_by(filter: &CustomerFilter, key: &str) -> (String, Vec<Value>) {
    let mut conditions = Vec::new();
    let mut given = Vec::new();
    for (keys, values) in filter.parts() {
        conditions.push(format!(" AND +{key} IN ({keys})"));
        given.extend(values);
    }
    (conditions.concat(), given)
}

fn hit_of(kind: SearchHitKind) -> impl Fn(&Row<'_>) -> sql::Result<SearchHit> {
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

/// Writes what was typed as a query of PostgreSQL's: every word quoted, and the last as a beginning.
/// `None` where there is no word.
fn ts_query(typed: &str) -> Option<String> {
    let words: Vec<String> =
        search_words::words(typed).take(WORDS_MAX).map(|word| format!("'{word}'")).collect();
    (!words.is_empty()).then(|| format!("{}:*", words.join(" & ")))
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
        assert_eq!(ts_query("Sarah j").as_deref(), Some("'sarah' & 'j':*"));
        assert_eq!(ts_query("a'b | c:* \\").as_deref(), Some("'a' & 'b' & 'c':*"));
        assert_eq!(ts_query("  \"'*()- "), None);
    }
}
