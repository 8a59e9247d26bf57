//! Chance within a cycle: a stream for each purpose and account.

use rand::rngs::ChaCha8Rng;

use crate::Seed;
use crate::chance::chance;

/// The chance of one cycle.
#[derive(Debug, Clone, Copy)]
pub(super) struct Dice {
    seed: Seed,
    cycle: u64,
}

impl Dice {
    pub(super) fn new(seed: Seed, cycle: u64) -> Self {
        Self { seed, cycle }
    }

    /// Returns the stream of one purpose and account. What is drawn for one changes nothing for
    /// another.
    pub(super) fn stream(self, purpose: &str, id: &str) -> ChaCha8Rng {
        self.seed.stream(&format!("activity/{purpose}/{id}"), self.cycle)
    }

    /// Returns a stream to draw on from, so many times out of a hundred.
    pub(super) fn falls(self, purpose: &str, id: &str, percent: u64) -> Option<ChaCha8Rng> {
        let mut stream = self.stream(purpose, id);
        chance(&mut stream, percent, 100).then_some(stream)
    }
}
