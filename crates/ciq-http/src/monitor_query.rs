//! Query parameters and small bodies about accounts, interventions and the monitor.

use ciq_event::{AccountStage, CustomerId, Severity, Tier};
use ciq_monitor::{Band, Status, TEXT_LENGTH_MAX};
use ciq_store::{AccountFilter, InterventionFilter, PageRequest};
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::IntoParams;

use crate::query::{PageQuery, given, invalid, lost_cursor};
use crate::{Problem, Role};

/// How long an intervention may be put off: what waits longer is nobody's plan.
const SNOOZE_MAX: SignedDuration = SignedDuration::from_hours(90 * 24);

/// Most characters of a name.
const NAME_LENGTH_MAX: usize = 120;

/// Stands for all statuses.
const ALL_STATUSES: &str = "all";

/// Which accounts.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct AccountsQuery {
    /// At this stage only: `new`, `trial_created`, `api_keys_generated`, `first_api_call`,
    /// `integration_validated` or `production_ready`.
    stage: Option<String>,
    /// Of this tier only: `none`, `trial`, `starter`, `pro` or `enterprise`.
    tier: Option<String>,
    /// That go like this only: `healthy`, `watch` or `at_risk`.
    health_band: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

/// Which interventions.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct InterventionsQuery {
    /// Comma-separated: `open`, `acknowledged`, `snoozed`, `resolved`; or `all`. All but the
    /// resolved ones without it.
    status: Option<String>,
    /// Of this severity only: `low`, `medium`, `high` or `critical`.
    severity: Option<String>,
    /// Of this kind only, such as `error_debugging`.
    kind: Option<String>,
    /// Of this person only.
    assignee: Option<String>,
    /// About this customer only, by any id that ever named it.
    customer: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    limit: Option<String>,
}

impl AccountsQuery {
    /// Reads the filter and the page.
    pub(crate) fn filter(self) -> Result<(AccountFilter, PageRequest), Problem> {
        let stages: Vec<_> = AccountStage::ALL.iter().map(|stage| stage.name()).collect();
        let tiers: Vec<_> = Tier::ALL.iter().map(|tier| tier.name()).collect();
        let bands: Vec<_> = Band::ALL.iter().map(|band| band.name()).collect();
        let filter = AccountFilter {
            stage: word(self.stage, "stage", &stages)?,
            tier: word(self.tier, "tier", &tiers)?,
            health_band: word(self.health_band, "health_band", &bands)?,
        };
        Ok((filter, PageQuery { cursor: self.cursor, limit: self.limit }.page()?))
    }
}

impl InterventionsQuery {
    /// Reads the filter and the page.
    pub(crate) fn filter(self) -> Result<InterventionFilter, Problem> {
        let severities: Vec<_> = Severity::ALL.iter().map(|severity| severity.name()).collect();
        let severity = word(self.severity, "severity", &severities)?;
        let page = PageQuery { cursor: self.cursor, limit: self.limit }.page()?;
        if page.cursor.as_deref().is_some_and(|cursor| !is_place(cursor)) {
            return Err(lost_cursor());
        }
        Ok(InterventionFilter {
            status: statuses(self.status)?,
            severity: severity.as_deref().and_then(Severity::parse),
            kind: given(self.kind),
            assignee: given(self.assignee),
            customer: given(self.customer).map(CustomerId::from_raw),
            cursor: page.cursor,
            limit: page.limit,
        })
    }
}

/// Tells whether a text may be a place in a list: `high-12`, or `12` where resolved ones are listed.
fn is_place(cursor: &str) -> bool {
    let number = match cursor.split_once('-') {
        Some((severity, number)) => Severity::parse(severity).map(|_| number),
        None => Some(cursor),
    };
    number.and_then(|number| number.parse::<i64>().ok()).is_some_and(|number| number > 0)
}

/// Reads a parameter that is one of some words.
fn word(parameter: Option<String>, name: &str, known: &[&str]) -> Result<Option<String>, Problem> {
    let word = given(parameter);
    if word.as_deref().is_some_and(|word| !known.contains(&word)) {
        return Err(invalid(name, &format!("one of {}", known.join(", "))));
    }
    Ok(word)
}

/// Reads statuses; without any, all but the resolved.
fn statuses(parameter: Option<String>) -> Result<Option<Vec<String>>, Problem> {
    let Some(text) = given(parameter) else { return Ok(None) };
    if text == ALL_STATUSES {
        return Ok(Some(Status::ALL.iter().map(|status| status.name().to_owned()).collect()));
    }
    let status = |name: &str| Status::parse(name.trim()).map(|status| status.name().to_owned());
    let statuses = text.split(',').map(status).collect::<Option<_>>();
    statuses.map(Some).ok_or_else(|| {
        let names: Vec<_> = Status::ALL.iter().map(|status| status.name()).collect();
        invalid("status", &format!("comma-separated, each one of {}; or all", names.join(", ")))
    })
}

/// Reads `by`, who acts; the caller's role without it.
pub(crate) fn actor_of(body: &Map<String, Value>, role: Role) -> Result<String, Problem> {
    let by = text_of(body, "by", NAME_LENGTH_MAX)?;
    Ok(by.unwrap_or_else(|| role.as_str().to_owned()))
}

