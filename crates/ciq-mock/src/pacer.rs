//! When the next events of a stream are due: an absolute schedule from the start, never a timer
//! per event.

use std::time::Duration;

use ciq_synth::{Seed, chance};
use rand::rngs::ChaCha8Rng;

/// How many nanoseconds a minute has.
const MINUTE_NS: u128 = 60_000_000_000;

/// The grain of chance: a gap is drawn from this many possible ones.
const GRAIN: u64 = 1 << 32;

/// Whether the gaps between events are all alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Jitter {
    /// Gaps as between customers who do not know of each other (a Poisson process).
    Poisson,
    /// Even gaps.
    None,
}

/// Says when events are due. Reads no clock: the time since the start is handed in.
///
/// Whoever comes late gets everything that was due in between, so the rate holds on the long run
/// whatever the tick.
///
/// ```
/// use std::time::Duration;
///
/// use ciq_mock::{Jitter, Pacer};
/// use ciq_synth::Seed;
///
/// let mut pacer = Pacer::new(120, Jitter::None, Seed::new(1));
/// let mut times = Vec::new();
/// pacer.due(Duration::from_millis(1_700), 100, &mut times);
/// assert_eq!(times, [500, 1_000, 1_500].map(Duration::from_millis));
/// ```
#[derive(Debug)]
pub struct Pacer {
    gaps: Gaps,
    next: Duration,
}

#[derive(Debug)]
enum Gaps {
    Even { per_minute: u64, taken: u64 },
    Poisson { mean_seconds: f64, rng: Box<ChaCha8Rng> },
}

impl Pacer {
    /// Makes the schedule of a rate in events per minute; a rate of 0 counts as 1.
    #[must_use]
    pub fn new(per_minute: u64, jitter: Jitter, seed: Seed) -> Self {
        let per_minute = per_minute.max(1);
        let gaps = match jitter {
            Jitter::None => Gaps::Even { per_minute, taken: 0 },
            Jitter::Poisson => Gaps::Poisson {
                mean_seconds: mean_seconds(per_minute),
                rng: Box::new(seed.stream("mockgen pace", 0)),
            },
        };
        let mut pacer = Self { gaps, next: Duration::ZERO };
        pacer.advance();
        pacer
    }

    /// Returns when the next event is due, counted from the start.
    #[must_use]
    pub fn next_due(&self) -> Duration {
        self.next
    }

    /// Appends the times of what is due by now and was not taken before, in order, `limit` at
    /// most.
    pub fn due(&mut self, elapsed: Duration, limit: usize, times: &mut Vec<Duration>) {
        for _ in 0..limit {
            if self.next > elapsed {
                return;
            }
            times.push(self.next);
            self.advance();
        }
    }

    fn advance(&mut self) {
        self.next = match &mut self.gaps {
            Gaps::Even { per_minute, taken } => {
                *taken = taken.saturating_add(1);
                // From the start each time: no error adds up.
                let due_ns = u128::from(*taken) * MINUTE_NS / u128::from(*per_minute);
                Duration::from_nanos(u64::try_from(due_ns).unwrap_or(u64::MAX))
            }
            Gaps::Poisson { mean_seconds, rng } => {
                let draw = u32::try_from(chance::below(&mut **rng, GRAIN)).unwrap_or(u32::MAX);
                let share = (f64::from(draw) + 0.5) / 4_294_967_296.0;
                let gap = Duration::try_from_secs_f64(-share.ln() * *mean_seconds);
                self.next.saturating_add(gap.unwrap_or(Duration::MAX))
            }
        };
    }
}

/// Returns the mean gap of a rate in events per minute. Above four thousand million it is no
/// shorter.
fn mean_seconds(per_minute: u64) -> f64 {
    60.0 / f64::from(u32::try_from(per_minute).unwrap_or(u32::MAX))
}
