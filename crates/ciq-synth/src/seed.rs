//! The seed: from one number, an independent stream for every purpose and index.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

/// The number from which a whole world follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seed(u64);

impl Seed {
    /// Makes a seed.
    #[must_use]
    pub const fn new(value: u64) -> Self {
        Self(value)
    }

    /// Returns the number.
    #[must_use]
    pub fn value(self) -> u64 {
        self.0
    }

    /// Returns the stream of chance for one purpose and index.
    ///
    /// A draw added to one purpose changes nothing in another, nor at another index.
    #[must_use]
    pub fn stream(self, purpose: &str, index: u64) -> ChaCha8Rng {
        let mut state = self.mark(purpose, index);
        let mut key = [0_u8; 32];
        for chunk in key.chunks_exact_mut(8) {
            state = state.wrapping_add(GOLDEN_GAMMA);
            chunk.copy_from_slice(&mix(state).to_le_bytes());
        }
        ChaCha8Rng::from_seed(key)
    }

    /// Returns a number that belongs to one purpose and index.
    ///
    /// Under one seed and purpose, two indexes never get the same number: an identifier made
    /// from it is unique by construction.
    #[must_use]
    pub fn mark(self, purpose: &str, index: u64) -> u64 {
        mix(self.purpose_key(purpose) ^ index)
    }

    /// Folds the purpose into the seed, eight bytes at a time, its length last.
    fn purpose_key(self, purpose: &str) -> u64 {
        let mut key = mix(self.0.wrapping_add(GOLDEN_GAMMA));
        for chunk in purpose.as_bytes().chunks(8) {
            let mut word = [0_u8; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            key = mix(key ^ u64::from_le_bytes(word)).wrapping_add(GOLDEN_GAMMA);
        }
        mix(key ^ purpose.len() as u64)
    }
}

/// 2^64 divided by the golden ratio, the step of `SplitMix64`.
const GOLDEN_GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

/// The finaliser of [`SplitMix64`](https://doi.org/10.1145/2714064.2660195): a bijection.
fn mix(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

#[cfg(test)]
mod tests {
    use rand::Rng;

    use super::*;

    #[test]
    fn streams_differ_by_seed_purpose_and_index() {
        let first = |seed, purpose, index| Seed::new(seed).stream(purpose, index).next_u64();
        let base = first(1, "person", 0);
        assert_eq!(base, first(1, "person", 0));
        assert_ne!(base, first(2, "person", 0));
        assert_ne!(base, first(1, "persom", 0));
        assert_ne!(base, first(1, "person", 1));
    }

    #[test]
    fn a_purpose_is_not_its_zero_padded_self() {
        assert_ne!(Seed::new(1).mark("day", 0), Seed::new(1).mark("day\0", 0));
    }
}
