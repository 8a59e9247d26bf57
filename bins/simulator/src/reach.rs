//! Patience with a target that is down: waiting longer each time, and saying so once.

use std::time::Duration;

use crate::exit::Failure;
use crate::output::Output;
use crate::runtime::Stop;

/// The first pause before another attempt.
const PAUSE_MIN: Duration = Duration::from_millis(250);

/// The longest pause before another attempt.
const PAUSE_MAX: Duration = Duration::from_secs(10);

/// Why an attempt failed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// The target is down, or too busy: the same may go through later.
    Down(String),
    /// No further attempt would help.
    Final(Failure),
}

impl From<Failure> for Trouble {
    fn from(failure: Failure) -> Self {
        Self::Final(failure)
    }
}

/// How a target is reached.
#[derive(Debug)]
pub(crate) struct Reach {
    output: Output,
    name: String,
    remedy: &'static str,
    /// Attempts that failed since the last that went through.
    failure_count: u32,
}

impl Reach {
    /// Makes the reach of a target. The remedy is what somebody may do when it is down.
    pub(crate) fn new(output: Output, name: String, remedy: &'static str) -> Self {
        Self { output, name, remedy, failure_count: 0 }
    }

    /// Attempts something until it goes through; `None` where it is time to end before.
    pub(crate) async fn patiently<T>(
        &mut self,
        stop: &mut Stop,
        mut attempt: impl AsyncFnMut() -> Result<T, Trouble>,
    ) -> Result<Option<T>, Failure> {
        loop {
            match attempt().await {
                Ok(done) => {
                    self.is_up();
                    return Ok(Some(done));
                }
                Err(Trouble::Final(failure)) => return Err(failure),
                Err(Trouble::Down(reason)) => {
                    let pause = self.is_down(&reason);
                    if stop.asked_within(pause).await {
                        return Ok(None);
                    }
                }
            }
        }
    }

    fn is_up(&mut self) {
        if self.failure_count > 0 {
            self.output.note(format_args!("{} is there again; going on", self.name));
        }
        self.failure_count = 0;
    }

    /// Says so the first time, and returns how long to wait.
    fn is_down(&mut self, reason: &str) -> Duration {
        if self.failure_count == 0 {
            let Self { name, remedy, .. } = self;
            Output::warn(format_args!("could not reach {name}: {reason}; {remedy}; trying again"));
        }
        let pause = pause(self.failure_count);
        self.failure_count = self.failure_count.saturating_add(1);
        pause
    }
}

/// Twice as long each time, up to the longest.
fn pause(failure_count: u32) -> Duration {
    PAUSE_MIN.saturating_mul(1 << failure_count.min(16)).min(PAUSE_MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_a_limit() {
        let pauses = [0, 1, 2, 5, 6, 99].map(|count| pause(count).as_millis());
        assert_eq!(pauses, [250, 500, 1_000, 8_000, 10_000, 10_000]);
    }
}
