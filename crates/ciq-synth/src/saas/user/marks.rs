//! Numbers that belong to one purpose and index, where there is no time for a stream of chance.

use crate::Seed;

/// The numbers of one purpose, with what the seed and the purpose come to worked out once.
#[derive(Debug, Clone, Copy)]
pub(in crate::saas) struct Marks(u64);

impl Marks {
    /// Makes the numbers of one purpose.
    pub(in crate::saas) fn new(seed: Seed, purpose: &str) -> Self {
        Self(seed.mark(purpose, 0))
    }

    /// Returns the number of an index: another for every index.
    pub(in crate::saas) fn at(self, index: u64) -> u64 {
        scrambled(self.0 ^ index)
    }
}

/// Scrambles all bits, one to one: the finaliser of
/// [`SplitMix64`](https://doi.org/10.1145/2714064.2660195).
pub(in crate::saas) const fn scrambled(value: u64) -> u64 {
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}

/// Brings a number of 64 even bits below `limit`. The bias is below `limit / 2^64`.
pub(in crate::saas) fn scaled(mark: u64, limit: u64) -> u64 {
    let product = u128::from(mark) * u128::from(limit);
    u64::try_from(product >> 64).unwrap_or(0)
}

/// Returns the item that a number of 64 even bits falls on, by weight.
pub(in crate::saas) fn drawn<T: Copy, const N: usize>(mark: u64, items: &[(T, u64); N]) -> T {
    const { assert!(N > 0, "nothing to draw from") };
    let sum = items.iter().map(|(_, weight)| weight).sum();
    let mut left = scaled(mark, sum);
    for (item, weight) in items {
        if left < *weight {
            return *item;
        }
        left -= weight;
    }
    items[0].0
}

/// Returns one of several items, all alike in weight.
pub(in crate::saas) fn picked<T: Copy, const N: usize>(mark: u64, items: &[T; N]) -> T {
    const { assert!(N > 0, "nothing to pick from") };
    items[usize::try_from(scaled(mark, N as u64)).unwrap_or(0)]
}
