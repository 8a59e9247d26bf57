//! Profiles: customers as identity resolution sees them.

use axum::Json;
use axum::extract::State;
use ciq_event::CustomerId;
use ciq_store::{
    ExecutionFilter, Explanation, InterventionFilter, PageRequest, Reader, StoreError,
};

use super::customers::is_lost;
use crate::answer::{Customer360, ProfilePage};
use crate::extract::{PathId, QueryOf};
use crate::query::{CustomersQuery, ExplainQuery, lost_cursor};
use crate::{AppState, Problem, ReaderCaller};

/// Events of a view from all sides.
const RECENT_EVENTS: u32 = 50;

/// Executions of a view from all sides, and messages of them.
const RECENT_EXECUTIONS: u32 = 20;

/// Lists profiles
#[utoipa::path(
    get,
    path = "/api/profiles",
    tag = "Customers",
    params(CustomersQuery),
    responses((status = 200, description = "A page of profiles.", body = ProfilePage))
)]
pub(crate) async fn list_profiles(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<CustomersQuery>,
) -> Result<Json<ProfilePage>, Problem> {
    let (page, sort) = query.page()?;
    let list = state
        .read(&caller.brand, move |reader| {
            if is_lost(reader, page.cursor.as_deref())? {
                return Ok(Err(lost_cursor()));
            }
            reader.profiles(&page, sort).map(Ok)
        })
        .await?;
    let (data, next_cursor) = list.transpose()?.unwrap_or_default();
    Ok(Json(ProfilePage { data, next_cursor }))
}

/// Returns a profile
///
/// By any id that ever named it, also one of a customer that was merged into it.
#[utoipa::path(
    get,
    path = "/api/profiles/{id}",
    tag = "Customers",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "The profile.", body = ciq_store::ProfileDetail))
)]
pub(crate) async fn get_profile(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<ciq_store::ProfileDetail>, Problem> {
    let id = CustomerId::from_raw(id);
    let found = state.read(&caller.brand, move |reader| reader.profile(&id)).await?;
    found.flatten().map(Json).ok_or_else(|| Problem::not_found("customer"))
}

/// Returns a customer from all sides
#[utoipa::path(
    get,
    path = "/api/profiles/{id}/360",
    tag = "Customers",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "The customer from all sides.", body = Customer360))
)]
pub(crate) async fn get_360(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<Customer360>, Problem> {
    let id = CustomerId::from_raw(id);
    let found = state.read(&caller.brand, move |reader| read_360(reader, &id)).await?;
    found.flatten().map(Json).ok_or_else(|| Problem::not_found("customer"))
}

fn read_360(reader: &Reader, id: &CustomerId) -> Result<Option<Customer360>, StoreError> {
    let Some(profile) = reader.profile(id)? else { return Ok(None) };
    let page = PageRequest { cursor: None, limit: Some(RECENT_EVENTS) };
    let Some(timeline) = reader.timeline(id, &page)? else { return Ok(None) };
    let of_customer = ExecutionFilter { customer: Some(id.clone()), ..ExecutionFilter::default() };
    let recent = PageRequest { cursor: None, limit: Some(RECENT_EXECUTIONS) };
    Ok(Some(Customer360 {
        profile,
        timeline: timeline.data,
        purchases: reader.purchases(id)?,
        work_orders: reader.work_orders(id)?,
        knowledge: reader.knowledge(id)?,
        store_visits: reader.store_visits(id)?,
        insight: reader.insight(id)?,
        account: reader.account(id)?,
        billing: reader.billing(id)?,
        interventions: reader.interventions(&unresolved_of(id))?.data,
        executions: reader.executions(&of_customer, &recent)?.0,
        campaigns: reader.campaigns(&of_customer, &recent)?.0,
    }))
}

fn unresolved_of(id: &CustomerId) -> InterventionFilter {
    InterventionFilter { customer: Some(id.clone()), ..InterventionFilter::default() }
}

/// Tells why a customer is one
///
/// What each origin brought, and which merges hold them together. With `other`, why that id names
/// the same customer; 404 where it does not.
#[utoipa::path(
    get,
    path = "/api/profiles/{id}/explain",
    tag = "Customers",
    params(
        ("id" = String, Path, description = "Any id that ever named the customer."),
        ExplainQuery
    ),
    responses((status = 200, description = "Origins and links.", body = Explanation))
)]
pub(crate) async fn explain_profile(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
    QueryOf(query): QueryOf<ExplainQuery>,
) -> Result<Json<Explanation>, Problem> {
    let id = CustomerId::from_raw(id);
    let other = query.other().map(CustomerId::from_raw);
    let what = if other.is_some() { "customer with both ids" } else { "customer" };
    let explain = move |reader: &Reader| reader.explain(&id, other.as_ref());
    let found = state.read(&caller.brand, explain).await?;
    found.flatten().map(Json).ok_or_else(|| Problem::not_found(what))
}
