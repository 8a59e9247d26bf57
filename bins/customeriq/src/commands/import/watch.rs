//! Who is told how an import goes: progress, refusals, waiting.

use ciq_event::Rejection;
use ciq_ingest::{ImportObserver, ImportReport, IngestError};
use ciq_store::Location;
use indicatif::ProgressBar;

use super::{Rejects, per_second};
use crate::exit::chain;
use crate::output::Voice;
use crate::table::count;

/// Whether to wait for room on the disk and for other processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::commands) enum Patience {
    /// Give up at once.
    None,
    /// Wait for ever.
    Endless,
}

/// Who is told how an import goes.
#[derive(Debug)]
pub(in crate::commands) struct Watch<'a> {
    /// The input.
    name: String,
    /// Where the brand's tables are.
    location: Location,
    voice: Voice,
    bar: ProgressBar,
    rejects: Option<&'a mut Rejects>,
    patience: Patience,
    is_waiting: bool,
}

impl<'a> Watch<'a> {
    /// Watches an import of an input into a brand's tables.
    pub(in crate::commands) fn new(
        name: String,
        location: Location,
        voice: Voice,
        bar: ProgressBar,
    ) -> Self {
        let patience = Patience::Endless;
        Self { name, location, voice, bar, rejects: None, patience, is_waiting: false }
    }

    /// Keeps what is refused.
    pub(super) fn with_rejects(self, rejects: &'a mut Rejects) -> Self {
        Self { rejects: Some(rejects), ..self }
    }

    /// Says whether to wait.
    pub(super) fn with_patience(self, patience: Patience) -> Self {
        Self { patience, ..self }
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
        if std::mem::take(&mut self.is_waiting) {
            self.bar.suspend(|| self.voice.warn("the import goes on"));
        }
    }

    fn rejected(&mut self, record_number: u64, rejection: &Rejection, record: &[u8]) {
        if let Some(rejects) = &mut self.rejects {
            rejects.take((&self.name, record_number), rejection, record, &self.bar);
        }
    }

    fn waiting(&mut self, error: &IngestError) -> bool {
        if self.patience == Patience::None {
            return false;
        }
        if !std::mem::replace(&mut self.is_waiting, true) {
            let is_full = matches!(error, IngestError::Store(error) if error.is_out_of_room());
            let reason = chain(error);
            self.bar.suspend(|| tell_wait(self.voice, &self.location, (is_full, &reason)));
        }
        true
    }
}

/// Tells, once, that the import waits, and for what.
pub(super) fn tell_wait(voice: Voice, place: &Location, (is_full, reason): (bool, &str)) {
    if is_full {
        voice.warn(format_args!(
            "no room on the disk of {place} ({reason}): waiting; the import goes on when there is \
             room; stop with Ctrl-C, nothing is lost"
        ));
    } else {
        let when = match place {
            Location::File(_) => "it is free",
            Location::Schema(_) => "it can be reached",
        };
        voice.warn(format_args!(
            "could not use {place} ({reason}): waiting; the import goes on when {when}; stop with \
             Ctrl-C, nothing is lost"
        ));
    }
}
