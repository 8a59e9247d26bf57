//! The one form of every error: `application/problem+json` (RFC 9457).

use std::error::Error;

use axum::Json;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use ciq_automation::DefinitionError;
use ciq_clockwork::ClockworkError;
use ciq_engine::DecisionError;
use ciq_event::Rejection;
use ciq_ingest::{BrandsError, IngestError, Refused};
use ciq_insight::TrainingError;
use ciq_monitor::{ActError, RuleError};
use ciq_store::StoreError;
use serde::Serialize;
use utoipa::ToSchema;

use crate::answer::EventsAnswer;

/// The media type of a problem.
pub(crate) const PROBLEM_TYPE: &str = "application/problem+json";

/// When to try again what failed for now, in seconds.
const RETRY_AFTER_S: &str = "1";

/// What kind of problem it is. Decides the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProblemKind {
    /// A parameter, a header or a body is not what it should be.
    InvalidRequest,
    /// A body cannot be an event.
    InvalidEvent,
    /// No token, an unknown one, or a signature that does not fit.
    Unauthorized,
    /// The caller may not.
    Forbidden,
    /// There is no such thing.
    NotFound,
    /// The path does not take the method.
    MethodNotAllowed,
    /// It was done before.
    Conflict,
    /// Not with what is known by now.
    TooEarly,
    /// The body is too large.
    TooLarge,
    /// The body is of another media type than the path takes.
    UnsupportedMediaType,
    /// Understood, and impossible.
    Unprocessable,
    /// A bug, or a broken file. The log tells more.
    Internal,
    /// Not now: the database is busy, full or away, or the service is stopping.
    Unavailable,
    /// It took too long.
    Timeout,
}

impl ProblemKind {
    /// Every kind, for the documentation.
    pub(crate) const ALL: [Self; 14] = [
        Self::InvalidRequest,
        Self::InvalidEvent,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::Conflict,
        Self::TooEarly,
        Self::TooLarge,
        Self::UnsupportedMediaType,
        Self::Unprocessable,
        Self::Internal,
        Self::Unavailable,
        Self::Timeout,
    ];

    /// Returns the status that goes with it.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest | Self::InvalidEvent => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::TooEarly => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable | Self::Timeout => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    /// Returns the word that ends the problem's `type`.
    pub(crate) const fn slug(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid-request",
            Self::InvalidEvent => "invalid-event",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Conflict => "conflict",
            Self::TooEarly => "too-early",
            Self::TooLarge => "too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::Unprocessable => "unprocessable",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
        }
    }

    /// Returns the problem's `title`.
    pub(crate) const fn title(self) -> &'static str {
        match self {
            Self::InvalidRequest => "The request is not valid",
            Self::InvalidEvent => "The body is not an event",
            Self::Unauthorized => "Who are you?",
            Self::Forbidden => "Not allowed",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "The path does not take this method",
            Self::Conflict => "Done already",
            Self::TooEarly => "Not yet",
            Self::TooLarge => "Too large",
            Self::UnsupportedMediaType => "Another media type is needed",
            Self::Unprocessable => "Not possible",
            Self::Internal => "Something went wrong here",
            Self::Unavailable => "Not now",
            Self::Timeout => "It took too long",
        }
    }
}

/// An error as the caller sees it. Says nothing about the inside, and repeats no personal data.
#[derive(Debug, Clone)]
pub struct Problem {
    kind: ProblemKind,
    detail: String,
    field: Option<String>,
    events: Option<Box<EventsAnswer>>,
}

/// A problem as it is sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct ProblemBody {
    /// What kind of problem it is: `urn:customeriq:problem:` and a word.
    #[serde(rename = "type")]
    #[schema(example = "urn:customeriq:problem:invalid-event")]
    problem_type: String,
    /// The same for people.
    #[schema(example = "The body is not an event")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What went wrong this time, and what to do about it.
    #[schema(example = "required, such as purchase")]
    detail: String,
    /// The parameter, header or field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "event_type")]
    field: Option<String>,
    /// For `POST /events`: what became of each event.
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Vec<crate::answer::EventResult>>,
    /// For `POST /events`: events stored, which is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    stored: Option<u64>,
    /// For `POST /events`: events stored before, which is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    duplicates: Option<u64>,
    /// For `POST /events`: events refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<u64>,
}

