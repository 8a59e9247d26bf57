//! The API as OpenAPI 3.1: what the routes say of themselves, and what holds for all of them.

use std::sync::LazyLock;

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, Content, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Response,
    ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use crate::problem::{PROBLEM_TYPE, ProblemBody};
use crate::routes;

/// The tag of routes that tell about the service itself and of no brand.
const SERVICE_TAG: &str = "Service";

/// Tags, and what they group.
const TAGS: [(&str, &str); 4] = [
    ("Events", "What happened, on its way in."),
    ("Customers", "Who the customers are, and what is known of them."),
    ("Decisions", "What people decide: who is one, who is not, and who is to be forgotten."),
    (SERVICE_TAG, "The service about itself."),
];

/// What the document says first.
const DESCRIPTION: &str = "\
Customers from events. Every error is `application/problem+json` (RFC 9457). \
Without tokens everyone on this machine may do everything; with tokens, send \
`Authorization: Bearer TOKEN`: a reader reads, a writer also sends events, an admin also decides.";

/// Problems that any route may answer: status, and when.
const PROBLEMS: [(&str, &str); 7] = [
    ("400", "A parameter, a header or the body is not what it should be; `field` names it."),
    ("401", "No token, an unknown one, or a signature that does not fit."),
    ("403", "The token's role or brand does not suffice, or the Host is not served."),
    ("404", "There is no such thing."),
    ("413", "The body is too large."),
    ("500", "Something went wrong here; the log tells more."),
    ("503", "Not now; try again after `Retry-After` seconds. Nothing was written."),
];

/// Problems of decisions.
const DECISION_PROBLEMS: [(&str, &str); 3] = [
    ("409", "It was done before."),
    ("415", "The body is not JSON."),
    ("422", "It is not possible, such as merging a customer with itself."),
];

/// The document as it is served.
static JSON: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());

/// Returns the document as it is served.
pub(crate) fn json() -> &'static str {
    &JSON
}

/// Returns the API as an OpenAPI document.
pub fn document() -> OpenApi {
    let mut document = routes::table().into_openapi();
    for item in document.paths.paths.values_mut() {
        for operation in operations_of(item) {
            complete(operation);
        }
    }
    add_components(document.components.get_or_insert_with(Components::new));
    document
}

/// Makes the document that routes are added to.
pub(crate) fn base() -> OpenApi {
    let info = InfoBuilder::new()
        .title("customeriq")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(DESCRIPTION))
        .build();
    let tag =
        |(name, words): (&str, &str)| TagBuilder::new().name(name).description(Some(words)).build();
    OpenApiBuilder::new().info(info).tags(Some(TAGS.map(tag))).build()
}

fn operations_of(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [item.get.as_mut(), item.post.as_mut(), item.delete.as_mut()].into_iter().flatten()
}

/// Adds what holds for every route, or for every route of its kind.
fn complete(operation: &mut Operation) {
    let has_tag = |tag: &str| operation.tags.iter().flatten().any(|own| own == tag);
    let (is_service, is_decision) = (has_tag(SERVICE_TAG), has_tag("Decisions"));
    let problems = PROBLEMS.iter().filter(|(status, _)| !is_service || status.starts_with('5'));
    let more = DECISION_PROBLEMS.iter().filter(|_| is_decision);
    for (status, when) in problems.chain(more) {
        let response = RefOr::T(problem_response(when));
        operation.responses.responses.entry((*status).to_owned()).or_insert(response);
    }
    if !is_service {
        operation.parameters.get_or_insert_default().push(RefOr::T(brand_parameter()));
        let either = ["token", "key"].map(|name| SecurityRequirement::new(name, [""; 0]));
        let open = SecurityRequirement::default();
        operation.security = Some(either.into_iter().chain([open]).collect());
    }
}

fn problem_response(when: &str) -> Response {
    let body = Content::new(Some(Ref::from_schema_name(ProblemBody::name())));
    ResponseBuilder::new().description(when).content(PROBLEM_TYPE, body).build()
}

fn brand_parameter() -> Parameter {
    let schema = ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[a-z0-9-]{1,64}$"));
    ParameterBuilder::new()
        .name("x-brand-id")
        .parameter_in(ParameterIn::Header)
        .description(Some("The brand: `default` without it; with a token, the token's."))
        .schema(Some(schema))
        .build()
}

fn add_components(components: &mut Components) {
    let mut needed = vec![(ProblemBody::name().into_owned(), ProblemBody::schema())];
    ProblemBody::schemas(&mut needed);
    components.schemas.extend(needed);
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
    components.add_security_scheme("token", SecurityScheme::Http(bearer));
    let key = ApiKey::Header(ApiKeyValue::new("x-api-key"));
    components.add_security_scheme("key", SecurityScheme::ApiKey(key));
}
