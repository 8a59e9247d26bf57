//! Automations: which there are, switching them on and off, what they did, what they still have to
//! send, and what they ask people to do.

mod defined;
mod lists;
mod reads;
mod shown;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use ciq_http::{AppState, Problem, Role, Switch};
use maud::{Markup, html};

use crate::asked::Asked;
use crate::layout::{Tab, page};
use crate::page_error::PageError;
use crate::pages::html as answer;
use crate::session::Session;
use crate::visitor::Visitor;

use reads::{AutomationsView, OneView};
use shown::Shown;

/// Returns the routes of these pages and of the forms on them.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/automations", get(show))
        .route("/automations/{id}", get(show_one))
        .route("/automations/{id}/switch", post(switch))
}

async fn show(session: Session) -> Result<Response, PageError> {
    let shown = Shown::parse(&session.asked);
    let asked = shown.clone();
    let view = session.read(move |reader| AutomationsView::read(reader, &asked)).await?;
    let view = view.unwrap_or_default();
    Ok(answer(automations_page(&session.visitor, &shown, &view)))
}

async fn show_one(session: Session, Path(id): Path<String>) -> Result<Response, PageError> {
    let shown = Shown::parse(&session.asked).of(id);
    let asked = shown.clone();
    let view = session.read(move |reader| OneView::read(reader, &asked)).await?;
    let view = view.flatten().ok_or_else(|| Problem::not_found("automation"))?;
    Ok(answer(automation_page(&session.visitor, &shown, &view)))
}

async fn switch(
    session: Session,
    State(state): State<AppState>,
    Path(id): Path<String>,
    form: Bytes,
) -> Result<Redirect, PageError> {
    let caller = session.allowed(Role::Writer)?;
    let form = Asked::parse(&form);
    let switch = if form.get("to") == Some("on") { Switch::On } else { Switch::Off };
    state.switch_automation(&caller.brand, id.clone(), switch).await?;
    let links = &session.visitor.links;
    Ok(Redirect::to(&match form.get("back") {
        Some(_) => links.automation(&id),
        None => links.automations(),
    }))
}

fn automations_page(visitor: &Visitor, shown: &Shown, view: &AutomationsView) -> Markup {
    let body = html! {
        div.bar { h1 { "Automations" } }
        @if view.automations.is_empty() { (defined::none()) } @else {
            (defined::defined(visitor, view))
        }
        (lists::executions(visitor, shown, &view.acts))
        (lists::deliveries(visitor, shown, &view.acts))
        (lists::tasks(visitor, view))
    };
    page(visitor, Tab::Automations, "Automations", &body)
}

fn automation_page(visitor: &Visitor, shown: &Shown, view: &OneView) -> Markup {
    let body = html! {
        p.crumb { a href=(visitor.links.automations()) { "Automations" } }
        (defined::one(visitor, view))
        (lists::executions(visitor, shown, &view.acts))
        (lists::deliveries(visitor, shown, &view.acts))
    };
    page(visitor, Tab::Automations, &view.definition.name, &body)
}
