//! The thread between the wire and the writers: deliveries in, settlements out, batch by batch.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ciq_engine::{Entry, EntryOutcome, EventOutcome, Settings};
use ciq_event::{Brand, Carrier, Rejection};
use ciq_nats::{Delivery, Receipt, Settlement};
use serde_json::json;
use tokio::sync::{mpsc, oneshot, watch};

use super::arrival::{brand_of, entry_of, refused};
use crate::{Brands, BrandsError, Clock, IngestError, Pipeline, Settled, pause};

/// How long to wait before something that failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// Messages from which on a batch is parsed on several threads.
const PARALLEL_FROM: usize = 512;

/// What the thread is handed.
#[derive(Debug)]
pub(super) enum Work {
    /// Messages, as they were delivered.
    Batch(Vec<Delivery>),
    /// Whoever waits hears when all before it is stored and told.
    Mark(oneshot::Sender<()>),
}

/// What is handed on to whoever tells it.
#[derive(Debug)]
pub(super) enum Tell {
    /// What became of messages.
    Batch(Vec<Told>),
    /// Whoever waits hears when all before it is told.
    Mark(oneshot::Sender<()>),
}

/// What is told about a message, once it is stored.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) receipt: Receipt,
    pub(super) settlement: Settlement,
    /// What whoever waits for an answer hears.
    pub(super) answer: Vec<u8>,
}

/// Receipts of the messages that are being worked on, batch by batch.
#[derive(Debug, Clone, Default)]
pub(super) struct Held(Arc<Mutex<VecDeque<Arc<Vec<Receipt>>>>>);

impl Held {
    fn hold(&self, receipts: &Arc<Vec<Receipt>>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push_back(Arc::clone(receipts));
    }

    fn let_go(&self, receipts: &Arc<Vec<Receipt>>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        held.retain(|other| !Arc::ptr_eq(other, receipts));
    }

    /// Returns what is being worked on.
    pub(super) fn all(&self) -> Vec<Arc<Vec<Receipt>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }
}

/// What the thread works with.
#[derive(Debug)]
pub(super) struct Worker {
    pub(super) brands: Arc<Brands>,
    pub(super) default_brand: Brand,
    pub(super) clock: Arc<dyn Clock>,
    /// Whether others work on other customers meanwhile, so that the order is only a customer's own.
    pub(super) is_sharing_out: bool,
    pub(super) told: mpsc::Sender<Tell>,
    pub(super) held: Held,
    /// Why nothing can be stored, while nothing can.
    pub(super) trouble: watch::Sender<Option<String>>,
    pub(super) stop: watch::Receiver<bool>,
}

/// How the trouble begins that ends when something is stored.
const CANNOT_STORE: &str = "cannot store: ";

/// Tells whether a trouble is one of storing.
fn is_ours(trouble: &str) -> bool {
    trouble.starts_with(CANNOT_STORE)
}

/// The entries of messages and their receipts.
type Parsed = (Vec<Entry>, Vec<Receipt>);

/// The way of one brand's messages.
type Way = Pipeline<Arc<Vec<Receipt>>>;

impl Worker {
    /// Works until no more deliveries come, then finishes those that came. What is not stored when
    /// it fails is not settled either, and comes again.
    pub(super) fn run(self, mut deliveries: mpsc::Receiver<Work>) -> Result<(), IngestError> {
        let mut ways: BTreeMap<Brand, Way> = BTreeMap::new();
        loop {
            let next = match deliveries.try_recv() {
                Ok(work) => Some(work),
                Err(mpsc::error::TryRecvError::Disconnected) => None,
                Err(mpsc::error::TryRecvError::Empty) => {
                    // Nothing to do meanwhile: wait for what is being written, and tell of it.
                    self.finish(&mut ways)?;
                    deliveries.blocking_recv()
                }
            };
            let batch = match next {
                Some(Work::Batch(batch)) => batch,
                Some(Work::Mark(waiting)) => {
                    self.finish(&mut ways)?;
                    // Nobody listens once the connection is given up; nor does whoever waits then.
                    drop(self.told.blocking_send(Tell::Mark(waiting)));
                    continue;
                }
                None => break,
            };
            for (brand, (entries, receipts)) in self.by_brand(batch)? {
                let way = match ways.entry(brand) {
                    std::collections::btree_map::Entry::Occupied(held) => held.into_mut(),
                    std::collections::btree_map::Entry::Vacant(free) => {
                        let way = Pipeline::new(self.open(free.key())?);
                        free.insert(if self.is_sharing_out { way.sharing_out() } else { way })
                    }
                };
                let receipts = Arc::new(receipts);
                self.held.hold(&receipts);
                let settled = way.push(entries, receipts, &mut |error| self.wait(error))?;
                self.tell(settled);
            }
        }
        self.finish(&mut ways)
    }

