//! A brand's file with pages in front of it.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use axum::response::Response;
use ciq_engine::{EntryOutcome, EventOutcome, prepare};
use ciq_event::{Brand, Message, WireForm};
use ciq_http::{Access, ApiOptions, AppState};
use ciq_ingest::{Brands, Clock, EngineOptions, SystemClock};
use ciq_store::{Reader, StoreError};
use jiff::Timestamp;
use serde_json::json;
use tempfile::TempDir;
use tower::ServiceExt;

/// Most bytes of a page that a test reads.
const PAGE_BYTES_MAX: usize = 4 << 20;

/// The pages, and the way to fill them.
pub(crate) struct House {
    router: Router,
    brands: Arc<Brands>,
    _folder: TempDir,
}

/// A clock that stands still.
#[derive(Debug)]
struct Stopped;

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        "2024-01-02T15:05:30Z".parse().unwrap()
    }
}

/// What a browser got.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) page: String,
}

impl House {
    /// Opens a house in which nobody needs a token.
    pub(crate) fn open() -> Self {
        Self::with_tokens("")
    }

    /// Opens a house for these tokens.
    pub(crate) fn with_tokens(tokens: &str) -> Self {
        Self::with_clock(tokens, Arc::new(SystemClock))
    }

    /// Opens a house in which it is always the minute in which events are told.
    pub(crate) fn at_1505(tokens: &str) -> Self {
        Self::with_clock(tokens, Arc::new(Stopped))
    }

    fn with_clock(tokens: &str, clock: Arc<dyn Clock>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("customeriq.db");
        let brands = Arc::new(Brands::new(path, EngineOptions::default()).unwrap());
        let options =
            ApiOptions { access: Access::parse(tokens).unwrap(), ..ApiOptions::default() };
        let state = AppState::new(Arc::clone(&brands), clock, options);
        let pages = ciq_dashboard::router(state.clone());
        Self { router: ciq_http::router_with(state, pages), brands, _folder: folder }
    }

    /// Returns the brands' files.
    pub(crate) fn brands(&self) -> &Brands {
        &self.brands
    }

    /// Stores an event of the default brand and returns whose it is.
    pub(crate) async fn tell(&self, event_type: &str, data: serde_json::Value) -> String {
        self.tell_brand("default", event_type, data).await
    }

    /// Stores an event and returns whose it is.
    pub(crate) async fn tell_brand(
        &self,
        brand: &str,
        event_type: &str,
        data: serde_json::Value,
    ) -> String {
        let handle = self.brands.open(&Brand::parse(brand).unwrap()).unwrap();
        let body = json!({
            "customer_id": data.get("customer_id"),
            "event_type": event_type,
            "timestamp": "2024-01-02T15:04:05Z",
            "source_service": "shop",
            "data": data,
        });
        let message = Message::new(
            WireForm::Envelope,
            body.to_string(),
            "2024-01-02T15:05:00Z".parse().unwrap(),
        );
        let entry = prepare(message, handle.settings());
        match handle.ingest(vec![entry]).await.unwrap().remove(0) {
            EntryOutcome::Events(events) => match &events[0] {
                EventOutcome::Stored { customer, .. } => customer.to_string(),
                other => panic!("not stored: {other:?}"),
            },
            EntryOutcome::Rejected(rejection) => panic!("rejected: {rejection:?}"),
        }
    }

    /// Reads the default brand's file.
    pub(crate) fn read<T>(&self, query: impl FnOnce(&Reader) -> Result<T, StoreError>) -> T {
        self.brands.open(&Brand::default()).unwrap().readers().read(query).unwrap()
    }

    /// Asks the API, as a program does.
    pub(crate) async fn api(&self, path: &str, body: &serde_json::Value) -> serde_json::Value {
        let request = Request::post(path)
            .header(header::HOST, "localhost:3000")
            .header(header::CONTENT_TYPE, "application/json")
            .body(Body::from(body.to_string()));
        let answer = self.ask(request.unwrap()).await;
        assert!(answer.status.is_success(), "{path}: {}", answer.page);
        serde_json::from_str(&answer.page).unwrap()
    }

    /// Asks for a page.
    pub(crate) async fn get(&self, address: &str) -> Answer {
        let request = Request::get(address).header(header::ACCEPT, "text/html,*/*;q=0.8");
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    /// Asks for a page that must be there.
    pub(crate) async fn page(&self, address: &str) -> String {
        let answer = self.get(address).await;
        assert_eq!(answer.status, StatusCode::OK, "{address}: {}", answer.page);
        answer.page
    }

    /// Sends a form as our own page does.
    pub(crate) async fn post(&self, address: &str, form: &str) -> Answer {
        let request = Request::post(address)
            .header("sec-fetch-site", "same-origin")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form.to_owned()));
        self.ask(request.unwrap()).await
    }

    /// Opens a stream, or asks for anything of which the body is not to be read to its end.
    pub(crate) async fn open_stream(&self, request: Request<Body>) -> Response {
        self.router.clone().oneshot(request).await.unwrap()
    }

    /// Returns everything that is served, for a listener.
    pub(crate) fn router(&self) -> Router {
        self.router.clone()
    }

    /// Asks for anything.
    pub(crate) async fn ask(&self, request: Request<Body>) -> Answer {
        let response = self.open_stream(request).await;
        let (parts, body) = response.into_parts();
        let bytes = axum::body::to_bytes(body, PAGE_BYTES_MAX).await.unwrap();
        let page = without_files(std::str::from_utf8(&bytes).unwrap());
        Answer { status: parts.status, headers: parts.headers, page }
    }
}

impl Answer {
    /// Returns where the answer leads.
    pub(crate) fn location(&self) -> &str {
        assert_eq!(self.status, StatusCode::SEE_OTHER, "{}", self.page);
        self.headers[header::LOCATION].to_str().unwrap()
    }
}

/// Leaves out what the head loads, so that a test sees every other script.
fn without_files(page: &str) -> String {
    let parts = page.split_once("<link rel=\"stylesheet\"").zip(page.split_once("</head>"));
    parts.map_or_else(|| page.to_owned(), |((head, _), (_, body))| format!("{head}</head>{body}"))
}

/// Returns the addresses of the forms on a page.
pub(crate) fn forms(page: &str) -> Vec<String> {
    let parts = page.split("<form method=\"post\" action=\"").skip(1);
    parts.filter_map(|rest| rest.split('"').next()).map(|it| it.replace("&amp;", "&")).collect()
}
