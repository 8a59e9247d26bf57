//! The monitor: having it look, and the rules by which it does.

use axum::Json;
use axum::extract::{FromRequest, Request, State};
use ciq_clockwork::Scope;
use ciq_event::Brand;
use ciq_monitor::Rules;
use serde_json::Value;

use super::event_bodies::AsOfBody;
use super::monitor_bodies::RulesBody;
use crate::answer::{CheckedAnswer, RulesAnswer};
use crate::extract::{JsonObject, OptionalObject, RawBody, is_media_type};
use crate::insight_query::{as_of, only_keys};
use crate::query::invalid;
use crate::state::off_thread;
use crate::{AppState, Problem, ReaderCaller, WriterCaller};

/// The media types of TOML: the registered one, and what people write.
const TOML_TYPES: [&str; 2] = ["application/toml", "text/toml"];

/// Checks everyone by the rules
///
/// As of a time, which may be past. Opens interventions where a rule's conditions hold, closes those
/// where they do not any more, and wakes those that were put off until then. While the service runs
/// this happens by itself. Goes on where it takes longer than a request may. Takes a writer.
#[utoipa::path(
    post,
    path = "/api/monitor/check",
    tag = "Monitor",
    request_body = Option<AsOfBody>,
    responses((status = 200, description = "What came of it.", body = CheckedAnswer))
)]
pub(crate) async fn check_everyone(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    OptionalObject(body): OptionalObject,
) -> Result<Json<CheckedAnswer>, Problem> {
    let now = state.now();
    let as_of = as_of(&body, now)?;
    let clock = state.brand_clock(&caller.brand).await?;
    if as_of < now {
        // Somebody plays the past: nothing of today in between.
        clock.hold();
    }
    let report = off_thread(move || clock.monitor(Scope::All, as_of)).await??;
    Ok(Json(report.into()))
}

/// Returns the rules of the monitor
///
/// The brand's own, else the default set.
#[utoipa::path(
    get,
    path = "/api/monitor/rules",
    tag = "Monitor",
    responses((status = 200, description = "The rules, in their order.", body = RulesAnswer))
)]
pub(crate) async fn get_rules(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
) -> Result<Json<RulesAnswer>, Problem> {
    let rules = rules_of(&state, &caller.brand).await?;
    Ok(Json((&rules).into()))
}

/// Returns the rules of a brand. One without a file has the default set: reading makes none.
pub(super) async fn rules_of(state: &AppState, brand: &Brand) -> Result<Rules, Problem> {
    match state.existing_clock(brand).await? {
        Some(clock) => Ok(off_thread(move || clock.monitor_rules()).await??),
        None => Ok(Rules::default_set()),
    }
}

/// Replaces the rules of the monitor
///
/// All of them, as JSON or as TOML `[[rule]]` tables. The interventions of a rule that is gone are
/// closed by the next check. Takes a writer.
#[utoipa::path(
    put,
    path = "/api/monitor/rules",
    tag = "Monitor",
    request_body(
        description = "The rules.",
        content(
            (RulesBody = "application/json"),
            (String = "application/toml", example =
                "[[rule]]\nkind = \"error_debugging\"\ntitle = \"Calls fail\"\nseverity = \"high\"\nwhen = [{ field = \"error_rate\", op = \"gt\", value = 0.1 }]\n")
        )
    ),
    responses((status = 200, description = "They count from now on.", body = RulesAnswer))
)]
pub(crate) async fn put_rules(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    SentRules(rules): SentRules,
) -> Result<Json<RulesAnswer>, Problem> {
    if rules.rules().is_empty() {
        let remedy = "at least one rule: switch rules off with enabled = false, or go back to the \
                      default set with DELETE";
        return Err(invalid("rules", remedy));
    }
    let clock = state.brand_clock(&caller.brand).await?;
    let at = state.now();
    let answer = RulesAnswer::from(&rules);
    off_thread(move || clock.set_monitor_rules(Some(&rules), at)).await??;
    Ok(Json(answer))
}

/// Goes back to the default set of rules
///
/// Takes a writer.
#[utoipa::path(
    delete,
    path = "/api/monitor/rules",
    tag = "Monitor",
    responses((status = 200, description = "The default set counts from now on.",
        body = RulesAnswer))
)]
pub(crate) async fn reset_rules(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
) -> Result<Json<RulesAnswer>, Problem> {
    if let Some(clock) = state.existing_clock(&caller.brand).await? {
        let at = state.now();
        off_thread(move || clock.set_monitor_rules(None, at)).await??;
    }
    Ok(Json((&Rules::default_set()).into()))
}

/// The rules of a body.
pub(crate) struct SentRules(Rules);

impl<S: Send + Sync> FromRequest<S> for SentRules {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        if TOML_TYPES.iter().any(|toml| is_media_type(request.headers(), toml)) {
            let RawBody(body) = RawBody::from_request(request, state).await?;
            let text = std::str::from_utf8(&body).map_err(|_| invalid("body", "not UTF-8"))?;
            return Ok(Self(Rules::parse_toml(text)?));
        }
        let JsonObject(body) = JsonObject::from_request(request, state).await?;
        only_keys(&body, &["rules"])?;
        Ok(Self(Rules::from_json(&Value::Object(body))?))
    }
}
