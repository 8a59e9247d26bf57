//! Where a customer stands among the others.

use crate::features::Features;

/// Fewer customers than this have no fifths: five to each.
const CUSTOMERS_MIN: usize = 25;

/// The borders of fifths: of customers who ordered, by recency, frequency and spend.
///
/// Border k of four is the largest value of the lowest k fifths. RFM scores by fifths: A. M. Hughes,
/// *Strategic Database Marketing* (1994).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quintiles {
    /// Borders of the whole days since the last order, rising.
    pub recency: [u32; 4],
    /// Borders of the number of orders, rising.
    pub frequency: [u32; 4],
    /// Borders of the spend in minor units, rising.
    pub monetary: [i64; 4],
}

/// Scores of 1 to 5 each; 5 is best: ordered last, ordered most, spent most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Rfm {
    /// How lately.
    pub recency: u8,
    /// How often.
    pub frequency: u8,
    /// How much.
    pub monetary: u8,
}

impl Quintiles {
    /// Finds the borders for customers of (recency in whole days, number of orders, spend in minor
    /// units). `None` for fewer than 25 customers.
    pub fn of(customers: impl IntoIterator<Item = (u32, u32, i64)>) -> Option<Self> {
        let mut recency = Vec::new();
        let mut frequency = Vec::new();
        let mut monetary = Vec::new();
        for customer in customers {
            recency.push(customer.0);
            frequency.push(customer.1);
            monetary.push(customer.2);
        }
        if recency.len() < CUSTOMERS_MIN {
            return None;
        }
        Some(Self {
            recency: borders(recency),
            frequency: borders(frequency),
            monetary: borders(monetary),
        })
    }

    /// Scores a customer. `None` without an order.
    #[must_use]
    pub fn score(&self, features: &Features) -> Option<Rfm> {
        let recency_days = features.recency_days?;
        Some(Rfm {
            recency: 5 - passed(&self.recency, &recency_days),
            frequency: 1 + passed(&self.frequency, &features.frequency),
            monetary: 1 + passed(&self.monetary, &features.monetary.minor),
        })
    }
}

fn borders<T: Ord + Copy + Default>(mut values: Vec<T>) -> [T; 4] {
    values.sort_unstable();
    [1, 2, 3, 4].map(|fifth| {
        let place = (values.len() * fifth).div_ceil(5).saturating_sub(1);
        values.get(place).copied().unwrap_or_default()
    })
}

fn passed<T: Ord>(borders: &[T; 4], value: &T) -> u8 {
    borders.iter().map(|border| u8::from(value > border)).sum()
}
