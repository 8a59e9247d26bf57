//! What becomes of dead letters: tried again, or dropped.

use axum::Json;
use axum::extract::State;

use crate::answer::{DroppedAnswer, RetriedAnswer};
use crate::dead_letters::Letters;
use crate::extract::PathId;
use crate::{AdminCaller, AppState, Problem, WriterCaller};

/// Tries a dead letter again
///
/// What can be stored by now is stored, and is no dead letter any more. What cannot stays. Takes a
/// writer.
#[utoipa::path(
    post,
    path = "/api/dead-letters/{id}/retry",
    tag = "Events",
    params(("id" = String, Path, description = "The dead letter, `ded_…`.")),
    responses((status = 200, description = "What came of it.", body = RetriedAnswer))
)]
pub(crate) async fn retry_dead_letter(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    PathId(id): PathId,
) -> Result<Json<RetriedAnswer>, Problem> {
    let retried = state.retry_dead_letters(&caller.brand, Letters::One(id)).await?;
    Ok(Json(RetriedAnswer {
        stored: retried.stored_count,
        duplicates: retried.duplicate_count,
        rejected: retried.refused_count,
    }))
}

/// Drops a dead letter
///
/// For ever. Takes an admin.
#[utoipa::path(
    post,
    path = "/api/dead-letters/{id}/drop",
    tag = "Events",
    params(("id" = String, Path, description = "The dead letter, `ded_…`.")),
    responses((status = 200, description = "It is gone.", body = DroppedAnswer))
)]
pub(crate) async fn drop_dead_letter(
    State(state): State<AppState>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId,
) -> Result<Json<DroppedAnswer>, Problem> {
    let dropped = state.drop_dead_letters(&caller.brand, Letters::One(id)).await?;
    Ok(Json(DroppedAnswer { dropped }))
}
