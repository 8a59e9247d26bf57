//! The desk at which requests are answered: access, limits, faults, keys, books and log, in order.
//!
//! All of it is one state behind one lock, and knows neither sockets nor clocks.

mod replay;

use std::collections::VecDeque;
use std::path::PathBuf;

use jiff::Timestamp;
use serde_json::Value;

use crate::access::{API_VERSION, check_key, check_version};
use crate::ask::Ask;
use crate::books::Books;
use crate::fault::{Fault, rate_limited, server_error};
use crate::keys::{Kept, Keys};
use crate::limit::Bucket;
use crate::log::{Line, Log, LoggedSettings, LoggedWrite};
use crate::params::Params;
use crate::reply::{Body, Reply};
use crate::request::Request;
use crate::route::Route;
use crate::{ApiError, Counters, Faults, TwinError, TwinSettings};

/// How many events may wait for the webhook: some fifty runs' worth.
const EVENTS_WAITING_MAX: usize = 100_000;

/// Everything that a twin knows.
#[derive(Debug)]
pub(crate) struct Desk {
    books: Books,
    keys: Keys,
    log: Option<Log>,
    bucket: Option<Bucket>,
    faults: Faults,
    counters: Counters,
    /// Nothing: nobody listens.
    events: Option<VecDeque<Value>>,
    /// Time does not run backwards here, whatever the clock does.
    latest: Timestamp,
    /// The log could not be written: what is in the books is not in the log.
    is_broken: bool,
}

impl Desk {
    /// Opens the log, if there is to be one, and carries out again what it holds.
    pub(crate) fn open(settings: &TwinSettings) -> Result<Self, TwinError> {
        let logged = LoggedSettings::new(settings);
        let mut desk = Self {
            books: Books::new(logged.books()),
            keys: Keys::default(),
            log: None,
            bucket: settings.requests_per_second.map(Bucket::new),
            faults: settings.faults,
            counters: Counters::default(),
            events: settings.webhook.as_ref().map(|_| VecDeque::new()),
            latest: Timestamp::MIN,
            is_broken: false,
        };
        if let Some(path) = &settings.log {
            desk.open_log(path.clone(), logged)?;
        }
        Ok(desk)
    }

    fn open_log(&mut self, path: PathBuf, settings: LoggedSettings) -> Result<(), TwinError> {
        let (mut log, lines) = Log::open(&path)?;
        let last = self.replay(&path, &lines)?;
        if last.as_ref() != Some(&settings) {
            self.books.configure(settings.books());
            let line = Line::Settings(settings);
            log.append(&line).map_err(|source| TwinError::Log { path, source })?;
        }
        self.log = Some(log);
        Ok(())
    }

    /// Answers a request.
    pub(crate) fn answer(&mut self, request: &Request, now: Timestamp) -> Reply {
        self.latest = self.latest.max(now);
        self.counters.calls += 1;
        let id = format!("req_{:014}", self.counters.calls);
        let reply = self.admit(request, &id).unwrap_or_else(Reply::from);
        if reply.fault.is_some() {
            self.counters.faults += 1;
        }
        let counted = if reply.body == Body::Cut { 0 } else { reply.status };
        *self.counters.by_status.entry(counted).or_default() += 1;
        let version = check_version(request.version.as_deref()).unwrap_or(API_VERSION);
        let reply = reply
            .with_header("stripe-twin", "this is not Stripe")
            .with_header("request-id", id)
            .with_header("stripe-version", version);
        match &request.idempotency_key {
            Some(key) => reply.with_header("idempotency-key", key.as_str()),
            None => reply,
        }
    }

    /// Lets a request pass, or says why not.
    fn admit(&mut self, request: &Request, id: &str) -> Result<Reply, ApiError> {
        check_key(request.authorization.as_deref())?;
        check_version(request.version.as_deref())?;
        let now = self.latest;
        if self.bucket.as_mut().is_some_and(|bucket| !bucket.take(now)) {
            self.counters.rate_limited += 1;
            return Ok(rate_limited("global-rate"));
        }
        let fault = self.faults.draw(self.counters.calls);
        if let Some(refusal) = fault.and_then(Fault::refusal) {
            return Ok(refusal);
        }
        let reply = self.respond(request, id, fault).unwrap_or_else(Reply::from);
        Ok(match fault {
            Some(Fault::LostAnswer) => Reply { body: Body::Cut, ..reply }.with_fault("lost_answer"),
            _ => reply,
        })
    }

