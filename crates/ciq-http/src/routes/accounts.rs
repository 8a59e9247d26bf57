//! Accounts: how far customers have come with what they use, and how that goes.

use axum::Json;
use axum::extract::State;
use ciq_event::CustomerId;
use ciq_store::{AccountPage, AccountView, HealthView, Reader};

use super::customers::is_lost;
use crate::extract::{PathId, QueryOf};
use crate::monitor_query::AccountsQuery;
use crate::query::lost_cursor;
use crate::{AppState, Problem, ProblemKind, ReaderCaller};

/// Lists accounts
///
/// An account is a customer of whom an event told how it uses what it bought: `account_created`,
/// `account_updated` or `api_usage`.
#[utoipa::path(
    get,
    path = "/api/accounts",
    tag = "Monitor",
    params(AccountsQuery),
    responses((status = 200, description = "A page of accounts.", body = AccountPage))
)]
pub(crate) async fn list_accounts(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<AccountsQuery>,
) -> Result<Json<AccountPage>, Problem> {
    let (filter, page) = query.filter()?;
    let list = state
        .read(&caller.brand, move |reader| {
            if is_lost(reader, page.cursor.as_deref())? {
                return Ok(Err(lost_cursor()));
            }
            reader.accounts(&filter, &page).map(Ok)
        })
        .await?;
    let empty = AccountPage { data: Vec::new(), next_cursor: None };
    Ok(Json(list.transpose()?.unwrap_or(empty)))
}

/// Returns an account
///
/// By any id that ever named its customer.
#[utoipa::path(
    get,
    path = "/api/accounts/{id}",
    tag = "Monitor",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "The account.", body = AccountView))
)]
pub(crate) async fn get_account(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<AccountView>, Problem> {
    let id = CustomerId::from_raw(id);
    let read = move |reader: &Reader| Ok((reader.account(&id)?, reader.resolve(&id)?.is_some()));
    match state.read(&caller.brand, read).await?.unwrap_or_default() {
        (Some(account), _) => Ok(Json(account)),
        (None, true) => Err(no_account()),
        (None, false) => Err(Problem::not_found("customer")),
    }
}

/// Returns how well an account goes
///
/// 0 to 100, and what that is made of, as the last check found it: `healthy` from 70 on, `watch`
/// from 40 on, else `at_risk`.
#[utoipa::path(
    get,
    path = "/api/profiles/{id}/health",
    tag = "Monitor",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "How well it goes.", body = HealthView))
)]
pub(crate) async fn get_health(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<HealthView>, Problem> {
    let id = CustomerId::from_raw(id);
    let read = move |reader: &Reader| {
        let is_account = reader.account(&id)?.is_some();
        Ok((reader.health(&id)?, is_account, reader.resolve(&id)?.is_some()))
    };
    match state.read(&caller.brand, read).await?.unwrap_or_default() {
        (Some(health), _, _) => Ok(Json(health)),
        (None, true, _) => {
            let detail = "this account was not checked yet: while the service runs it is within a \
                          second or so, and POST /api/monitor/check does it at once";
            Err(Problem::new(ProblemKind::NotFound, detail))
        }
        (None, false, true) => Err(no_account()),
        (None, false, false) => Err(Problem::not_found("customer")),
    }
}

fn no_account() -> Problem {
    let detail = "this customer has no account: no account_created, account_updated or api_usage \
                  tells of one";
    Problem::new(ProblemKind::NotFound, detail)
}
