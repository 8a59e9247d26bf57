//! The API as OpenAPI 3.1: what the routes say of themselves, and what holds for all of them.

use std::sync::LazyLock;

use utoipa::openapi::path::Operation;
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{PROBLEM_TYPE, ProblemBody};
use crate::routes;

/// Tags, and what they group.
const TAGS: [(&str, &str); 4] = [
    ("Users", "Who there is."),
    ("Events", "What they do, as it happens."),
    ("Backfill", "What they did before."),
    ("Service", "The service about itself."),
];

/// What the document says first.
const DESCRIPTION: &str = "\
Made-up customers and their events. Every error is `application/problem+json` (RFC 9457); \
its `pointer` names the place at fault. A body is JSON; none at all is as good as `{}`.";

/// The document as it is served.
static JSON: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());

/// Returns the document as it is served.
pub(crate) fn json() -> &'static str {
    &JSON
}

/// Returns the API as an OpenAPI document.
pub fn document() -> OpenApi {
    let mut document = routes::table().into_openapi();
    for (path, item) in &mut document.paths.paths {
        for operation in [&mut item.get, &mut item.post, &mut item.delete].into_iter().flatten() {
            complete(operation, path);
        }
    }
    let components = document.components.get_or_insert_with(Components::new);
    let mut needed = vec![(ProblemBody::name().into_owned(), ProblemBody::schema())];
    ProblemBody::schemas(&mut needed);
    components.schemas.extend(needed);
    document
}

/// Makes the document that routes are added to.
pub(crate) fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("mockgen")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .build();
    let tag =
        |(name, words): (&str, &str)| TagBuilder::new().name(name).description(Some(words)).build();
    OpenApiBuilder::new().info(info).tags(Some(TAGS.map(tag))).build()
}

/// Adds the problems that an operation may answer.
fn complete(operation: &mut Operation, path: &str) {
    let has_body = operation.request_body.is_some();
    let is_named = path.contains("{id}");
    let needs_users = ["/start-stream", "/emit", "/backfill"].contains(&path);
    let problems = [
        ("400", "A value is not what it should be.", has_body || path == "/users"),
        ("403", "The Host or the page is not of this machine.", true),
        ("404", "There is no such thing.", is_named),
        ("409", "There are no users yet, or too many backfills run.", needs_users),
        ("413", "The body is too large.", has_body),
        ("415", "The body is not JSON.", has_body),
        ("503", "The sink has no room now.", path == "/emit"),
    ];
    for (status, when, _) in problems.into_iter().filter(|(_, _, may)| *may) {
        let response = RefOr::T(problem_response(when));
        operation.responses.responses.entry(status.to_owned()).or_insert(response);
    }
}

fn problem_response(when: &str) -> Response {
    let body = Content::new(Some(Ref::from_schema_name(ProblemBody::name())));
    ResponseBuilder::new().description(when).content(PROBLEM_TYPE, body).build()
}
