//! The search indexes, made anew: they are another thing in each kind of database.

use std::collections::BTreeMap;

use ciq_event::IdentifierKind;

use crate::codec::numbers_list;
use crate::sql::{Connection, Value};
use crate::{search_words, sql};

/// Customers indexed at once.
const CUSTOMERS_PER_PAGE: i64 = 2_000;

/// Puts into the index what a page of rows has to say, as a commit does.
pub(super) fn index_texts(
    connection: &Connection,
    table: &str,
    columns: &[String],
    rows: &[Vec<Value>],
) -> sql::Result<()> {
    let (index, key, texts): (_, _, &[&str]) = match table {
        "event" => (&search_words::EVENTS, "seq", &["title", "description", "full_text"]),
        "knowledge" => (&search_words::KNOWLEDGE, "event_seq", &["content", "tags"]),
        _ => return Ok(()),
    };
    let place = |name: &str| columns.iter().position(|column| column == name);
    let (key, texts): (_, Vec<_>) = (place(key), texts.iter().map(|name| place(name)).collect());
    let mut indexing = index.open(connection)?;
    for row in rows {
        let at = |place: &Option<usize>| place.and_then(|place| row.get(place));
        let given: Vec<Option<&str>> = texts.iter().map(|place| at(place).and_then(text)).collect();
        let Some(Value::Integer(key)) = at(&key) else { continue };
        // What an event without a title or a description says is not searched.
        if given.iter().take(2).any(Option::is_some) {
            indexing.add(*key, &given)?;
        }
    }
    indexing.finish()
}

fn text(value: &Value) -> Option<&str> {
    match value {
        Value::Text(text) => Some(text),
        Value::Null | Value::Integer(_) | Value::Real(_) | Value::Blob(_) => None,
    }
}

/// Puts every customer into the index who is not in it yet.
pub(super) fn index_customers(connection: &Connection) -> sql::Result<()> {
    let sql = "SELECT coalesce(max(rowid), 0) FROM customer_search";
    let mut after: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    loop {
        let words = words_of(connection, after)?;
        let Some((last, _)) = words.last_key_value() else { return Ok(()) };
        after = *last;
        let transaction = connection.transaction()?;
        let mut indexing = search_words::CUSTOMERS.open(&transaction)?;
        for (key, words) in &words {
            // SQLite's index loses its way in a text with a NUL.
            let words = words.join("\n").replace('\0', " ");
            indexing.add(*key, &[Some(&words)])?;
        }
        indexing.finish()?;
        transaction.commit()?;
    }
}

/// What search reads of customers: their names and what a person would type to find them.
fn words_of(connection: &Connection, after: i64) -> sql::Result<BTreeMap<i64, Vec<String>>> {
    const NAMES: &str = "SELECT c.key, c.id, json_extract(a.fields, '$.name[0]'),
            json_extract(a.fields, '$.company[0]'), c.email, c.phone
        FROM customer AS c JOIN activity AS a ON a.key = c.key
        WHERE c.root_key = c.key AND c.id IS NOT NULL AND c.key > ?1
        ORDER BY c.key LIMIT ?2";
    const IDENTIFIERS: &str = "SELECT o.root_key, i.kind, i.value
        FROM customer AS o JOIN identifier AS i ON i.customer_key = o.key
        WHERE o.root_key IN rarray(?1) ORDER BY o.root_key, i.kind, i.value";
    let mut found = BTreeMap::new();
    let mut statement = connection.prepare_cached(NAMES)?;
    let mut rows = statement.query([after, CUSTOMERS_PER_PAGE])?;
    while let Some(row) = rows.next()? {
        let words = (1..row.column_count()).map(|column| row.get::<_, Option<String>>(column));
        let words: Vec<Option<String>> = words.collect::<sql::Result<_>>()?;
        found.insert(row.get(0)?, words.into_iter().flatten().collect::<Vec<String>>());
    }
    drop(rows);
    let mut statement = connection.prepare_cached(IDENTIFIERS)?;
    let mut rows = statement.query([numbers_list(found.keys().copied())])?;
    while let Some(row) = rows.next()? {
        let (key, kind): (i64, String) = (row.get(0)?, row.get(1)?);
        if let Some(words) = found.get_mut(&key).filter(|_| is_typed(&kind)) {
            words.push(row.get(2)?);
        }
    }
    for words in found.values_mut() {
        words.dedup();
    }
    Ok(found)
}

fn is_typed(kind: &str) -> bool {
    let kind = kind.parse::<IdentifierKind>();
    kind.is_ok_and(|kind| kind.is_lasting() && !kind.is_of_a_device())
}
