//! What is going on: figures, what a person should do, and what came last. Kept up to date while
//! somebody looks, by [`crate::live`].

mod figures;
mod ticker;
mod view;

use axum::Router;
use axum::response::{Redirect, Response};
use axum::routing::{get, post};
use ciq_clockwork::MonitorReport;
use ciq_event::Brand;
use ciq_http::AppState;
use maud::{Markup, html as markup};

pub(crate) use self::view::{NowView, read};
use crate::asked::Asked;
use crate::format::{count, counted};
use crate::interventions::{Back, Pane, queue};
use crate::layout::{Tab, page};
use crate::link::Links;
use crate::list_page::EXAMPLE_EVENT;
use crate::live::Message;
use crate::page_error::PageError;
use crate::pages::html;
use crate::parts::keys;
use crate::session::Session;
use crate::visitor::Visitor;

/// Returns the routes of this page.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/", get(show)).route("/monitor/check", post(check))
}

async fn show(session: Session) -> Result<Response, PageError> {
    let now = session.now();
    let view = session.read(move |reader| read(reader, now)).await?;
    let view = view.unwrap_or_else(|| NowView::empty(now));
    Ok(html(now_page(&session.visitor, &view, &session.asked)))
}

/// Has everyone checked, and says what came of it.
async fn check(session: Session) -> Result<Redirect, PageError> {
    let MonitorReport { checked_count, opened_count, closed_count, .. } =
        run_check(&session).await?;
    let [checked, opened, closed] =
        [checked_count, opened_count, closed_count].map(|count| count.to_string());
    let pairs = [("checked", checked.as_str()), ("opened", &opened), ("closed", &closed)];
    Ok(Redirect::to(&session.visitor.links.to("/", &pairs)))
}

/// Checks everyone of the visitor's brand by the rules of the monitor, as of now.
async fn run_check(session: &Session) -> Result<MonitorReport, PageError> {
    session.check_everyone().await
}

/// Makes the page.
fn now_page(visitor: &Visitor, view: &NowView, asked: &Asked) -> Markup {
    let Visitor { links, .. } = visitor;
    let known = Message::new(&panes(view, links, visitor.may_act()));
    let body = markup! {
        div.bar {
            h1 { "Now" }
            div.actions {
                // Says so only where a script keeps the page up to date.
                span.live role="status" data-live {}
                button.quiet.small type="button" hidden aria-pressed="false" data-pause { "Pause" }
                @if visitor.may_act() {
                    form method="post" action=(links.check_everyone()) {
                        button.small type="submit" data-key="m" { "Run Monitor Check" }
                    }
                }
            }
        }
        (checked(asked))
        (crate::interventions::notice(asked.get("done")))
        @if view.headline.event_count == 0 { (first_steps(visitor)) }
        div #now-figures { (figures::figures_of(view, links)) }
        div.columns {
            section.card aria-labelledby="queue-title" {
                div.bar {
                    h2 #queue-title { "Interventions" }
                    a.small href=(links.interventions(&[])) { "All of them" }
                }
                @if visitor.may_act() { (queue_keys()) }
                div #now-queue { (queue_of(view, links, visitor.may_act())) }
            }
            section.card aria-labelledby="ticker-title" {
                h2 #ticker-title { "Latest events" }
                div #now-ticker { (ticker::ticker(view, links)) }
            }
        }
        div #live hx-sse:connect=(links.live(known.id())) hx-trigger="load, retry" hx-swap="none" {}
    };
    page(visitor, Tab::Now, "Now", &body)
}

/// Renders what takes the place of what the page shows.
pub(crate) fn panes(view: &NowView, links: &Links, may_act: bool) -> Markup {
    let pane = |target: &str, content: &Markup| {
        markup! { hx-partial hx-target=(target) hx-swap="innerMorph" { (content) } }
    };
    markup! {
        (pane("#now-figures", &figures::figures_of(view, links)))
        (pane("#now-queue", &queue_of(view, links, may_act)))
        (pane("#now-ticker", &ticker::ticker(view, links)))
    }
}

fn queue_of(view: &NowView, links: &Links, may_act: bool) -> Markup {
    let pane = Pane { links, may_act, back: Back::Now, now: view.as_of };
    markup! {
        p.small role="status" { (view.open_in_words()) }
        @if view.queue.is_empty() {
            p.muted {
                "Nothing waits for anybody. The monitor looks at accounts as their events come, \
                 and what it finds stands here, the most severe first."
            }
        } @else { (queue(&pane, &view.queue)) }
        @if view.has_more {
            p.small { a href=(links.interventions(&[])) { "More of them" } }
        }
    }
}

fn queue_keys() -> Markup {
    let all = [
        ("j k", "select"),
        ("Enter", "open"),
        ("a", "acknowledge"),
        ("s", "snooze 4 h"),
        ("d", "snooze 1 d"),
        ("w", "assign"),
        ("e", "resolve"),
        ("m", "check"),
    ];
    keys(&all)
}

/// Says what a check came to, where the address tells of one.
fn checked(asked: &Asked) -> Markup {
    let number = |name| asked.get(name).and_then(|text| text.parse::<u32>().ok()).map(i64::from);
    let (Some(checked), Some(opened), Some(closed)) =
        (number("checked"), number("opened"), number("closed"))
    else {
        return markup! {};
    };
    markup! {
        p.notice role="status" {
            (counted(checked, "account")) " checked: " (count(opened)) " opened, " (count(closed))
            " closed"
        }
    }
}

fn first_steps(visitor: &Visitor) -> Markup {
    let is_default = visitor.brand == Brand::default();
    let header =
        if is_default { String::new() } else { format!(" -H 'x-brand-id: {}'", visitor.brand) };
    markup! {
        section.card.empty {
            h2 { "No events yet" }
            p { "See how it looks with made-up customers, live:" }
            pre { "cargo run -p simulator" }
            p { "or send an event of your own:" }
            pre {
                "curl -X POST http://127.0.0.1:3000/events -H 'content-type: application/json'"
                (header) " \\\n  -d '" (EXAMPLE_EVENT) "'"
            }
            p.muted { "It shows here by itself." }
        }
    }
}
