//! The files that pages load: a stylesheet and scripts, within the program and from nowhere else.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::{Path, RawQuery};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use ciq_http::{AppState, Problem, ProblemKind};

use crate::digest::name_of;

/// An address that names the content never means another one.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// A file that pages load.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum File {
    /// Our stylesheet.
    Style,
    /// Our script.
    App,
    /// htmx, which takes over what the server renders.
    Htmx,
    /// Its extension for server-sent events.
    Sse,
}

/// Names of the contents, in the order of [`File::ALL`].
static VERSIONS: LazyLock<[String; File::ALL.len()]> =
    LazyLock::new(|| File::ALL.map(|file| name_of(file.content())));

impl File {
    /// Every file.
    pub(crate) const ALL: [Self; 4] = [Self::Style, Self::App, Self::Htmx, Self::Sse];

    /// Returns the address: another one for another content.
    pub(crate) fn address(self) -> String {
        format!("/assets/{}?v={}", self.name(), self.version())
    }

    fn name(self) -> &'static str {
        match self {
            Self::Style => "style.css",
            Self::App => "app.js",
            Self::Htmx => "htmx.min.js",
            Self::Sse => "hx-sse.min.js",
        }
    }

    fn content(self) -> &'static [u8] {
        match self {
            Self::Style => include_bytes!("style.css"),
            Self::App => include_bytes!("assets/app.js"),
            Self::Htmx => include_bytes!("assets/htmx/htmx.min.js"),
            Self::Sse => include_bytes!("assets/htmx/hx-sse.min.js"),
        }
    }

    fn content_type(self) -> &'static str {
        match self {
            Self::Style => "text/css; charset=utf-8",
            Self::App | Self::Htmx | Self::Sse => "text/javascript; charset=utf-8",
        }
    }

    fn version(self) -> &'static str {
        let place = Self::ALL.iter().position(|file| *file == self).unwrap_or_default();
        &VERSIONS[place]
    }
}

/// Returns the routes of the files. They are no secret: the page for signing in needs them.
pub(crate) fn routes() -> Router<AppState> {
    Router::new().route("/assets/{name}", get(serve))
}

async fn serve(Path(name): Path<String>, RawQuery(query): RawQuery) -> Response {
    let Some(file) = File::ALL.into_iter().find(|file| file.name() == name) else {
        return Problem::new(ProblemKind::NotFound, "no such file").into_response();
    };
    let asked = query.as_deref().and_then(|query| query.strip_prefix("v="));
    // A page from before an upgrade asks for a content that is gone; it gets the one there is.
    let kept = if asked == Some(file.version()) { FOR_EVER } else { "no-cache" };
    let headers = [(header::CONTENT_TYPE, file.content_type()), (header::CACHE_CONTROL, kept)];
    (StatusCode::OK, headers, file.content()).into_response()
}
