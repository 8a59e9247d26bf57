//! Tables row by row, for export.

use std::ops::ControlFlow;

use crate::sql::Value;
use crate::{Reader, StoreError};

/// What may be exported: the tables that people query.
const TABLES: [&str; 14] = [
    "customers",
    "customer_events",
    "purchases",
    "work_orders",
    "customer_knowledge",
    "customer_profile",
    "customer_raw_event",
    "store_visit",
    "merge_history",
    "manual_merge_queue",
    "dead_letters",
    "identifiers",
    "aliases",
    "subscriptions",
];

/// Takes a row: the columns' names and values. Says whether there is use for more.
pub type TakeRow<'a> = dyn FnMut(&[String], &[serde_json::Value]) -> ControlFlow<()> + 'a;

impl Reader {
    /// Returns the names of the tables that may be exported.
    #[must_use]
    pub fn exportable() -> &'static [&'static str] {
        &TABLES
    }

    /// Hands every row of a table to `take`, as column names and JSON values, until `take` says
    /// stop. `false` where there is no such table.
    pub fn export(&self, table: &str, take: &mut TakeRow<'_>) -> Result<bool, StoreError> {
        let Some(table) = TABLES.iter().find(|name| **name == table) else { return Ok(false) };
        let doing = StoreError::doing("export a table");
        // The name is one of ours, not what was typed.
        let mut statement =
            self.connection.prepare_cached(&format!("SELECT * FROM {table}")).map_err(&doing)?;
        let columns = statement.column_names().map_err(&doing)?;
        let mut rows = statement.stream([]).map_err(&doing)?;
        while let Some(row) = rows.next().map_err(&doing)? {
            let mut values = Vec::with_capacity(columns.len());
            for column in 0..columns.len() {
                values.push(json_value(row.value(column).map_err(&doing)?));
            }
            if take(&columns, &values).is_break() {
                break;
            }
        }
        Ok(true)
    }
}

fn json_value(value: Value) -> serde_json::Value {
    match value {
        Value::Null => serde_json::Value::Null,
        Value::Integer(number) => number.into(),
        Value::Real(number) => number.into(),
        Value::Text(text) => text.into(),
        Value::Blob(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    }
}
