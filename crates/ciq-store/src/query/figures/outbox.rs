//! What automations have to send, and how each of them does.

use std::collections::BTreeMap;

use crate::query::rfc3339;
use crate::sql::{Row, params};
use crate::{ExecutionFilter, PageRequest, Reader, StoreError, sql};

/// Of how many executions and messages, the latest, states are counted.
const COUNTED_MAX: u32 = 50_000;

/// How an automation did lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AutomationFigures {
    /// How many of its executions are in each state, among the latest 50,000 of the brand.
    pub executions: BTreeMap<String, i64>,
    /// When it was triggered last.
    pub last_triggered_at: Option<String>,
}

/// A message, or another action, on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryView {
    /// Names it: the key under which it is sent once.
    pub id: String,
    /// The automation that asked for it.
    pub automation_id: String,
    /// What that was called then.
    pub automation_name: String,
    /// For whom.
    pub customer_id: String,
    /// By what.
    pub channel: String,
    /// `queued`, `sending`, `sent`, `failed` or `suppressed`.
    pub status: String,
    /// Why it failed, was suppressed or has to be tried again.
    pub reason: Option<String>,
    /// To which address or number.
    pub recipient: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The words.
    pub content: Option<String>,
    /// How often it was tried.
    pub attempt_count: u32,
    /// When it is tried next: while it is queued, and where whoever sends it does not come back.
    pub next_try_at: Option<String>,
    /// When it was sent.
    pub sent_at: Option<String>,
    /// When it was asked for.
    pub created_at: Option<String>,
}

impl Reader {
    /// Returns how each automation did lately, by its id.
    pub fn automation_figures(&self) -> Result<BTreeMap<String, AutomationFigures>, StoreError> {
        const SQL: &str = "SELECT automation_id, status, count(*), max(triggered_at)
            FROM (SELECT automation_id, status, triggered_at FROM execution
                ORDER BY key DESC LIMIT ?1) AS latest
            GROUP BY automation_id, status";
        let doing = StoreError::doing("count what automations did");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([COUNTED_MAX], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get::<_, Option<i64>>(3)?))
            })
            .map_err(&doing)?;
        let mut figures: BTreeMap<String, (AutomationFigures, Option<i64>)> = BTreeMap::new();
        for row in rows {
            let (id, status, count, last_ms) = row.map_err(&doing)?;
            let (held, held_ms) = figures.entry(id).or_default();
            held.executions.insert(status, count);
            *held_ms = last_ms.max(*held_ms);
            held.last_triggered_at = rfc3339(*held_ms);
        }
        Ok(figures.into_iter().map(|(id, (figures, _))| (id, figures)).collect())
    }

    /// Returns how many messages and other actions are in each state, among the latest 50,000.
    pub fn delivery_counts(&self) -> Result<BTreeMap<String, i64>, StoreError> {
        const SQL: &str = "SELECT status, count(*)
            FROM (SELECT status FROM delivery ORDER BY key DESC LIMIT ?1) AS latest
            GROUP BY status";
        let doing = StoreError::doing("count messages");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([COUNTED_MAX], |row| Ok((row.get(0)?, row.get(1)?)))
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns a page of messages and other actions, the latest first, and the cursor of the next.
    /// The filter's customer does not count.
    pub fn deliveries(
        &self,
        filter: &ExecutionFilter,
        page: &PageRequest,
    ) -> Result<(Vec<DeliveryView>, Option<String>), StoreError> {
        const SQL: &str = "SELECT d.key, d.idempotency_key, x.automation_id, x.automation_name,
                r.id, d.channel, d.status, d.reason, d.recipient, d.subject, d.body,
                d.attempt_count,
                CASE d.status WHEN 'queued' THEN d.not_before WHEN 'sending' THEN d.lease_until END,
                d.sent_at, d.created_at
            FROM delivery AS d JOIN execution AS x ON x.key = d.execution_key
            JOIN customer AS o ON o.key = x.customer_key JOIN customer AS r ON r.key = o.root_key
            WHERE (?1 IS NULL OR d.key < ?1) AND (?2 IS NULL OR x.automation_id = ?2)
                AND (?3 IS NULL OR d.status = ?3)
            ORDER BY d.key DESC LIMIT ?4";
        let doing = StoreError::doing("list messages");
        let before: Option<i64> = page.cursor.as_ref().and_then(|cursor| cursor.parse().ok());
        let size = page.size();
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let given = params![before, filter.automation_id, filter.status, size + 1];
        let rows = statement
            .query_map(given, |row| Ok((row.get::<_, i64>(0)?, delivery_of(row)?)))
            .map_err(&doing)?;
        let mut rows: Vec<(i64, DeliveryView)> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let is_more = rows.len() > size as usize;
        rows.truncate(size as usize);
        let next_cursor = rows.last().filter(|_| is_more).map(|(key, _)| key.to_string());
        Ok((rows.into_iter().map(|(_, delivery)| delivery).collect(), next_cursor))
    }
}

fn delivery_of(row: &Row<'_>) -> sql::Result<DeliveryView> {
    Ok(DeliveryView {
        id: row.get(1)?,
        automation_id: row.get(2)?,
        automation_name: row.get(3)?,
        customer_id: row.get(4)?,
        channel: row.get(5)?,
        status: row.get(6)?,
        reason: row.get(7)?,
        recipient: row.get(8)?,
        subject: row.get(9)?,
        content: row.get(10)?,
        attempt_count: row.get(11)?,
        next_try_at: rfc3339(row.get(12)?),
        sent_at: rfc3339(row.get(13)?),
        created_at: rfc3339(row.get(14)?),
    })
}
