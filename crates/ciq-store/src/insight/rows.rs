//! Insights on their way into the file.

use std::collections::BTreeSet;

use ciq_event::Money;
use ciq_identity::CustomerKey;
use jiff::Timestamp;

use super::touched::Touched;
use crate::automation::{NewExecution, add_executions};
use crate::codec::keys_list;
use crate::query::save_cursor;
use crate::sql::{Connection, params};
use crate::{StoreError, Writer, sql};

/// What one customer's history means, as it is stored.
#[derive(Debug, Clone, PartialEq)]
pub struct InsightRow {
    /// The customer: a root.
    pub customer: CustomerKey,
    /// The time that it was computed for.
    pub as_of: Timestamp,
    /// JSON: the features by name.
    pub features: String,
    /// The probability that the customer leaves, 0 to 1.
    pub churn: f64,
    /// What the customer has spent and is expected to spend within a year.
    pub lifetime_value: Money,
    /// Which segment.
    pub segment: String,
    /// JSON: a list of names of products.
    pub recommendations: String,
    /// Which model said so.
    pub model_version: String,
    /// Where the customer stands.
    pub stage: String,
    /// How well it goes, 0 to 100.
    pub journey_score: u8,
    /// What to do.
    pub next_best_action: String,
    /// JSON: a list of what the customer wants, or wanted.
    pub intents: String,
    /// When to look again although nothing happened.
    pub wake_at: Option<Timestamp>,
}

/// What a pass came to, to be written in one transaction.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PassChanges {
    /// What was computed.
    pub insights: Vec<InsightRow>,
    /// Automations that were triggered.
    pub executions: Vec<NewExecution>,
    /// The pass's name and what it has dealt with, if it follows the feed.
    pub done: Option<(String, Touched)>,
}

impl Writer {
    /// Writes what a pass came to, and how far it has come, in one transaction. What was computed
    /// for customers that are merged into others goes. Returns how many executions are new: one
    /// that is there already stays as it is.
    pub fn write_pass(&mut self, changes: &PassChanges) -> Result<u64, StoreError> {
        debug_assert!(self.connection.is_autocommit(), "each load ends in a commit");
        let doing = StoreError::doing("write insights");
        let transaction = self.connection.transaction().map_err(&doing)?;
        write(&transaction, &changes.insights).map_err(&doing)?;
        let count = add_executions(&transaction, &changes.executions).map_err(&doing)?;
        if let Some((name, touched)) = &changes.done {
            forget_merged(&transaction, touched).map_err(&doing)?;
            save_cursor(&transaction, name, touched.until).map_err(&doing)?;
        }
        transaction.commit().map_err(&doing)?;
        Ok(count)
    }
}

fn write(connection: &Connection, rows: &[InsightRow]) -> sql::Result<()> {
    // What was before a change of segment or stage stays beside what is now.
    let mut upsert = connection.prepare_many(
        "INSERT INTO insight (customer_key, as_of, features, churn, lifetime_value_minor, currency,
            segment, segment_since, recommendations, model_version, stage, stage_since,
            journey_score, next_best_action, intents, wake_at)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?2, ?8, ?9, ?10, ?2, ?11, ?12, ?13, ?14)
        ON CONFLICT (customer_key) DO UPDATE SET
            as_of = excluded.as_of, features = excluded.features, churn = excluded.churn,
            lifetime_value_minor = excluded.lifetime_value_minor, currency = excluded.currency,
            previous_segment = CASE WHEN insight.segment = excluded.segment
                THEN insight.previous_segment ELSE insight.segment END,
            segment_since = CASE WHEN insight.segment = excluded.segment
                THEN insight.segment_since ELSE excluded.as_of END,
            segment = excluded.segment, recommendations = excluded.recommendations,
            model_version = excluded.model_version,
            previous_stage = CASE WHEN insight.stage = excluded.stage
                THEN insight.previous_stage ELSE insight.stage END,
            previous_journey_score = CASE WHEN insight.stage = excluded.stage
                THEN insight.previous_journey_score ELSE insight.journey_score END,
            stage_since = CASE WHEN insight.stage = excluded.stage
                THEN insight.stage_since ELSE excluded.as_of END,
            stage = excluded.stage, journey_score = excluded.journey_score,
            next_best_action = excluded.next_best_action, intents = excluded.intents,
            wake_at = excluded.wake_at",
    )?;
    // A customer that was merged or erased meanwhile gets no row.
    let roots = standing_roots(connection, rows)?;
    for row in rows.iter().filter(|row| roots.contains(&row.customer)) {
        upsert.push(params![
            row.customer.0,
            row.as_of.as_millisecond(),
            row.features,
            row.churn,
            row.lifetime_value.minor,
            row.lifetime_value.currency.as_str(),
            row.segment,
            row.recommendations,
            row.model_version,
            row.stage,
            row.journey_score,
            row.next_best_action,
            row.intents,
            row.wake_at.map(Timestamp::as_millisecond),
        ])?;
    }
    upsert.finish()
}

fn standing_roots(
    connection: &Connection,
    rows: &[InsightRow],
) -> sql::Result<BTreeSet<CustomerKey>> {
    let list = keys_list(rows.iter().map(|row| row.customer));
    let mut roots =
        connection.prepare_cached("SELECT key FROM activity WHERE key IN rarray(?1)")?;
    roots.query_map([list], |row| row.get(0).map(CustomerKey))?.collect()
}

fn forget_merged(connection: &Connection, touched: &Touched) -> sql::Result<()> {
    let mut delete = connection.prepare_cached(
        "DELETE FROM insight WHERE customer_key IN rarray(?1)
            AND NOT EXISTS (SELECT 1 FROM activity AS a WHERE a.key = insight.customer_key)",
    )?;
    delete.execute([keys_list(touched.origins.iter().copied())]).map(drop)
}
