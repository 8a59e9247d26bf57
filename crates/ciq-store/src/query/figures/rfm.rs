//! Everyone who ordered, by how lately and how often, or by how lately and for how much.

use ciq_insight::Quintiles;
use jiff::Timestamp;

use super::lives::{Life, Lives};

/// Milliseconds of a day of 24 hours.
const DAY_MS: i64 = 24 * 60 * 60 * 1_000;

/// Everyone who ordered, in fifths.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RfmGrids {
    /// By how lately and how often.
    pub by_frequency: RfmGrid,
    /// By how lately and for how much, in `currency`; `None` for too few in that currency.
    pub by_spend: Option<RfmGrid>,
    /// The currency of most orders.
    pub currency: String,
}

/// Customers in fifths by two figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RfmGrid {
    /// How many customers there are.
    pub customer_count: i64,
    /// The borders of the fifths of whole days since the last order, rising.
    pub recency_borders: [i64; 4],
    /// The borders of the fifths of orders, or of minor units, rising.
    pub other_borders: [i64; 4],
    /// How many customers have each pair of scores: first that of recency, then the other, from 1,
    /// the worst, at place 0 to 5, the best.
    pub counts: [[i64; 5]; 5],
}

/// What is known of a customer who ordered.
type Buyer = (u32, u32, i64);

impl RfmGrids {
    /// Sorts everyone who ordered; `None` for fewer than fifths need.
    pub(super) fn of(lives: &Lives, now: Timestamp) -> Option<Self> {
        let of = |life: &Life, spent_minor| -> Buyer {
            let days = (now.as_millisecond() - life.last_order_ms).max(0) / DAY_MS;
            (u32::try_from(days).unwrap_or(u32::MAX), life.order_count, spent_minor)
        };
        let bought = lives.lives.iter().filter(|life| life.order_count > 0);
        let buyers: Vec<Buyer> =
            bought.clone().map(|life| of(life, life.spent_minor.unwrap_or_default())).collect();
        let spenders: Vec<Buyer> =
            bought.filter_map(|life| Some(of(life, life.spent_minor?))).collect();
        Some(Self {
            by_frequency: RfmGrid::of(&buyers, &Other::Frequency)?,
            by_spend: RfmGrid::of(&spenders, &Other::Spend),
            currency: lives.currency.clone(),
        })
    }
}

/// The figure beside recency.
enum Other {
    Frequency,
    Spend,
}

impl RfmGrid {
    fn of(buyers: &[Buyer], other: &Other) -> Option<Self> {
        let quintiles = Quintiles::of(buyers.iter().copied())?;
        let recency_borders = quintiles.recency.map(i64::from);
        let other_borders = match other {
            Other::Frequency => quintiles.frequency.map(i64::from),
            Other::Spend => quintiles.monetary,
        };
        let mut counts = [[0; 5]; 5];
        for (days, order_count, spent_minor) in buyers {
            let value = match other {
                Other::Frequency => i64::from(*order_count),
                Other::Spend => *spent_minor,
            };
            // The fewer days, the better.
            let recency = 4 - passed(&recency_borders, i64::from(*days));
            let row: Option<&mut [i64; 5]> = counts.get_mut(recency);
            if let Some(cell) = row.and_then(|row| row.get_mut(passed(&other_borders, value))) {
                *cell += 1;
            }
        }
        let customer_count = i64::try_from(buyers.len()).unwrap_or(i64::MAX);
        Some(Self { customer_count, recency_borders, other_borders, counts })
    }
}

/// How many borders a value has passed: 0 to 4.
fn passed(borders: &[i64; 4], value: i64) -> usize {
    borders.iter().filter(|border| value > **border).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thirty_buyers_stand_in_fifths_of_six() {
        // The more lately, the more often: all stand on the diagonal.
        let buyers: Vec<Buyer> = (0..30).map(|n| (n, 30 - n, i64::from(n))).collect();
        let grid = RfmGrid::of(&buyers, &Other::Frequency).unwrap();
        assert_eq!(grid.recency_borders, [5, 11, 17, 23]);
        assert_eq!(grid.other_borders, [6, 12, 18, 24]);
        for (recency, row) in grid.counts.iter().enumerate() {
            for (frequency, count) in row.iter().enumerate() {
                assert_eq!(*count, if recency == frequency { 6 } else { 0 });
            }
        }
        let grid = RfmGrid::of(&buyers, &Other::Spend).unwrap();
        assert_eq!((grid.counts[4][0], grid.counts[0][4], grid.counts[4][4]), (6, 6, 0));
    }

    #[test]
    fn where_most_ordered_once_the_lowest_fifths_are_one() {
        let buyers: Vec<Buyer> = (0..25).map(|n| (n, if n < 5 { 3 } else { 1 }, 0)).collect();
        let grid = RfmGrid::of(&buyers, &Other::Frequency).unwrap();
        assert_eq!(grid.other_borders, [1, 1, 1, 1]);
        assert_eq!(grid.counts.map(|row| row[0]), [5, 5, 5, 5, 0]);
        assert_eq!(grid.counts[4][4], 5);
    }

    #[test]
    fn a_few_buyers_have_no_fifths() {
        let buyers: Vec<Buyer> = (0..24).map(|n| (n, n, 0)).collect();
        assert_eq!(RfmGrid::of(&buyers, &Other::Frequency), None);
    }
}
