//! Figures about a brand.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::view::{Amount, amount, rfc3339};
use crate::sql::Connection;
use crate::{Reader, StoreError, sql};

/// Figures about a brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Stats {
    /// Customers after resolution.
    pub customer_count: i64,
    /// Events.
    pub event_count: i64,
    /// Distinct orders.
    pub purchase_count: i64,
    /// Notes.
    pub knowledge_count: i64,
    /// Work orders.
    pub work_order_count: i64,
    /// Visits to stores.
    pub store_visit_count: i64,
    /// Identifiers held.
    pub identifier_count: i64,
    /// Merges that stand.
    pub merge_count: i64,
    /// Merges that were undone.
    pub undone_merge_count: i64,
    /// Reviews that wait for a person.
    pub pending_review_count: i64,
    /// Messages that could not become events.
    pub dead_letter_count: i64,
    /// Events by type.
    pub events_by_type: BTreeMap<String, i64>,
    /// What all customers spent, by currency. Currencies are never added up.
    #[schema(value_type = std::collections::BTreeMap<String, f64>)]
    pub lifetime_values: BTreeMap<String, Amount>,
    /// When the latest event happened.
    pub last_event_at: Option<String>,
}

impl Reader {
    /// Returns figures about the brand.
    pub fn stats(&self) -> Result<Stats, StoreError> {
        let doing = StoreError::doing("count");
        let count = |sql: &str| -> Result<i64, StoreError> {
            let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
            statement.query_row([], |row| row.get(0)).map_err(&doing)
        };
        Ok(Stats {
            customer_count: count("SELECT count(*) FROM customer WHERE id IS NOT NULL")?,
            event_count: count("SELECT count(*) FROM event")?,
            purchase_count: count("SELECT count(*) FROM purchase")?,
            knowledge_count: count("SELECT count(*) FROM knowledge")?,
            work_order_count: count("SELECT count(*) FROM work_order")?,
            store_visit_count: count("SELECT count(*) FROM visit")?,
            identifier_count: count("SELECT count(*) FROM identifier")?,
            merge_count: count("SELECT count(*) FROM merge WHERE undone_at IS NULL")?,
            undone_merge_count: count("SELECT count(*) FROM merge WHERE undone_at IS NOT NULL")?,
            pending_review_count: count("SELECT count(*) FROM review WHERE status = 'pending'")?,
            dead_letter_count: count("SELECT count(*) FROM dead_letter")?,
            events_by_type: by_name(
                &self.connection,
                "SELECT t.name, count(*) FROM event AS e JOIN event_type AS t
                    ON t.key = e.type_key GROUP BY t.name",
            )
            .map_err(&doing)?,
            lifetime_values: by_name(
                &self.connection,
                "SELECT currency, sum(total_minor) FROM purchase GROUP BY currency",
            )
            .map_err(&doing)?
            .into_iter()
            .map(|(code, minor)| (code.clone(), amount(minor, &code)))
            .collect(),
            last_event_at: self
                .connection
                .query_row("SELECT max(last_event_at) FROM activity", [], |row| row.get(0))
                .map(rfc3339)
                .map_err(&doing)?,
        })
    }
}

fn by_name(connection: &Connection, sql: &str) -> sql::Result<BTreeMap<String, i64>> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    rows.collect()
}
