//! How far a run came.

use std::collections::BTreeMap;

use super::{RunError, Runner, Scope};
use crate::RunFile;
use crate::journal::Journal;
use crate::verify::FoundClock;

/// How far a run came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatusReport {
    /// The folder's run.
    pub run: Option<RunFile>,
    /// Steps that are done.
    pub steps_done: u64,
    /// How many subscriptions each month's snapshot has.
    pub rows: BTreeMap<String, u64>,
    /// Whether the file of prices is there.
    pub has_prices: bool,
    /// The run's clocks on the server, if it was asked.
    pub clocks: Option<Vec<FoundClock>>,
}

impl Runner {
    /// Tells how far the folder's run came, by its files and by the server.
    pub async fn status(&self) -> Result<StatusReport, RunError> {
        let report = self.status_of_files()?;
        let Some(run) = &report.run else { return Ok(report) };
        let clocks = self.list_clocks(&Scope::Run(run.run.clone())).await?;
        Ok(StatusReport { clocks: Some(clocks), ..report })
    }

    /// Tells how far the folder's run came, by its files alone.
    pub fn status_of_files(&self) -> Result<StatusReport, RunError> {
        let files = &self.settings.files;
        let mut rows = BTreeMap::new();
        for row in files.snapshots()?.unwrap_or_default() {
            *rows.entry(row.month).or_insert(0) += 1;
        }
        let steps_done = u64::try_from(Journal::count(&files.journal())?).unwrap_or(u64::MAX);
        let has_prices = files.prices()?.is_some();
        Ok(StatusReport { run: files.run()?, steps_done, rows, has_prices, clocks: None })
    }
}
