//! Search, and figures about a brand.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::State;
use ciq_store::Stats;

use crate::answer::SearchAnswer;
use crate::extract::QueryOf;
use crate::query::SearchQuery;
use crate::{AppState, Problem, ReaderCaller};

/// Searches customers, notes and events
///
/// Takes whatever a person types; no sign in it is syntax.
#[utoipa::path(
    get,
    path = "/api/search",
    tag = "Customers",
    params(SearchQuery),
    responses((status = 200, description = "The hits, the best first.", body = SearchAnswer))
)]
pub(crate) async fn search(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<SearchQuery>,
) -> Result<Json<SearchAnswer>, Problem> {
    let (words, limit) = query.words()?;
    let find = move |reader: &ciq_store::Reader| reader.search(&words, limit);
    let data = state.read(&caller.brand, find).await?.unwrap_or_default();
    Ok(Json(SearchAnswer { data }))
}

/// Returns figures about the brand
#[utoipa::path(
    get,
    path = "/api/stats",
    tag = "Customers",
    responses((status = 200, description = "The figures.", body = Stats))
)]
pub(crate) async fn get_stats(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
) -> Result<Json<Stats>, Problem> {
    let stats = state.read(&caller.brand, ciq_store::Reader::stats).await?;
    Ok(Json(stats.unwrap_or_else(nothing_yet)))
}

/// The figures of a brand that has no file.
fn nothing_yet() -> Stats {
    Stats {
        customer_count: 0,
        event_count: 0,
        purchase_count: 0,
        knowledge_count: 0,
        work_order_count: 0,
        store_visit_count: 0,
        identifier_count: 0,
        merge_count: 0,
        undone_merge_count: 0,
        pending_review_count: 0,
        dead_letter_count: 0,
        events_by_type: BTreeMap::new(),
        lifetime_values: BTreeMap::new(),
        last_event_at: None,
    }
}
