//! Interventions as the API, the command line and the pages show them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use ciq_event::InterventionId;

use crate::codec::severity;
use crate::query::{Amount, amount, rfc3339};
use crate::sql::{Connection, OptionalExtension, Row};
use crate::{Reader, StoreError, sql};

/// Something that a person should do about a customer.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InterventionView {
    /// Names it: `itv_` and 32 hex digits.
    pub id: String,
    /// About whom.
    pub customer_id: String,
    /// The customer's name, or the best that stands for one.
    pub customer_name: String,
    /// Which rule wants it.
    pub kind: String,
    /// In one line.
    pub title: String,
    /// `low`, `medium`, `high` or `critical`.
    pub severity: String,
    /// `open`, `acknowledged`, `snoozed` or `resolved`.
    pub status: String,
    /// When it was opened.
    pub opened_at: Option<String>,
    /// When it was changed last.
    pub changed_at: Option<String>,
    /// Until when nobody has to look at it.
    pub snoozed_until: Option<String>,
    /// When it was resolved.
    pub closed_at: Option<String>,
    /// Why it is resolved.
    pub close_reason: Option<String>,
    /// Who deals with it.
    pub assignee: Option<String>,
    /// Until when it should be dealt with.
    pub due_at: Option<String>,
    /// What to do.
    pub action: String,
    /// How to go about it, step by step. It stands in the rules; what is read from the file is
    /// without it.
    pub playbook: Vec<String>,
    /// The figures that showed it.
    pub evidence: Vec<EvidenceView>,
    /// What the customer spent, in `currency`.
    #[schema(value_type = f64)]
    pub value_at_risk: Amount,
    /// The currency of `value_at_risk`.
    pub currency: String,
}

/// A figure that showed that something has to be done.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct EvidenceView {
    /// What was looked at.
    pub field: String,
    /// What it was.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub value: Value,
    /// How it was compared.
    pub op: String,
    /// With what.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub threshold: Value,
}

/// An intervention with its history.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct InterventionDetail {
    /// What a list shows.
    #[serde(flatten)]
    pub view: InterventionView,
    /// What became of it, the first step first.
    pub history: Vec<InterventionChangeView>,
}

/// A step in the life of an intervention.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct InterventionChangeView {
    /// What was done, such as `opened` or `acknowledged`.
    pub action: String,
    /// By whom; `monitor` where nobody did.
    pub actor: String,
    /// The status from then on.
    pub status: String,
    /// In more words.
    pub detail: Option<String>,
    /// When.
    pub changed_at: Option<String>,
}

/// The columns of an intervention, as [`view_of`] reads them.
pub(super) const COLUMNS: &str = "i.key, i.severity, i.id, r.id,
    coalesce(json_extract(a.fields, '$.name[0]'), json_extract(a.fields, '$.company[0]'),
        r.email, r.phone, r.id),
    i.kind, i.title, i.status, i.opened_at, i.changed_at, i.snoozed_until, i.closed_at,
    i.close_reason, i.assignee, i.due_at, i.action, i.evidence, a.lifetime_value_minor, a.currency";

/// Whom an intervention is about, joined in this order.
pub(super) const JOINS: &str = "CROSS JOIN customer AS o ON o.key = i.customer_key
    CROSS JOIN customer AS r ON r.key = o.root_key
    CROSS JOIN activity AS a ON a.key = r.key";

impl Reader {
    /// Returns an intervention with its history.
    pub fn intervention(
        &self,
        id: InterventionId,
    ) -> Result<Option<InterventionDetail>, StoreError> {
        detail(&self.connection, id).map_err(StoreError::doing("read an intervention"))
    }
}

pub(super) fn detail(
    connection: &Connection,
    id: InterventionId,
) -> sql::Result<Option<InterventionDetail>> {
    let sql = format!("SELECT {COLUMNS} FROM intervention AS i {JOINS} WHERE i.id = ?1");
    let mut statement = connection.prepare_cached(&sql)?;
    let found = statement
        .query_row([id.as_bytes()], |row| Ok((row.get::<_, i64>(0)?, view_of(row)?)))
        .optional()?;
    let Some((key, view)) = found else { return Ok(None) };
    Ok(Some(InterventionDetail { view, history: history(connection, key)? }))
}

fn history(connection: &Connection, key: i64) -> sql::Result<Vec<InterventionChangeView>> {
    let mut statement = connection.prepare_cached(
        "SELECT action, actor, status, detail, changed_at FROM intervention_change
        WHERE intervention_key = ?1 ORDER BY key",
    )?;
    let rows = statement.query_map([key], |row| {
        Ok(InterventionChangeView {
            action: row.get(0)?,
            actor: row.get(1)?,
            status: row.get(2)?,
            detail: row.get(3)?,
            changed_at: rfc3339(row.get(4)?),
        })
    })?;
    rows.collect()
}

pub(super) fn view_of(row: &Row<'_>) -> sql::Result<InterventionView> {
    let (evidence, currency): (String, String) = (row.get(16)?, row.get(18)?);
    Ok(InterventionView {
        id: InterventionId::from_raw(row.get(2)?).to_string(),
        customer_id: row.get(3)?,
        customer_name: row.get(4)?,
        kind: row.get(5)?,
        title: row.get(6)?,
        severity: severity(row.get(1)?).name().to_owned(),
        status: row.get(7)?,
        opened_at: rfc3339(row.get(8)?),
        changed_at: rfc3339(row.get(9)?),
        snoozed_until: rfc3339(row.get(10)?),
        closed_at: rfc3339(row.get(11)?),
        close_reason: row.get(12)?,
        assignee: row.get(13)?,
        due_at: rfc3339(row.get(14)?),
        action: row.get(15)?,
        playbook: Vec::new(),
        evidence: serde_json::from_str(&evidence).unwrap_or_default(),
        value_at_risk: amount(row.get(17)?, &currency),
        currency,
    })
}
