//! What people look through: merges, reviews, dead letters.

use axum::Json;
use axum::extract::State;
use ciq_event::MergeId;

use crate::answer::{DeadLetterPage, MergePage, ReviewList};
use crate::extract::QueryOf;
use crate::query::{PageQuery, ReviewsQuery, lost_cursor};
use crate::{AppState, Problem, ReaderCaller};

/// Lists merges, the latest first
#[utoipa::path(
    get,
    path = "/api/merges",
    tag = "Decisions",
    params(PageQuery),
    responses((status = 200, description = "A page of merges.", body = MergePage))
)]
pub(crate) async fn list_merges(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<PageQuery>,
) -> Result<Json<MergePage>, Problem> {
    let page = query.page()?;
    let cursor = page.cursor.as_deref().map(str::parse::<MergeId>).transpose();
    let cursor = cursor.map_err(|_| lost_cursor())?;
    let list = state
        .read(&caller.brand, move |reader| {
            if let Some(id) = cursor
                && reader.merge(id)?.is_none()
            {
                return Ok(Err(lost_cursor()));
            }
            reader.merges(&page).map(Ok)
        })
        .await?;
    let (data, next_cursor) = list.transpose()?.unwrap_or_default();
    Ok(Json(MergePage { data, next_cursor }))
}

/// Lists reviews, the latest first
///
/// Customers that may be one, for a person to approve or reject.
#[utoipa::path(
    get,
    path = "/api/merge-queue",
    tag = "Decisions",
    params(ReviewsQuery),
    responses((status = 200, description = "The reviews.", body = ReviewList))
)]
pub(crate) async fn list_reviews(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<ReviewsQuery>,
) -> Result<Json<ReviewList>, Problem> {
    let (status, page) = query.filter()?;
    let read = move |reader: &ciq_store::Reader| reader.reviews(status.as_deref(), &page);
    let data = state.read(&caller.brand, read).await?.unwrap_or_default();
    Ok(Json(ReviewList { data }))
}

/// Lists dead letters, the latest first
///
/// What arrived and could not become an event, with the field at fault.
#[utoipa::path(
    get,
    path = "/api/dead-letters",
    tag = "Events",
    params(PageQuery),
    responses((status = 200, description = "A page of dead letters.", body = DeadLetterPage))
)]
pub(crate) async fn list_dead_letters(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<PageQuery>,
) -> Result<Json<DeadLetterPage>, Problem> {
    let page = query.page()?;
    let list = state
        .read(&caller.brand, move |reader| {
            if let Some(cursor) = &page.cursor
                && reader.dead_letter(cursor)?.is_none()
            {
                return Ok(Err(lost_cursor()));
            }
            reader.dead_letters(&page).map(Ok)
        })
        .await?;
    let (data, next_cursor) = list.transpose()?.unwrap_or_default();
    Ok(Json(DeadLetterPage { data, next_cursor }))
}
