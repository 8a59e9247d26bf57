//! One brand's passes.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ciq_identity::CustomerKey;
use ciq_ingest::BrandHandle;
use ciq_insight::{History, PeersBuilder};
use ciq_outreach::Outreach;
use ciq_store::{FeedPosition, Reader, StoreError, Touched};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use tokio::time::Instant;

use crate::knowledge::{Knowledge, PEERS};
use crate::pass::{Loaded, compute};
use crate::{ClockworkError, DeliveryReport, PassReport, Scope};

/// The name of the cursor that tells until where the passes have read.
const CURSOR: &str = "insight";

/// The names under which are remembered the day on which everyone was computed, and by which
/// automations and model.
const DAY: &str = "day";
const RULES: &str = "rules";

/// How long the clockwork is kept from a brand whose past is played.
const HOLD: Duration = Duration::from_secs(60);

/// Customers computed and written at once while events come: the thread that writes is held up for
/// as long as the disk takes them.
const CHUNK_LIVE: u32 = 100;

/// Events since the last pass up to which the touched are computed one chunk at a time.
const BEHIND_MIN: i64 = 5_000;

/// The same when everyone is computed.
const CHUNK_ALL: u32 = 1_000;

/// How far back sent messages matter to caps.
const SENT_DAYS: i64 = 31;

/// What came of computing everyone, and of sending what was due.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize)]
pub struct Evaluated {
    /// What was computed and triggered.
    #[serde(flatten)]
    pub pass: PassReport,
    /// What was sent.
    #[serde(flatten)]
    pub delivery: DeliveryReport,
}

/// One brand's passes. One at a time; each is told the time that it is for.
#[derive(Debug)]
pub struct BrandClock {
    pub(crate) handle: Arc<BrandHandle>,
    pub(crate) outreach: Arc<Outreach>,
    knowledge: Mutex<Arc<Knowledge>>,
    /// Held by a pass.
    passing: Mutex<()>,
    /// Held over a pass and what it sends: another moment waits for its turn.
    turn: tokio::sync::Mutex<()>,
    pub(crate) is_stopping: AtomicBool,
    /// Held by a check of the monitor.
    pub(crate) checking: Mutex<()>,
    /// Until where the checks have read, in this process: the first checks everyone.
    pub(crate) monitored_until: Mutex<Option<FeedPosition>>,
    held: Mutex<Option<Instant>>,
}

impl BrandClock {
    /// Makes the clock of an open brand.
    #[must_use]
    pub fn new(handle: Arc<BrandHandle>, outreach: Arc<Outreach>) -> Self {
        Self {
            handle,
            outreach,
            knowledge: Mutex::default(),
            passing: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            is_stopping: AtomicBool::new(false),
            checking: Mutex::default(),
            monitored_until: Mutex::default(),
            held: Mutex::default(),
        }
    }

    /// Computes what customers' histories mean as of a time, and what that triggers. Blocks.
    pub fn pass(&self, scope: Scope, as_of: Timestamp) -> Result<PassReport, ClockworkError> {
        let _passing = self.passing.lock().unwrap_or_else(PoisonError::into_inner);
        match scope {
            Scope::Touched => self.pass_touched(as_of),
            Scope::All => self.pass_all(as_of),
        }
    }

    /// Computes everyone as of a time, triggers what that triggers, and sends what is due then.
    pub async fn evaluate(self: &Arc<Self>, as_of: Timestamp) -> Result<Evaluated, ClockworkError> {
        self.take_turn(Scope::All, as_of).await
    }

    /// A pass, and the sending of what is due, with nothing of another moment in between.
    pub(crate) async fn take_turn(
        self: &Arc<Self>,
        scope: Scope,
        as_of: Timestamp,
    ) -> Result<Evaluated, ClockworkError> {
        let _turn = self.turn.lock().await;
        let clock = Arc::clone(self);
        let passing = tokio::task::spawn_blocking(move || {
            // What opens may trigger an automation.
            clock.monitor(scope, as_of)?;
            clock.pass(scope, as_of)
        });
        let pass = passing.await.map_err(|_| ClockworkError::Panicked)??;
        Ok(Evaluated { pass, delivery: self.deliver(as_of).await? })
    }

