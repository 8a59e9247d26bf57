//! Tables of chance: what would need a logarithm is looked up, so that the same seed gives the
//! same history on any machine.

use std::sync::LazyLock;

use super::mark::upper;
use super::rhythm::{HOURS_WEEKDAY, HOURS_WEEKEND};

/// Into how many equal parts of probability a distribution is cut.
const CELLS: u32 = 1_024;

/// The probability beyond the last quantile that is looked at, on either side.
const LAST_PART: f64 = 0.000_1;

/// How many bits of a word choose the place within a cell.
const CELL_BITS: u32 = 22;

/// One in the tables of relative size.
pub(super) const ONE: u32 = 1 << 16;

/// The shape of the gamma distribution of activity: the lower, the more unequal are users.
const ACTIVITY_SHAPE: f64 = 0.95;

/// A distribution, by its quantiles.
#[derive(Debug)]
pub(super) struct Quantiles([u32; CELLS as usize + 1]);

/// All tables.
#[derive(Debug)]
pub(super) struct Tables {
    /// Milliseconds between two steps of a session: log-normal, median 24.5 s, sigma 1.1.
    pub(super) gap_ms: Quantiles,
    /// Seconds until a ticket is answered: log-normal, median 7 h, sigma 1.1.
    pub(super) reply_seconds: Quantiles,
    /// Exponential of mean [`ONE`].
    pub(super) exponential: Quantiles,
    /// Gamma of mean [`ONE`].
    pub(super) activity: Quantiles,
    /// Seconds since local midnight, on weekdays and at weekends.
    pub(super) second_of_day: [Quantiles; 2],
}

/// Built once per process.
static TABLES: LazyLock<Tables> = LazyLock::new(Tables::build);

/// Returns the tables.
pub(super) fn tables() -> &'static Tables {
    &TABLES
}

impl Quantiles {
    /// Returns the quantile that a random word stands for.
    #[inline]
    pub(super) fn at(&self, word: u32) -> u32 {
        let cell = (word >> CELL_BITS) as usize;
        let part = u64::from(word & ((1 << CELL_BITS) - 1));
        let [low, high] = [self.0[cell], self.0[cell + 1]];
        low + upper((u64::from(high - low) * part) << (32 - CELL_BITS))
    }

    /// Tabulates a quantile function of a probability strictly between 0 and 1.
    fn of(quantile: impl Fn(f64) -> f64) -> Self {
        // The ends are drawn in: the tails of all of these are endless.
        let at = |cell: u32| match cell {
            0 => LAST_PART,
            CELLS => 1.0 - LAST_PART,
            _ => f64::from(cell) / f64::from(CELLS),
        };
        Self::of_cells(|cell| rounded(quantile(at(cell))))
    }

    /// Fills in the table.
    fn of_cells(value: impl Fn(u32) -> u32) -> Self {
        let mut cells = 0..;
        Self(std::array::from_fn(|_| value(cells.next().unwrap_or(CELLS))))
    }

    /// Tabulates the moments of a day whose hours have these weights.
    fn of_hours(weights: &[u16; 24]) -> Self {
        let sum: u64 = weights.iter().map(|weight| u64::from(*weight)).sum();
        Self::of_cells(|cell| {
            let mut left = u64::from(cell) * sum;
            for (hour, weight) in (0_u64..).zip(weights) {
                let mass = u64::from(*weight) * u64::from(CELLS);
                if left < mass {
                    return u32::try_from(hour * 3_600 + left * 3_600 / mass).unwrap_or(0);
                }
                left -= mass;
            }
            86_399
        })
    }
}

impl Tables {
    /// Computes all tables.
    fn build() -> Self {
        Self {
            gap_ms: Quantiles::of(|p| 1_000.0 * libm::exp(3.2 + 1.1 * normal_quantile(p))),
            reply_seconds: Quantiles::of(|p| 25_200.0 * libm::exp(1.1 * normal_quantile(p))),
            exponential: Quantiles::of(|p| -f64::from(ONE) * libm::log(1.0 - p)),
            activity: gamma_quantiles(ACTIVITY_SHAPE),
            second_of_day: [&HOURS_WEEKDAY, &HOURS_WEEKEND].map(Quantiles::of_hours),
        }
    }
}

/// Rounds to the nearest number.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "all tables hold numbers from 0 to a few millions"
)]
fn rounded(value: f64) -> u32 {
    libm::round(value) as u32
}

/// The quantile function of the standard normal distribution, by halving.
fn normal_quantile(p: f64) -> f64 {
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..48 {
        let middle = f64::midpoint(low, high);
        let below = 0.5 * libm::erfc(-middle * std::f64::consts::FRAC_1_SQRT_2);
        if below < p {
            low = middle;
        } else {
            high = middle;
        }
    }
    low
}

/// The quantiles of a gamma distribution of mean [`ONE`].
///
/// With x = s^(1/shape), the density becomes exp(-x) ds, which is smooth at 0 for any shape; it is
/// summed by the rule of the midpoint.
fn gamma_quantiles(shape: f64) -> Quantiles {
    const STEPS: u32 = 16_384;
    let x_of = |s: f64| libm::pow(s, 1.0 / shape);
    let width = libm::pow(X_MAX, shape) / f64::from(STEPS);
    let mut sum = 0.0;
    let add = |step: u32| {
        let s = f64::from(step) * width;
        sum += libm::exp(-x_of(s + width / 2.0));
        (x_of(s + width), sum)
    };
    let sums: Vec<(f64, f64)> = (0..STEPS).map(add).collect();
    Quantiles::of(|p| {
        let place = sums.partition_point(|(_, below)| *below < p * sum);
        sums.get(place).map_or(X_MAX, |(x, _)| *x) * f64::from(ONE) / shape
    })
}

/// Where the tail of the gamma distribution is cut off: a hundred thousandth is beyond.
const X_MAX: f64 = 12.0;

#[cfg(test)]
mod tests {
    use super::*;

    /// The middle and the mean of a table.
    fn middle_and_mean(quantiles: &Quantiles) -> (u32, u64) {
        let words = (0..1_000_u32).map(|part| part * 4_294_967 + 2_000_000);
        (
            quantiles.at(1 << 31),
            words.map(|word| u64::from(quantiles.at(word))).sum::<u64>() / 1_000,
        )
    }

    #[test]
    fn distributions_have_the_middles_and_means_that_they_are_named_for() {
        let tables = tables();
        assert_eq!(middle_and_mean(&tables.gap_ms).0, 24_533);
        assert_eq!(middle_and_mean(&tables.reply_seconds).0, 25_200);
        let (_, mean) = middle_and_mean(&tables.exponential);
        assert!((64_500..66_500).contains(&mean), "{mean}");
        let (_, mean) = middle_and_mean(&tables.activity);
        assert!((64_500..66_500).contains(&mean), "{mean}");
    }

    #[test]
    fn a_day_has_all_its_seconds() {
        for quantiles in &tables().second_of_day {
            assert_eq!(quantiles.at(0), 0);
            assert!(quantiles.at(u32::MAX) > 86_000);
            assert!(quantiles.0.is_sorted());
        }
    }
}
