//! Models: which there are, training one, and choosing.

use axum::Json;
use axum::extract::State;
use ciq_clockwork::TrainOptions;
use ciq_insight::SCORECARD_VERSION;
use serde_json::{Map, Value};

use super::event_bodies::{ModelBody, TrainBody};
use crate::answer::{ModelList, TrainedAnswer};
use crate::extract::{JsonObject, OptionalObject};
use crate::insight_query::{horizon_of, only_keys, target_of, time_of};
use crate::query::invalid;
use crate::state::off_thread;
use crate::{AppState, Problem, ReaderCaller, WriterCaller};

/// Lists the trained models, the latest first
#[utoipa::path(
    get,
    path = "/api/models",
    tag = "Insight",
    responses((status = 200, description = "The models.", body = ModelList))
)]
pub(crate) async fn list_models(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
) -> Result<Json<ModelList>, Problem> {
    let models = state.read(&caller.brand, ciq_store::Reader::models).await?;
    Ok(Json(models.unwrap_or_default().into()))
}

/// Trains a model on the brand's own history, and uses it from now on
///
/// 409 while there is too little history. Goes on where it takes longer than a request may. Takes
/// a writer.
#[utoipa::path(
    post,
    path = "/api/models/train",
    tag = "Insight",
    request_body = Option<TrainBody>,
    responses((status = 200, description = "The model is in use.", body = TrainedAnswer))
)]
pub(crate) async fn train_model(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    OptionalObject(body): OptionalObject,
) -> Result<Json<TrainedAnswer>, Problem> {
    only_keys(&body, &["cut", "horizon_days", "target"])?;
    let now = state.now();
    let options = TrainOptions {
        cut: time_of(&body, "cut", now)?,
        horizon_days: horizon_of(&body)?,
        target: target_of(&body)?,
    };
    let clock = state.brand_clock(&caller.brand).await?;
    let trained = off_thread(move || clock.train(&options, now)).await??;
    Ok(Json(trained.into()))
}

/// Chooses the model that predicts
///
/// A trained one by its version, or `null` for the scorecard that needs no training. Counts from
/// the next time that a customer is computed. Takes a writer.
#[utoipa::path(
    put,
    path = "/api/models/in-use",
    tag = "Insight",
    request_body = ModelBody,
    responses((status = 200, description = "It is in use.", body = ModelList))
)]
pub(crate) async fn use_model(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    JsonObject(body): JsonObject,
) -> Result<Json<ModelList>, Problem> {
    let version = version_of(&body)?;
    let choose = state.write(&caller.brand, move |writer, handle| {
        if !writer.use_model(version.as_deref())? {
            return Ok(None);
        }
        handle.readers().read(ciq_store::Reader::models).map(Some)
    });
    let models = choose.await?.flatten().ok_or_else(|| Problem::not_found("model"))?;
    Ok(Json(models.into()))
}

fn version_of(body: &Map<String, Value>) -> Result<Option<String>, Problem> {
    only_keys(body, &["version"])?;
    match body.get("version") {
        Some(Value::Null) => Ok(None),
        Some(Value::String(version)) if version == SCORECARD_VERSION => Ok(None),
        Some(Value::String(version)) => Ok(Some(version.clone())),
        None | Some(_) => {
            Err(invalid("version", "required: the version of a trained model, or null"))
        }
    }
}
