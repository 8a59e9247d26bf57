//! What is sent, one step at a time: each step is one transaction.

use ciq_identity::CustomerKey;
use jiff::Timestamp;

use crate::codec::timestamp;
use crate::sql::{Connection, Row, params};
use crate::{Reader, StoreError, Writer, sql};

/// Where an action is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// `queued`, `sending`, `sent`, `failed` or `suppressed`.
    pub status: String,
    /// Why it failed, was suppressed or has to be tried again.
    pub reason: Option<String>,
    /// Not to be tried before.
    pub not_before: Timestamp,
    /// How often it was claimed.
    pub attempt_count: u32,
    /// Until when a worker has it.
    pub lease_until: Option<Timestamp>,
    /// Whether an attempt ended without an answer.
    pub is_unsure: bool,
    /// What the provider calls the message.
    pub provider_id: Option<String>,
    /// Grows with every change.
    pub revision: i64,
}

/// An action whose time has come, and what it belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DueDelivery {
    /// Its number.
    pub key: i64,
    /// The execution's number.
    pub execution_key: i64,
    /// Which action of the automation.
    pub action_index: u32,
    /// By what.
    pub channel: String,
    /// The key under which nothing is sent twice.
    pub idempotency_key: String,
    /// Which automation.
    pub automation_id: String,
    /// For whom: the root as it is now.
    pub customer: CustomerKey,
    /// What triggered it.
    pub occasion: String,
    /// When it was triggered.
    pub triggered_at: Timestamp,
    /// When it was to act.
    pub due_at: Timestamp,
    /// JSON: the figures that showed it.
    pub evidence: String,
    /// Whom it was last rendered for.
    pub recipient: Option<String>,
    /// Its subject then.
    pub subject: Option<String>,
    /// Its words then.
    pub body: Option<String>,
    /// Where it is in its life.
    pub delivery: Delivery,
}

/// One step of an action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryChange {
    /// The action.
    pub key: i64,
    /// The execution's number.
    pub execution_key: i64,
    /// Where it is from now on. Its revision is the one that it was read with.
    pub delivery: Delivery,
    /// Recipient, subject and words, where they are known from now on.
    pub message: Option<(Option<String>, Option<String>, Option<String>)>,
    /// When the step happens.
    pub at: Timestamp,
    /// A task for a person, given as id, title and text.
    pub task: Option<([u8; 16], String, Option<String>)>,
    /// A segment to put the customer into.
    pub segment: Option<String>,
}

impl Reader {
    /// Returns actions whose time has come, or whose worker died, the longest due first.
    pub fn due_deliveries(
        &self,
        as_of: Timestamp,
        limit: u32,
    ) -> Result<Vec<DueDelivery>, StoreError> {
        const SQL: &str = "SELECT d.key, d.execution_key, d.action_index, d.channel,
                d.idempotency_key, x.automation_id, o.root_key, x.occasion, x.triggered_at,
                x.due_at, d.recipient, d.subject, d.body, d.status, d.reason, d.not_before,
                d.attempt_count, d.lease_until, d.is_unsure, d.provider_id, d.revision,
                x.evidence
            FROM delivery AS d JOIN execution AS x ON x.key = d.execution_key
            JOIN customer AS o ON o.key = x.customer_key
            WHERE d.status IN ('queued', 'sending')
                AND coalesce(d.lease_until, d.not_before) <= ?1
            ORDER BY coalesce(d.lease_until, d.not_before), d.key LIMIT ?2";
        let doing = StoreError::doing("read what is to be sent");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query((as_of.as_millisecond(), limit)).map_err(&doing)?;
        let mut due = Vec::new();
        while let Some(row) = rows.next().map_err(&doing)? {
            due.push(due_of(&row).map_err(&doing)??);
        }
        Ok(due)
    }
}

impl Writer {
    /// Writes one step of an action. `false`, and nothing written, where another worker changed it
    /// since it was read. The last action that ends, ends its execution.
    pub fn change_delivery(&mut self, change: &DeliveryChange) -> Result<bool, StoreError> {
        let doing = StoreError::doing("write what became of a message");
        let transaction = self.connection.transaction().map_err(&doing)?;
        if !update(&transaction, change).map_err(&doing)? {
            return Ok(false);
        }
        add_effects(&transaction, change).map_err(&doing)?;
        end_execution(&transaction, change).map_err(&doing)?;
        transaction.commit().map_err(&doing)?;
        Ok(true)
    }
}

