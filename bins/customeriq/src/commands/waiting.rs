//! What is shown while a long computation runs.

use std::time::Duration;

use indicatif::ProgressBar;

use crate::output::Voice;

/// How often the sign moves.
const TICK: Duration = Duration::from_millis(200);

/// Does something while a moving sign says what; nothing moves where no person watches.
pub(super) fn waiting<T>(voice: Voice, doing: &'static str, work: impl FnOnce() -> T) -> T {
    let spinner =
        if voice.is_lively() { ProgressBar::new_spinner() } else { ProgressBar::hidden() };
    spinner.set_message(doing);
    if voice.is_lively() {
        spinner.enable_steady_tick(TICK);
    }
    let done = work();
    spinner.finish_and_clear();
    done
}
