//! Runs the brand clocks while events come and time passes.

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ciq_event::Brand;
use ciq_ingest::{Brands, BrandsError, Clock};
use ciq_store::{FeedPosition, Leadership, Reader, StoreError};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior};

use crate::{BrandClock, Clocks, ClockworkError, Scope};

/// How soon after an event its customer is looked at.
const SOON: Duration = Duration::from_secs(1);

/// A pass may take this share of the time at most: events come first.
const REST_PER_WORK: u32 = 4;

/// From how many events a second on a pass would be in the way of more.
const CATCHING_UP_PER_SECOND: f64 = 5_000.0;

/// How long a brand that another process made may go unseen: time passes for those too whom nobody
/// has asked this one for.
const SEARCH_EVERY_MAX: Duration = Duration::from_secs(60);

/// How the clockwork runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockworkSettings {
    /// How often to look although nothing happened. What happened is looked at within a second or
    /// so in any case.
    pub every: Duration,
}

/// Runs the brand clocks while events come and time passes: of several processes that work on one
/// schema, one does.
#[derive(Debug)]
pub struct Clockwork {
    clocks: Arc<Clocks>,
    clock: Arc<dyn Clock>,
    settings: ClockworkSettings,
    stop: watch::Receiver<bool>,
    leads: BTreeMap<Brand, Arc<Mutex<Leadership>>>,
    /// Each brand at the last glance.
    glances: BTreeMap<Brand, Seen>,
    /// Each brand when a pass over it began.
    passes: BTreeMap<Brand, Seen>,
    /// Why a brand could not be looked at the last time.
    troubles: BTreeMap<Brand, String>,
    searched_at: Option<Instant>,
}

/// How far a brand's feed was, and when.
#[derive(Debug, Clone, Copy)]
struct Seen {
    end: FeedPosition,
    at: Instant,
}

impl Clockwork {
    /// Makes a clockwork. `stop` turns true when it is to end.
    #[must_use]
    pub fn new(
        clocks: Arc<Clocks>,
        clock: Arc<dyn Clock>,
        settings: ClockworkSettings,
        stop: watch::Receiver<bool>,
    ) -> Self {
        let (leads, troubles) = (BTreeMap::new(), BTreeMap::new());
        let (glances, passes) = (BTreeMap::new(), BTreeMap::new());
        let searched_at = None;
        Self { clocks, clock, settings, stop, leads, glances, passes, troubles, searched_at }
    }

