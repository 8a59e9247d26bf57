//! Models trained on the brand's own history, and what the passes remember.

use jiff::Timestamp;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::query::rfc3339;
use crate::sql::{OptionalExtension, params};
use crate::{Reader, StoreError, Writer};

/// A trained model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredModel {
    /// Names it.
    pub version: String,
    /// When it was trained.
    pub trained_at: Timestamp,
    /// JSON: what it knows.
    pub parameters: String,
    /// JSON: how it was trained, and how well it did.
    pub report: String,
}

/// A trained model as the API shows it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ModelView {
    /// Names it.
    pub version: String,
    /// When it was trained.
    pub trained_at: Option<String>,
    /// Whether predictions come from it.
    pub is_in_use: bool,
    /// How it was trained, and how well it did.
    #[schema(value_type = Object)]
    pub report: Box<RawValue>,
}

impl Reader {
    /// Returns the parameters of the model in use; `None` while none was trained.
    pub fn model_in_use(&self) -> Result<Option<String>, StoreError> {
        self.connection
            .query_row("SELECT parameters FROM model WHERE is_in_use = 1", [], |row| row.get(0))
            .optional()
            .map_err(StoreError::doing("read the model"))
    }

    /// Returns the trained models, the latest first.
    pub fn models(&self) -> Result<Vec<ModelView>, StoreError> {
        const SQL: &str = "SELECT version, trained_at, is_in_use, report FROM model
            ORDER BY trained_at DESC, version LIMIT 1000";
        let doing = StoreError::doing("list models");
        let mut statement = self.connection.prepare_cached(SQL).map_err(&doing)?;
        let rows = statement
            .query_map([], |row| {
                let report: String = row.get(3)?;
                Ok(ModelView {
                    version: row.get(0)?,
                    trained_at: rfc3339(row.get(1)?),
                    is_in_use: row.get(2)?,
                    report: RawValue::from_string(report).unwrap_or_default(),
                })
            })
            .map_err(&doing)?;
        rows.collect::<Result<_, _>>().map_err(&doing)
    }

    /// Returns what a pass remembers under a name.
    pub fn pass_state(&self, name: &str) -> Result<Option<String>, StoreError> {
        self.connection
            .query_row("SELECT value FROM pass_state WHERE name = ?1", [name], |row| row.get(0))
            .optional()
            .map_err(StoreError::doing("read what a pass remembers"))
    }
}

impl Writer {
    /// Keeps a model, and uses it from now on.
    pub fn save_model(&mut self, model: &StoredModel) -> Result<(), StoreError> {
        let doing = StoreError::doing("keep a model");
        let transaction = self.connection.transaction().map_err(&doing)?;
        transaction.execute("UPDATE model SET is_in_use = 0", []).map_err(&doing)?;
        transaction
            .execute(
                "INSERT INTO model (version, trained_at, is_in_use, parameters, report)
                VALUES (?1, ?2, 1, ?3, ?4)
                ON CONFLICT (version) DO UPDATE SET trained_at = excluded.trained_at,
                    is_in_use = excluded.is_in_use, parameters = excluded.parameters,
                    report = excluded.report",
                params![
                    model.version,
                    model.trained_at.as_millisecond(),
                    model.parameters,
                    model.report
                ],
            )
            .map_err(&doing)?;
        transaction.commit().map_err(&doing)
    }

    /// Uses a model from now on, or none: then the scorecard predicts. `false` where there is no
    /// such model.
    pub fn use_model(&mut self, version: Option<&str>) -> Result<bool, StoreError> {
        let doing = StoreError::doing("choose a model");
        let is_there = match version {
            None => true,
            Some(version) => self
                .connection
                .query_row("SELECT 1 FROM model WHERE version = ?1", [version], |_| Ok(()))
                .optional()
                .map_err(&doing)?
                .is_some(),
        };
        if is_there {
            self.connection
                .execute(
                    "UPDATE model SET is_in_use = CASE WHEN version = ?1 THEN 1 ELSE 0 END",
                    [version],
                )
                .map_err(&doing)?;
        }
        Ok(is_there)
    }

    /// Keeps what a pass remembers under a name.
    pub fn save_pass_state(&mut self, name: &str, value: &str) -> Result<(), StoreError> {
        self.connection
            .execute(
                "INSERT INTO pass_state (name, value) VALUES (?1, ?2)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [name, value],
            )
            .map(drop)
            .map_err(StoreError::doing("keep what a pass remembers"))
    }
}