    fn finish(&self, ways: &mut BTreeMap<Brand, Way>) -> Result<(), IngestError> {
        for way in ways.values_mut() {
            let settled = way.finish(&mut |error| self.wait(error))?;
            self.tell(settled);
        }
        Ok(())
    }

    /// Parses a batch and sorts it by brand, keeping the order within each.
    fn by_brand(&self, batch: Vec<Delivery>) -> Result<BTreeMap<Brand, Parsed>, IngestError> {
        let mut sorted: BTreeMap<Brand, Vec<Delivery>> = BTreeMap::new();
        let mut nobodys = Vec::new();
        for delivery in batch {
            match brand_of(&delivery, &self.default_brand) {
                Ok(brand) => sorted.entry(brand).or_default().push(delivery),
                Err(rejection) => nobodys.push((delivery, rejection)),
            }
        }
        let mut prepared: BTreeMap<Brand, Parsed> = BTreeMap::new();
        for (brand, deliveries) in sorted {
            match self.brands.open(&brand) {
                Ok(handle) => {
                    let parsed = self.parse(deliveries, handle.settings());
                    prepared.insert(brand, parsed);
                }
                // The brand's own file cannot tell of it.
                Err(error) if brand != self.default_brand && !error.is_transient() => {
                    let rejection = Rejection::new("x-brand-id", chain(&error));
                    nobodys.extend(deliveries.into_iter().map(|lost| (lost, rejection.clone())));
                }
                Err(_) => {
                    let handle = self.open(&brand)?;
                    prepared.insert(brand, self.parse(deliveries, handle.settings()));
                }
            }
        }
        let now = self.clock.now();
        for (Delivery { subject, headers, body, receipt, place: _ }, rejection) in nobodys {
            let carrier = Carrier { subject, message_id: None, headers };
            let default = prepared.entry(self.default_brand.clone()).or_default();
            default.0.push(refused(body, carrier, rejection, now));
            default.1.push(receipt);
        }
        Ok(prepared)
    }

    /// Parses deliveries, on as many threads as there are to spare.
    fn parse(&self, deliveries: Vec<Delivery>, settings: &Settings) -> Parsed {
        let now = self.clock.now();
        // One is for the writer and one for the client.
        let spare = std::thread::available_parallelism().map_or(1, |count| count.get() - 1).min(4);
        if spare < 2 || deliveries.len() < PARALLEL_FROM {
            return deliveries.into_iter().map(|it| entry_of(it, settings, now)).unzip();
        }
        let share = deliveries.len().div_ceil(spare);
        let mut rest = deliveries;
        let mut shares = Vec::new();
        while !rest.is_empty() {
            let later = rest.split_off(share.min(rest.len()));
            shares.push(std::mem::replace(&mut rest, later));
        }
        std::thread::scope(|scope| {
            let threads: Vec<_> = shares
                .into_iter()
                .map(|share| {
                    scope.spawn(move || -> Vec<_> {
                        share.into_iter().map(|it| entry_of(it, settings, now)).collect()
                    })
                })
                .collect();
            threads
                .into_iter()
                .flat_map(|thread| {
                    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
                })
                .unzip()
        })
    }

