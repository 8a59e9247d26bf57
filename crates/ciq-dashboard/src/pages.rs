//! The handlers: each reads what its page shows, or carries out what its form says.

use axum::body::Bytes;
use axum::extract::Path;
use axum::response::{Html, IntoResponse, Redirect, Response};
use ciq_engine::{Action, DecisionOutcome, ReviewId};
use ciq_event::{CustomerId, MergeId};
use ciq_http::Problem;
use maud::Markup;

use crate::asked::Asked;
use crate::automations_page::automations_page;
use crate::customer_page::customer_page;
use crate::link::Sort;
use crate::list_page::list_page;
use crate::merges_page::{MergesView, merges_page};
use crate::page_error::PageError;
use crate::reads::{self, Found, ListRequest};
use crate::reviews_page::{ReviewFilter, ReviewsView, reviews_page};
use crate::session::Session;

/// Shows the list of customers, or what a search found.
pub(crate) async fn list(session: Session) -> Result<Response, PageError> {
    let request = ListRequest {
        typed: session.asked.take("q"),
        sort: Sort::parse(session.asked.get("sort")),
        cursor: session.asked.take("cursor"),
    };
    let view = session.read(move |reader| reads::list(reader, &request)).await?;
    let view = view.unwrap_or_else(reads::list_of_nothing);
    Ok(html(list_page(&session.visitor, &view)))
}

/// Leads to the list, for those who shorten the address of a customer.
pub(crate) async fn to_list(session: Session) -> Redirect {
    Redirect::to(&session.visitor.links.home())
}

/// Shows a customer, or leads to who it is now.
pub(crate) async fn customer(
    session: Session,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let cursor = session.asked.take("cursor");
    let asked = CustomerId::from_raw(id.as_str());
    let found = session.read(move |reader| reads::customer(reader, &asked, cursor)).await?;
    match found.unwrap_or(Found::Nobody) {
        Found::Here(mut view) => {
            view.done = session.asked.take("done");
            Ok(html(customer_page(&session.visitor, &view)))
        }
        Found::Moved(current) => {
            Ok(Redirect::to(&session.visitor.links.customer(current.as_str())).into_response())
        }
        Found::Nobody => Err(PageError::NoCustomer(id)),
    }
}

/// Shows the review queue.
pub(crate) async fn reviews(session: Session) -> Result<Response, PageError> {
    let filter = ReviewFilter::parse(session.asked.get("status"));
    let view = session.read(move |reader| reads::reviews(reader, filter)).await?;
    let empty = || ReviewsView { filter, reviews: Vec::new(), done: None };
    let mut view = view.unwrap_or_else(empty);
    view.done = session.asked.take("done");
    Ok(html(reviews_page(&session.visitor, &view)))
}

/// Shows the history of merges.
pub(crate) async fn merges(session: Session) -> Result<Response, PageError> {
    let cursor = session.asked.take("cursor");
    let view = session.read(move |reader| reads::merges(reader, cursor)).await?;
    let mut view = view.unwrap_or_else(MergesView::empty);
    view.done = session.asked.take("done");
    Ok(html(merges_page(&session.visitor, &view)))
}

/// Shows the automations, and what they did.
pub(crate) async fn automations(session: Session) -> Result<Response, PageError> {
    let view = session.read(reads::automations).await?.unwrap_or_default();
    Ok(html(automations_page(&session.visitor, &view)))
}

/// Makes the customers of a review one, and shows the one.
pub(crate) async fn approve(
    session: Session,
    Path(id): Path<String>,
) -> Result<Redirect, PageError> {
    let review: ReviewId = id.parse().map_err(|_| Problem::not_found("review"))?;
    let links = &session.visitor.links;
    Ok(match session.decide(Action::Approve { review }).await? {
        DecisionOutcome::Merged { customer, .. } => {
            Redirect::to(&links.customer_after(customer.as_str(), "approved"))
        }
        DecisionOutcome::Undone { .. } | DecisionOutcome::Rejected | DecisionOutcome::Erased => {
            Redirect::to(&links.reviews_after("approved"))
        }
    })
}

/// Keeps the customers of a review apart.
pub(crate) async fn reject(
    session: Session,
    Path(id): Path<String>,
) -> Result<Redirect, PageError> {
    let review: ReviewId = id.parse().map_err(|_| Problem::not_found("review"))?;
    session.decide(Action::Reject { review }).await?;
    Ok(Redirect::to(&session.visitor.links.reviews_after("rejected")))
}

/// Undoes a merge, and leads back to where the button was.
pub(crate) async fn undo(
    session: Session,
    Path(id): Path<String>,
    form: Bytes,
) -> Result<Redirect, PageError> {
    let merge: MergeId = id.parse().map_err(|_| Problem::not_found("merge"))?;
    session.decide(Action::Undo { merge }).await?;
    let links = &session.visitor.links;
    Ok(Redirect::to(&match Asked::parse(&form).get("customer") {
        Some(customer) => links.customer_after(customer, "undone"),
        None => links.merges_after("undone"),
    }))
}

fn html(page: Markup) -> Response {
    Html(page.into_string()).into_response()
}
