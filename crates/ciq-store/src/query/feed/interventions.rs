//! What became of interventions.

use ciq_event::InterventionId;
use serde_json::{Value, json};

use super::FeedKind;
use super::rows::Told;
use crate::codec::severity;
use crate::query::view::rfc3339;
use crate::sql::Row;
use crate::{Reader, StoreError, sql};

impl Reader {
    /// Steps in the lives of interventions. A customer does not change by them, so none is touched.
    pub(super) fn new_intervention_steps(
        &self,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(FeedKind, Told)>, StoreError> {
        const SQL: &str = "SELECT h.key, lower(hex(o.minted_by)), h.action, i.id, r.id, i.kind,
                i.title, i.severity, h.status, h.actor, h.changed_at, h.detail, i.assignee,
                i.evidence
            FROM intervention_change AS h
            CROSS JOIN intervention AS i ON i.key = h.intervention_key
            CROSS JOIN customer AS o ON o.key = i.customer_key
            CROSS JOIN customer AS r ON r.key = o.root_key
            WHERE h.key > ?1 ORDER BY h.key LIMIT ?2";
        self.told(SQL, [after, limit], step_of)
    }
}

fn step_of(row: &Row<'_>) -> sql::Result<(FeedKind, Told)> {
    let (number, minted_by): (i64, String) = (row.get(0)?, row.get(1)?);
    let (action, evidence): (String, String) = (row.get(2)?, row.get(13)?);
    let kind = match action.as_str() {
        "opened" => FeedKind::InterventionOpened,
        "resolved" => FeedKind::InterventionClosed,
        _ => FeedKind::InterventionChanged,
    };
    let body = json!({
        "intervention_id": InterventionId::from_raw(row.get(3)?).to_string(),
        "customer_id": row.get::<_, String>(4)?,
        "kind": row.get::<_, String>(5)?,
        "title": row.get::<_, String>(6)?,
        "severity": severity(row.get(7)?).name(),
        "status": row.get::<_, String>(8)?,
        "action": action,
        "actor": row.get::<_, String>(9)?,
        "at": rfc3339(row.get(10)?),
        "detail": row.get::<_, Option<String>>(11)?,
        "assignee": row.get::<_, Option<String>>(12)?,
        "evidence": serde_json::from_str::<Value>(&evidence).unwrap_or_default(),
    });
    // Two brands may number alike, and know a customer by the same id: whoever minted it differs.
    let id = format!("chg_{minted_by}_{number}");
    Ok((kind, Told { number, id, body, origins: Vec::new() }))
}
