//! What people should do about accounts: the queue, each in full, and what they do about it.

mod ask;
mod detail;
mod list;
mod notice;
mod queue;
mod words;

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use ciq_event::{InterventionId, Severity};
use ciq_http::{AppState, Problem};
use ciq_store::InterventionFilter;

use self::ask::Ask;
use self::detail::{DetailView, detail_page};
use self::list::{Filters, ListView, list_page};
pub(crate) use self::notice::notice;
pub(crate) use self::queue::{Back, Pane, queue};
use crate::asked::Asked;
use crate::page_error::PageError;
use crate::pages::html;
use crate::session::Session;

/// Interventions on a page of the list.
const SHOWN: u32 = 30;

/// Returns the routes of these pages.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/interventions", get(list))
        .route("/interventions/{id}", get(show))
        .route("/interventions/{id}/{verb}", post(act))
}

/// Lists interventions.
async fn list(session: Session) -> Result<Response, PageError> {
    let filters = Filters::of(&session.asked);
    let filter = InterventionFilter {
        status: filters.statuses(),
        severity: filters.severity.as_deref().and_then(Severity::parse),
        kind: filters.kind.clone(),
        assignee: filters.assignee.clone(),
        customer: None,
        cursor: session.asked.take("cursor"),
        limit: Some(SHOWN),
    };
    let page = session.read(move |reader| reader.interventions(&filter)).await?;
    let kinds = session.monitor_rules().await?;
    let view = ListView {
        filters,
        kinds: kinds.rules().iter().map(|rule| (rule.kind.clone(), rule.title.clone())).collect(),
        page,
        is_later_page: session.asked.get("cursor").is_some(),
        done: session.asked.take("done"),
        now: session.now(),
    };
    Ok(html(list_page(&session.visitor, &view)))
}

/// Shows an intervention with its history.
async fn show(session: Session, Path(id): Path<String>) -> Result<Response, PageError> {
    let id: InterventionId = id.parse().map_err(|_| unknown())?;
    let found = session.read(move |reader| reader.intervention(id)).await?.flatten();
    let detail = found.ok_or_else(unknown)?;
    let rules = session.monitor_rules().await?;
    let playbook = rules.rule(&detail.view.kind).map(|rule| rule.playbook.clone());
    let view = DetailView {
        detail,
        playbook: playbook.unwrap_or_default(),
        done: session.asked.take("done"),
        now: session.now(),
    };
    Ok(html(detail_page(&session.visitor, &view)))
}

/// Carries out what a form says, and leads back to where it was.
async fn act(
    session: Session,
    Path((id, verb)): Path<(String, String)>,
    form: Bytes,
) -> Result<Redirect, PageError> {
    let id: InterventionId = id.parse().map_err(|_| unknown())?;
    let form = Asked::parse(&form);
    let Ask { action, actor, done } = Ask::parse(&verb, &form, session.now())?;
    session.act_on_intervention(id, actor, action).await?;
    let links = &session.visitor.links;
    let done = ("done", done);
    Ok(Redirect::to(&match Back::of(&form) {
        Back::Now => links.to("/", &[done]),
        Back::List(filters) => {
            let filters = Filters::of(&Asked::parse(filters.as_bytes()));
            let pairs: Vec<_> = filters.pairs().into_iter().chain([done]).collect();
            links.interventions(&pairs)
        }
        Back::Detail => links.to(&format!("/interventions/{id}"), &[done]),
    }))
}

fn unknown() -> Problem {
    Problem::not_found("intervention")
}
