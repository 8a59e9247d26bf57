//! How far it is, drawn where a person looks on.

use ciq_synth::saas::HistorySettings;
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// How many milliseconds a day has.
const DAY_MS: u64 = 86_400_000;

/// How the line looks.
const TEMPLATE: &str = "{bar:30} {percent}% {msg}, {elapsed} gone, {eta} to go";

/// How far it is.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    start_ms: i64,
}

impl Progress {
    /// Begins. Draws nothing where nobody looks on.
    pub(super) fn new(output: Output, history: &HistorySettings) -> Self {
        let length_ms = u64::from(history.days()) * DAY_MS;
        let bar =
            if output.is_lively() { ProgressBar::new(length_ms) } else { ProgressBar::hidden() };
        let bar = match ProgressStyle::with_template(TEMPLATE) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        Self { bar, start_ms: history.population.start_ms() }
    }

    /// Shows up to where the history is made.
    pub(super) fn reach(&self, at_ms: i64, events: u64) {
        if self.bar.is_hidden() {
            return;
        }
        self.bar.set_position(u64::try_from(at_ms - self.start_ms).unwrap_or(0));
        self.bar.set_message(format!("{events} events"));
    }

    /// Ends, and leaves no line behind.
    pub(super) fn finish(&self) {
        self.bar.finish_and_clear();
    }
}
