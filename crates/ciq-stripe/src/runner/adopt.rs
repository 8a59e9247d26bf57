//! What the server has of a run that stopped, and the journal does not know: the last answers
//! before the stop, or all of it if the journal is lost.

use std::collections::BTreeSet;

use super::create::subscribed;
use super::work::{Work, entry};
use super::{RunError, Scope};
use crate::RunFile;
use crate::plan::step;
use crate::readback::{customers_on, number_of, subscriptions_on};
use crate::verify::FoundClock;

impl Work<'_> {
    /// Puts into the journal what is there already.
    pub(super) async fn adopt(&self) -> Result<(), RunError> {
        let clocks: Vec<u32> = self.clocks().filter(|clock| !self.is_whole(*clock)).collect();
        if clocks.is_empty() {
            return Ok(());
        }
        self.runner.phase("looking for what is done already", clocks.len());
        let found = self.own_clocks().await?;
        let jobs = clocks.into_iter().map(|clock| self.adopt_clock(clock, &found));
        self.runner.all(jobs).await?;
        if self.run().months_done == 0 {
            return Ok(());
        }
        // Nothing is made in a later month: what is missing now has been deleted.
        self.note_ids()
    }

    /// Tells whether the journal knows a clock and all that is on it.
    fn is_whole(&self, clock: u32) -> bool {
        let is_done = |name: String| self.journal.get(&name).is_some();
        let mut customers = self.plan.customers_of_clock(clock).iter();
        is_done(step::clock(clock))
            && customers.all(|it| {
                is_done(step::customer(it.index)) && is_done(step::subscription(it.index))
            })
    }

    async fn adopt_clock(&self, clock: u32, found: &[FoundClock]) -> Result<(), RunError> {
        let title = RunFile::clock_name(&self.run().run, clock);
        if let Some(same) = found.iter().find(|found| found.name == title) {
            self.journal.record(entry(step::clock(clock), same.id.as_str())).await?;
            self.adopt_customers(clock, &same.id).await?;
        }
        self.runner.step_done();
        Ok(())
    }

    async fn adopt_customers(&self, clock: u32, clock_id: &str) -> Result<(), RunError> {
        let caller = self.runner.caller();
        let customers = customers_on(caller, clock_id).await?;
        let subscriptions = subscriptions_on(caller, clock_id).await?;
        let mut taken = BTreeSet::new();
        for planned in self.plan.customers_of_clock(clock) {
            let number = step::number(planned.index);
            let same = customers.iter().find(|it| number_of(it) == Some(number.as_str()));
            let Some(customer) = same else { continue };
            let made = entry(step::customer(planned.index), customer.id.as_str());
            self.journal.record(made).await?;
            let own = subscriptions.iter().find(|it| it.customer.id() == &customer.id);
            let Some(own) = own.filter(|own| taken.insert(own.id.as_str())) else { continue };
            let made = subscribed(step::subscription(planned.index), own);
            self.journal.record(made).await?;
        }
        Ok(())
    }

    /// Returns the run's clocks as the server tells them.
    pub(super) async fn own_clocks(&self) -> Result<Vec<FoundClock>, RunError> {
        let scope = Scope::Run(self.run().run.clone());
        self.runner.find_clocks(&scope).await
    }
}
