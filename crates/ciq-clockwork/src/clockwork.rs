//! Runs the brand clocks while events come and time passes.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use ciq_event::Brand;
use ciq_ingest::Clock;
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

/// How the clockwork runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockworkSettings {
    /// How often to look although nothing happened. What happened is looked at within a second or
    /// so in any case.
    pub every: Duration,
}

/// Runs the brand clocks while events come and time passes.
#[derive(Debug)]
pub struct Clockwork {
    clocks: Arc<Clocks>,
    clock: Arc<dyn Clock>,
    settings: ClockworkSettings,
    stop: watch::Receiver<bool>,
    seen: BTreeMap<Brand, Seen>,
    /// The last event of each brand when it was asked for, and when that was.
    counts: BTreeMap<Brand, (i64, Instant)>,
}

/// What was seen of a brand when it was looked at last.
#[derive(Debug, Clone, Copy)]
struct Seen {
    changed: u64,
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
        Self { clocks, clock, settings, stop, seen: BTreeMap::new(), counts: BTreeMap::new() }
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
            for (brand, _) in self.clocks.brands().open_brands() {
                if *self.stop.borrow() {
                    return;
                }
                if let Err(error) = self.look(&brand).await {
                    let error: &dyn std::error::Error = &error;
                    tracing::error!(brand = %brand, error, "a pass failed; it is tried again");
                }
            }
            let rest = began.elapsed() * REST_PER_WORK;
            tokio::select! {
                () = tokio::time::sleep(rest) => {}
                () = stopped(&mut stop) => return,
            }
        }
    }

    /// Looks at a brand, if something happened or enough time has passed.
    async fn look(&mut self, brand: &Brand) -> Result<(), ClockworkError> {
        let Ok(clock) = self.clocks.open(brand) else { return Ok(()) };
        let now = Seen { changed: *clock.handle.changed().borrow(), at: Instant::now() };
        let before = self.seen.get(brand).copied();
        let is_due = before.is_none_or(|seen| {
            seen.changed != now.changed || seen.at.elapsed() >= self.settings.every
        });
        if !is_due || clock.is_held() || self.is_catching_up(brand, &clock, before).await? {
            return Ok(());
        }
        // What failed is tried again when there is more to do, or time has passed.
        self.seen.insert(brand.clone(), now);
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

    /// Tells whether so much comes in that a pass would only be in its way. It is put off then, but
    /// not for longer than the time between two looks.
    async fn is_catching_up(
        &mut self,
        brand: &Brand,
        clock: &Arc<BrandClock>,
        before: Option<Seen>,
    ) -> Result<bool, ClockworkError> {
        let seq = off_thread(clock, BrandClock::event_seq).await?;
        let now = Instant::now();
        let Some((last_seq, last_at)) = self.counts.insert(brand.clone(), (seq, now)) else {
            return Ok(false);
        };
        let limit = now.duration_since(last_at).as_secs_f64() * CATCHING_UP_PER_SECOND;
        let is_much = f64::from(u32::try_from(seq - last_seq).unwrap_or(u32::MAX)) > limit;
        Ok(is_much && before.is_some_and(|seen| seen.at.elapsed() < self.settings.every))
    }
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
