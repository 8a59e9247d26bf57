//! Histories that end now.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use ciq_synth::saas::HistorySettings;
use jiff::SignedDuration;

use crate::extract::{JsonBody, PathId};
use crate::jobs::Jobs;
use crate::problem::Problem;
use crate::service::Service;
use crate::wire::{BackfillAsked, BackfillBody};

/// Sends a history that ends now
///
/// A short one is done when the answer comes. A long one goes on, and `GET /backfill/{id}` tells
/// how it stands.
#[utoipa::path(
    post,
    path = "/backfill",
    tag = "Backfill",
    request_body = BackfillAsked,
    responses(
        (status = 200, description = "It is done.", body = BackfillBody),
        (status = 202, description = "It goes on.", body = BackfillBody),
    )
)]
pub(crate) async fn start_backfill(
    State(service): State<Service>,
    JsonBody(asked): JsonBody<BackfillAsked>,
) -> Result<(StatusCode, Json<BackfillBody>), Problem> {
    let asked = asked.check()?;
    let length = SignedDuration::from_hours(i64::from(asked.days) * 24);
    let start = service.now().checked_sub(length);
    let start = start.map_err(|_| Problem::invalid("/days", "reaches back too far"))?;
    let population = service.world()?.population.with_start(start);
    let settings = HistorySettings::new(population, asked.days)
        .map_err(|error| Problem::invalid("/days", error.to_string()))?
        .with_modes(asked.modes)
        .with_pace(asked.pace);
    let sink = service.sink().clone();
    let job = service.jobs().start((settings, asked), service.clock(), sink)?;
    Jobs::wait_short(&job).await;
    let body = job.body(service.now());
    let status = if body.state == "running" { StatusCode::ACCEPTED } else { StatusCode::OK };
    Ok((status, Json(body)))
}

/// Tells how a backfill stands
#[utoipa::path(
    get,
    path = "/backfill/{id}",
    tag = "Backfill",
    params(("id" = String, Path, description = "Its name.", example = "bf_1")),
    responses((status = 200, description = "How it stands.", body = BackfillBody))
)]
pub(crate) async fn get_backfill(
    State(service): State<Service>,
    PathId(id): PathId,
) -> Result<Json<BackfillBody>, Problem> {
    Ok(Json(service.jobs().get(&id)?.body(service.now())))
}

/// Cancels a backfill
///
/// What was handed to the sink stays. One that has ended stays as it is.
#[utoipa::path(
    post,
    path = "/backfill/{id}/cancel",
    tag = "Backfill",
    params(("id" = String, Path, description = "Its name.", example = "bf_1")),
    responses((status = 200, description = "It has ended.", body = BackfillBody))
)]
pub(crate) async fn cancel_backfill(
    State(service): State<Service>,
    PathId(id): PathId,
) -> Result<Json<BackfillBody>, Problem> {
    cancel(&service, &id).await
}

/// Cancels a backfill too
///
/// The same as `POST /backfill/{id}/cancel`.
#[utoipa::path(
    delete,
    path = "/backfill/{id}",
    tag = "Backfill",
    params(("id" = String, Path, description = "Its name.", example = "bf_1")),
    responses((status = 200, description = "It has ended.", body = BackfillBody))
)]
pub(crate) async fn delete_backfill(
    State(service): State<Service>,
    PathId(id): PathId,
) -> Result<Json<BackfillBody>, Problem> {
    cancel(&service, &id).await
}

async fn cancel(service: &Service, id: &str) -> Result<Json<BackfillBody>, Problem> {
    let job = service.jobs().get(id)?;
    job.cancel();
    Jobs::wait_short(&job).await;
    Ok(Json(job.body(service.now())))
}
