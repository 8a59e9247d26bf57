//! The products that events are about.

use std::collections::BTreeMap;

use ciq_engine::EventRow;
use rusqlite::{Connection, OptionalExtension, params};

use super::events::Words;

/// Names kept in memory. Beyond that a brand has more products than are worth remembering.
const KNOWN_MAX: usize = 50_000;

/// A dictionary of names: how to find one, and how to add one.
struct Dictionary {
    find: &'static str,
    add: &'static str,
}

const PRODUCTS: Dictionary = Dictionary {
    find: "SELECT key FROM product WHERE name = ?1",
    add: "INSERT INTO product (name) VALUES (?1) RETURNING key",
};

const CATEGORIES: Dictionary = Dictionary {
    find: "SELECT key FROM category WHERE name = ?1",
    add: "INSERT INTO category (name) VALUES (?1) RETURNING key",
};

pub(super) fn write(
    connection: &Connection,
    events: &[EventRow],
    words: &mut Words<'_>,
) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO line_item (event_seq, line, product_key, category_key, quantity, price_minor,
            currency)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?;
    for event in events {
        for (line, item) in (0_i64..).zip(&event.line_items) {
            let product = PRODUCTS.key_of(connection, words.products, &item.product_name)?;
            let category = item.category.as_ref();
            let category = category
                .map(|name| CATEGORIES.key_of(connection, words.categories, name))
                .transpose()?;
            insert.execute(params![
                event.seq,
                line,
                product,
                category,
                item.quantity,
                item.price.map(|price| price.minor),
                item.price.as_ref().map(|price| price.currency.as_str()),
            ])?;
        }
    }
    Ok(())
}

impl Dictionary {
    fn key_of(
        &self,
        connection: &Connection,
        known: &mut BTreeMap<String, i64>,
        name: &str,
    ) -> rusqlite::Result<i64> {
        if let Some(key) = known.get(name) {
            return Ok(*key);
        }
        let mut find = connection.prepare_cached(self.find)?;
        let found = find.query_row([name], |row| row.get(0)).optional()?;
        let key = match found {
            Some(key) => key,
            None => connection.prepare_cached(self.add)?.query_row([name], |row| row.get(0))?,
        };
        if known.len() >= KNOWN_MAX {
            known.clear();
        }
        known.insert(name.to_owned(), key);
        Ok(key)
    }
}
