//! The rules of the monitor, where the default set was replaced.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::query::rfc3339;
use crate::{Reader, StoreError, Writer};

/// A rule as it was defined.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MonitorRuleView {
    /// Names it.
    pub kind: String,
    /// The definition.
    #[schema(value_type = Object)]
    pub definition: Box<RawValue>,
    /// When it was defined.
    pub updated_at: Option<String>,
}

impl Reader {
    /// Returns the rules that replace the default set, in their order; none where it holds.
    pub fn monitor_rules(&self) -> Result<Vec<MonitorRuleView>, StoreError> {
        const SQL: &str = "SELECT kind, definition, updated_at FROM monitor_rule
            ORDER BY position, kind LIMIT 10000";
        let doing = StoreError::doing("list the rules of the monitor");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([], |row| {
                let definition: String = row.get(1)?;
                Ok(MonitorRuleView {
                    kind: row.get(0)?,
                    definition: RawValue::from_string(definition).unwrap_or_default(),
                    updated_at: rfc3339(row.get(2)?),
                })
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }
}

impl Writer {
    /// Replaces all rules, each given as kind and definition, in their order. None at all brings
    /// back the default set.
    pub fn put_monitor_rules(
        &mut self,
        definitions: &[(String, String)],
        at: Timestamp,
    ) -> Result<(), StoreError> {
        const PUT: &str = "INSERT INTO monitor_rule (kind, position, definition, updated_at)
            VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (kind) DO UPDATE SET position = excluded.position,
                definition = excluded.definition";
        debug_assert!(self.connection.is_autocommit(), "each load ends in a commit");
        let doing = StoreError::doing("keep the rules of the monitor");
        let transaction = self.connection.transaction().map_err(&doing)?;
        transaction.execute("DELETE FROM monitor_rule", []).map_err(&doing)?;
        for (position, (kind, definition)) in (0_i64..).zip(definitions) {
            let given = (kind, position, definition, at.as_millisecond());
            transaction.execute(PUT, given).map_err(&doing)?;
        }
        transaction.commit().map_err(&doing)
    }
}
