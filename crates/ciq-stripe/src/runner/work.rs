//! One run on its way: what it is, what is done of it, and the order of its months.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::prices::Catalog;
use super::{RunError, Runner};
use crate::caller::Step;
use crate::journal::{Entry, Journal};
use crate::plan::{RunPlan, step};
use crate::{PriceFile, PricePlan, RunFile};

/// A run on its way.
#[derive(Debug)]
pub(super) struct Work<'a> {
    pub(super) runner: &'a Runner,
    pub(super) plan: &'a RunPlan,
    pub(super) journal: Journal,
    run: Mutex<RunFile>,
    run_id: String,
    /// Whether it stopped before: then things may be there that the journal does not know.
    pub(super) is_resumed: bool,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        runner: &'a Runner,
        plan: &'a RunPlan,
        run: RunFile,
        journal: Journal,
    ) -> Self {
        let run_id = run.run_id.clone();
        Self { runner, plan, journal, run: Mutex::new(run), run_id, is_resumed: false }
    }

    pub(super) fn resumed(self) -> Self {
        Self { is_resumed: true, ..self }
    }

    /// Does all that is not done yet.
    pub(super) async fn carry_out(self, catalog: Catalog) -> Result<RunFile, RunError> {
        let prices = self.runner.make_prices(&self.run_id, catalog).await?.file;
        if self.is_resumed {
            self.adopt().await?;
        }
        let begins_with = self.run().months_done;
        for month in begins_with..=self.plan.settings.months {
            if month == 0 {
                self.create(&prices).await?;
            } else {
                self.advance(month).await?;
                self.change(month, &prices).await?;
            }
            self.break_cards(month).await?;
            self.snapshot(month, &prices).await?;
        }
        self.finish().await?;
        Ok(self.run().clone())
    }

    /// Returns the run's file as it stands.
    pub(super) fn run(&self) -> MutexGuard<'_, RunFile> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the run's file, and writes it.
    pub(super) fn note(&self, change: impl FnOnce(&mut RunFile)) -> Result<(), RunError> {
        let mut run = self.run();
        change(&mut run);
        Ok(self.runner.settings.files.write_run(&run)?)
    }

    /// Returns a step of this run.
    pub(super) fn step<'b>(&'b self, name: &'b str, generation: u32) -> Step<'b> {
        Step { run_id: &self.run_id, name, generation }
    }

    /// Notes that a step is done.
    pub(super) async fn done(&self, entry: Entry) -> Result<(), RunError> {
        self.journal.record(entry).await?;
        self.runner.step_done();
        Ok(())
    }

    /// Tells whether a step is done already, and counts it then.
    pub(super) fn is_done(&self, name: &str) -> bool {
        let is_done = self.journal.get(name).is_some();
        if is_done {
            self.runner.step_done();
        }
        is_done
    }

    pub(super) fn clock_id(&self, clock: u32) -> Result<String, RunError> {
        Ok(self.made(step::clock(clock))?.id)
    }

    pub(super) fn customer_id(&self, customer: u32) -> Result<String, RunError> {
        Ok(self.made(step::customer(customer))?.id)
    }

    /// Returns what an earlier step made.
    pub(super) fn made(&self, name: String) -> Result<Entry, RunError> {
        self.journal.get(&name).ok_or(RunError::Gone { what: name })
    }

    pub(super) fn clocks(&self) -> std::ops::Range<u32> {
        0..self.plan.clock_count()
    }

    /// Returns a month's words for a person.
    pub(super) fn phase(&self, month: u32, doing: &str, total: usize) {
        let last = self.plan.settings.months;
        self.runner.phase(format!("month {month} of {last}: {doing}"), total);
    }
}

/// Returns the id of a price plan's price.
pub(super) fn price_id(prices: &PriceFile, plan: PricePlan) -> Result<&str, RunError> {
    let id = prices.prices.get(plan.name()).map(String::as_str);
    id.ok_or_else(|| RunError::Gone { what: format!("the price of {plan}") })
}

/// Returns the entry of a step that made or changed something.
pub(super) fn entry(step: String, id: impl Into<String>) -> Entry {
    Entry { step, id: id.into(), item: None }
}
