//! Who is told how an import goes: progress, refusals, waiting.

use ciq_event::Rejection;
use ciq_ingest::{ImportObserver, ImportReport, IngestError};
use indicatif::ProgressBar;

use super::{Patience, Rejects, per_second};
use crate::table::count;

/// Who is told how an import goes.
#[derive(Debug)]
pub(in crate::commands) struct Watch<'a> {
    /// The input.
    name: String,
    patience: Patience,
    bar: ProgressBar,
    rejects: Option<&'a mut Rejects>,
}

impl<'a> Watch<'a> {
    /// Watches an import of an input.
    pub(in crate::commands) fn new(name: String, patience: Patience, bar: ProgressBar) -> Self {
        Self { name, patience, bar, rejects: None }
    }

    /// Keeps what is refused.
    pub(super) fn with_rejects(self, rejects: &'a mut Rejects) -> Self {
        Self { rejects: Some(rejects), ..self }
    }

    /// Takes the bar away.
    pub(in crate::commands) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

impl ImportObserver for Watch<'_> {
    fn progress(&mut self, report: &ImportReport) {
        let events = report.stored_count + report.duplicate_count;
        let rate = per_second(events, self.bar.elapsed());
        self.bar.set_message(format!("{} events, {}/s", count(events), count(rate)));
        self.patience.end(&self.bar);
    }

    fn rejected(&mut self, record_number: u64, rejection: &Rejection, record: &[u8]) {
        if let Some(rejects) = &mut self.rejects {
            rejects.take((&self.name, record_number), rejection, record, &self.bar);
        }
    }

    fn waiting(&mut self, error: &IngestError) -> bool {
        match error {
            IngestError::Store(error) => self.patience.lasts(error, &self.bar),
            // Nobody is left who could store.
            IngestError::Decision(_) | IngestError::Stopped => false,
        }
    }
}
