//! What is new in each table, one statement each.

use ciq_engine::Action;
use serde_json::{Value, json};

use crate::codec::{ids_list, keys_from_json};
use crate::query::EventView;
use crate::query::MergeView;
use crate::query::merges::{MERGE_SELECT, merge_of};
use crate::query::timeline::{EVENT_SELECT, event_of};
use crate::query::view::rfc3339;
use crate::sql::{Params, Row};
use crate::{Reader, StoreError, sql};

/// A row as the feed tells it.
#[derive(Debug)]
pub(super) struct Told {
    /// Its number in its table.
    pub(super) number: i64,
    /// The id of the change.
    pub(super) id: String,
    /// What is told.
    pub(super) body: Value,
    /// The origins of the customers that it touches.
    pub(super) origins: Vec<i64>,
}

impl Reader {
    pub(super) fn new_events(&self, after: i64, limit: i64) -> Result<Vec<Told>, StoreError> {
        let sql = format!("{EVENT_SELECT} WHERE e.seq > ?1 ORDER BY e.seq LIMIT ?2");
        self.told(&sql, [after, limit], |row| {
            let event = event_of(row)?;
            let origins = vec![row.get(12)?];
            Ok(Told { number: row.get(11)?, body: event_body(&event), id: event.id, origins })
        })
    }

    pub(super) fn new_merges(&self, after: i64, limit: i64) -> Result<Vec<Told>, StoreError> {
        let sql = format!("{MERGE_SELECT} WHERE g.key > ?1 ORDER BY g.key LIMIT ?2");
        self.told(&sql, [after, limit], merge_told)
    }

    /// Merges that decisions took apart, and the last decision that was looked at.
    pub(super) fn new_undos(
        &self,
        after: i64,
        settled: i64,
        limit: i64,
    ) -> Result<(Vec<Told>, i64), StoreError> {
        let mut decisions = self.new_decisions(after, limit)?;
        decisions.retain(|(seq, _)| *seq < settled);
        let last = decisions.last().map_or(after, |(seq, _)| *seq);
        let undos: Vec<_> = decisions
            .into_iter()
            .filter_map(|(seq, action)| match action {
                Action::Undo { merge } => Some((seq, merge)),
                Action::Merge { .. }
                | Action::Approve { .. }
                | Action::Reject { .. }
                | Action::Split { .. }
                | Action::Erase { .. } => None,
            })
            .collect();
        if undos.is_empty() {
            return Ok((Vec::new(), last));
        }
        let sql = format!("{MERGE_SELECT} WHERE g.id IN rarray(?1)");
        let ids = ids_list(undos.iter().map(|(_, merge)| merge.as_bytes()));
        let mut merges = self.told(&sql, [ids], merge_told)?;
        let told = undos.into_iter().filter_map(|(seq, merge)| {
            // The merge of an erased customer is gone.
            let place = merges.iter().position(|told| told.id == merge.to_string())?;
            let merge = merges.swap_remove(place);
            Some(Told { number: seq, id: format!("{}_undone", merge.id), ..merge })
        });
        Ok((told.collect(), last))
    }

    fn new_decisions(&self, after: i64, limit: i64) -> Result<Vec<(i64, Action)>, StoreError> {
        const SQL: &str = "SELECT seq, action FROM decision WHERE seq > ?1 ORDER BY seq LIMIT ?2";
        let doing = StoreError::doing("read new decisions");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let mut rows = statement.query([after, limit]).map_err(&doing)?;
        let mut decisions = Vec::new();
        while let Some(row) = rows.next().map_err(&doing)? {
            let action: String = row.get(1).map_err(&doing)?;
            let action = Action::from_json(&action)
                .map_err(|_| StoreError::corrupt("decision", "unreadable action"))?;
            decisions.push((row.get(0).map_err(&doing)?, action));
        }
        Ok(decisions)
    }

    pub(super) fn new_dead_letters(&self, after: i64, limit: i64) -> Result<Vec<Told>, StoreError> {
        const SQL: &str = "SELECT key, 'ded_' || lower(hex(id)), form, field, reason, subject,
                received_at
            FROM dead_letter WHERE key > ?1 ORDER BY key LIMIT ?2";
        self.told(SQL, [after, limit], |row| {
            let id: String = row.get(1)?;
            let body = json!({
                "id": id,
                "form": row.get::<_, String>(2)?,
                "field": row.get::<_, String>(3)?,
                "reason": row.get::<_, String>(4)?,
                "subject": row.get::<_, Option<String>>(5)?,
                "received_at": rfc3339(row.get(6)?),
            });
            Ok(Told { number: row.get(0)?, id, body, origins: Vec::new() })
        })
    }

    pub(super) fn told<T>(
        &self,
        sql: &str,
        given: impl Params,
        read: impl Fn(&Row<'_>) -> sql::Result<T>,
    ) -> Result<Vec<T>, StoreError> {
        let doing = StoreError::doing("read what is new");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let rows = statement.query_map(given, read).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}

fn event_body(event: &EventView) -> Value {
    json!({
        "id": event.id,
        "customer_id": event.customer_id,
        "event_type": event.event_type,
        "occurred_at": event.occurred_at,
        "source": event.source_service,
        "title": event.title,
        "description": event.description,
        "amount": event.amount.map(|amount| amount.0.to_string()),
        "currency": event.currency,
        "status": event.status,
    })
}

fn merge_told(row: &Row<'_>) -> sql::Result<Told> {
    let merge = merge_of(row)?;
    let absorbed: String = row.get(13)?;
    let absorbed = keys_from_json(&absorbed).unwrap_or_default();
    let origins = absorbed.into_iter().map(|key| key.0).chain([row.get(12)?]).collect();
    let body = merge_body(&merge);
    Ok(Told { number: row.get(11)?, id: merge.id, body, origins })
}

fn merge_body(merge: &MergeView) -> Value {
    json!({
        "merge_id": merge.id,
        "customer_id": merge.customer_id,
        "base_profile_id": merge.base_profile_id,
        "merged_profile_ids": merge.merged_profile_ids,
        "reason": merge.reason,
        "actor": merge.actor,
        "merged_at": merge.merged_at,
        "undone_at": merge.undone_at,
    })
}
