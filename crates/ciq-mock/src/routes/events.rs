//! Events as they happen: the stream, and one at a time.

use axum::Json;
use axum::extract::State;

use crate::extract::JsonBody;
use crate::problem::Problem;
use crate::service::Service;
use crate::wire::{Emit, Emitted, StartStream, Stopped, StreamBody};

/// Starts a stream of events
///
/// Every event has the time at which it is sent. Starting again replaces the stream that runs. What
/// the sink has no room for is dropped and counted: the stream never waits.
#[utoipa::path(
    post,
    path = "/start-stream",
    tag = "Events",
    request_body = StartStream,
    responses((status = 200, description = "It runs.", body = StreamBody))
)]
pub(crate) async fn start_stream(
    State(service): State<Service>,
    JsonBody(asked): JsonBody<StartStream>,
) -> Result<Json<StreamBody>, Problem> {
    Ok(Json(service.start_stream(asked.check()?).await?))
}

/// Stops the stream
///
/// Where none runs, nothing happens.
#[utoipa::path(
    post,
    path = "/stop-stream",
    tag = "Events",
    responses((status = 200, description = "None runs any more.", body = Stopped))
)]
pub(crate) async fn stop_stream(State(service): State<Service>) -> Json<Stopped> {
    Json(Stopped { streaming: false, stopped: service.stop_stream().await })
}

/// Sends one event
///
/// Without a user, one is drawn; without a time, it is now. A user or a name that is not ours is
/// sent all the same, with a warning.
#[utoipa::path(
    post,
    path = "/emit",
    tag = "Events",
    request_body = Emit,
    responses((status = 200, description = "It was handed to the sink.", body = Emitted))
)]
pub(crate) async fn emit(
    State(service): State<Service>,
    JsonBody(asked): JsonBody<Emit>,
) -> Result<Json<Emitted>, Problem> {
    Ok(Json(service.emit(asked)?))
}
