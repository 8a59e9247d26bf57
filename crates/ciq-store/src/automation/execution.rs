//! Automations that were triggered.

use crate::sql;
use crate::sql::{Connection, OptionalExtension, params};
use ciq_identity::CustomerKey;
use jiff::Timestamp;

/// An automation that was triggered for a customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewExecution {
    /// Derives from automation, customer and occasion: one occasion is one execution.
    pub id: [u8; 16],
    /// Which automation.
    pub automation_id: String,
    /// What it was called then.
    pub automation_name: String,
    /// What triggers it.
    pub trigger_type: String,
    /// For whom: a root.
    pub customer: CustomerKey,
    /// What triggered it, so that it does so once.
    pub occasion: String,
    /// When.
    pub triggered_at: Timestamp,
    /// When to act.
    pub due_at: Timestamp,
    /// JSON: the figures that showed it.
    pub evidence: String,
    /// What to do: one for each action.
    pub deliveries: Vec<NewDelivery>,
}

/// An action of an execution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelivery {
    /// By what.
    pub channel: String,
    /// The same for the same reason: whoever sends, sends nothing twice under one key.
    pub idempotency_key: String,
}

/// Adds executions and what is to be done for them. Returns how many are new.
pub(crate) fn add_executions(
    connection: &Connection,
    executions: &[NewExecution],
) -> sql::Result<u64> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO execution (id, automation_id, automation_name, trigger_type, customer_key,
            occasion, triggered_at, due_at, status, evidence)
        SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, 'triggered', ?9
        WHERE EXISTS (SELECT 1 FROM activity WHERE key = ?5)
        ON CONFLICT (id) DO NOTHING RETURNING key",
    )?;
    let mut deliver = connection.prepare_cached(
        "INSERT INTO delivery (execution_key, action_index, channel, idempotency_key, status,
            not_before, attempt_count, is_unsure, created_at, revision)
        VALUES (?1, ?2, ?3, ?4, 'queued', ?5, 0, 0, ?6, 0)
        ON CONFLICT (idempotency_key) DO NOTHING",
    )?;
    let mut count = 0;
    for execution in executions {
        let given = params![
            execution.id,
            execution.automation_id,
            execution.automation_name,
            execution.trigger_type,
            execution.customer.0,
            execution.occasion,
            execution.triggered_at.as_millisecond(),
            execution.due_at.as_millisecond(),
            execution.evidence,
        ];
        let key: Option<i64> = insert.query_row(given, |row| row.get(0)).optional()?;
        let Some(key) = key else { continue };
        count += 1;
        for (index, delivery) in (0_i64..).zip(&execution.deliveries) {
            deliver.execute(params![
                key,
                index,
                delivery.channel,
                delivery.idempotency_key,
                execution.due_at.as_millisecond(),
                execution.triggered_at.as_millisecond(),
            ])?;
        }
    }
    Ok(count)
}
