//! The API as OpenAPI 3.1: what the routes say of themselves, and what holds for all of them.

use std::sync::LazyLock;

use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
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

/// The tag of what people decide.
const DECISIONS_TAG: &str = "Decisions";

/// The tag of what customers' histories mean.
const INSIGHT_TAG: &str = "Insight";

/// The tag of rules that act by themselves.
const AUTOMATIONS_TAG: &str = "Automations";

/// The tag of how accounts do, and of what people do about that.
const MONITOR_TAG: &str = "Monitor";

/// Where interventions are acted on: each action has a state in which it makes no sense.
const ACTING_PATH: &str = "/api/interventions/{id}/";

/// Routes without an id in the path that may find something to be done before, or too early.
const CONFLICTING_PATHS: [&str; 2] = ["/api/automations", "/api/models/train"];

/// Routes that name an item in the body.
const NAMING_PATHS: [&str; 2] = ["/api/profiles/merge", "/api/models/in-use"];

/// The one route about the service that takes a token, where tokens are.
const METRICS_PATH: &str = "/metrics";

/// Tags, and what they group.
const TAGS: [(&str, &str); 7] = [
    ("Events", "What happened, on its way in."),
    ("Customers", "Who the customers are, and what is known of them."),
    (INSIGHT_TAG, "What customers' histories mean, and the models that say so."),
    (AUTOMATIONS_TAG, "Rules that act by themselves, and what they did."),
    (
        MONITOR_TAG,
        "How accounts do, what a person should do about that, and the rules that say so.",
    ),
    (DECISIONS_TAG, "What people decide: who is one, who is not, and who is to be forgotten."),
    (SERVICE_TAG, "The service about itself."),
];

/// What the document says first.
const DESCRIPTION: &str = "\
Customers from events. Every error is `application/problem+json` (RFC 9457). \
Without tokens everyone on this machine may do everything; with tokens, send \
`Authorization: Bearer TOKEN`: a reader reads, a writer also sends events, defines automations and acts on interventions, an admin also decides.";

/// Which routes may answer a problem.
#[derive(Clone, Copy)]
enum May {
    /// Every one.
    Any,
    /// Those of a brand.
    OfABrand,
    /// Those that name an item.
    Named,
    /// Those with a body.
    WithBody,
    /// Those that write what people decide.
    Deciding,
    /// Those that may come twice, or too early.
    Conflicting,
    /// Those that take one kind of body only.
    OfAMediaType,
}

/// Problems that many routes may answer: status, when, and which.
const PROBLEMS: [(&str, &str, May); 10] = [
    (
        "400",
        "A parameter, a header or the body is not what it should be; `field` names it.",
        May::OfABrand,
    ),
    ("401", "No token, an unknown one, or a signature that does not fit.", May::OfABrand),
    ("403", "The token's role or brand does not suffice, or the Host is not served.", May::Any),
    ("404", "There is no such thing.", May::Named),
    ("409", "It was done before, it is too early, or its state forbids it.", May::Conflicting),
    ("413", "The body is too large.", May::WithBody),
    ("415", "The body is not JSON.", May::OfAMediaType),
    ("422", "It is not possible, such as merging a customer with itself.", May::Deciding),
    ("500", "Something went wrong here; the log tells more.", May::Any),
    ("503", "Not now; try again after `Retry-After` seconds. Nothing was written.", May::Any),
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
    for (path, item) in &mut document.paths.paths {
        let reading = [&mut item.get];
        let writing = [&mut item.post, &mut item.put, &mut item.patch, &mut item.delete];
        for operation in reading.into_iter().chain(writing).flatten() {
            complete(operation, path);
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

/// Adds what holds for every route, or for every route of its kind.
fn complete(operation: &mut Operation, path: &str) {
    for (status, when, may) in PROBLEMS {
        if may.applies(path, operation) {
            let response = RefOr::T(problem_response(when));
            operation.responses.responses.entry(status.to_owned()).or_insert(response);
        }
    }
    if is_of_a_brand(path, operation) {
        operation.parameters.get_or_insert_default().push(RefOr::T(brand_parameter()));
        let either = ["token", "key"].map(|name| SecurityRequirement::new(name, [""; 0]));
        let open = SecurityRequirement::default();
        operation.security = Some(either.into_iter().chain([open]).collect());
    }
}

impl May {
    /// Tells whether an operation is one of these.
    fn applies(self, path: &str, operation: &Operation) -> bool {
        let is_decision = has_tag(operation, DECISIONS_TAG);
        match self {
            Self::Any => true,
            Self::OfABrand => is_of_a_brand(path, operation),
            Self::Named => {
                path.contains("{id}") || NAMING_PATHS.contains(&path) || path == METRICS_PATH
            }
            Self::WithBody => operation.request_body.is_some(),
            Self::Deciding => is_decision && Self::Named.applies(path, operation),
            Self::Conflicting => {
                Self::Deciding.applies(path, operation)
                    || path.starts_with(ACTING_PATH)
                    || (CONFLICTING_PATHS.contains(&path) && operation.request_body.is_some())
            }
            Self::OfAMediaType => {
                let tags = [INSIGHT_TAG, AUTOMATIONS_TAG, MONITOR_TAG];
                let is_strict = tags.map(|tag| has_tag(operation, tag));
                Self::Deciding.applies(path, operation)
                    || (is_strict.contains(&true) && operation.request_body.is_some())
            }
        }
    }
}

fn is_of_a_brand(path: &str, operation: &Operation) -> bool {
    !has_tag(operation, SERVICE_TAG) || path == METRICS_PATH
}

fn has_tag(operation: &Operation, tag: &str) -> bool {
    operation.tags.iter().flatten().any(|own| own == tag)
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
