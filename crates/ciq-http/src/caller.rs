//! Who asks: the caller of a request, as extractors.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header::AUTHORIZATION;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use ciq_event::Brand;

use crate::{AppState, Problem, ProblemKind, Role};

/// Names the brand.
pub(crate) const BRAND_HEADER: HeaderName = HeaderName::from_static("x-brand-id");

/// Carries a token, for those who cannot set `Authorization`.
const KEY_HEADER: HeaderName = HeaderName::from_static("x-api-key");

/// Who asks, and for which brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// The brand.
    pub brand: Brand,
    /// What the caller may do there.
    pub role: Role,
}

impl Caller {
    /// Returns the caller where the role suffices.
    pub fn allowed(self, needed: Role) -> Result<Self, Problem> {
        if self.role < needed {
            let detail = format!("this takes the role {needed}; the token has {}", self.role);
            return Err(Problem::new(ProblemKind::Forbidden, detail));
        }
        Ok(self)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = asked_brand(&parts.headers)?;
        AppState::from_ref(state).access().admit(shown_token(&parts.headers)?, asked)
    }
}

/// Defines an extractor of a caller whose role suffices.
macro_rules! caller_with_role {
    ($(#[$doc:meta])* $name:ident, $role:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name(pub Caller);

        impl<S: Send + Sync> FromRequestParts<S> for $name
        where
            AppState: FromRef<S>,
        {
            type Rejection = Problem;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
                Caller::from_request_parts(parts, state).await?.allowed($role).map(Self)
            }
        }
    };
}

caller_with_role!(
    /// A caller who may read.
    ReaderCaller,
    Role::Reader
);
caller_with_role!(
    /// A caller who may send events.
    WriterCaller,
    Role::Writer
);
caller_with_role!(
    /// A caller who may decide and erase.
    AdminCaller,
    Role::Admin
);

/// A caller of a page in a browser: as [`Caller`], and a link may name the brand by `?brand=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageCaller(pub Caller);

impl<S: Send + Sync> FromRequestParts<S> for PageCaller
where
    AppState: FromRef<S>,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let asked = match asked_brand(&parts.headers)? {
            Some(brand) => Some(brand),
            None => linked_brand(parts.uri.query().unwrap_or_default())?,
        };
        let token = shown_token(&parts.headers)?;
        AppState::from_ref(state).access().admit(token, asked).map(Self)
    }
}

/// Returns the brand that the header names; `None` without the header.
pub(crate) fn asked_brand(headers: &HeaderMap) -> Result<Option<Brand>, Problem> {
    let Some(value) = headers.get(BRAND_HEADER) else { return Ok(None) };
    let brand = value.to_str().ok().and_then(|text| Brand::parse(text).ok());
    brand.map(Some).ok_or_else(|| not_a_brand("x-brand-id"))
}

fn linked_brand(query: &str) -> Result<Option<Brand>, Problem> {
    let mut pairs = form_urlencoded::parse(query.as_bytes());
    match pairs.find(|(name, value)| name == "brand" && !value.is_empty()) {
        Some((_, text)) => Brand::parse(&text).map(Some).map_err(|_| not_a_brand("brand")),
        None => Ok(None),
    }
}

fn not_a_brand(field: &str) -> Problem {
    let detail = "not a brand name: 1 to 64 of a-z, 0-9 and -";
    Problem::new(ProblemKind::InvalidRequest, detail).at(field)
}

/// Returns the token that the request shows; `None` where it shows none.
pub(crate) fn shown_token(headers: &HeaderMap) -> Result<Option<&str>, Problem> {
    let unreadable = || {
        let detail = "the authorization is unreadable: send `Authorization: Bearer TOKEN`";
        Problem::new(ProblemKind::Unauthorized, detail)
    };
    if let Some(value) = headers.get(AUTHORIZATION) {
        let text = value.to_str().map_err(|_| unreadable())?;
        let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
        // Another scheme is somebody else's business; in open mode it is harmless.
        return Ok(scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()));
    }
    headers.get(KEY_HEADER).map(|value| value.to_str().map_err(|_| unreadable())).transpose()
}