/// Reads `to`, whose it is from now on; nobody's where it is `null`.
pub(crate) fn assignee_of(body: &Map<String, Value>) -> Result<Option<String>, Problem> {
    let remedy = "required: a name, or null for nobody";
    match body.get("to") {
        None => Err(invalid("to", remedy)),
        Some(Value::Null) => Ok(None),
        Some(_) => {
            let to = text_of(body, "to", NAME_LENGTH_MAX)?;
            to.map(Some).ok_or_else(|| invalid("to", remedy))
        }
    }
}

/// Reads a note or a comment.
pub(crate) fn words_of(body: &Map<String, Value>, key: &str) -> Result<Option<String>, Problem> {
    text_of(body, key, TEXT_LENGTH_MAX)
}

/// Reads a text that a person wrote. An empty one is none.
fn text_of(
    body: &Map<String, Value>,
    key: &str,
    length_max: usize,
) -> Result<Option<String>, Problem> {
    let text = match body.get(key) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text.trim(),
        Some(_) => return Err(invalid(key, "must be a text")),
    };
    if text.chars().count() > length_max {
        return Err(invalid(key, &format!("at most {length_max} characters")));
    }
    if text.contains('\0') {
        return Err(invalid(key, "must not contain a NUL character"));
    }
    Ok(Some(text.to_owned()).filter(|text| !text.is_empty()))
}

/// Reads until when an intervention rests: `until`, or `for` from now on.
pub(crate) fn rest_of(body: &Map<String, Value>, now: Timestamp) -> Result<Timestamp, Problem> {
    let held = |key: &str| body.get(key).filter(|value| !value.is_null());
    let until = match (held("until"), held("for")) {
        (Some(_), Some(_)) => {
            return Err(invalid("for", "not beside until: send one of the two"));
        }
        (None, None) => {
            return Err(invalid("until", "required: until, a time; or for, such as 4h"));
        }
        (Some(until), None) => time_ahead(until.as_str().unwrap_or_default(), now)?,
        (None, Some(span)) => after(span.as_str().unwrap_or_default(), now)?,
    };
    Ok(until)
}

fn time_ahead(text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let remedy = "a time in RFC 3339, such as 2024-01-15T10:30:00Z";
    let until: Timestamp = text.parse().map_err(|_| invalid("until", remedy))?;
    let ahead = until.duration_since(now);
    if !ahead.is_positive() {
        return Err(invalid("until", &format!("in the past: send a time after {now}")));
    }
    if ahead > SNOOZE_MAX {
        return Err(invalid(
            "until",
            "more than 90 days ahead: resolve it, or send an earlier time",
        ));
    }
    Ok(until)
}

fn after(text: &str, now: Timestamp) -> Result<Timestamp, Problem> {
    let remedy = "a span of time up to 90d, such as 30m, 4h or 2d";
    let span = text.parse::<Span>().ok();
    let span = span.and_then(|span| span.to_duration(SpanRelativeTo::days_are_24_hours()).ok());
    let span = span.filter(|span| span.is_positive() && *span <= SNOOZE_MAX);
    let until = span.and_then(|span| now.checked_add(span).ok());
    until.ok_or_else(|| invalid("for", remedy))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NOW: &str = "2024-02-01T08:00:00Z";

    #[track_caller]
    fn check_rest(body: &Value, expected: Result<&str, &str>) {
        let body = body.as_object().unwrap().clone();
        let until = rest_of(&body, NOW.parse().unwrap());
        let expected = expected.map(|time| time.parse().unwrap());
        let found = until.as_ref().map(|until| *until).map_err(|it| it.field().unwrap());
        assert_eq!(found, expected, "{body:?}");
    }

    #[test]
    fn a_rest_ends_at_a_time_or_after_a_span() {
        check_rest(&json!({"until": "2024-02-01T09:00:00Z"}), Ok("2024-02-01T09:00:00Z"));
        check_rest(&json!({"for": "4h"}), Ok("2024-02-01T12:00:00Z"));
        check_rest(&json!({"for": "1h30m"}), Ok("2024-02-01T09:30:00Z"));
        check_rest(&json!({"for": "2d", "until": null}), Ok("2024-02-03T08:00:00Z"));
    }

    #[test]
    fn what_is_no_rest_is_named() {
        check_rest(&json!({}), Err("until"));
        check_rest(&json!({"until": NOW}), Err("until"));
        check_rest(&json!({"until": "2024-01-31T08:00:00Z"}), Err("until"));
        check_rest(&json!({"until": "2026-02-01T08:00:00Z"}), Err("until"));
        check_rest(&json!({"until": "tomorrow"}), Err("until"));
        check_rest(&json!({"until": 7}), Err("until"));
        check_rest(&json!({"for": "4h", "until": "2024-02-01T09:00:00Z"}), Err("for"));
        for span in ["", "soon", "0s", "-4h", "91d", "4"] {
            check_rest(&json!({ "for": span }), Err("for"));
        }
        check_rest(&json!({"for": 4}), Err("for"));
    }
}
