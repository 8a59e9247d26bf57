//! What customers' histories mean: figures, predictions, journeys and intents.

use axum::Json;
use axum::extract::State;
use ciq_clockwork::Scope;
use ciq_event::CustomerId;
use ciq_store::{InsightPage, InsightView};

use super::event_bodies::AsOfBody;
use crate::answer::{
    FeaturesAnswer, IntentsAnswer, JourneyAnswer, PredictedAnswer, PredictionAnswer,
};
use crate::caller::Caller;
use crate::extract::{OptionalObject, PathId, QueryOf};
use crate::insight_query::{InsightsQuery, as_of};
use crate::query::lost_cursor;
use crate::state::off_thread;
use crate::{AppState, Problem, ProblemKind, ReaderCaller, WriterCaller};

/// Returns the figures that a customer's predictions follow from
///
/// By any id that ever named the customer.
#[utoipa::path(
    get,
    path = "/api/profiles/{id}/features",
    tag = "Insight",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "The figures.", body = FeaturesAnswer))
)]
pub(crate) async fn get_features(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<FeaturesAnswer>, Problem> {
    Ok(Json(insight_of(&state, &caller, id).await?.into()))
}

/// Returns what is expected of a customer
///
/// The probability of leaving, the lifetime value, the segment, and what to offer.
#[utoipa::path(
    get,
    path = "/api/profiles/{id}/predictions",
    tag = "Insight",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "The predictions.", body = PredictionAnswer))
)]
pub(crate) async fn get_predictions(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<PredictionAnswer>, Problem> {
    Ok(Json(insight_of(&state, &caller, id).await?.into()))
}

/// Returns where a customer stands, and what to do next
#[utoipa::path(
    get,
    path = "/api/profiles/{id}/journey",
    tag = "Insight",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "The journey.", body = JourneyAnswer))
)]
pub(crate) async fn get_journey(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<JourneyAnswer>, Problem> {
    Ok(Json(insight_of(&state, &caller, id).await?.into()))
}

/// Returns what a customer wants, or wanted
///
/// One intent for each product; a purchase converts it.
#[utoipa::path(
    get,
    path = "/api/profiles/{id}/intents",
    tag = "Insight",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "The intents.", body = IntentsAnswer))
)]
pub(crate) async fn get_intents(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    PathId(id): PathId,
) -> Result<Json<IntentsAnswer>, Problem> {
    Ok(Json(insight_of(&state, &caller, id).await?.into()))
}

async fn insight_of(state: &AppState, caller: &Caller, id: String) -> Result<InsightView, Problem> {
    let id = CustomerId::from_raw(id);
    let read = move |reader: &ciq_store::Reader| match reader.insight(&id)? {
        Some(insight) => Ok(Some(Some(insight))),
        None => Ok(reader.resolve(&id)?.map(|_| None)),
    };
    match state.read(&caller.brand, read).await?.flatten() {
        Some(Some(insight)) => Ok(insight),
        Some(None) => {
            let detail = "nothing is computed of this customer yet: while the service runs it is \
                          within a second or so, and POST /api/predictions does it at once";
            Err(Problem::new(ProblemKind::NotFound, detail))
        }
        None => Err(Problem::not_found("customer")),
    }
}

/// Lists insights, those most likely to leave first
#[utoipa::path(
    get,
    path = "/api/insights",
    tag = "Insight",
    params(InsightsQuery),
    responses((status = 200, description = "A page of insights.", body = InsightPage))
)]
pub(crate) async fn list_insights(
    State(state): State<AppState>,
    ReaderCaller(caller): ReaderCaller,
    QueryOf(query): QueryOf<InsightsQuery>,
) -> Result<Json<InsightPage>, Problem> {
    let (filter, page) = query.filter()?;
    let list = state
        .read(&caller.brand, move |reader| {
            if let Some(cursor) = &page.cursor
                && reader.insight(&CustomerId::from_raw(cursor.as_str()))?.is_none()
            {
                return Ok(Err(lost_cursor()));
            }
            reader.insights(&filter, &page).map(Ok)
        })
        .await?;
    let empty = InsightPage { data: Vec::new(), next_cursor: None };
    Ok(Json(list.transpose()?.unwrap_or(empty)))
}

/// Computes everyone
///
/// As of a time, which may be long past: what came later does not count. Automations that this
/// triggers are written down, and nothing is sent. Goes on where it takes longer than a request
/// may. Takes a writer.
#[utoipa::path(
    post,
    path = "/api/predictions",
    tag = "Insight",
    request_body = Option<AsOfBody>,
    responses((status = 200, description = "Everyone is computed.", body = PredictedAnswer))
)]
pub(crate) async fn predict(
    State(state): State<AppState>,
    WriterCaller(caller): WriterCaller,
    OptionalObject(body): OptionalObject,
) -> Result<Json<PredictedAnswer>, Problem> {
    let now = state.now();
    let as_of = as_of(&body, now)?;
    let clock = state.brand_clock(&caller.brand).await?;
    if as_of < now {
        // Somebody plays the past: nothing of today in between.
        clock.hold();
    }
    let report = off_thread(move || clock.pass(Scope::All, as_of)).await??;
    Ok(Json(report.into()))
}
