//! Interventions: what a person should do about a customer, and what people did about it.

use axum::Json;
use axum::extract::State;
use ciq_event::{Brand, InterventionId};
use ciq_monitor::{Action, Rules, Status};
use ciq_store::{InterventionDetail, InterventionFilter, InterventionPage, InterventionView};
use serde_json::{Map, Value};

use super::monitor::rules_of;
use super::monitor_bodies::{ActorBody, AssignBody, CommentBody, ResolveBody, SnoozeBody};
use crate::extract::{JsonObject, OptionalObject, PathId, QueryOf};
use crate::insight_query::only_keys;
use crate::monitor_query::{InterventionsQuery, actor_of, assignee_of, rest_of, words_of};
use crate::query::invalid;
use crate::state::off_thread;
use crate::{AppState, Caller, Problem, ReaderCaller, WriterCaller};

/// Lists interventions, the most severe first
#[utoipa::path(
    get,
    path = "/api/interventions",
    tag = "Monitor",
    params(InterventionsQuery),
    responses((status = 200, description = "A page of interventions.", body = InterventionPage))
)]
pub(crate) async fn list_interventions(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<InterventionsQuery>,
) -> Result<Json<InterventionPage>, Problem> {
    let filter = query.filter()?;
    let asked = filter.clone();
    let list = state.read(&caller.brand, move |reader| reader.interventions(&asked)).await?;
    let mut list = list.unwrap_or(InterventionPage { data: Vec::new(), next_cursor: None });
    let rules = rules_of(&state, &caller.brand).await?;
    if let Some(kind) = filter.kind.filter(|_| list.data.is_empty()) {
        check_kind(&state, &caller.brand, &rules, kind).await?;
    }
    list.data.iter_mut().for_each(|view| add_playbook(view, &rules));
    Ok(Json(list))
}

/// Refuses a kind that no rule has, and that is not on record either: it is misspelt.
async fn check_kind(
    state: &AppState,
    brand: &Brand,
    rules: &Rules,
    kind: String,
) -> Result<(), Problem> {
    if rules.rule(&kind).is_some() {
        return Ok(());
    }
    let on_record = InterventionFilter {
        status: Some(Status::ALL.iter().map(|status| status.name().to_owned()).collect()),
        kind: Some(kind),
        limit: Some(1),
        ..InterventionFilter::default()
    };
    let found = state.read(brand, move |reader| reader.interventions(&on_record)).await?;
    if found.is_some_and(|found| !found.data.is_empty()) {
        return Ok(());
    }
    let kinds: Vec<&str> = rules.rules().iter().map(|rule| rule.kind.as_str()).collect();
    Err(invalid("kind", &format!("one of {}", kinds.join(", "))))
}

/// Adds what the rule says how to go about it: the file does not hold it twice.
fn add_playbook(view: &mut InterventionView, rules: &Rules) {
    if let Some(rule) = rules.rule(&view.kind) {
        view.playbook.clone_from(&rule.playbook);
    }
}

/// Adds the same to an intervention with its history.
async fn answered(
    state: &AppState,
    brand: &Brand,
    mut detail: InterventionDetail,
) -> Result<Json<InterventionDetail>, Problem> {
    let rules = rules_of(state, brand).await?;
    add_playbook(&mut detail.view, &rules);
    Ok(Json(detail))
}

/// Returns an intervention with its history
#[utoipa::path(
    get,
    path = "/api/interventions/{id}",
    tag = "Monitor",
    params(("id" = String, Path, description = "The intervention, `itv_…`.")),
    responses((status = 200, description = "The intervention.", body = InterventionDetail))
)]
pub(crate) async fn get_intervention(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<InterventionDetail>, Problem> {
    let id: InterventionId = id.parse().map_err(|_| unknown())?;
    let found = state.read(&caller.brand, move |reader| reader.intervention(id)).await?;
    answered(&state, &caller.brand, found.flatten().ok_or_else(unknown)?).await
}

/// Acknowledges an intervention
///
/// Somebody has seen it, and looks after it. Takes a writer.
#[utoipa::path(
    post,
    path = "/api/interventions/{id}/acknowledge",
    tag = "Monitor",
    params(("id" = String, Path, description = "The intervention, `itv_…`.")),
    request_body = Option<ActorBody>,
    responses((status = 200, description = "It is acknowledged.", body = InterventionDetail))
)]
pub(crate) async fn acknowledge_intervention(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
    OptionalObject(body): OptionalObject,
) -> Result<Json<InterventionDetail>, Problem> {
    only_keys(&body, &["by"])?;
    act(&state, &caller, &id, &body, Action::Acknowledge).await
}

