//! What automations did.

use axum::Json;
use axum::extract::State;

use crate::answer::{CampaignPage, ExecutionPage, TaskPage};
use crate::extract::QueryOf;
use crate::insight_query::{CampaignsQuery, ExecutionsQuery, TasksQuery};
use crate::{AppState, Problem, ReaderCaller};

/// Lists executions, the latest first
///
/// An execution is an automation that was triggered for a customer, with the figures that showed
/// why.
#[utoipa::path(
    get,
    path = "/api/automations/executions",
    tag = "Automations",
    params(ExecutionsQuery),
    responses((status = 200, description = "A page of executions.", body = ExecutionPage))
)]
pub(crate) async fn list_executions(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<ExecutionsQuery>,
) -> Result<Json<ExecutionPage>, Problem> {
    let (filter, page) = query.filter()?;
    let read = move |reader: &ciq_store::Reader| reader.executions(&filter, &page);
    let (data, next_cursor) = state.read(&caller.brand, read).await?.unwrap_or_default();
    Ok(Json(ExecutionPage { data, next_cursor }))
}

/// Lists messages and other actions of automations, the latest first
#[utoipa::path(
    get,
    path = "/api/campaigns",
    tag = "Automations",
    params(CampaignsQuery),
    responses((status = 200, description = "A page of messages and actions.", body = CampaignPage))
)]
pub(crate) async fn list_campaigns(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<CampaignsQuery>,
) -> Result<Json<CampaignPage>, Problem> {
    let (filter, page) = query.filter()?;
    let read = move |reader: &ciq_store::Reader| reader.campaigns(&filter, &page);
    let (data, next_cursor) = state.read(&caller.brand, read).await?.unwrap_or_default();
    Ok(Json(CampaignPage { data, next_cursor }))
}

/// Lists what automations ask people to do, the latest first
#[utoipa::path(
    get,
    path = "/api/tasks",
    tag = "Automations",
    params(TasksQuery),
    responses((status = 200, description = "A page of tasks.", body = TaskPage))
)]
pub(crate) async fn list_tasks(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<TasksQuery>,
) -> Result<Json<TaskPage>, Problem> {
    let (filter, page) = query.filter()?;
    let read = move |reader: &ciq_store::Reader| reader.tasks(&filter, &page);
    let (data, next_cursor) = state.read(&caller.brand, read).await?.unwrap_or_default();
    Ok(Json(TaskPage { data, next_cursor }))
}
