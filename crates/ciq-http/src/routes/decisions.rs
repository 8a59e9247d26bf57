//! What people decide: merges, undoing them, settling reviews, erasing.

use axum::Json;
use axum::extract::State;
use ciq_engine::{Action, DecisionOutcome};
use ciq_event::CustomerId;
use serde_json::{Map, Value};

use super::event_bodies::{MergeBody, SplitBody};
use crate::answer::{DecisionAnswer, DecisionStatus};
use crate::extract::{JsonObject, PathId};
use crate::query::invalid;
use crate::{AdminCaller, AppState, Problem};

/// Most customers of one merge.
const MERGED_MAX: usize = 100;

/// Most characters of a reason.
const REASON_LENGTH_MAX: usize = 1_000;

/// The reason of a merge without one.
const MANUAL_MERGE: &str = "manual_merge";

/// Merges customers
///
/// Says that they are one. Any merge can be undone.
#[utoipa::path(
    post,
    path = "/api/profiles/merge",
    tag = "Decisions",
    request_body = MergeBody,
    responses((status = 200, description = "They are one.", body = DecisionAnswer))
)]
pub(crate) async fn merge_profiles(
    State(state): State<AppState>,
    AdminCaller(caller): AdminCaller,
    JsonObject(body): JsonObject,
) -> Result<Json<DecisionAnswer>, Problem> {
    let action = merge_of(&body)?;
    state.decide(&caller, action).await.map(answer_of)
}

/// Undoes a merge
///
/// Each event goes back to the customer whose identifiers it carried. The same evidence does not
/// merge them again.
#[utoipa::path(
    post,
    path = "/api/merges/{id}/undo",
    tag = "Decisions",
    params(("id" = String, Path, description = "The merge, `mrg_…`.")),
    responses((status = 200, description = "They are several again.", body = DecisionAnswer))
)]
pub(crate) async fn undo_merge(
    State(state): State<AppState>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId,
) -> Result<Json<DecisionAnswer>, Problem> {
    let merge = id.parse().map_err(|_| Problem::not_found("merge"))?;
    state.decide(&caller, Action::Undo { merge }).await.map(answer_of)
}

/// Approves a review
///
/// Says that its customers are one.
#[utoipa::path(
    post,
    path = "/api/merge-queue/{id}/approve",
    tag = "Decisions",
    params(("id" = String, Path, description = "The review, `rev_…`.")),
    responses((status = 200, description = "They are one.", body = DecisionAnswer))
)]
pub(crate) async fn approve_review(
    State(state): State<AppState>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId,
) -> Result<Json<DecisionAnswer>, Problem> {
    let review = id.parse().map_err(|_| Problem::not_found("review"))?;
    state.decide(&caller, Action::Approve { review }).await.map(answer_of)
}

/// Rejects a review
///
/// Says that its customers are different. The same evidence does not ask again.
#[utoipa::path(
    post,
    path = "/api/merge-queue/{id}/reject",
    tag = "Decisions",
    params(("id" = String, Path, description = "The review, `rev_…`.")),
    responses((status = 200, description = "They stay several.", body = DecisionAnswer))
)]
pub(crate) async fn reject_review(
    State(state): State<AppState>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId,
) -> Result<Json<DecisionAnswer>, Problem> {
    let review = id.parse().map_err(|_| Problem::not_found("review"))?;
    state.decide(&caller, Action::Reject { review }).await.map(answer_of)
}

/// Splits a review
///
/// Says that some of its customers are one, and that the others are not them. The same evidence
/// does not ask again.
#[utoipa::path(
    post,
    path = "/api/merge-queue/{id}/split",
    tag = "Decisions",
    params(("id" = String, Path, description = "The review, `rev_…`.")),
    request_body = SplitBody,
    responses((status = 200, description = "Some are one.", body = DecisionAnswer))
)]
pub(crate) async fn split_review(
    State(state): State<AppState>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId,
    JsonObject(body): JsonObject,
) -> Result<Json<DecisionAnswer>, Problem> {
    let review = id.parse().map_err(|_| Problem::not_found("review"))?;
    let customers = customers_of(&body)?;
    state.decide(&caller, Action::Split { review, customers }).await.map(answer_of)
}

/// Erases a customer
///
/// Everything about the customer goes, and does not come back when an old event is sent again.
#[utoipa::path(
    delete,
    path = "/api/profiles/{id}",
    tag = "Decisions",
    params(("id" = String, Path, description = "Any id that ever named the customer.")),
    responses((status = 200, description = "The customer is gone.", body = DecisionAnswer))
)]
pub(crate) async fn erase_profile(
    State(state): State<AppState>,
    AdminCaller(caller): AdminCaller,
    PathId(id): PathId,
) -> Result<Json<DecisionAnswer>, Problem> {
    let customer = CustomerId::from_raw(id);
    state.decide(&caller, Action::Erase { customer }).await.map(answer_of)
}

fn merge_of(body: &Map<String, Value>) -> Result<Action, Problem> {
    let customers = customers_of(body)?;
    Ok(Action::Merge { customers, reason: reason_of(body.get("reason"))? })
}

fn customers_of(body: &Map<String, Value>) -> Result<Vec<CustomerId>, Problem> {
    let ids = body.get("profile_ids").and_then(Value::as_array);
    let ids = ids.ok_or_else(|| invalid("profile_ids", "required: a list of customers' ids"))?;
    if ids.len() > MERGED_MAX {
        return Err(invalid("profile_ids", "at most 100 customers at once"));
    }
    let customers: Option<Vec<_>> = ids.iter().map(customer_id_of).collect();
    customers.ok_or_else(|| invalid("profile_ids", "each id must be a text"))
}

fn customer_id_of(value: &Value) -> Option<CustomerId> {
    value.as_str().map(CustomerId::from_raw)
}

fn reason_of(value: Option<&Value>) -> Result<String, Problem> {
    let text = match value {
        None | Some(Value::Null) => return Ok(MANUAL_MERGE.to_owned()),
        Some(Value::String(text)) => text.trim(),
        Some(_) => return Err(invalid("reason", "must be a text")),
    };
    if text.chars().count() > REASON_LENGTH_MAX {
        return Err(invalid("reason", "at most 1,000 characters"));
    }
    if text.contains('\0') {
        return Err(invalid("reason", "must not contain a NUL character"));
    }
    Ok(if text.is_empty() { MANUAL_MERGE.to_owned() } else { text.to_owned() })
}

fn answer_of(outcome: DecisionOutcome) -> Json<DecisionAnswer> {
    let (status, merge_id, customer_ids) = match outcome {
        DecisionOutcome::Merged { merge, customer } => {
            (DecisionStatus::Merged, merge.map(|id| id.to_string()), vec![customer])
        }
        DecisionOutcome::Undone { customers } => (DecisionStatus::Undone, None, customers),
        DecisionOutcome::Rejected => (DecisionStatus::Rejected, None, Vec::new()),
        DecisionOutcome::Erased => (DecisionStatus::Erased, None, Vec::new()),
    };
    let customer_ids = customer_ids.iter().map(ToString::to_string).collect();
    Json(DecisionAnswer { status, merge_id, customer_ids })
}