impl Problem {
    /// Makes a problem. The detail is for the caller: what is wrong and what to do about it.
    pub fn new(kind: ProblemKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), field: None, events: None }
    }

    /// Names the parameter, header or field at fault.
    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Self {
        self.field = Some(field.into());
        self
    }

    /// Adds what became of each event.
    pub(crate) fn with_events(mut self, events: EventsAnswer) -> Self {
        self.events = Some(Box::new(events));
        self
    }

    /// Makes the problem of an item that is not there.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ProblemKind::NotFound, format!("there is no such {what}"))
    }

    /// Makes the problem of something that is wrong here, and logs why.
    pub(crate) fn internal(doing: &str, why: &str) -> Self {
        tracing::error!(doing, error = why, "could not answer a request");
        Self::new(ProblemKind::Internal, "the cause is in the service's log")
    }

    /// Makes the problem of something that may go through later, and logs why.
    fn unavailable(doing: &str, why: &str) -> Self {
        tracing::warn!(doing, error = why, "could not answer a request for now");
        Self::new(ProblemKind::Unavailable, "try again in a moment; nothing was written")
    }

    /// Returns what kind of problem it is.
    #[must_use]
    pub fn kind(&self) -> ProblemKind {
        self.kind
    }

    /// Returns what is wrong, for the caller.
    #[must_use]
    pub fn detail(&self) -> &str {
        &self.detail
    }

    /// Returns the parameter, header or field at fault.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        self.field.as_deref()
    }

    fn into_body(self) -> ProblemBody {
        let Self { kind, detail, field, events } = self;
        let events = events.map(|events| *events);
        let counts = events.as_ref().map(|it| (it.stored, it.duplicates, it.rejected));
        ProblemBody {
            problem_type: format!("urn:customeriq:problem:{}", kind.slug()),
            title: kind.title(),
            status: kind.status().as_u16(),
            detail,
            field,
            results: events.map(|events| events.results),
            stored: counts.map(|counts| counts.0),
            duplicates: counts.map(|counts| counts.1),
            rejected: counts.map(|counts| counts.2),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let kind = self.kind;
        let mut response = (kind.status(), Json(self.into_body())).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_TYPE));
        match kind {
            ProblemKind::Unauthorized => {
                let challenge = HeaderValue::from_static("Bearer realm=\"customeriq\"");
                headers.insert(WWW_AUTHENTICATE, challenge);
            }
            ProblemKind::Unavailable | ProblemKind::Timeout => {
                headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
            }
            _ => {}
        }
        response
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self::new(ProblemKind::InvalidEvent, rejection.reason).at(rejection.field)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        of_store("use a brand's tables", &error)
    }
}

impl From<BrandsError> for Problem {
    fn from(error: BrandsError) -> Self {
        match error {
            BrandsError::Store { brand, source } => {
                of_store(&format!("open the tables of brand {brand}"), &source)
            }
            BrandsError::TooMany => Self::unavailable("open a brand", &error.to_string()),
            BrandsError::Config(_) => Self::internal("open a brand", &chain(&error)),
        }
    }
}