    /// Opens a brand, for as long as it takes.
    fn open(&self, brand: &Brand) -> Result<Arc<crate::BrandHandle>, IngestError> {
        loop {
            match self.brands.open(brand) {
                Ok(handle) => return Ok(handle),
                Err(error) => {
                    let text = chain(&error);
                    let is_final = matches!(error, BrandsError::Config(_));
                    if is_final || !self.wait_for(&text) {
                        return Err(IngestError::Stopped);
                    }
                }
            }
        }
    }

    /// Waits before storing is tried again. `false` where the service is to stop.
    fn wait(&self, error: &IngestError) -> bool {
        self.wait_for(&chain(error))
    }

    fn wait_for(&self, trouble: &str) -> bool {
        let trouble = format!("{CANNOT_STORE}{trouble}");
        let is_new = self.trouble.send_if_modified(|held| {
            // A lost connection stays the trouble until it is back.
            let is_new = held.as_ref().is_none_or(|held| is_ours(held) && *held != trouble);
            if is_new {
                *held = Some(trouble.clone());
            }
            is_new
        });
        if is_new {
            tracing::error!(target: "nats", "[NATS] {trouble}; trying again until it works");
        }
        pause(RETRY_AFTER);
        !*self.stop.borrow()
    }

    /// Hands over what is to be told about batches that are stored.
    fn tell(&self, settled: Vec<Settled<Arc<Vec<Receipt>>>>) {
        for Settled { tag, outcomes } in settled {
            let is_over = self.trouble.send_if_modified(|held| {
                let is_over = held.as_deref().is_some_and(is_ours);
                if is_over {
                    *held = None;
                }
                is_over
            });
            if is_over {
                tracing::info!(target: "nats", "[NATS] storing works again");
            }
            self.held.let_go(&tag);
            let told = tag.iter().zip(&outcomes).map(|(receipt, outcome)| told(receipt, outcome));
            // Nobody listens once the connection is given up; then all of it comes again.
            drop(self.told.blocking_send(Tell::Batch(told.collect())));
        }
    }
}

/// Puts an outcome into the words of the protocol.
fn told(receipt: &Receipt, outcome: &EntryOutcome) -> Told {
    let answer = if matches!(receipt, Receipt::Request(_)) { answer(outcome) } else { Vec::new() };
    let settlement = if refusal(outcome).is_some() { Settlement::Dead } else { Settlement::Stored };
    Told { receipt: receipt.clone(), settlement, answer }
}

/// Returns why nothing of a message was stored.
fn refusal(outcome: &EntryOutcome) -> Option<&Rejection> {
    match outcome {
        EntryOutcome::Rejected(rejection) => Some(rejection),
        EntryOutcome::Events(events) => {
            let is_kept = |event: &EventOutcome| !matches!(event, EventOutcome::Refused { .. });
            if events.iter().any(is_kept) {
                return None;
            }
            events.iter().find_map(|event| match event {
                EventOutcome::Refused { rejection, .. } => Some(rejection),
                EventOutcome::Stored { .. } | EventOutcome::Duplicate { .. } => None,
            })
        }
    }
}

/// Writes what whoever waits for an answer hears.
fn answer(outcome: &EntryOutcome) -> Vec<u8> {
    let told = match (refusal(outcome), outcome) {
        (Some(rejection), _) | (None, EntryOutcome::Rejected(rejection)) => {
            json!({"success": false, "error": rejection.to_string()})
        }
        (None, EntryOutcome::Events(events)) => {
            let events: Vec<_> = events.iter().map(event_result).collect();
            json!({"success": true, "result": {"events": events}})
        }
    };
    told.to_string().into_bytes()
}

fn event_result(event: &EventOutcome) -> serde_json::Value {
    match event {
        EventOutcome::Stored { event, customer } => json!({
            "event_id": event.to_string(), "status": "stored", "customer_id": customer.as_str(),
        }),
        EventOutcome::Duplicate { event } => {
            json!({"event_id": event.to_string(), "status": "duplicate"})
        }
        EventOutcome::Refused { event, rejection } => json!({
            "event_id": event.to_string(), "status": "rejected", "reason": rejection.to_string(),
        }),
    }
}

/// Writes an error with its causes.
pub(super) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
