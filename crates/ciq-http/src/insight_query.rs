//! Query parameters and small bodies about insights, automations and models.

use ciq_event::CustomerId;
use ciq_insight::{HORIZON_DAYS_DEFAULT, Stage, Target};
use ciq_store::{ExecutionFilter, InsightFilter, PageRequest};
use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::Problem;
use crate::query::{PageQuery, given, invalid, lost_cursor};

/// How far ahead of the clock a time may be: clocks differ, and so do time zones.
const AHEAD_MAX: SignedDuration = SignedDuration::from_hours(24);

/// The longest horizon that is learned, in days: ten years.
const HORIZON_DAYS_MAX: u16 = 3_650;

/// Which customers.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InsightsQuery {
    /// Of this segment only, such as `at_risk`.
    segment: Option<String>,
    /// At this stage only: `awareness`, `consideration`, `purchase`, `retention`, `at_risk` or
    /// `advocacy`.
    stage: Option<String>,
    /// With at least this probability of leaving, 0 to 1.
    #[param(value_type = Option<f64>, minimum = 0, maximum = 1)]
    min_churn: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

/// Which executions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExecutionsQuery {
    /// For this customer only, by any id that ever named it.
    customer_id: Option<String>,
    /// Of this automation only.
    automation_id: Option<String>,
    /// `triggered`, `executed`, `failed` or `suppressed`; all without it.
    status: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

/// Which messages and other actions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CampaignsQuery {
    /// For this customer only, by any id that ever named it.
    customer_id: Option<String>,
    /// Of this automation only.
    automation_id: Option<String>,
    /// `queued`, `sending`, `sent`, `failed` or `suppressed`; all without it.
    status: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

/// Which tasks.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct TasksQuery {
    /// About this customer only, by any id that ever named it.
    customer_id: Option<String>,
    /// `open` or `done`; all without it.
    status: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

impl InsightsQuery {
    /// Reads the filter and the page.
    pub(crate) fn filter(self) -> Result<(InsightFilter, PageRequest), Problem> {
        let stage = given(self.stage);
        let stages = Stage::ALL.map(Stage::name);
        if stage.as_deref().is_some_and(|stage| !stages.contains(&stage)) {
            return Err(invalid("stage", &format!("one of {}", stages.join(", "))));
        }
        let min_churn = given(self.min_churn).map(|text| churn_of(&text)).transpose()?;
        let page = PageQuery { cursor: self.cursor, limit: self.limit }.page()?;
        // Any text: automations name segments of their own.
        Ok((InsightFilter { segment: given(self.segment), stage, min_churn }, page))
    }
}

fn churn_of(text: &str) -> Result<f64, Problem> {
    let churn = text.parse().ok().filter(|churn| (0.0..=1.0).contains(churn));
    churn.ok_or_else(|| invalid("min_churn", "a number from 0 to 1, such as 0.7"))
}

impl ExecutionsQuery {
    /// Reads the filter and the page.
    pub(crate) fn filter(self) -> Result<(ExecutionFilter, PageRequest), Problem> {
        let status = status_of(self.status, &["triggered", "executed", "failed", "suppressed"])?;
        let filter = filter_of(self.customer_id, self.automation_id, status);
        Ok((filter, numbered(self.cursor, self.limit)?))
    }
}

impl CampaignsQuery {
    /// Reads the filter and the page.
    pub(crate) fn filter(self) -> Result<(ExecutionFilter, PageRequest), Problem> {
        let statuses = ["queued", "sending", "sent", "failed", "suppressed"];
        let status = status_of(self.status, &statuses)?;
        let filter = filter_of(self.customer_id, self.automation_id, status);
        Ok((filter, numbered(self.cursor, self.limit)?))
    }
}

impl TasksQuery {
    /// Reads the filter and the page.
    pub(crate) fn filter(self) -> Result<(ExecutionFilter, PageRequest), Problem> {
        let status = status_of(self.status, &["open", "done"])?;
        let filter = filter_of(self.customer_id, None, status);
        Ok((filter, numbered(self.cursor, self.limit)?))
    }
}

fn filter_of(
    customer_id: Option<String>,
    automation_id: Option<String>,
    status: Option<String>,
) -> ExecutionFilter {
    let customer = given(customer_id).map(CustomerId::from_raw);
    ExecutionFilter { customer, automation_id: given(automation_id), status }
}

fn status_of(status: Option<String>, known: &[&str]) -> Result<Option<String>, Problem> {
    let status = given(status);
    if status.as_deref().is_some_and(|status| !known.contains(&status)) {
        return Err(invalid("status", &format!("one of {}", known.join(", "))));
    }
    Ok(status)
}

/// Reads the page of a list whose cursors are numbers from 1.
fn numbered(cursor: Option<String>, limit: Option<String>) -> Result<PageRequest, Problem> {
    let page = PageQuery { cursor, limit }.page()?;
    let is_lost = |cursor: &str| !cursor.parse::<i64>().is_ok_and(|number| number > 0);
    if page.cursor.as_deref().is_some_and(is_lost) {
        return Err(lost_cursor());
    }
    Ok(page)
}

/// Refuses a key that nobody reads: with a misspelt one, now would be taken for another time.
pub(crate) fn only_keys(body: &Map<String, Value>, known: &[&str]) -> Result<(), Problem> {
    match body.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(invalid(key, &format!("not a key here; there are {}", known.join(", ")))),
        None => Ok(()),
    }
}

/// Reads the body `{"as_of"?}`; the time is `now` unless told.
pub(crate) fn as_of(body: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, Problem> {
    only_keys(body, &["as_of"])?;
    Ok(time_of(body, "as_of", now)?.unwrap_or(now))
}

/// Reads a time of a body.
pub(crate) fn time_of(
    body: &Map<String, Value>,
    key: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, Problem> {
    let text = match body.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(value) => value.as_str().unwrap_or_default(),
    };
    let remedy = "a time in RFC 3339 from 1970 on, such as 2024-01-15T10:30:00Z";
    let time = text.parse().ok().filter(|time| *time >= Timestamp::UNIX_EPOCH);
    let time: Timestamp = time.ok_or_else(|| invalid(key, remedy))?;
    if time.duration_since(now) > AHEAD_MAX {
        return Err(invalid(key, "more than a day ahead of the clock"));
    }
    Ok(Some(time))
}

/// Reads `horizon_days`.
pub(crate) fn horizon_of(body: &Map<String, Value>) -> Result<u16, Problem> {
    let value = match body.get("horizon_days") {
        None | Some(Value::Null) => return Ok(HORIZON_DAYS_DEFAULT),
        Some(value) => value,
    };
    let days = value.as_u64().and_then(|days| u16::try_from(days).ok());
    let days = days.filter(|days| (1..=HORIZON_DAYS_MAX).contains(days));
    days.ok_or_else(|| invalid("horizon_days", "a whole number of days from 1 to 3650"))
}

/// Reads `target`.
pub(crate) fn target_of(body: &Map<String, Value>) -> Result<Option<Target>, Problem> {
    match body.get("target") {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text == "purchase" => Ok(Some(Target::Purchase)),
        Some(Value::String(text)) if text == "activity" => Ok(Some(Target::Activity)),
        Some(_) => Err(invalid("target", "one of purchase, activity")),
    }
}
