//! Who visits, for which brand, and what the address asks for.

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use ciq_engine::{Action, DecisionOutcome};
use ciq_http::{AppState, Caller, PageCaller, Role};
use ciq_store::{Reader, StoreError};

use crate::asked::Asked;
use crate::cookie;
use crate::link::Links;
use crate::page_error::PageError;
use crate::visitor::{Rights, SignedIn, Visitor};

/// A visit: who, for which brand, and what the address asks for.
#[derive(Debug)]
pub(crate) struct Session {
    /// Who visits, as far as rendering goes.
    pub(crate) visitor: Visitor,
    /// What the address asks for.
    pub(crate) asked: Asked,
    caller: Caller,
    state: AppState,
}

impl<S: Send + Sync> FromRequestParts<S> for Session
where
    AppState: FromRef<S>,
{
    type Rejection = PageError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, PageError> {
        let is_by_cookie = cookie::show_token(&mut parts.headers);
        let PageCaller(caller) = PageCaller::from_request_parts(parts, state).await?;
        let asked = Asked::parse(parts.uri.query().unwrap_or_default().as_bytes());
        let in_address = asked.get("brand").map(|_| caller.brand.clone());
        let state = AppState::from_ref(state);
        let is_open = state.access().is_open();
        let visitor = Visitor {
            brand: caller.brand.clone(),
            links: Links::new(in_address),
            rights: if caller.role < Role::Admin { Rights::Read } else { Rights::Decide },
            signed_in: if is_by_cookie && !is_open { SignedIn::Here } else { SignedIn::Elsewhere },
        };
        Ok(Self { visitor, asked, caller, state })
    }
}

impl Session {
    /// Runs queries off the async threads; `None` where the brand has no file yet.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, PageError> {
        Ok(self.state.read(&self.caller.brand, query).await?)
    }

    /// Carries out what an administrator decided.
    pub(crate) async fn decide(&self, action: Action) -> Result<DecisionOutcome, PageError> {
        let caller = self.caller.clone().allowed(Role::Admin)?;
        Ok(self.state.decide(&caller, action).await?)
    }
}
