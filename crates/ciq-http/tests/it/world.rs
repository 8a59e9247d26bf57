//! A router over files or a PostgreSQL database of its own, and ways to ask it.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode};
use ciq_http::{Access, ApiOptions, AppState, router};
use ciq_ingest::{Brands, Clock, EngineOptions};
use ciq_store::{Database, PostgresServer};
use ciq_testkit::TestDatabase;
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt;

/// A clock that goes on by a second with every look.
#[derive(Debug)]
struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp::from_second(self.0.fetch_add(1, Ordering::SeqCst)).unwrap()
    }
}

/// The morning of 2024-02-01, in UTC.
const MORNING: i64 = 1_706_774_400;

pub(crate) struct World {
    pub(crate) app: Router,
    pub(crate) state: AppState,
    // After those who use it.
    database: TestDatabase,
    folder: TempDir,
}

pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl World {
    /// Nobody needs a token.
    pub(crate) fn open() -> Self {
        Self::with(ApiOptions::default())
    }

    /// Tokens `r`, `w` and `a` of the brand `shop`, and `other` of an admin of `other`.
    pub(crate) fn closed() -> Self {
        let access = "r=shop:reader,w=shop:writer,a=shop:admin,other=other:admin";
        Self::with(ApiOptions { access: Access::parse(access).unwrap(), ..ApiOptions::default() })
    }

    pub(crate) fn with(options: ApiOptions) -> Self {
        Self::with_engine(options, EngineOptions::default())
    }

    pub(crate) fn with_engine(options: ApiOptions, engine: EngineOptions) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::chosen().unwrap();
        let brands = Brands::new(place_of(&database, &folder), engine).unwrap();
        let clock = Arc::new(Ticking(AtomicI64::new(MORNING)));
        let state = AppState::new(Arc::new(brands), clock, options);
        Self { app: router(state.clone()), state, database, folder }
    }

    /// Where all brands are, for another process.
    pub(crate) fn place(&self) -> Database {
        place_of(&self.database, &self.folder)
    }

    /// The brands that have tables.
    pub(crate) fn brands(&self) -> Vec<String> {
        let known = self.state.brands().known_brands().unwrap();
        known.iter().map(ToString::to_string).collect()
    }

    /// Puts something else where the tables of the brand `default` would be.
    pub(crate) fn spoil(&self) {
        match (&self.database, self.place()) {
            (TestDatabase::Postgres(database), _) => {
                let other = "CREATE SCHEMA customeriq_default;
                    CREATE TABLE customeriq_default.bookmark (url TEXT)";
                database.psql(other).unwrap();
            }
            (TestDatabase::File, Database::Files(path)) => {
                std::fs::write(path, "not a database, but long".repeat(99)).unwrap();
            }
            (TestDatabase::File, Database::Postgres(_)) => unreachable!(),
        }
    }

    pub(crate) async fn send(&self, request: Request<Body>) -> Answer {
        let response = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let content_type = parts.headers.get("content-type");
        // A stream has no end to wait for.
        let is_endless = content_type.is_some_and(|value| value == "text/event-stream");
        let body = if is_endless { Body::empty() } else { body };
        let bytes = to_bytes(body, usize::MAX).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        Answer { status: parts.status, headers: parts.headers, text }
    }

    /// Asks with headers of one's own.
    pub(crate) async fn ask(
        &self,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder().method(method).uri(path);
        if !headers.iter().any(|(name, _)| *name == "host") {
            request = request.header("host", "localhost:3000");
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        self.send(request.body(body.into()).unwrap()).await
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(("GET", path), &[], Body::empty()).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Body>) -> Answer {
        self.ask(("POST", path), &[("content-type", "application/json")], body).await
    }

    /// Stores an event and returns whose it is.
    pub(crate) async fn store(&self, event: &Value) -> String {
        let answer = self.post("/events", event.to_string()).await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["results"][0]["customer_id"].as_str().unwrap().to_owned()
    }
}

fn place_of(database: &TestDatabase, folder: &TempDir) -> Database {
    match database.url() {
        None => Database::Files(folder.path().join("customeriq.db")),
        Some(url) => Database::Postgres(PostgresServer::parse(url).unwrap()),
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.state.brands().close();
    }
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("{}", self.text))
    }

    #[track_caller]
    pub(crate) fn ok(&self) -> Value {
        assert_eq!(self.status, 200, "{}", self.text);
        self.json()
    }

    /// Asserts a problem of a status that names a field (an empty name: none).
    #[track_caller]
    pub(crate) fn is_problem(&self, status: u16, field: &str) {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        assert_eq!(self.headers["content-type"], "application/problem+json");
        let problem = self.json();
        assert_eq!(problem["status"], status);
        assert_eq!(problem["field"].as_str().unwrap_or_default(), field, "{}", self.text);
        for word in ["type", "title", "detail"] {
            assert!(!problem[word].as_str().unwrap().is_empty(), "{}", self.text);
        }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}
