//! How far a run is: a bar for each phase on a terminal, lines elsewhere, nothing when quiet.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ciq_stripe::{Meter, Progress};
use indicatif::{ProgressBar, ProgressStyle};

use crate::output::Output;

/// How the line looks.
const TEMPLATE: &str = "{prefix} {bar:20} {pos}/{len} {msg}, {eta} to go";

/// How often the line moves by itself, while a clock is waited for.
const TICK: Duration = Duration::from_millis(200);

/// What shows how far a run is.
#[derive(Debug)]
pub(crate) struct Board {
    output: Output,
    meter: Arc<Meter>,
    begun: Instant,
    bar: Mutex<ProgressBar>,
}

impl Board {
    /// Begins.
    #[expect(clippy::disallowed_methods, reason = "the rate is of the time that has passed")]
    pub(crate) fn new(output: Output, meter: Arc<Meter>) -> Self {
        Self { output, meter, begun: Instant::now(), bar: Mutex::new(ProgressBar::hidden()) }
    }

    /// Returns how long it has taken.
    pub(crate) fn elapsed(&self) -> Duration {
        self.begun.elapsed()
    }

    /// Shows what happened.
    pub(crate) fn show(&self, progress: Progress) {
        match progress {
            Progress::Phase { name, total } => self.begin(name, total),
            Progress::Step => self.advance(|bar| bar.inc(1)),
            Progress::Clocks { ready, total } => self.advance(|bar| {
                bar.set_length(total);
                bar.set_position(ready);
            }),
            Progress::Month { month, rows } => {
                self.line(&format!("month {month} is done: {rows} subscriptions"));
            }
            Progress::Note(text) => self.line(&text),
        }
    }

    /// Ends, and leaves no bar behind.
    pub(crate) fn finish(&self) {
        self.with_bar(ProgressBar::finish_and_clear);
    }

    fn begin(&self, name: String, total: u64) {
        self.finish();
        if !self.output.is_lively() {
            self.output.note(format_args!("{name}: {total}"));
            return;
        }
        let bar = ProgressBar::new(total);
        let bar = match ProgressStyle::with_template(TEMPLATE) {
            Ok(style) => bar.with_style(style),
            Err(_) => bar,
        };
        bar.set_message(self.calls());
        bar.set_prefix(name);
        bar.enable_steady_tick(TICK);
        *self.bar.lock().unwrap_or_else(PoisonError::into_inner) = bar;
    }

    fn advance(&self, step: impl FnOnce(&ProgressBar)) {
        self.with_bar(|bar| {
            if !bar.is_hidden() {
                step(bar);
                bar.set_message(self.calls());
            }
        });
    }

    /// Writes a line above the bar.
    fn line(&self, text: &str) {
        self.with_bar(|bar| bar.suspend(|| self.output.note(text)));
    }

    fn with_bar(&self, act: impl FnOnce(&ProgressBar)) {
        act(&self.bar.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Says how many calls were made, and how fast.
    fn calls(&self) -> String {
        let calls = self.meter.read().calls;
        let seconds = self.elapsed().as_secs_f64().max(0.1);
        let whole = u32::try_from(calls).unwrap_or(u32::MAX);
        format!("{calls} calls, {:.0} a second", f64::from(whole) / seconds)
    }
}
