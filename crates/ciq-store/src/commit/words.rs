//! The dictionaries of short texts that stand in rows as numbers.

use std::collections::{BTreeMap, BTreeSet};

use ciq_engine::EventRow;

use crate::StoreError;
use crate::open::Reserve;
use crate::sql;
use crate::sql::{Connection, OptionalExtension as _};

/// Names kept in memory. Beyond that a brand has more products than are worth remembering.
const KNOWN_MAX: usize = 50_000;

/// What is known of the dictionaries, by name.
pub(super) struct Words<'a> {
    pub(super) event_types: &'a mut BTreeMap<String, i64>,
    pub(super) sources: &'a mut BTreeMap<String, i64>,
    pub(super) products: &'a mut BTreeMap<String, i64>,
    pub(super) categories: &'a mut BTreeMap<String, i64>,
}

impl Words<'_> {
    /// Learns the names of a batch beside its transaction: two writers that add the same names in
    /// their transactions would wait for each other's end.
    pub(super) fn learn(
        &mut self,
        reserve: &Reserve,
        events: &[EventRow],
    ) -> Result<(), StoreError> {
        let items = || events.iter().flat_map(|event| &event.line_items);
        let types = events.iter().map(|event| event.event_type.as_str()).collect();
        learn(reserve, "event_type", self.event_types, types)?;
        let sources = events.iter().map(|event| event.source.as_str()).collect();
        learn(reserve, "source", self.sources, sources)?;
        let products = items().map(|item| item.product_name.as_str()).collect();
        learn(reserve, "product", self.products, products)?;
        let categories = items().filter_map(|item| item.category.as_deref()).collect();
        learn(reserve, "category", self.categories, categories)
    }
}

fn learn(
    reserve: &Reserve,
    table: &str,
    known: &mut BTreeMap<String, i64>,
    mut names: BTreeSet<&str>,
) -> Result<(), StoreError> {
    if known.len() + names.len() > KNOWN_MAX {
        known.clear();
    }
    names.retain(|name| !known.contains_key(*name));
    if !names.is_empty() {
        let names: Vec<&str> = names.into_iter().collect();
        known.extend(reserve.keys_of_names(table, &names)?);
    }
    Ok(())
}

/// A dictionary of names: how to find one, and how to add one.
#[derive(Debug)]
pub(super) struct Dictionary {
    find: &'static str,
    add: &'static str,
}

pub(super) const EVENT_TYPES: Dictionary = Dictionary {
    find: "SELECT key FROM event_type WHERE name = ?1",
    add: "INSERT INTO event_type (name) VALUES (?1) RETURNING key",
};

pub(super) const SOURCES: Dictionary = Dictionary {
    find: "SELECT key FROM source WHERE name = ?1",
    add: "INSERT INTO source (name) VALUES (?1) RETURNING key",
};

pub(super) const PRODUCTS: Dictionary = Dictionary {
    find: "SELECT key FROM product WHERE name = ?1",
    add: "INSERT INTO product (name) VALUES (?1) RETURNING key",
};

pub(super) const CATEGORIES: Dictionary = Dictionary {
    find: "SELECT key FROM category WHERE name = ?1",
    add: "INSERT INTO category (name) VALUES (?1) RETURNING key",
};

impl Dictionary {
    /// Returns the number of a name, adding it where it is not there.
    pub(super) fn key_of(
        &self,
        connection: &Connection,
        known: &mut BTreeMap<String, i64>,
        name: &str,
    ) -> sql::Result<i64> {
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