    /// Runs until told to stop. A pass that failed is logged and tried again.
    pub async fn run(mut self) {
        let mut ticks = tokio::time::interval(SOON);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let mut stop = self.stop.clone();
            tokio::select! {
                _ = ticks.tick() => {}
                () = stopped(&mut stop) => return,
            }
            let began = Instant::now();
            self.search().await;
            for (brand, _) in self.clocks.brands().open_brands() {
                if *self.stop.borrow() {
                    return;
                }
                match self.look(&brand).await {
                    Ok(()) => drop(self.troubles.remove(&brand)),
                    Err(error) => self.tell(brand, "a pass failed; it is tried again", &error),
                }
            }
            let rest = began.elapsed() * REST_PER_WORK;
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = stopped(&mut stop) => return,
            }
        }
    }

    /// Opens every brand that has tables, once in a while.
    async fn search(&mut self) {
        let every = self.settings.every.min(SEARCH_EVERY_MAX);
        if self.searched_at.is_some_and(|at| at.elapsed() < every) {
            return;
        }
        self.searched_at = Some(Instant::now());
        let clocks = Arc::clone(&self.clocks);
        let searching = tokio::task::spawn_blocking(move || open_all(clocks.brands()));
        match searching.await {
            Ok(Ok(failures)) => {
                for (brand, error) in failures {
                    self.tell(brand, "a brand is left out of the passes", &error);
                }
            }
            Ok(Err(error)) => {
                let error: &dyn Error = &error;
                tracing::warn!(error, "it is not known which brands there are");
            }
            // It has said so.
            Err(_) => {}
        }
    }

    /// Looks at a brand that this process leads, if something happened or enough time has passed.
    async fn look(&mut self, brand: &Brand) -> Result<(), ClockworkError> {
        let Ok(clock) = self.clocks.open(brand) else { return Ok(()) };
        let Some(end) = self.glance(brand, &clock).await? else {
            // There may be more to do than what happens from then on, should the lead come back.
            self.passes.remove(brand);
            return Ok(());
        };
        let now = Seen { end, at: Instant::now() };
        let last = self.glances.insert(brand.clone(), now);
        let every = self.settings.every;
        let before = self.passes.get(brand);
        let is_late = before.is_some_and(|before| before.at.elapsed() >= every);
        let is_due = before.is_none_or(|before| before.end != end || is_late);
        // A pass is put off while it would be in the way, but not for longer than between two looks.
        let may_wait = before.is_some() && !is_late;
        if !is_due || clock.is_held() || may_wait && is_catching_up(last, now) {
            return Ok(());
        }
        // What failed is tried again when there is more to do, or time has passed.
        self.passes.insert(brand.clone(), now);
        let as_of = self.clock.now();
        let scope = off_thread(&clock, move |clock| clock.scope_on(day(as_of))).await?;
        let turn = clock.take_turn(scope, as_of);
        tokio::pin!(turn);
        let mut stop = self.stop.clone();
        tokio::select! {
            done = &mut turn => {
                done?;
                return match scope {
                    Scope::All => off_thread(&clock, move |clock| clock.note_day(day(as_of))).await,
                    Scope::Touched => Ok(()),
                };
            }
            () = stopped(&mut stop) => clock.stop(),
        }
        match turn.await {
            Ok(_) | Err(ClockworkError::Stopped) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Returns how far a brand's feed is; `None` where another process leads the brand.
    async fn glance(
        &mut self,
        brand: &Brand,
        clock: &Arc<BrandClock>,
    ) -> Result<Option<FeedPosition>, ClockworkError> {
        let lead = self.leads.entry(brand.clone()).or_insert_with(|| {
            Arc::new(Mutex::new(Leadership::of(clock.handle.readers().location())))
        });
        let (lead, brand) = (Arc::clone(lead), brand.clone());
        off_thread(clock, move |clock| {
            let mut lead = lead.lock().unwrap_or_else(PoisonError::into_inner);
            match (lead.is_held(), lead.take()?) {
                (false, true) => tracing::info!(brand = %brand, "leads the brand's clock"),
                (true, false) => tracing::info!(brand = %brand, "lost the lead of its clock"),
                (true, true) | (false, false) => {}
            }
            Ok(lead.is_held().then(|| clock.handle.readers().read(Reader::feed_end)).transpose()?)
        })
        .await
    }

    /// Logs why a brand cannot be looked at, once for as long as it is the same.
    fn tell(&mut self, brand: Brand, what: &str, error: &(dyn Error + 'static)) {
        let text = error.to_string();
        if self.troubles.get(&brand) != Some(&text) {
            tracing::error!(brand = %brand, error, "{what}");
            self.troubles.insert(brand, text);
        }
    }
}

/// Opens every brand that has tables, and returns those that could not be opened.
fn open_all(brands: &Brands) -> Result<Vec<(Brand, BrandsError)>, StoreError> {
    let known = brands.known_brands()?.into_iter();
    let opened = known.map(|brand| (brands.open(&brand), brand));
    Ok(opened.filter_map(|(opened, brand)| Some((brand, opened.err()?))).collect())
}

/// Tells whether so much has come in since the last glance that a pass would only be in its way.
fn is_catching_up(last: Option<Seen>, now: Seen) -> bool {
    last.is_some_and(|last| {
        let limit = now.at.duration_since(last.at).as_secs_f64() * CATCHING_UP_PER_SECOND;
        // Less than before, where the last were erased.
        let count = (now.end.event_seq - last.end.event_seq).max(0);
        f64::from(u32::try_from(count).unwrap_or(u32::MAX)) > limit
    })
}

/// Ends when the clockwork is to end.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Whoever could say so may be gone: then nobody wants more either.
    drop(stop.wait_for(|is_stopped| *is_stopped).await);
}

async fn off_thread<T: Send + 'static>(
    clock: &Arc<BrandClock>,
    work: impl FnOnce(&BrandClock) -> Result<T, ClockworkError> + Send + 'static,
) -> Result<T, ClockworkError> {
    let clock = Arc::clone(clock);
    let working = tokio::task::spawn_blocking(move || work(&clock));
    working.await.map_err(|_| ClockworkError::Panicked)?
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
