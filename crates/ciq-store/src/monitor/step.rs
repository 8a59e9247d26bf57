//! What people do about interventions, one step at a time: each step is one transaction.

use ciq_event::InterventionId;
use jiff::Timestamp;

use super::RESOLVED;
use super::view::{InterventionDetail, InterventionView, detail};
use super::write::{Record, record};
use crate::sql::{Connection, OptionalExtension, Row, params};
use crate::{StoreError, Writer, sql};

/// One step in the life of an intervention, and how it is from then on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterventionStep {
    /// By whom.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// What was done: `acknowledged`, `snoozed`, `assigned`, `resolved`, `reopened` or
    /// `commented`.
    pub action: String,
    /// The status from then on.
    pub status: String,
    /// Until when nobody has to look at it.
    pub snoozed_until: Option<Timestamp>,
    /// Who deals with it from then on; `None` is nobody.
    pub assignee: Option<String>,
    /// Why it is resolved, where this resolves it.
    pub close_reason: Option<String>,
    /// In more words.
    pub detail: Option<String>,
}

/// What of an intervention decides whether a step can be written.
#[derive(Debug)]
struct Standing {
    key: i64,
    root: i64,
    kind: String,
    status: String,
}

impl Writer {
    /// Writes one step of an intervention: `decide` sees it as it is and says what to do, in the
    /// transaction that does it, so nobody is quicker. Nothing is written where it says nothing.
    /// Returns the intervention as it is then; `None` where there is none. Reopening fails with
    /// [`StoreError::InterventionOpen`] where another one of the kind is open for the customer.
    pub fn change_intervention(
        &mut self,
        id: InterventionId,
        decide: impl FnOnce(&InterventionView) -> Option<InterventionStep>,
    ) -> Result<Option<InterventionDetail>, StoreError> {
        debug_assert!(self.connection.is_autocommit(), "each load ends in a commit");
        let doing = StoreError::doing("change an intervention");
        let transaction = self.connection.transaction().map_err(&doing)?;
        let Some(before) = detail(&transaction, id).map_err(&doing)? else { return Ok(None) };
        let Some(step) = decide(&before.view) else { return Ok(Some(before)) };
        let standing = standing(&transaction, id).map_err(&doing)?;
        refuse_second(&transaction, &standing, &step)?;
        write(&transaction, &standing, &step).map_err(&doing)?;
        let after = detail(&transaction, id).map_err(&doing)?;
        transaction.commit().map_err(&doing)?;
        Ok(after)
    }
}

fn standing(connection: &Connection, id: InterventionId) -> sql::Result<Standing> {
    let read = |row: &Row<'_>| {
        let (key, root) = (row.get(0)?, row.get(1)?);
        Ok(Standing { key, root, kind: row.get(2)?, status: row.get(3)? })
    };
    connection
        .prepare_cached(
            "SELECT i.key, o.root_key, i.kind, i.status
            FROM intervention AS i JOIN customer AS o ON o.key = i.customer_key WHERE i.id = ?1",
        )?
        .query_row([id.as_bytes()], read)
}

/// One of a kind is open for a customer, also where the customer was merged since.
fn refuse_second(
    connection: &Connection,
    standing: &Standing,
    step: &InterventionStep,
) -> Result<(), StoreError> {
    const OTHER: &str = "SELECT i.id FROM customer AS o
        JOIN intervention AS i ON i.customer_key = o.key
        WHERE o.root_key = ?1 AND i.kind = ?2 AND i.status <> 'resolved' AND i.key <> ?3";
    if standing.status != RESOLVED || step.status == RESOLVED {
        return Ok(());
    }
    let Standing { key, root, kind, status: _ } = standing;
    let other: Option<[u8; 16]> = connection
        .prepare_cached(OTHER)
        .and_then(|mut other| {
            other.query_row(params![root, kind, key], |row| row.get(0)).optional()
        })
        .map_err(StoreError::doing("look for another intervention"))?;
    match other {
        None => Ok(()),
        Some(id) => {
            let other = InterventionId::from_raw(id).to_string();
            Err(StoreError::InterventionOpen { kind: kind.clone(), other })
        }
    }
}

fn write(connection: &Connection, standing: &Standing, step: &InterventionStep) -> sql::Result<()> {
    let mut update = connection.prepare_cached(
        "UPDATE intervention SET status = ?2, changed_at = ?3,
            snoozed_until = CASE WHEN ?2 = 'snoozed' THEN CAST(?4 AS INTEGER) END, assignee = ?5,
            closed_at = CASE WHEN ?2 = 'resolved' THEN coalesce(closed_at, ?3) END,
            close_reason = CASE WHEN ?2 = 'resolved' THEN coalesce(?6, close_reason) END,
            revision = revision + 1
        WHERE key = ?1",
    )?;
    let InterventionStep { actor, at, action, status, snoozed_until, assignee, .. } = step;
    update.execute(params![
        standing.key,
        status,
        at.as_millisecond(),
        snoozed_until.map(Timestamp::as_millisecond),
        assignee,
        step.close_reason,
    ])?;
    let detail = step.detail.as_deref();
    record(connection, Record { key: standing.key, at: *at, actor, action, status, detail })
}
