//! What automations did, as the API, the command line and the pages show it.

use ciq_event::CustomerId;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::query::rfc3339;
use crate::sql::{Params, Row};
use crate::{PageRequest, Reader, StoreError, sql};

/// An automation that was triggered for a customer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ExecutionView {
    /// Names it.
    pub id: String,
    /// Which automation.
    pub automation_id: String,
    /// What it was called then.
    pub automation_name: String,
    /// What triggers it.
    pub trigger_type: String,
    /// For whom.
    pub customer_id: String,
    /// `triggered`, `executed`, `failed` or `suppressed`.
    pub status: String,
    /// Why it failed or was suppressed.
    pub reason: Option<String>,
    /// What triggered it.
    pub occasion: String,
    /// The figures that showed it.
    #[schema(value_type = Object)]
    pub evidence: Box<RawValue>,
    /// When it was triggered.
    pub triggered_at: Option<String>,
    /// When it was to act.
    pub due_at: Option<String>,
    /// When it had ended.
    pub executed_at: Option<String>,
}

/// A message, or another action, of an execution.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CampaignView {
    /// Names it: the key under which it is sent once.
    pub id: String,
    /// The execution that it belongs to.
    pub automation_execution_id: String,
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
    /// What the provider calls it.
    pub provider_id: Option<String>,
    /// When it was sent.
    pub sent_at: Option<String>,
    /// When it was asked for.
    pub created_at: Option<String>,
}

/// What an automation asks a person to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaskView {
    /// Names it.
    pub id: String,
    /// About whom.
    pub customer_id: String,
    /// What to do.
    pub title: String,
    /// In more words.
    pub body: Option<String>,
    /// `open` or `done`.
    pub status: String,
    /// When it was asked for.
    pub created_at: Option<String>,
}

/// Which executions to list.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// Of this customer only.
    pub customer: Option<CustomerId>,
    /// Of this automation only.
    pub automation_id: Option<String>,
    /// In this state only.
    pub status: Option<String>,
}

/// A page: its rows, and the cursor of the next.
type Page<T> = (Vec<T>, Option<String>);

const EXECUTIONS: &str = "SELECT x.key, 'exe_' || lower(hex(x.id)), x.automation_id,
        x.automation_name, x.trigger_type, r.id, x.status, x.reason, x.occasion, x.evidence,
        x.triggered_at, x.due_at, x.finished_at
    FROM execution AS x JOIN customer AS o ON o.key = x.customer_key
    JOIN customer AS r ON r.key = o.root_key
    WHERE (?1 IS NULL OR x.key < ?1) AND (?2 IS NULL OR o.root_key = ?2)
        AND (?3 IS NULL OR x.automation_id = ?3) AND (?4 IS NULL OR x.status = ?4)
    ORDER BY x.key DESC LIMIT ?5";

const CAMPAIGNS: &str = "SELECT d.key, d.idempotency_key, 'exe_' || lower(hex(x.id)), r.id,
        d.channel, d.status, d.reason, d.recipient, d.subject, d.body, d.attempt_count,
        d.provider_id, d.sent_at, d.created_at
    FROM delivery AS d JOIN execution AS x ON x.key = d.execution_key
    JOIN customer AS o ON o.key = x.customer_key JOIN customer AS r ON r.key = o.root_key
    WHERE (?1 IS NULL OR d.key < ?1) AND (?2 IS NULL OR o.root_key = ?2)
        AND (?3 IS NULL OR x.automation_id = ?3) AND (?4 IS NULL OR d.status = ?4)
    ORDER BY d.key DESC LIMIT ?5";

const TASKS: &str = "SELECT t.key, 'tsk_' || lower(hex(t.id)), r.id, t.title, t.body, t.status,
        t.created_at
    FROM task AS t JOIN customer AS o ON o.key = t.customer_key
    JOIN customer AS r ON r.key = o.root_key
    WHERE (?1 IS NULL OR t.key < ?1) AND (?2 IS NULL OR o.root_key = ?2)
        AND ?3 IS NULL AND (?4 IS NULL OR t.status = ?4)
    ORDER BY t.key DESC LIMIT ?5";

