//! A service over a file, asked through its router.

use std::path::PathBuf;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::Request;
use ciq_mock::{Audience, Defaults, Service, ServiceOptions, router};
use ciq_sink::{Sink, SinkSettings};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tower::ServiceExt as _;

/// A service whose events go to a file.
#[derive(Debug)]
pub(crate) struct World {
    folder: TempDir,
    pub(crate) service: Service,
    router: Router,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
}

impl Answer {
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

fn clock() -> Timestamp {
    #[expect(clippy::disallowed_methods, reason = "streams are paced against the real one")]
    Timestamp::now()
}

impl World {
    pub(crate) async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let settings = SinkSettings::file(folder.path().join("events.ndjson"));
        Self::with(folder, settings).await
    }

    pub(crate) async fn with(folder: TempDir, settings: SinkSettings) -> Self {
        let options =
            ServiceOptions { defaults: Defaults::default(), sink_name: "test".to_owned(), clock };
        let service = Service::new(Sink::open(settings).await.unwrap(), options);
        let router = router(service.clone(), Audience::ThisMachine);
        Self { folder, service, router }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("events.ndjson")
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "").await
    }

    pub(crate) async fn post(&self, path: &str, body: &str) -> Answer {
        self.ask("POST", path, body).await
    }

    pub(crate) async fn ask(&self, method: &str, path: &str, body: &str) -> Answer {
        let request = Request::builder().method(method).uri(path);
        let request = request.header("content-type", "application/json");
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let response = self.router.clone().oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
        Answer { status, text: String::from_utf8(body.to_vec()).unwrap() }
    }
}
