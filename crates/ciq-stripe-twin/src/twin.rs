//! The twin: a desk, a lock and a clock.

mod http;
mod serve;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use axum::Router;
use tokio::sync::Notify;

use crate::desk::Desk;
use crate::record::Record;
use crate::reply::Reply;
use crate::request::Request;
use crate::webhook::Webhook;
use crate::{Counters, TwinError, TwinSettings};

/// A local Stripe. Copies are the same twin.
#[derive(Debug, Clone)]
pub struct Twin {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    settings: TwinSettings,
    /// Held for one request at a time, and never while waiting.
    desk: Mutex<Desk>,
    record: Option<Record>,
    webhook: Option<Webhook>,
    /// Rung when there may be events for the webhook.
    bell: Notify,
}

impl Twin {
    /// Opens a twin: an empty one, or the one that its log tells of.
    ///
    /// Fails where a file cannot be used or the log is not a log of this version.
    pub fn open(settings: TwinSettings) -> Result<Self, TwinError> {
        let desk = Mutex::new(Desk::open(&settings)?);
        let record = settings.record.as_deref().map(Record::open).transpose()?;
        let webhook = settings.webhook.as_ref().map(Webhook::new).transpose()?;
        let inner = Inner { settings, desk, record, webhook, bell: Notify::new() };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// Returns the API as a router. Events reach the webhook only while [`serve`] is at work.
    ///
    /// [`serve`]: Self::serve
    pub fn router(&self) -> Router {
        Router::new().fallback(http::answer).with_state(self.clone())
    }

    /// Returns what was counted since the twin was opened.
    #[must_use]
    pub fn counters(&self) -> Counters {
        self.desk().counters().clone()
    }

    fn desk(&self) -> MutexGuard<'_, Desk> {
        self.inner.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Answers a request and records it.
    fn reply(&self, request: &Request) -> Reply {
        let reply = self.desk().answer(request, (self.inner.settings.clock)());
        if let Some(record) = &self.inner.record {
            record.add(request, &reply);
        }
        self.inner.bell.notify_one();
        reply
    }
}
