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
}

/// What was seen of a brand when it was looked at last.
#[derive(Debug, Clone, Copy)]
struct Seen {
    changed: u64,
    at: Instant,
    day: Date,
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
        Self { clocks, clock, settings, stop, seen: BTreeMap::new() }
    }

    /// Runs until told to stop. A pass that failed is logged and tried again.
    pub async fn run(mut self) {
        let mut ticks = tokio::time::interval(SOON);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let mut stop = self.stop.clone();
            tokio::select! {
                _ = ticks.tick() => {}
                _ = stop.wait_for(|is_stopped| *is_stopped) => return,
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
                _ = stop.wait_for(|is_stopped| *is_stopped) => return,
            }
        }
    }

    /// Looks at a brand, if something happened or enough time has passed.
    async fn look(&mut self, brand: &Brand) -> Result<(), ClockworkError> {
        let Ok(clock) = self.clocks.open(brand) else { return Ok(()) };
        let as_of = self.clock.now();
        let now =
            Seen { changed: *clock.handle.changed().borrow(), at: Instant::now(), day: day(as_of) };
        let before = self.seen.get(brand).copied();
        let is_due = before.is_none_or(|seen| {
            seen.changed != now.changed || seen.at.elapsed() >= self.settings.every
        });
        if !is_due {
            return Ok(());
        }
        let scope = if before.is_some_and(|seen| seen.day != now.day) {
            Scope::All
        } else {
            Scope::Touched
        };
        pass(Arc::clone(&clock), scope, as_of).await?;
        clock.deliver(as_of).await?;
        self.seen.insert(brand.clone(), now);
        Ok(())
    }
}

async fn pass(
    clock: Arc<BrandClock>,
    scope: Scope,
    as_of: Timestamp,
) -> Result<(), ClockworkError> {
    let done = tokio::task::spawn_blocking(move || clock.pass(scope, as_of)).await;
    // A pass that panicked has said so.
    done.map_or(Ok(()), |done| done.map(drop))
}

fn day(at: Timestamp) -> Date {
    at.to_zoned(TimeZone::UTC).date()
}
