//! Chance by integer ratios: our own few lines, so that no library's sampling can change bytes.

use rand::Rng;

/// Returns a number below `limit`, and 0 where `limit` is 0.
///
/// Multiplies and keeps the upper half. The bias is below `limit / 2^64`.
pub fn below(rng: &mut impl Rng, limit: u64) -> u64 {
    let product = u128::from(rng.next_u64()) * u128::from(limit);
    u64::try_from(product >> 64).unwrap_or(0)
}

/// Returns a number from `low` to `high`, both included; `low` where `high` is not above it.
pub fn between(rng: &mut impl Rng, low: i64, high: i64) -> i64 {
    let width = high.saturating_sub(low).max(0).unsigned_abs();
    low.saturating_add_unsigned(below(rng, width.saturating_add(1)))
}

/// Returns true `numerator` times out of `denominator`.
pub fn chance(rng: &mut impl Rng, numerator: u64, denominator: u64) -> bool {
    below(rng, denominator) < numerator
}

/// Returns one item of a list.
pub fn pick<T: Copy, const N: usize>(rng: &mut impl Rng, items: &[T; N]) -> T {
    const { assert!(N > 0, "nothing to pick from") };
    items[index_below(rng, N)]
}

/// Returns the place of one weight, drawn in proportion to the weights; 0 if they sum to 0.
pub fn weighted(rng: &mut impl Rng, weights: &[u64]) -> usize {
    let mut left = below(rng, weights.iter().sum());
    for (place, weight) in weights.iter().enumerate() {
        if left < *weight {
            return place;
        }
        left -= weight;
    }
    0
}

/// Brings a list into random order.
pub fn shuffle<T>(rng: &mut impl Rng, items: &mut [T]) {
    for last in (1..items.len()).rev() {
        items.swap(last, index_below(rng, last + 1));
    }
}

/// Returns an index below `count`.
fn index_below(rng: &mut impl Rng, count: usize) -> usize {
    usize::try_from(below(rng, count as u64)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn between_reaches_both_ends_and_nothing_else() {
        let mut rng = Seed::new(1).stream("test", 0);
        let mut seen: Vec<i64> = (0..200).map(|_| between(&mut rng, -1, 2)).collect();
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen, [-1, 0, 1, 2]);
    }

    #[test]
    fn a_chance_comes_about_as_often_as_it_says() {
        let mut rng = Seed::new(1).stream("test", 1);
        let hits = (0..10_000).filter(|_| chance(&mut rng, 3, 100)).count();
        assert!((240..360).contains(&hits), "{hits}");
    }

    #[test]
    fn weights_of_nothing_are_never_drawn() {
        let mut rng = Seed::new(1).stream("test", 2);
        assert!((0..1_000).all(|_| weighted(&mut rng, &[0, 5, 0, 1]) % 2 == 1));
    }
}