    /// Answers a request that was let pass.
    fn respond(
        &mut self,
        request: &Request,
        id: &str,
        fault: Option<Fault>,
    ) -> Result<Reply, ApiError> {
        if let Some(damage) = &request.damage {
            return Err(damage.clone());
        }
        let route = Route::find(&request.method, &request.path)?;
        let given = request.params()?;
        let ask = Ask::new(&route, &request.path, given.clone())?;
        if let Some(reply) = self.replayed(request, &given)? {
            return Ok(reply);
        }
        if self.is_broken {
            return Err(ApiError::new(500, "api_error", BROKEN));
        }
        let outcome = ask.perform(&mut self.books, self.latest);
        self.collect_events();
        let is_failing = fault == Some(Fault::ErrorAfter);
        let reply = match outcome {
            // Nothing was done, and the same request may succeed later.
            Err(error) if matches!(error.status(), 409 | 429) => return Err(error),
            _ if is_failing => server_error().with_fault("error_after"),
            Ok(object) => Reply::object(&object),
            Err(error) => Reply::from(error),
        };
        if route.is_write(&request.method) {
            self.keep(request, given, id, &reply)?;
        }
        Ok(reply)
    }

    /// Returns what was answered before under the request's key.
    fn replayed(&mut self, request: &Request, given: &Params) -> Result<Option<Reply>, ApiError> {
        let Some(key) = request.key()? else { return Ok(None) };
        let kept = self.keys.find(key, (&request.path, given), self.latest)?;
        let Some(kept) = kept else { return Ok(None) };
        self.counters.replayed_answers += 1;
        let reply = Reply::json(kept.status, kept.body.clone())
            .with_header("idempotent-replayed", "true")
            .with_header("original-request", kept.request_id.as_str());
        Ok(Some(reply))
    }

    /// Writes down what was done, before anyone hears of it.
    fn keep(
        &mut self,
        request: &Request,
        params: Params,
        request_id: &str,
        reply: &Reply,
    ) -> Result<(), ApiError> {
        self.counters.executed_writes += 1;
        let Body::Json(body) = &reply.body else { return Ok(()) };
        let key = request.key()?;
        if let Some(log) = &mut self.log {
            let line = Line::Write(LoggedWrite {
                method: request.method.clone(),
                path: request.path.clone(),
                form: request.form(),
                idempotency_key: key.map(str::to_owned),
                request_id: request_id.to_owned(),
                now: self.latest,
                status: reply.status,
                answer: serde_json::from_str(body).unwrap_or_default(),
            });
            if let Err(error) = log.append(&line) {
                tracing::error!(%error, "the twin's log could not be written: it takes no more");
                self.is_broken = true;
                return Err(ApiError::new(500, "api_error", BROKEN));
            }
        }
        if let Some(key) = key {
            let (path, request_id) = (request.path.clone(), request_id.to_owned());
            let (status, body, at) = (reply.status, body.clone(), self.latest);
            self.keys.keep(key, Kept { path, params, at, request_id, status, body });
        }
        Ok(())
    }

    fn collect_events(&mut self) {
        let new = self.books.take_events();
        let Some(events) = &mut self.events else { return };
        for event in new {
            if events.len() < EVENTS_WAITING_MAX {
                events.push_back(event);
            } else {
                self.counters.events_dropped += 1;
            }
        }
    }

    /// Lets time pass: advances that are due end.
    pub(crate) fn tick(&mut self, now: Timestamp) {
        self.latest = self.latest.max(now);
        self.books.tick(self.latest);
        self.collect_events();
    }

    /// Returns the event that waits for the webhook longest.
    pub(crate) fn next_event(&self) -> Option<&Value> {
        self.events.as_ref()?.front()
    }

    /// Forgets the event that waited longest.
    pub(crate) fn finish_event(&mut self, is_delivered: bool) {
        if self.events.as_mut().and_then(VecDeque::pop_front).is_some() {
            let delivered = &mut self.counters.events_delivered;
            let dropped = &mut self.counters.events_dropped;
            *(if is_delivered { delivered } else { dropped }) += 1;
        }
    }

    /// Returns what was counted.
    pub(crate) fn counters(&self) -> &Counters {
        &self.counters
    }
}

/// What every request is told when the log cannot be written any more.
const BROKEN: &str = "The local twin of Stripe could not write its log, and takes no more.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_twin_that_cannot_write_its_log_takes_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("twin.ndjson");
        let now = Timestamp::UNIX_EPOCH;
        let mut settings = TwinSettings::new(|| Timestamp::UNIX_EPOCH);
        settings.log = Some(path.clone());
        let mut desk = Desk::open(&settings).unwrap();
        desk.log = Some(Log::stuck(&path));
        let post = Request {
            method: "POST".to_owned(),
            path: "/v1/customers".to_owned(),
            authorization: Some("Bearer sk_test_any".to_owned()),
            ..Request::default()
        };
        let get = Request { method: "GET".to_owned(), ..post.clone() };
        assert_eq!(desk.answer(&get, now).status, 200);
        for request in [&post, &post, &get] {
            let reply = desk.answer(request, now);
            assert_eq!(reply.status, 500);
            assert!(matches!(reply.body, Body::Json(text) if text.contains("write its log")));
        }
    }
}
