//! Who visits, for which brand, and what the address asks for.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::request::Parts;
use ciq_clockwork::MonitorReport;
use ciq_engine::{Action, DecisionOutcome, Settings};
use ciq_event::InterventionId;
use ciq_http::{AppState, Caller, PageCaller, Role};
use ciq_monitor::Rules;
use ciq_store::{InterventionDetail, Reader, StoreError};
use jiff::Timestamp;

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
            rights: match caller.role {
                Role::Reader => Rights::Read,
                Role::Writer => Rights::Act,
                Role::Admin => Rights::Decide,
            },
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

    /// Returns who visits, where the role suffices.
    pub(crate) fn allowed(&self, needed: Role) -> Result<Caller, PageError> {
        Ok(self.caller.clone().allowed(needed)?)
    }

    /// As [`Self::read`], for queries that read messages again, by the rules of the brand.
    pub(crate) async fn read_by_rules<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Reader, Option<&Settings>) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, PageError> {
        let (brands, brand) = (Arc::clone(self.state.brands()), self.caller.brand.clone());
        self.read(move |reader| {
            let handle = brands.find(&brand).ok().flatten();
            query(reader, handle.as_ref().map(|handle| handle.settings()))
        })
        .await
    }

    /// Returns the time.
    pub(crate) fn now(&self) -> Timestamp {
        self.state.now()
    }

    /// Checks everyone by the rules of the monitor, as of now.
    pub(crate) async fn check_everyone(&self) -> Result<MonitorReport, PageError> {
        let caller = self.allowed(Role::Writer)?;
        Ok(self.state.check_everyone(&caller).await?)
    }

    /// Returns the rules of the monitor.
    pub(crate) async fn monitor_rules(&self) -> Result<Rules, PageError> {
        Ok(self.state.monitor_rules(&self.caller.brand).await?)
    }

    /// Carries out what somebody does about an intervention: `actor`, else whoever has the role.
    pub(crate) async fn act_on_intervention(
        &self,
        id: InterventionId,
        actor: Option<String>,
        action: ciq_monitor::Action,
    ) -> Result<InterventionDetail, PageError> {
        let caller = self.allowed(Role::Writer)?;
        let actor = actor.unwrap_or_else(|| caller.role.as_str().to_owned());
        Ok(self.state.act_on_intervention(&caller, id, actor, action).await?)
    }

    /// Carries out what an administrator decided.
    pub(crate) async fn decide(&self, action: Action) -> Result<DecisionOutcome, PageError> {
        let caller = self.allowed(Role::Admin)?;
        Ok(self.state.decide(&caller, action).await?)
    }
}
