//! Query parameters, read one by one so that a mistake names its parameter.

use axum::http::HeaderValue;
use ciq_store::{CustomerSort, FeedKind, FeedPosition, PageRequest};
use serde::Deserialize;
use utoipa::IntoParams;

use crate::{Problem, ProblemKind};

/// Hits of a search where the caller does not say.
const SEARCH_LIMIT: u32 = 20;

/// The position before everything.
const BEGINNING: &str = "beginning";

/// What to do about a position that is none.
const POSITION_REMEDY: &str =
    "the position of a change such as 12-3-0-1-4, or beginning; leave it out to begin now";

/// Which page of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// The `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    pub(crate) limit: Option<String>,
}

/// Which page of customers, in which order.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct CustomersQuery {
    /// The `next_cursor` of the page before.
    pub(crate) cursor: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    pub(crate) limit: Option<String>,
    /// `newest` (the default) or `lifetime_value`.
    pub(crate) sort: Option<String>,
}

/// What to look for.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchQuery {
    /// Whatever a person types: words, the beginning of a word, an address, a number, an id.
    #[param(value_type = String)]
    pub(crate) q: Option<String>,
    /// Hits wanted of each kind: 1 to 200, 20 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<String>,
}

/// Which reviews.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReviewsQuery {
    /// `pending`, `merged` or `rejected`; all without it.
    pub(crate) status: Option<String>,
    /// Rows wanted: 1 to 1,000, 50 unless told.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 1000)]
    pub(crate) limit: Option<String>,
}

/// Compared with whom.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct ExplainQuery {
    /// Another id of the same customer: only what joins the two is told.
    pub(crate) other: Option<String>,
}

/// Where a stream begins, and what it carries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(crate) struct StreamQuery {
    /// The `position` of the last change that is known, or `beginning`. What comes from now on
    /// without it.
    pub(crate) after: Option<String>,
    /// Kinds of changes, comma-separated: `events.normalized`, `profiles.updated`,
    /// `profiles.merged`, `dead_letters.added`, `intervention.opened`, `intervention.closed`,
    /// `intervention.changed`. All without it.
    pub(crate) types: Option<String>,
    /// The brand, for a page that cannot send `x-brand-id`.
    #[expect(dead_code, reason = "documented here, read where the caller is")]
    pub(crate) brand: Option<String>,
}

/// Where a stream begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start {
    /// With what comes from now on.
    Now,
    /// With what came after a position.
    After(FeedPosition),
}

impl StreamQuery {
    /// Reads the kinds.
    pub(crate) fn kinds(&self) -> Result<Vec<FeedKind>, Problem> {
        let Some(types) = self.types.as_deref().filter(|text| !text.is_empty()) else {
            return Ok(FeedKind::ALL.to_vec());
        };
        let kind = |name: &str| FeedKind::ALL.into_iter().find(|kind| kind.name() == name);
        let kinds = types.split(',').map(|name| kind(name.trim()));
        kinds.collect::<Option<_>>().ok_or_else(|| {
            let names = FeedKind::ALL.map(FeedKind::name).join(", ");
            invalid("types", &format!("comma-separated, each one of {names}"))
        })
    }

    /// Reads where to begin. What a browser says when it comes back is newer than its link.
    pub(crate) fn start(&self, last_event_id: Option<&HeaderValue>) -> Result<Start, Problem> {
        let last = last_event_id.map(|value| value.to_str().unwrap_or("?"));
        for (field, text) in [("last-event-id", last), ("after", self.after.as_deref())] {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                return position_of(text).ok_or_else(|| invalid(field, POSITION_REMEDY));
            }
        }
        Ok(Start::Now)
    }
}

fn position_of(text: &str) -> Option<Start> {
    let position =
        if text == BEGINNING { Some(FeedPosition::default()) } else { text.parse().ok() };
    position.map(Start::After)
}

impl PageQuery {
    /// Reads the page.
    pub(crate) fn page(self) -> Result<PageRequest, Problem> {
        Ok(PageRequest { cursor: given(self.cursor), limit: limit_of(self.limit)? })
    }
}

impl CustomersQuery {
    /// Reads the page and the order.
    pub(crate) fn page(self) -> Result<(PageRequest, CustomerSort), Problem> {
        let sort = match given(self.sort).as_deref() {
            None | Some("newest") => CustomerSort::Newest,
            Some("lifetime_value") => CustomerSort::LifetimeValue,
            Some(_) => return Err(invalid("sort", "one of newest, lifetime_value")),
        };
        Ok((PageQuery { cursor: self.cursor, limit: self.limit }.page()?, sort))
    }
}

impl SearchQuery {
    /// Reads what to look for, and how many hits are wanted.
    pub(crate) fn words(self) -> Result<(String, u32), Problem> {
        let words = self.q.ok_or_else(|| invalid("q", "required: what to look for"))?;
        Ok((words, limit_of(self.limit)?.unwrap_or(SEARCH_LIMIT)))
    }
}

impl ReviewsQuery {
    /// Reads the status and the page.
    pub(crate) fn filter(self) -> Result<(Option<String>, PageRequest), Problem> {
        let status = given(self.status);
        if !matches!(status.as_deref(), None | Some("pending" | "merged" | "rejected")) {
            return Err(invalid("status", "one of pending, merged, rejected"));
        }
        Ok((status, PageQuery { cursor: None, limit: self.limit }.page()?))
    }
}

impl ExplainQuery {
    /// Reads the other id.
    pub(crate) fn other(self) -> Option<String> {
        given(self.other)
    }
}

/// Makes the problem of a parameter.
pub(crate) fn invalid(parameter: &str, remedy: &str) -> Problem {
    Problem::new(ProblemKind::InvalidRequest, remedy).at(parameter)
}

/// Makes the problem of a cursor that names nothing: an unnoticed one would start all over.
pub(crate) fn lost_cursor() -> Problem {
    invalid("cursor", "names nothing here: begin again without a cursor")
}

/// An empty parameter is an absent one.
pub(crate) fn given(parameter: Option<String>) -> Option<String> {
    parameter.filter(|text| !text.is_empty())
}

fn limit_of(parameter: Option<String>) -> Result<Option<u32>, Problem> {
    let Some(text) = given(parameter) else { return Ok(None) };
    text.parse().map(Some).map_err(|_| invalid("limit", "a whole number such as 50"))
}
