//! What the histories of all customers come to: segments, stages, who buys how, who comes back, and
//! how far the chances of leaving can be trusted.

mod calibration;
mod cohorts;
mod health;
mod kept;
mod rfm;
mod segments;
mod toggles;

use axum::extract::State;
use axum::http::HeaderName;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use ciq_http::AppState;
use ciq_store::{ModelView, Reader};
use maud::{Markup, html};

use crate::format::{count, counted, time};
use crate::layout::{Tab, page};
use crate::page_error::PageError;
use crate::pages::html as answer;
use crate::parts::empty;
use crate::session::Session;
use crate::visitor::Visitor;

use kept::{Found, Held, Kept};
use toggles::Toggles;

/// Has a browser ask again: the figures are there then, or soon.
const REFRESH: (HeaderName, &str) = (HeaderName::from_static("refresh"), "1");

/// What the page shows.
#[derive(Debug)]
struct InsightView {
    /// The figures of everyone.
    found: Found,
    /// The model in use, if one was trained.
    model: Option<ModelView>,
    /// Which of the figures are shown.
    toggles: Toggles,
}

/// Returns the routes of this page.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/insight", get(show)).layer(Extension(Kept::default()))
}

async fn show(
    session: Session,
    State(state): State<AppState>,
    Extension(kept): Extension<Kept>,
) -> Result<Response, PageError> {
    let found = kept.figures(&state, &session.visitor.brand).await?;
    let is_counting = matches!(found, Found::Counting);
    let models = session.read(Reader::models).await?.unwrap_or_default();
    let model = models.into_iter().find(|model| model.is_in_use);
    let view = InsightView { found, model, toggles: Toggles::parse(&session.asked) };
    let page = answer(insight_page(&session.visitor, &view));
    Ok(if is_counting { ([REFRESH], page).into_response() } else { page })
}

fn insight_page(visitor: &Visitor, view: &InsightView) -> Markup {
    let shown = match &view.found {
        Found::Held(held) => Some(held).filter(|held| held.figures.event_count > 0),
        Found::Nothing | Found::Counting => None,
    };
    let body = html! {
        div.bar {
            h1 { "Insight" }
            @if let Some(held) = shown { (dated(held)) }
        }
        @match shown {
            Some(held) => (figures(visitor, view, held)),
            None if matches!(view.found, Found::Counting) => (counting()),
            None => (nothing()),
        }
    };
    page(visitor, Tab::Insight, "Insight", &body)
}

fn counting() -> Markup {
    empty(
        "Counting",
        &html! {
            p role="status" {
                "The figures of all customers are being computed. They show here in a moment."
            }
        },
    )
}

fn nothing() -> Markup {
    empty(
        "Nothing to show yet",
        &html! {
            p { "As soon as events come in, this page shows what they say about all customers." }
            pre { "cargo run -p customeriq -- import FILE" }
        },
    )
}

/// Says how old the figures are.
fn dated(held: &Held) -> Markup {
    let figures = &held.figures;
    let insights_as_of = figures.insights_as_of.map(|at| at.to_string());
    html! {
        p.small.muted {
            (counted(figures.customer_count, "customer")) " and "
            (counted(figures.event_count, "event")) ", computed "
            (time(Some(&held.computed_at.to_string())))
            @if insights_as_of.is_some() {
                "; chances and segments as of " (time(insights_as_of.as_deref()))
            }
        }
    }
}

fn figures(visitor: &Visitor, view: &InsightView, held: &Held) -> Markup {
    let figures = &held.figures;
    html! {
        (segments::segments(visitor, figures))
        div.columns.even {
            (segments::stages(figures))
            (health::health(&figures.health))
        }
        (rfm::grid(visitor, figures.rfm.as_ref(), view.toggles))
        (cohorts::cohorts(visitor, figures, view.toggles))
        (calibration::calibration(view.model.as_ref()))
    }
}

/// The class that shades a cell by a share, 0 to 1: nothing for none, up to nine steps.
fn shade(share: f64) -> Option<String> {
    let step = (share.clamp(0.0, 1.0) * 9.0).ceil();
    (step >= 1.0).then(|| format!("h{step:.0}"))
}

/// A part of a whole, 0 to 1; 0 of nothing.
fn part_of(part: i64, whole: i64) -> f64 {
    let float = |number: i64| f64::from(u32::try_from(number).unwrap_or(u32::MAX));
    if whole > 0 { float(part) / float(whole) } else { 0.0 }
}

/// Writes a count in a cell, or nothing for none.
fn cell(how_many: i64) -> String {
    if how_many == 0 { String::new() } else { count(how_many) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shade_has_nine_steps_and_none_for_nothing() {
        for (share, class) in
            [(0.0, None), (0.01, Some("h1")), (0.5, Some("h5")), (1.0, Some("h9"))]
        {
            assert_eq!(shade(share).as_deref(), class, "{share}");
        }
        assert_eq!(shade(f64::NAN), None);
        assert!((part_of(1, 4) - 0.25).abs() < 1e-9);
        assert!(part_of(1, 0).abs() < 1e-9);
    }
}
