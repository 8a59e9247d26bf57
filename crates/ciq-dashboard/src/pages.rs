//! The handlers of customers, reviews and merges: each reads what its page shows, or carries out
//! what its form says.

use axum::Router;
use axum::body::Bytes;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use ciq_engine::{Action, DecisionOutcome, ReviewId};
use ciq_event::{CustomerId, MergeId};
use ciq_http::{AppState, Problem};
use maud::Markup;

use crate::asked::Asked;
use crate::customer_page::customer_page;
use crate::list_page::{ListAsked, list_page, results};
use crate::merges_page::{MergesView, merges_page};
use crate::page_error::PageError;
use crate::reads::{self, Found, ReviewsRequest};
use crate::reviews_page::{Done, ReviewFilter, ReviewsAddress, ReviewsView, reviews_page};
use crate::session::Session;

/// Says that a part of a page is wanted, and not all of it.
const WANTED: HeaderName = HeaderName::from_static("hx-request-type");

/// What the answer for the list depends on, beside its address.
const VARIES: &str = "HX-Request, HX-Request-Type";

/// Says which address stands for a part of a page.
const PUSHED: HeaderName = HeaderName::from_static("hx-push-url");

/// Returns the routes of these pages.
pub(crate) fn routes() -> Router<AppState> {
    Router::new()
        .route("/customers", get(list))
        .route("/customers/{id}", get(customer))
        .route("/customers/{id}/events/{event}", get(text))
        .route("/reviews", get(reviews))
        .route("/reviews/{id}/approve", post(approve))
        .route("/reviews/{id}/reject", post(reject))
        .route("/reviews/{id}/split", post(split))
        .route("/merges", get(merges))
        .route("/merges/{id}/undo", post(undo))
}

/// Shows the list of customers, or what a search found. Who types is sent the results alone.
async fn list(session: Session, headers: HeaderMap) -> Result<Response, PageError> {
    let asked = ListAsked::read(&session.asked);
    let address = asked.address(&session.visitor.links);
    let of_nothing = asked.clone();
    let view = session.read(move |reader| reads::list(reader, asked)).await?;
    let view = view.unwrap_or_else(|| reads::list_of_nothing(of_nothing));
    let is_part = headers.get(WANTED).is_some_and(|wanted| wanted == "partial");
    let shown = if is_part { results } else { list_page };
    let mut response = html(shown(&session.visitor, &view));
    response.headers_mut().insert(header::VARY, HeaderValue::from_static(VARIES));
    if let Some(address) = HeaderValue::from_str(&address).ok().filter(|_| is_part) {
        response.headers_mut().insert(PUSHED, address);
    }
    Ok(response)
}

/// Shows a customer, or leads to who it is now.
async fn customer(session: Session, Path(id): Path<String>) -> Result<Response, PageError> {
    let cursor = session.asked.take("cursor");
    let asked = CustomerId::from_raw(id.as_str());
    let found = session.read(move |reader| reads::customer(reader, &asked, cursor)).await?;
    match found.unwrap_or(Found::Nobody) {
        Found::Here(mut view) => {
            view.done = session.asked.take("done");
            Ok(html(customer_page(&session.visitor, &view, session.now())))
        }
        Found::Moved(current) => {
            Ok(Redirect::to(&session.visitor.links.customer(current.as_str())).into_response())
        }
        Found::Nobody => Err(PageError::NoCustomer(id)),
    }
}

/// Returns a text that a page shows the beginning of. As a text: a browser shows it as it is.
async fn text(
    session: Session,
    Path((id, event)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let id = CustomerId::from_raw(id);
    let found = session.read(move |reader| reads::text(reader, &id, &event)).await?.flatten();
    let text = found.ok_or_else(|| Problem::not_found("text"))?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], text).into_response())
}

