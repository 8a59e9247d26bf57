//! What people defined.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::query::rfc3339;
use crate::sql::{OptionalExtension, Row};
use crate::{Reader, StoreError, Writer, sql};

/// An automation as it was defined.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AutomationView {
    /// Names it.
    pub id: String,
    /// The definition.
    #[schema(value_type = Object)]
    pub definition: Box<RawValue>,
    /// When it was defined.
    pub created_at: Option<String>,
    /// When it was changed last.
    pub updated_at: Option<String>,
}

const SELECT: &str = "SELECT id, definition, created_at * 1000, updated_at * 1000 FROM automation";

impl Reader {
    /// Returns all automations, by id.
    pub fn automations(&self) -> Result<Vec<AutomationView>, StoreError> {
        let doing = StoreError::doing("list automations");
        let sql = format!("{SELECT} ORDER BY id LIMIT 10000");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let rows = statement.query_map([], view_of).map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns an automation.
    pub fn automation(&self, id: &str) -> Result<Option<AutomationView>, StoreError> {
        self.connection
            .query_row(&format!("{SELECT} WHERE id = ?1"), [id], view_of)
            .optional()
            .map_err(StoreError::doing("read an automation"))
    }
}

impl Writer {
    /// Keeps automations, each given as id and definition, all or none. `false` where one of them is
    /// there already and `is_new` says that none may be.
    pub fn put_automations(
        &mut self,
        definitions: &[(String, String)],
        at: Timestamp,
        is_new: bool,
    ) -> Result<bool, StoreError> {
        const NEW: &str = "INSERT INTO automation (id, definition, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?3) ON CONFLICT (id) DO NOTHING";
        const PUT: &str = "INSERT INTO automation (id, definition, created_at, updated_at)
            VALUES (?1, ?2, ?3, ?3)
            ON CONFLICT (id) DO UPDATE SET definition = excluded.definition,
                updated_at = excluded.updated_at";
        let doing = StoreError::doing("keep an automation");
        let transaction = self.connection.transaction().map_err(&doing)?;
        for (id, definition) in definitions {
            let sql = if is_new { NEW } else { PUT };
            let count =
                transaction.execute(sql, (id, definition, at.as_second())).map_err(&doing)?;
            if count == 0 {
                return Ok(false);
            }
        }
        transaction.commit().map_err(&doing)?;
        Ok(true)
    }

    /// Deletes an automation. What it did stays on record. `false` where there is none.
    pub fn delete_automation(&mut self, id: &str) -> Result<bool, StoreError> {
        self.connection
            .execute("DELETE FROM automation WHERE id = ?1", [id])
            .map(|count| count > 0)
            .map_err(StoreError::doing("delete an automation"))
    }
}

fn view_of(row: &Row<'_>) -> sql::Result<AutomationView> {
    let definition: String = row.get(1)?;
    Ok(AutomationView {
        id: row.get(0)?,
        definition: RawValue::from_string(definition).unwrap_or_default(),
        created_at: rfc3339(row.get(2)?),
        updated_at: rfc3339(row.get(3)?),
    })
}