impl From<IngestError> for Problem {
    fn from(error: IngestError) -> Self {
        match error {
            IngestError::Store(error) => of_store("write to a brand's tables", &error),
            IngestError::Stopped => Self::unavailable("write", "the service is stopping"),
            IngestError::Decision(error) => error.into(),
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        refused.error.into()
    }
}

impl From<DefinitionError> for Problem {
    fn from(error: DefinitionError) -> Self {
        let invalid = |detail: String| Self::new(ProblemKind::InvalidRequest, detail);
        match error {
            DefinitionError::Field { path, problem } => invalid(problem).at(path),
            DefinitionError::DuplicateId { .. } => invalid(error.to_string()).at("id"),
            DefinitionError::Toml(_) => invalid(error.to_string()).at("body"),
        }
    }
}

impl From<RuleError> for Problem {
    fn from(error: RuleError) -> Self {
        let invalid = |detail: String| Self::new(ProblemKind::InvalidRequest, detail);
        match error {
            RuleError::Field { path, problem } => invalid(problem).at(path),
            RuleError::DuplicateKind { .. } => invalid(error.to_string()).at("kind"),
            RuleError::Toml(_) => invalid(error.to_string()).at("body"),
        }
    }
}

impl From<ActError> for Problem {
    fn from(error: ActError) -> Self {
        let detail = error.to_string();
        match error {
            ActError::NotNow { .. } => Self::new(ProblemKind::Conflict, detail),
            ActError::SnoozeEnd { .. } => {
                Self::new(ProblemKind::InvalidRequest, detail).at("until")
            }
            ActError::Text { field, .. } => {
                Self::new(ProblemKind::InvalidRequest, detail).at(field)
            }
        }
    }
}

impl From<ClockworkError> for Problem {
    fn from(error: ClockworkError) -> Self {
        match error {
            ClockworkError::Read(error) => error.into(),
            ClockworkError::Write(error) => error.into(),
            ClockworkError::Training(
                error @ (TrainingError::NotEnough { .. } | TrainingError::TooShort { .. }),
            ) => Self::new(ProblemKind::TooEarly, error.to_string()),
            ClockworkError::Act(error) => error.into(),
            error @ ClockworkError::Stopped => {
                Self::new(ProblemKind::Unavailable, error.to_string())
            }
            error => Self::internal("make a pass", &chain(&error)),
        }
    }
}

impl From<DecisionError> for Problem {
    fn from(error: DecisionError) -> Self {
        match error {
            DecisionError::UnknownCustomer(_) => Self::not_found("customer"),
            DecisionError::UnknownMerge(_) => Self::not_found("merge"),
            DecisionError::UnknownReview(_) => Self::not_found("review"),
            DecisionError::NotInReview(_) => Self::new(ProblemKind::Conflict, error.to_string()),
            DecisionError::OneCustomer => {
                let detail = "a merge takes at least two different customers";
                Self::new(ProblemKind::Unprocessable, detail).at("profile_ids")
            }
            DecisionError::AlreadyUndone(_) => {
                Self::new(ProblemKind::Conflict, "the merge is undone already")
            }
            DecisionError::AlreadySettled(_) => {
                Self::new(ProblemKind::Conflict, "the review is settled already")
            }
        }
    }
}

fn of_store(doing: &str, error: &StoreError) -> Problem {
    match error {
        // The value may be anybody's address: it stays out of the log.
        StoreError::Corrupt { what, .. } => {
            Problem::internal(doing, &format!("stored {what} cannot be read"))
        }
        StoreError::InterventionOpen { .. } => {
            Problem::new(ProblemKind::Conflict, error.to_string())
        }
        error if error.is_transient() => Problem::unavailable(doing, &chain(error)),
        error => Problem::internal(doing, &chain(error)),
    }
}

/// Tells anyone why the store cannot be read. What does not pass by itself may show what is
/// nobody's business, and is for the log.
pub(crate) fn reason_of(error: &StoreError) -> String {
    if error.is_transient() {
        return chain(error);
    }
    tracing::error!(error = chain(error), "the store cannot be read");
    "it cannot be read; the log tells why".to_owned()
}

/// Writes an error and its causes on one line.
fn chain(error: &dyn Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_go_through_later_says_when() {
        let response = Problem::from(IngestError::Stopped).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(response.headers()[RETRY_AFTER], RETRY_AFTER_S);
        let response = Problem::from(BrandsError::TooMany).into_response();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }

    #[test]
    fn what_is_wrong_here_tells_the_caller_nothing() {
        let value = "sarah@customer.example.org".to_owned();
        let problem = Problem::from(StoreError::Corrupt { what: "identifier", value });
        assert_eq!(problem.kind(), ProblemKind::Internal);
        assert!(!format!("{problem:?}").contains("sarah"));
    }
}