/// Shows the review queue.
async fn reviews(session: Session) -> Result<Response, PageError> {
    let asked = &session.asked;
    let request = ReviewsRequest {
        filter: ReviewFilter::parse(asked.get("status")),
        cursor: asked.take("cursor"),
        review: asked.get("review").and_then(|id| id.parse().ok()),
    };
    let empty = ReviewsView { filter: request.filter, ..ReviewsView::default() };
    let read = |reader: &_, settings: Option<&_>| reads::reviews(reader, request, settings);
    let mut view = session.read_by_rules(read).await?.unwrap_or(empty);
    view.done = Done::parse(asked.get("done"));
    view.merge = asked.take("merge");
    Ok(html(reviews_page(&session.visitor, &view)))
}

/// Shows the history of merges.
async fn merges(session: Session) -> Result<Response, PageError> {
    let cursor = session.asked.take("cursor");
    let view = session.read(move |reader| reads::merges(reader, cursor)).await?;
    let mut view = view.unwrap_or_else(MergesView::empty);
    view.done = session.asked.take("done");
    Ok(html(merges_page(&session.visitor, &view)))
}

/// Makes the customers of a review one, and shows the next.
async fn approve(session: Session, Path(id): Path<String>) -> Result<Redirect, PageError> {
    let review = review_of(&id)?;
    settle(&session, review, Action::Approve { review }, Done::Approved).await
}

/// Keeps the customers of a review apart, and shows the next.
async fn reject(session: Session, Path(id): Path<String>) -> Result<Redirect, PageError> {
    let review = review_of(&id)?;
    settle(&session, review, Action::Reject { review }, Done::Rejected).await
}

/// Makes the ticked customers of a review one, keeps the others apart, and shows the next.
async fn split(
    session: Session,
    Path(id): Path<String>,
    form: Bytes,
) -> Result<Redirect, PageError> {
    let review = review_of(&id)?;
    let ticked = form_urlencoded::parse(&form).filter(|(name, _)| name == "customer");
    let customers: Vec<CustomerId> =
        ticked.map(|(_, id)| CustomerId::from_raw(id.into_owned())).collect();
    if customers.len() < 2 {
        let done = Some(Done::TooFew);
        let here = ReviewsAddress { review: Some(&id), done, ..ReviewsAddress::default() };
        return Ok(Redirect::to(&here.write(&session.visitor.links)));
    }
    settle(&session, review, Action::Split { review, customers }, Done::Split).await
}

fn review_of(id: &str) -> Result<ReviewId, Problem> {
    id.parse().map_err(|_| Problem::not_found("review"))
}

/// Carries out a decision about a review, and leads to the next one that waits.
async fn settle(
    session: &Session,
    review: ReviewId,
    action: Action,
    done: Done,
) -> Result<Redirect, PageError> {
    let merge = match session.decide(action).await? {
        DecisionOutcome::Merged { merge, .. } => merge.map(|merge| merge.to_string()),
        DecisionOutcome::Undone { .. } | DecisionOutcome::Rejected | DecisionOutcome::Erased => {
            None
        }
    };
    let next = session.read(move |reader| reads::next_pending(reader, review)).await?.flatten();
    let there = ReviewsAddress {
        review: next.as_deref(),
        done: Some(done),
        merge: merge.as_deref(),
        ..ReviewsAddress::default()
    };
    Ok(Redirect::to(&there.write(&session.visitor.links)))
}

/// Undoes a merge, and leads back to where the button was.
async fn undo(
    session: Session,
    Path(id): Path<String>,
    form: Bytes,
) -> Result<Redirect, PageError> {
    let merge: MergeId = id.parse().map_err(|_| Problem::not_found("merge"))?;
    session.decide(Action::Undo { merge }).await?;
    let (links, form) = (&session.visitor.links, Asked::parse(&form));
    let to_reviews = form.get("to").filter(|to| *to == "reviews");
    Ok(Redirect::to(&match (form.get("customer"), to_reviews) {
        (Some(customer), _) => links.customer_after(customer, "undone"),
        (None, Some(_)) => {
            let (review, done) = (form.get("review"), Some(Done::Undone));
            ReviewsAddress { review, done, ..ReviewsAddress::default() }.write(links)
        }
        (None, None) => links.merges_after("undone"),
    }))
}

pub(crate) fn html(page: Markup) -> Response {
    Html(page.into_string()).into_response()
}