/// Puts an intervention off
///
/// It is open again by itself, where its condition holds then. Takes a writer.
#[utoipa::path(
    post,
    path = "/api/interventions/{id}/snooze",
    tag = "Monitor",
    params(("id" = String, Path, description = "The intervention, `itv_…`.")),
    request_body = SnoozeBody,
    responses((status = 200, description = "It rests.", body = InterventionDetail))
)]
pub(crate) async fn snooze_intervention(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
    JsonObject(body): JsonObject,
) -> Result<Json<InterventionDetail>, Problem> {
    only_keys(&body, &["until", "for", "by"])?;
    let until = rest_of(&body, state.now())?;
    act(&state, &caller, &id, &body, Action::Snooze { until }).await
}

/// Gives an intervention to somebody, or to nobody
///
/// Takes a writer.
#[utoipa::path(
    post,
    path = "/api/interventions/{id}/assign",
    tag = "Monitor",
    params(("id" = String, Path, description = "The intervention, `itv_…`.")),
    request_body = AssignBody,
    responses((status = 200, description = "It is given.", body = InterventionDetail))
)]
pub(crate) async fn assign_intervention(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
    JsonObject(body): JsonObject,
) -> Result<Json<InterventionDetail>, Problem> {
    only_keys(&body, &["to", "by"])?;
    let to = assignee_of(&body)?;
    act(&state, &caller, &id, &body, Action::Assign { to }).await
}

/// Resolves an intervention
///
/// It is done. Its kind rests for this customer for the cool-down of its rule. Takes a writer.
#[utoipa::path(
    post,
    path = "/api/interventions/{id}/resolve",
    tag = "Monitor",
    params(("id" = String, Path, description = "The intervention, `itv_…`.")),
    request_body = Option<ResolveBody>,
    responses((status = 200, description = "It is resolved.", body = InterventionDetail))
)]
pub(crate) async fn resolve_intervention(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
    OptionalObject(body): OptionalObject,
) -> Result<Json<InterventionDetail>, Problem> {
    only_keys(&body, &["note", "by"])?;
    let note = words_of(&body, "note")?;
    act(&state, &caller, &id, &body, Action::Resolve { note }).await
}

/// Opens a resolved intervention again
///
/// Takes a writer.
#[utoipa::path(
    post,
    path = "/api/interventions/{id}/reopen",
    tag = "Monitor",
    params(("id" = String, Path, description = "The intervention, `itv_…`.")),
    request_body = Option<ActorBody>,
    responses((status = 200, description = "It is open.", body = InterventionDetail))
)]
pub(crate) async fn reopen_intervention(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
    OptionalObject(body): OptionalObject,
) -> Result<Json<InterventionDetail>, Problem> {
    only_keys(&body, &["by"])?;
    act(&state, &caller, &id, &body, Action::Reopen).await
}

/// Writes a comment into an intervention's history
///
/// Takes a writer.
#[utoipa::path(
    post,
    path = "/api/interventions/{id}/comment",
    tag = "Monitor",
    params(("id" = String, Path, description = "The intervention, `itv_…`.")),
    request_body = CommentBody,
    responses((status = 200, description = "It is written down.", body = InterventionDetail))
)]
pub(crate) async fn comment_intervention(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
    JsonObject(body): JsonObject,
) -> Result<Json<InterventionDetail>, Problem> {
    only_keys(&body, &["text", "by"])?;
    let text = words_of(&body, "text")?.ok_or_else(|| invalid("text", "required: some words"))?;
    act(&state, &caller, &id, &body, Action::Comment { text }).await
}

async fn act(
    state: &AppState,
    caller: &Caller,
    id: &str,
    body: &Map<String, Value>,
    action: Action,
) -> Result<Json<InterventionDetail>, Problem> {
    let id: InterventionId = id.parse().map_err(|_| unknown())?;
    let actor = actor_of(body, caller.role)?;
    let Some(clock) = state.existing_clock(&caller.brand).await? else { return Err(unknown()) };
    let at = state.now();
    let acted = off_thread(move || clock.act_on_intervention(id, &actor, &action, at)).await??;
    answered(state, &caller.brand, acted.ok_or_else(unknown)?).await
}

fn unknown() -> Problem {
    Problem::not_found("intervention")
}
