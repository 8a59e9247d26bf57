//! Which type each column of a schema has.

use std::collections::BTreeMap;

use tokio_postgres::Client;

use super::Result;
use super::runtime::wait;

/// The types of columns, by table and column.
#[derive(Debug)]
pub(super) struct Catalog(BTreeMap<(String, String), String>);

const SQL: &str = "SELECT c.relname, a.attname, format_type(a.atttypid, NULL)
    FROM pg_attribute AS a
    JOIN pg_class AS c ON c.oid = a.attrelid
    JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = current_schema() AND c.relkind = 'r' AND a.attnum > 0
        AND NOT a.attisdropped";

impl Catalog {
    /// Reads the catalogue of the connection's schema.
    pub(super) fn read(client: &Client) -> Result<Self> {
        let rows = wait(client.query(SQL, &[]))?;
        let mut types = BTreeMap::new();
        for row in rows {
            types.insert((row.try_get(0)?, row.try_get(1)?), row.try_get(2)?);
        }
        Ok(Self(types))
    }

    /// Returns a column's type; text where there is no such column.
    pub(super) fn type_of(&self, table: &str, column: &str) -> String {
        let key = (table.to_owned(), column.to_owned());
        self.0.get(&key).cloned().unwrap_or_else(|| "text".to_owned())
    }
}
