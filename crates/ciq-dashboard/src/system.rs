//! How the service is: what runs, how fast events come, how far those who follow are, the file, the
//! models, and the messages that could not become events.

mod letters;
mod reads;
mod sections;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use ciq_event::Brand;
use ciq_http::{AppState, Letters, Role};
use ciq_store::DeadLetterFilter;
use jiff::Timestamp;
use maud::{Markup, html};

use crate::asked::Asked;
use crate::layout::{Tab, page};
use crate::link::Links;
use crate::page_error::PageError;
use crate::pages::html as answer;
use crate::session::Session;
use crate::visitor::Visitor;

use letters::{Done, LettersView};
use reads::OfBrand;

/// What the page shows.
#[derive(Debug)]
struct SystemView {
    /// When it is looked at.
    now: Timestamp,
    /// When the service began.
    started_at: Timestamp,
    /// The parts of the service beside the store, each with the reason why it is not ready.
    parts: Vec<(&'static str, Option<String>)>,
    /// The brands of this process; empty where there are tokens: none learns of another.
    brands: Vec<Brand>,
    /// What is known of the brand; `None` where it has no file yet.
    of_brand: Option<OfBrand>,
    /// What was just done.
    done: Option<Done>,
}

/// Returns the routes of this page and of the forms on it.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/system", get(show))
        .route("/system/dead-letters/retry", post(retry_reason))
        .route("/system/dead-letters/{id}/retry", post(retry))
        .route("/system/dead-letters/{id}/drop", post(discard))
}

async fn show(session: Session, State(state): State<AppState>) -> Result<Response, PageError> {
    let (now, filter) = (state.now(), filter_of(&session.asked));
    let cursor = session.asked.take("cursor");
    let location = state.brands().location_of(&session.visitor.brand);
    let read = move |reader: &ciq_store::Reader| {
        let letters = LettersView::read(reader, filter, cursor)?;
        OfBrand::read(reader, location, now, letters)
    };
    let view = SystemView {
        now,
        started_at: state.started_at(),
        parts: state.parts(),
        brands: brands_of(&state),
        of_brand: session.read(read).await?,
        done: Done::parse(&session.asked),
    };
    Ok(answer(system_page(&session.visitor, &view)))
}

/// The brands that this process has open, where nobody needs a token.
fn brands_of(state: &AppState) -> Vec<Brand> {
    if !state.access().is_open() {
        return Vec::new();
    }
    state.brands().open_brands().into_iter().map(|(brand, _)| brand).collect()
}

fn system_page(visitor: &Visitor, view: &SystemView) -> Markup {
    let body = html! {
        div.bar { h1 { "System" } }
        (letters::notice(view.done.as_ref()))
        (sections::headline(view))
        div.columns.even {
            (sections::arrivals(view))
            (sections::parts(&view.parts))
            (sections::followers(view))
            (sections::database(visitor, view))
            (sections::models(view))
            (sections::brands(visitor, &view.brands))
        }
        @if let Some(of_brand) = &view.of_brand { (letters::letters(visitor, &of_brand.letters)) }
    };
    page(visitor, Tab::System, "System", &body)
}

/// Which dead letters an address or a form asks for.
fn filter_of(asked: &Asked) -> DeadLetterFilter {
    DeadLetterFilter { field: asked.take("field"), reason: asked.take("reason") }
}

async fn retry(
    session: Session,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Redirect, PageError> {
    let caller = session.allowed(Role::Writer)?;
    let retried = state.retry_dead_letters(&caller.brand, Letters::One(id)).await?;
    Ok(back(&session.visitor.links, Done::Retried(retried)))
}

async fn retry_reason(
    session: Session,
    State(state): State<AppState>,
    form: Bytes,
) -> Result<Redirect, PageError> {
    let caller = session.allowed(Role::Writer)?;
    let letters = Letters::Of(filter_of(&Asked::parse(&form)));
    let retried = state.retry_dead_letters(&caller.brand, letters).await?;
    Ok(back(&session.visitor.links, Done::Retried(retried)))
}

async fn discard(
    session: Session,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Redirect, PageError> {
    let caller = session.allowed(Role::Admin)?;
    let dropped = state.drop_dead_letters(&caller.brand, Letters::One(id)).await?;
    Ok(back(&session.visitor.links, Done::Dropped(dropped)))
}

/// Leads back to the dead letters, with a word about what was just done.
fn back(links: &Links, done: Done) -> Redirect {
    let address = links.to("/system", &[("done", &done.to_string())]);
    Redirect::to(&format!("{address}#dead-letters"))
}