    /// Keeps the clockwork from this brand for a minute: somebody plays moments of the past, and
    /// what is computed for now would be in between.
    pub fn hold(&self) {
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    pub(crate) fn is_held(&self) -> bool {
        let held = *self.held.lock().unwrap_or_else(PoisonError::into_inner);
        held.is_some_and(|since| since.elapsed() < HOLD)
    }

    /// Tells who is to be computed on a day: everyone, where nobody was on that day or automations
    /// or the model have changed since everyone was. Of a brand that is new everyone is touched.
    pub fn scope_on(&self, day: Date) -> Result<Scope, ClockworkError> {
        let rules = self.refreshed()?.rules();
        let (held_day, held_rules) = self
            .handle
            .readers()
            .read(|reader| Ok((reader.pass_state(DAY)?, reader.pass_state(RULES)?)))?;
        if held_day.is_none() {
            self.keep_mark(DAY, day.to_string())?;
        }
        if held_rules.is_none() {
            self.keep_mark(RULES, rules.clone())?;
        }
        let is_other_day = held_day.is_some_and(|held| held != day.to_string());
        let is_other_rules = held_rules.is_some_and(|held| held != rules);
        Ok(if is_other_day || is_other_rules { Scope::All } else { Scope::Touched })
    }

    /// Notes that everyone was computed on a day.
    pub fn note_day(&self, day: Date) -> Result<(), ClockworkError> {
        self.keep_mark(DAY, day.to_string())
    }

    fn keep_mark(&self, name: &'static str, mark: String) -> Result<(), ClockworkError> {
        Ok(self.handle.write_blocking(move |writer| writer.save_pass_state(name, &mark))?)
    }

    /// Sends nothing more than what is on its way already, and computes nothing more than what is
    /// being written.
    pub fn stop(&self) {
        self.is_stopping.store(true, Ordering::Relaxed);
    }

    /// Ends a pass between two chunks where the end was asked for: everyone of a large brand takes
    /// longer than a service may take to end, and what is left out is computed after the next start.
    pub(crate) fn check_stop(&self) -> Result<(), ClockworkError> {
        if self.is_stopping.load(Ordering::Relaxed) {
            return Err(ClockworkError::Stopped);
        }
        Ok(())
    }

    /// Returns what passes know, up to date.
    pub(crate) fn refreshed(&self) -> Result<Arc<Knowledge>, ClockworkError> {
        let mut held = self.knowledge.lock().unwrap_or_else(PoisonError::into_inner);
        let mut refreshed = Ok(());
        self.handle.readers().read(|reader| {
            refreshed = Arc::make_mut(&mut held).refresh(reader);
            Ok(())
        })?;
        refreshed.map(|()| Arc::clone(&held))
    }

    fn pass_touched(&self, as_of: Timestamp) -> Result<PassReport, ClockworkError> {
        if self.is_far_behind()? {
            return self.pass_all(as_of);
        }
        let mut run = Run::new(self, self.refreshed()?, as_of);
        loop {
            let (touched, woken) = self.handle.readers().read(|reader| {
                let cursor = reader.feed_cursor(CURSOR)?.unwrap_or_default();
                Ok((reader.touched_since(cursor, CHUNK_LIVE)?, reader.woken(as_of, CHUNK_LIVE)?))
            })?;
            let is_more = touched.is_more || woken.len() >= CHUNK_LIVE as usize;
            let mut roots = touched.roots.clone();
            roots.extend(woken);
            roots.sort_unstable();
            roots.dedup();
            if roots.is_empty() && touched.until == FeedPosition::default() {
                return Ok(run.report);
            }
            run.knowledge = self.with_peers(run.knowledge, as_of)?;
            run.write(&roots, Some(touched), &mut |_| {})?;
            if !is_more {
                return Ok(run.report);
            }
        }
    }

    /// Tells whether so much happened since the last pass that it takes less to compute everyone
    /// once than each again and again.
    fn is_far_behind(&self) -> Result<bool, ClockworkError> {
        let (cursor, end, last) = self.handle.readers().read(|reader| {
            let cursor = reader.feed_cursor(CURSOR)?.unwrap_or_default();
            Ok((cursor, reader.feed_end()?, reader.last_root()?))
        })?;
        let behind = end.event_seq - cursor.event_seq;
        Ok(behind > BEHIND_MIN && behind > last.0)
    }

    fn pass_all(&self, as_of: Timestamp) -> Result<PassReport, ClockworkError> {
        let until = self.handle.readers().read(Reader::feed_end)?;
        let mut run = Run::new(self, self.with_peers(self.refreshed()?, as_of)?, as_of);
        run.everything = Some(self.handle.readers().for_everything()?);
        let mut peers = PeersBuilder::new(self.handle.settings().context.currency);
        let mut after = CustomerKey(0);
        loop {
            let roots = run.read(|reader| reader.roots_after(after, CHUNK_ALL))?;
            let Some(last) = roots.last() else { break };
            after = *last;
            run.write(&roots, None, &mut |history| peers.add(history, as_of))?;
        }
        run.write(&[], Some(Touched::up_to(until)), &mut |_| {})?;
        let rules = self.keep_peers(peers)?.rules();
        self.keep_mark(RULES, rules)?;
        Ok(run.report)
    }

    /// What others bought is learned in each pass over everyone; the first pass has to learn it
    /// before it begins.
    fn with_peers(
        &self,
        knowledge: Arc<Knowledge>,
        as_of: Timestamp,
    ) -> Result<Arc<Knowledge>, ClockworkError> {
        if knowledge.peers.is_some() {
            return Ok(knowledge);
        }
        let mut peers = PeersBuilder::new(self.handle.settings().context.currency);
        self.each_history(&knowledge, &mut |history| peers.add(history, as_of))?;
        drop(knowledge);
        self.keep_peers(peers)
    }

    fn keep_peers(&self, peers: PeersBuilder) -> Result<Arc<Knowledge>, ClockworkError> {
        let peers = peers.finish();
        let text = peers.to_json().map_err(|_| ClockworkError::Remembered)?;
        self.handle.write_blocking(move |writer| writer.save_pass_state(PEERS, &text))?;
        let mut held = self.knowledge.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut held).peers = Some(peers);
        Ok(Arc::clone(&held))
    }

