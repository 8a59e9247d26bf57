//! All clocks go a month on: each is told to, then all are waited for together.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use stripe_billing::test_helpers_test_clock::{
    AdvanceTestHelpersTestClock, RetrieveTestHelpersTestClock,
};
use stripe_shared::{TestHelpersTestClock, TestHelpersTestClockStatus};
use tokio::time::Instant;

use super::work::{Work, entry};
use super::{RunError, read, settle};
use crate::RunFile;
use crate::calendar::clock_time;
use crate::caller::clock_pause;
use crate::plan::step;
use crate::readback::clocks_among;

impl Work<'_> {
    /// Advances all clocks to a month, and waits until they have arrived.
    pub(super) async fn advance(&self, month: u32) -> Result<(), RunError> {
        let target = clock_time(self.run().start, month);
        self.phase(month, "advancing clocks", self.clocks().len());
        let jobs = self.clocks().map(|clock| self.advance_clock(month, clock, target));
        self.runner.all(jobs).await?;
        self.wait_for_clocks(month, target).await
    }

    async fn advance_clock(
        &self,
        month: u32,
        clock: u32,
        target: Timestamp,
    ) -> Result<(), RunError> {
        let name = &step::advance(month, clock);
        if self.is_done(name) {
            return Ok(());
        }
        let id = &self.clock_id(clock)?;
        let find = || async {
            let request = RetrieveTestHelpersTestClock::new(id.as_str());
            let found = self.runner.caller().call(read(name), &request).await?;
            Ok(is_on_its_way(&found, target).then_some(()))
        };
        // A clock cannot be advanced to where it is.
        if !self.is_resumed || find().await?.is_none() {
            let request = &AdvanceTestHelpersTestClock::new(id.as_str(), target.as_second());
            let call = |generation| async move {
                let step = self.step(name, generation);
                self.runner.caller().call(step, request).await.map(drop)
            };
            settle(call, find).await?;
        }
        self.done(entry(name.clone(), id)).await
    }

    /// Looks at all clocks together, ever less often, until each has arrived.
    async fn wait_for_clocks(&self, month: u32, target: Timestamp) -> Result<(), RunError> {
        let mut waiting = BTreeMap::new();
        for clock in self.clocks() {
            let name = RunFile::clock_name(&self.run().run, clock);
            waiting.insert(self.clock_id(clock)?, name);
        }
        let total = waiting.len();
        self.phase(month, "waiting for clocks", total);
        let began = Instant::now();
        let mut looks = 0;
        loop {
            let wanted: BTreeSet<String> = waiting.keys().cloned().collect();
            let found = clocks_among(self.runner.caller(), wanted).await?;
            waiting = still_waiting(waiting, &found, target)?;
            self.runner.clocks_ready(total - waiting.len(), total);
            let Some(name) = waiting.values().next() else { return Ok(()) };
            let waited = began.elapsed();
            if waited >= self.runner.settings.clock_timeout {
                let (name, count) = (name.clone(), waiting.len());
                return Err(RunError::ClockTimeout { name, count, waited });
            }
            looks += 1;
            tokio::time::sleep(clock_pause(looks)).await;
        }
    }
}

/// Returns the clocks, by id with their names, that have not arrived yet.
fn still_waiting(
    mut waiting: BTreeMap<String, String>,
    found: &[TestHelpersTestClock],
    target: Timestamp,
) -> Result<BTreeMap<String, String>, RunError> {
    let mut unseen: BTreeSet<String> = waiting.keys().cloned().collect();
    for clock in found {
        let id = clock.id.as_str();
        unseen.remove(id);
        let Some(name) = waiting.get(id) else { continue };
        match clock.status {
            TestHelpersTestClockStatus::InternalFailure => {
                return Err(RunError::ClockFailed { name: name.clone() });
            }
            TestHelpersTestClockStatus::Ready if clock.frozen_time >= target.as_second() => {
                waiting.remove(id);
            }
            _ => {}
        }
    }
    match unseen.pop_first().and_then(|id| waiting.remove(&id)) {
        Some(name) => Err(RunError::Gone { what: format!("the clock `{name}`") }),
        None => Ok(waiting),
    }
}

/// Tells whether a clock is at a time, or advancing there.
fn is_on_its_way(clock: &TestHelpersTestClock, target: Timestamp) -> bool {
    let goal = clock.status_details.advancing.map(|advancing| advancing.target_frozen_time);
    clock.frozen_time.max(goal.unwrap_or(i64::MIN)) >= target.as_second()
}