impl Reader {
    /// Returns a page of executions, the latest first, and the cursor of the next.
    pub fn executions(
        &self,
        filter: &ExecutionFilter,
        page: &PageRequest,
    ) -> Result<Page<ExecutionView>, StoreError> {
        self.page_of(EXECUTIONS, filter, page, |row| {
            let evidence: String = row.get(9)?;
            Ok(ExecutionView {
                id: row.get(1)?,
                automation_id: row.get(2)?,
                automation_name: row.get(3)?,
                trigger_type: row.get(4)?,
                customer_id: row.get(5)?,
                status: row.get(6)?,
                reason: row.get(7)?,
                occasion: row.get(8)?,
                evidence: RawValue::from_string(evidence).unwrap_or_default(),
                triggered_at: rfc3339(row.get(10)?),
                due_at: rfc3339(row.get(11)?),
                executed_at: rfc3339(row.get(12)?),
            })
        })
    }

    /// Returns a page of what executions sent or did, the latest first, and the cursor of the next.
    pub fn campaigns(
        &self,
        filter: &ExecutionFilter,
        page: &PageRequest,
    ) -> Result<Page<CampaignView>, StoreError> {
        self.page_of(CAMPAIGNS, filter, page, |row| {
            Ok(CampaignView {
                id: row.get(1)?,
                automation_execution_id: row.get(2)?,
                customer_id: row.get(3)?,
                channel: row.get(4)?,
                status: row.get(5)?,
                reason: row.get(6)?,
                recipient: row.get(7)?,
                subject: row.get(8)?,
                content: row.get(9)?,
                attempt_count: row.get(10)?,
                provider_id: row.get(11)?,
                sent_at: rfc3339(row.get(12)?),
                created_at: rfc3339(row.get(13)?),
            })
        })
    }

    /// Returns a page of tasks, the latest first, and the cursor of the next.
    pub fn tasks(
        &self,
        filter: &ExecutionFilter,
        page: &PageRequest,
    ) -> Result<Page<TaskView>, StoreError> {
        self.page_of(TASKS, filter, page, |row| {
            Ok(TaskView {
                id: row.get(1)?,
                customer_id: row.get(2)?,
                title: row.get(3)?,
                body: row.get(4)?,
                status: row.get(5)?,
                created_at: rfc3339(row.get(6)?),
            })
        })
    }

    fn page_of<T>(
        &self,
        sql: &str,
        filter: &ExecutionFilter,
        page: &PageRequest,
        read: impl Fn(&Row<'_>) -> sql::Result<T>,
    ) -> Result<Page<T>, StoreError> {
        let ExecutionFilter { customer, automation_id, status } = filter;
        let root = match customer {
            None => None,
            Some(id) => match self.key_of(id)? {
                Some(key) => Some(key.0),
                None => return Ok((Vec::new(), None)),
            },
        };
        let before: Option<i64> = page.cursor.as_ref().and_then(|cursor| cursor.parse().ok());
        let size = page.size();
        self.numbered(sql, (before, root, automation_id, status, size + 1), size, read)
    }

    /// Rows whose first column is the number by which pages go on.
    fn numbered<T>(
        &self,
        sql: &str,
        given: impl Params,
        size: u32,
        read: impl Fn(&Row<'_>) -> sql::Result<T>,
    ) -> Result<Page<T>, StoreError> {
        let doing = StoreError::doing("list what automations did");
        let mut statement = self.connection.prepare_cached(sql).map_err(&doing)?;
        let rows = statement
            .query_map(given, |row| Ok((row.get::<_, i64>(0)?, read(row)?)))
            .map_err(&doing)?;
        let mut rows: Vec<(i64, T)> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let is_more = rows.len() > size as usize;
        rows.truncate(size as usize);
        let next = rows.last().filter(|_| is_more).map(|(key, _)| key.to_string());
        Ok((rows.into_iter().map(|(_, row)| row).collect(), next))
    }
}