    /// Reads everyone's history, one chunk in memory at a time.
    pub(crate) fn each_history(
        &self,
        knowledge: &Knowledge,
        take: &mut dyn FnMut(&History),
    ) -> Result<(), ClockworkError> {
        let reader = self.handle.readers().for_everything()?;
        let mut after = CustomerKey(0);
        loop {
            self.check_stop()?;
            let roots = reader.roots_after(after, CHUNK_ALL)?;
            after = roots.last().copied().unwrap_or(after);
            let histories = reader.histories(&roots, &knowledge.products)?;
            if histories.is_empty() {
                return Ok(());
            }
            for (_, history) in &histories {
                take(history);
            }
        }
    }
}

/// A pass under way.
struct Run<'a> {
    clock: &'a BrandClock,
    knowledge: Arc<Knowledge>,
    as_of: Timestamp,
    report: PassReport,
    /// A connection of its own, where everyone is read.
    everything: Option<Reader>,
}

impl<'a> Run<'a> {
    fn new(clock: &'a BrandClock, knowledge: Arc<Knowledge>, as_of: Timestamp) -> Self {
        Self { clock, knowledge, as_of, report: PassReport::default(), everything: None }
    }

    /// Computes customers and writes what that comes to. `done` is what has been dealt with then;
    /// `see` is shown each history.
    fn write(
        &mut self,
        roots: &[CustomerKey],
        done: Option<Touched>,
        see: &mut dyn FnMut(&History),
    ) -> Result<(), ClockworkError> {
        self.clock.check_stop()?;
        let loaded = self.load(roots)?;
        let Self { clock, knowledge, as_of, report, everything: _ } = self;
        for (_, history) in &loaded.histories {
            see(history);
        }
        let currency = clock.handle.settings().context.currency;
        let mut changes = compute(&loaded, knowledge, currency, *as_of);
        changes.done = done.map(|touched| (CURSOR.to_owned(), touched));
        report.customer_count += changes.insights.len() as u64;
        report.triggered_count +=
            clock.handle.write_blocking(move |writer| writer.write_pass(&changes))?;
        Ok(())
    }

    /// Loads customers; what automations need only where there are any that may act.
    fn load(&self, roots: &[CustomerKey]) -> Result<Loaded, StoreError> {
        let Self { knowledge, as_of, .. } = self;
        self.read(|reader| {
            let histories = reader.histories(roots, &knowledge.products)?;
            let facts = if knowledge.may_act() {
                reader.customer_facts(roots, sent_since(*as_of))?
            } else {
                BTreeMap::new()
            };
            Ok(Loaded { histories, facts })
        })
    }

    fn read<T>(
        &self,
        query: impl FnOnce(&Reader) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        match &self.everything {
            Some(reader) => query(reader),
            None => self.clock.handle.readers().read(query),
        }
    }
}

/// From when on sent messages matter to caps.
pub(crate) fn sent_since(as_of: Timestamp) -> Timestamp {
    let days = SignedDuration::from_hours(24 * SENT_DAYS);
    as_of.checked_sub(days).unwrap_or(Timestamp::MIN)
}
