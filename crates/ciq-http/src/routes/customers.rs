//! Customers and their timelines.

use axum::Json;
use axum::extract::State;
use ciq_event::{CustomerId, EventId};
use ciq_store::{CustomerDetail, CustomerPage, EventPage};

use crate::extract::{PathId, QueryOf};
use crate::query::{CustomersQuery, PageQuery, lost_cursor};
use crate::{AppState, Problem, ReaderCaller};

/// Lists customers
#[utoipa::path(
    get,
    path = "/api/customers",
    tag = "Customers",
    params(CustomersQuery),
    responses((status = 200, description = "A page of customers.", body = CustomerPage))
)]
pub(crate) async fn list_customers(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<CustomersQuery>,
) -> Result<Json<CustomerPage>, Problem> {
    let (page, sort) = query.page()?;
    let list = state
        .read(&caller.brand, move |reader| {
            if is_lost(reader, page.cursor.as_deref())? {
                return Ok(Err(lost_cursor()));
            }
            reader.customers(&page, sort).map(Ok)
        })
        .await?;
    let empty = CustomerPage { data: Vec::new(), next_cursor: None };
    Ok(Json(list.transpose()?.unwrap_or(empty)))
}

/// Tells whether a cursor names no customer any more.
pub(super) fn is_lost(
    reader: &ciq_store::Reader,
    cursor: Option<&str>,
) -> Result<bool, ciq_store::StoreError> {
    match cursor {
        Some(cursor) => Ok(reader.resolve(&CustomerId::from_raw(cursor))?.is_none()),
        None => Ok(false),
    }
}

/// Returns a customer
///
/// By any id that ever named it, also one of a customer that was merged into it.
#[utoipa::path(
    get,
    path = "/api/customers/{id}",
    tag = "Customers",
    params(("id" = String, Path, description = "Any id that ever named the customer.",
        example = "cust_001")),
    responses((status = 200, description = "The customer.", body = CustomerDetail))
)]
pub(crate) async fn get_customer(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<CustomerDetail>, Problem> {
    let id = CustomerId::from_raw(id);
    let found = state.read(&caller.brand, move |reader| reader.customer(&id)).await?;
    found.flatten().map(Json).ok_or_else(|| Problem::not_found("customer"))
}

/// Returns a customer's events, the latest first
#[utoipa::path(
    get,
    path = "/api/customers/{id}/timeline",
    tag = "Customers",
    params(
        ("id" = String, Path, description = "Any id that ever named the customer."),
        PageQuery
    ),
    responses((status = 200, description = "A page of events.", body = EventPage))
)]
pub(crate) async fn get_timeline(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
    QueryOf(query): QueryOf<PageQuery>,
) -> Result<Json<EventPage>, Problem> {
    let page = query.page()?;
    if page.cursor.as_deref().is_some_and(|cursor| cursor.parse::<EventId>().is_err()) {
        return Err(lost_cursor());
    }
    let id = CustomerId::from_raw(id);
    let found = state.read(&caller.brand, move |reader| reader.timeline(&id, &page)).await?;
    found.flatten().map(Json).ok_or_else(|| Problem::not_found("customer"))
}