fn due_of(row: &Row<'_>) -> sql::Result<Result<DueDelivery, StoreError>> {
    let times: [i64; 3] = [row.get(8)?, row.get(9)?, row.get(15)?];
    let lease: Option<i64> = row.get(17)?;
    let due = DueDelivery {
        key: row.get(0)?,
        execution_key: row.get(1)?,
        action_index: row.get(2)?,
        channel: row.get(3)?,
        idempotency_key: row.get(4)?,
        automation_id: row.get(5)?,
        customer: CustomerKey(row.get(6)?),
        occasion: row.get(7)?,
        triggered_at: Timestamp::UNIX_EPOCH,
        due_at: Timestamp::UNIX_EPOCH,
        evidence: row.get(21)?,
        recipient: row.get(10)?,
        subject: row.get(11)?,
        body: row.get(12)?,
        delivery: Delivery {
            status: row.get(13)?,
            reason: row.get(14)?,
            not_before: Timestamp::UNIX_EPOCH,
            attempt_count: row.get(16)?,
            lease_until: None,
            is_unsure: row.get(18)?,
            provider_id: row.get(19)?,
            revision: row.get(20)?,
        },
    };
    Ok(with_times(due, times, lease))
}

fn with_times(
    mut due: DueDelivery,
    [triggered_at, due_at, not_before]: [i64; 3],
    lease: Option<i64>,
) -> Result<DueDelivery, StoreError> {
    due.triggered_at = timestamp(triggered_at)?;
    due.due_at = timestamp(due_at)?;
    due.delivery.not_before = timestamp(not_before)?;
    due.delivery.lease_until = lease.map(timestamp).transpose()?;
    Ok(due)
}

fn update(connection: &Connection, change: &DeliveryChange) -> sql::Result<bool> {
    let mut update = connection.prepare_cached(
        "UPDATE delivery SET status = ?3, reason = ?4, not_before = ?5, attempt_count = ?6,
            lease_until = ?7, is_unsure = ?8, provider_id = ?9, revision = revision + 1,
            sent_at = CASE WHEN ?3 = 'sent' THEN coalesce(sent_at, ?10) ELSE sent_at END,
            recipient = CASE WHEN ?11 = 1 THEN ?12 ELSE recipient END, subject = CASE WHEN ?11 = 1 THEN ?13 ELSE subject END,
            body = CASE WHEN ?11 = 1 THEN ?14 ELSE body END
        WHERE key = ?1 AND revision = ?2",
    )?;
    let Delivery {
        status,
        reason,
        not_before,
        attempt_count,
        lease_until,
        is_unsure,
        provider_id,
        revision,
    } = &change.delivery;
    let (recipient, subject, body) = change.message.clone().unwrap_or_default();
    let count = update.execute(params![
        change.key,
        revision,
        status,
        reason,
        not_before.as_millisecond(),
        attempt_count,
        lease_until.map(Timestamp::as_millisecond),
        is_unsure,
        provider_id,
        change.at.as_millisecond(),
        change.message.is_some(),
        recipient,
        subject,
        body,
    ])?;
    Ok(count > 0)
}

/// What an action does within the file.
fn add_effects(connection: &Connection, change: &DeliveryChange) -> sql::Result<()> {
    const CUSTOMER: &str = "(SELECT customer_key FROM execution WHERE key = ?1)";
    if let Some((id, title, body)) = &change.task {
        let sql = format!(
            "INSERT INTO task (id, customer_key, title, body, status, created_at)
            VALUES (?2, {CUSTOMER}, ?3, ?4, 'open', ?5) ON CONFLICT (id) DO NOTHING"
        );
        let at = change.at.as_millisecond();
        connection.prepare_cached(&sql)?.execute(params![
            change.execution_key,
            id,
            title,
            body,
            at
        ])?;
    }
    if let Some(segment) = &change.segment {
        let sql = format!(
            "INSERT INTO membership (customer_key, segment, since)
            VALUES ({CUSTOMER}, ?2, ?3) ON CONFLICT (customer_key, segment) DO NOTHING"
        );
        let at = change.at.as_millisecond();
        connection.prepare_cached(&sql)?.execute(params![change.execution_key, segment, at])?;
    }
    Ok(())
}

/// An execution is executed when everything ended and something went out, else failed where
/// something failed, else suppressed for the first reason.
fn end_execution(connection: &Connection, change: &DeliveryChange) -> sql::Result<()> {
    let mut end = connection.prepare_cached(
        "UPDATE execution SET
            status = (SELECT CASE
                WHEN count(CASE WHEN status = 'sent' THEN 1 END) > 0 THEN 'executed'
                WHEN count(CASE WHEN status = 'failed' THEN 1 END) > 0 THEN 'failed'
                ELSE 'suppressed' END
                FROM delivery WHERE execution_key = ?1),
            reason = (SELECT reason FROM delivery
                WHERE execution_key = ?1 AND status <> 'sent' AND reason IS NOT NULL
                ORDER BY status = 'suppressed', action_index LIMIT 1),
            finished_at = ?2
        WHERE key = ?1 AND NOT EXISTS (SELECT 1 FROM delivery
            WHERE execution_key = ?1 AND status IN ('queued', 'sending'))",
    )?;
    end.execute(params![change.execution_key, change.at.as_millisecond()]).map(drop)
}
