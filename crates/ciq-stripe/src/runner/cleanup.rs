//! Takes away what runs made: their clocks, and with them customers and subscriptions. Nothing
//! else is touched.

use stripe_billing::test_helpers_test_clock::{
    DeleteTestHelpersTestClock, RetrieveTestHelpersTestClock,
};
use stripe_shared::TestHelpersTestClockStatus;
use tokio::time::Instant;

use super::{RunError, Runner, read};
use crate::CLOCK_PREFIX;
use crate::caller::clock_pause;
use crate::journal::Journal;
use crate::readback::{clocks, found_clock};
use crate::verify::FoundClock;

/// Whose clocks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// Those of one run, by its name.
    Run(String),
    /// Those of all runs.
    All,
}

/// What was taken away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CleanupReport {
    /// Clocks that were deleted.
    pub clocks_deleted: u64,
    /// Whether the folder's run was one of them, and its files are gone too.
    pub files_forgotten: bool,
}

impl Scope {
    /// Tells whether a clock of that name is meant. What follows a run's name is a number: the
    /// run `a` has nothing to do with the run `a b`.
    #[must_use]
    pub fn includes(&self, clock_name: &str) -> bool {
        let Some(rest) = clock_name.strip_prefix(CLOCK_PREFIX) else { return false };
        match self {
            Self::All => true,
            Self::Run(run) => {
                let number = rest.strip_prefix(run.as_str()).and_then(|it| it.strip_prefix(' '));
                number.is_some_and(|number| {
                    !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
                })
            }
        }
    }
}

impl Runner {
    /// Lists the clocks that a cleanup would delete.
    pub async fn list_clocks(&self, scope: &Scope) -> Result<Vec<FoundClock>, RunError> {
        self.guarded(self.find_clocks(scope)).await
    }

    /// Deletes the clocks of one run or of all, and forgets the folder's run if it is among them.
    /// Prices stay.
    pub async fn cleanup(&self, scope: &Scope) -> Result<CleanupReport, RunError> {
        self.guarded(async {
            let clocks = self.find_clocks(scope).await?;
            let run = self.settings.files.run()?;
            let is_meant = run.is_some_and(|run| {
                let is_named = match scope {
                    Scope::All => true,
                    Scope::Run(name) => *name == run.run,
                };
                is_named && run.server == self.settings.server
            });
            // Nobody else may be at work on it.
            let journal = if is_meant {
                Some(Journal::open(&self.settings.files.journal()).await?)
            } else {
                None
            };
            self.delete_clocks(&clocks).await?;
            if is_meant {
                self.settings.files.forget_run()?;
            }
            drop(journal);
            let clocks_deleted = u64::try_from(clocks.len()).unwrap_or(u64::MAX);
            Ok(CleanupReport { clocks_deleted, files_forgotten: is_meant })
        })
        .await
    }

    pub(crate) async fn find_clocks(&self, scope: &Scope) -> Result<Vec<FoundClock>, RunError> {
        let mut found = Vec::new();
        for clock in clocks(self.caller()).await? {
            if scope.includes(clock.name.as_deref().unwrap_or_default()) {
                found.push(found_clock(&clock)?);
            }
        }
        found.sort_by(|one, other| one.name.cmp(&other.name));
        Ok(found)
    }

    pub(super) async fn delete_clocks(&self, clocks: &[FoundClock]) -> Result<(), RunError> {
        if clocks.is_empty() {
            return Ok(());
        }
        self.phase("deleting clocks", clocks.len());
        self.all(clocks.iter().map(|clock| self.delete_clock(clock))).await.map(drop)
    }

    /// Deletes a clock. What is not there any more is deleted: an answer may have been lost.
    async fn delete_clock(&self, clock: &FoundClock) -> Result<(), RunError> {
        if clock.status == TestHelpersTestClockStatus::Advancing.as_str() {
            self.wait_for_stop(clock).await?;
        }
        let request = DeleteTestHelpersTestClock::new(clock.id.as_str());
        match self.caller().call(read("deleting a clock"), &request).await {
            Err(error) if error.is_missing() => {}
            done => drop(done?),
        }
        self.step_done();
        Ok(())
    }

    /// Waits while a clock advances: until then it cannot be deleted.
    async fn wait_for_stop(&self, clock: &FoundClock) -> Result<(), RunError> {
        let request = RetrieveTestHelpersTestClock::new(clock.id.as_str());
        let began = Instant::now();
        let mut looks = 0;
        loop {
            let found = match self.caller().call(read("reading a clock"), &request).await {
                Err(error) if error.is_missing() => return Ok(()),
                found => found?,
            };
            if found.status != TestHelpersTestClockStatus::Advancing {
                return Ok(());
            }
            let waited = began.elapsed();
            if waited >= self.settings.clock_timeout {
                let name = clock.name.clone();
                return Err(RunError::ClockTimeout { name, count: 1, waited });
            }
            looks += 1;
            tokio::time::sleep(clock_pause(looks)).await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_clocks_of_a_run_are_meant() {
        let run = Scope::Run("demo".to_owned());
        assert!(run.includes("stripe-seed demo 01"));
        assert!(run.includes("stripe-seed demo 134"));
        for other in
            ["stripe-seed demo b 01", "stripe-seed demo2 01", "demo 01", "stripe-seed demo "]
        {
            assert!(!run.includes(other), "{other}");
        }
        assert!(Scope::All.includes("stripe-seed other 01"));
        assert!(!Scope::All.includes("somebody's clock"));
    }
}
