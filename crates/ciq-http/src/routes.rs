//! Every route, with its documentation beside it.

mod accounts;
mod automations;
mod customers;
mod dead_letters;
mod decisions;
mod event_bodies;
mod events;
mod executions;
mod figures;
mod insight;
mod interventions;
mod lists;
mod models;
mod monitor;
mod monitor_bodies;
mod profiles;
mod service;
mod stream;
mod webhooks;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use automations::Switch;

use crate::{AppState, Problem, ProblemKind, layers, metric, openapi};

/// The largest body of `POST /events`, in bytes: about 50,000 usual events.
pub(crate) const EVENTS_BODY_MAX: usize = 16 * 1024 * 1024;

/// The largest body of every other path, in bytes: more than any webhook has.
pub(crate) const BODY_MAX: usize = 2 * 1024 * 1024;

/// Makes the API.
pub fn router(state: AppState) -> Router {
    router_with(state, Router::new())
}

/// Makes the API with further pages beside it, all within the same layers: the check of the
/// `Host`, limits, headers, figures and the log. A page that needs a Content-Security-Policy of
/// its own sets it; the one that it gets otherwise allows nothing.
pub fn router_with(state: AppState, pages: Router) -> Router {
    metric::install_metrics();
    let (api, _) = table().split_for_parts();
    let all = api
        .with_state(state.clone())
        .merge(pages)
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found);
    layers::surround(all, state)
}

/// Makes the part of the API that tells how a process is, for one that serves nothing else.
pub fn health_router(state: AppState) -> Router {
    metric::install_metrics();
    let (health, _) = OpenApiRouter::with_openapi(openapi::base())
        .routes(routes!(service::healthz))
        .routes(routes!(service::readyz))
        .routes(routes!(service::get_metrics))
        .split_for_parts();
    let health = health
        .with_state(state.clone())
        .method_not_allowed_fallback(method_not_allowed)
        .fallback(not_found);
    layers::surround(health, state)
}

/// Lists every route. What is not in here is neither served nor documented.
pub(crate) fn table() -> OpenApiRouter<AppState> {
    OpenApiRouter::with_openapi(openapi::base())
        .merge(
            OpenApiRouter::new()
                .routes(routes!(events::post_events))
                .layer(DefaultBodyLimit::max(EVENTS_BODY_MAX)),
        )
        .routes(routes!(webhooks::shopify_webhook))
        .routes(routes!(webhooks::twilio_webhook))
        .routes(routes!(webhooks::stripe_webhook))
        .routes(routes!(webhooks::pos_transaction))
        .routes(routes!(customers::list_customers))
        .routes(routes!(customers::get_customer))
        .routes(routes!(customers::get_timeline))
        .routes(routes!(profiles::list_profiles))
        .routes(routes!(profiles::get_profile, decisions::erase_profile))
        .routes(routes!(profiles::get_360))
        .routes(routes!(profiles::explain_profile))
        .routes(routes!(decisions::merge_profiles))
        .routes(routes!(lists::list_merges))
        .routes(routes!(decisions::undo_merge))
        .routes(routes!(lists::list_reviews))
        .routes(routes!(decisions::approve_review))
        .routes(routes!(decisions::reject_review))
        .routes(routes!(decisions::split_review))
        .routes(routes!(lists::list_dead_letters))
        .routes(routes!(dead_letters::retry_dead_letter))
        .routes(routes!(dead_letters::drop_dead_letter))
        .routes(routes!(insight::get_features))
        .routes(routes!(insight::get_predictions))
        .routes(routes!(insight::get_journey))
        .routes(routes!(insight::get_intents))
        .routes(routes!(insight::list_insights))
        .routes(routes!(insight::predict))
        .merge(rules())
        .merge(monitoring())
        .routes(routes!(figures::search))
        .routes(routes!(figures::get_stats))
        .routes(routes!(stream::stream_changes))
        .routes(routes!(stream::open_socket))
        .routes(routes!(service::healthz))
        .routes(routes!(service::readyz))
        .routes(routes!(service::get_metrics))
        .routes(routes!(service::get_openapi))
        .routes(routes!(service::get_docs))
        .layer(DefaultBodyLimit::max(BODY_MAX))
}

/// Lists the routes of automations and models.
fn rules() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(automations::list_automations, automations::add_automations))
        .routes(routes!(
            automations::get_automation,
            automations::put_automation,
            automations::switch_automation,
            automations::delete_automation
        ))
        .routes(routes!(automations::evaluate_automations))
        .routes(routes!(executions::list_executions))
        .routes(routes!(executions::list_campaigns))
        .routes(routes!(executions::list_tasks))
        .routes(routes!(models::list_models))
        .routes(routes!(models::train_model))
        .routes(routes!(models::use_model))
}

/// Lists the routes of accounts, and of what the monitor wants a person to do about them.
fn monitoring() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(accounts::list_accounts))
        .routes(routes!(accounts::get_account))
        .routes(routes!(accounts::get_health))
        .routes(routes!(interventions::list_interventions))
        .routes(routes!(interventions::get_intervention))
        .routes(routes!(interventions::acknowledge_intervention))
        .routes(routes!(interventions::snooze_intervention))
        .routes(routes!(interventions::assign_intervention))
        .routes(routes!(interventions::resolve_intervention))
        .routes(routes!(interventions::reopen_intervention))
        .routes(routes!(interventions::comment_intervention))
        .routes(routes!(monitor::check_everyone))
        .routes(routes!(monitor::get_rules, monitor::put_rules, monitor::reset_rules))
}

async fn not_found() -> Problem {
    Problem::new(ProblemKind::NotFound, "no such path; /api/docs lists those that there are")
}

async fn method_not_allowed() -> Problem {
    let detail = "the header `Allow` lists the methods that this path takes";
    Problem::new(ProblemKind::MethodNotAllowed, detail)
}
