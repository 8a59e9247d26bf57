//! Who came back: customers by the month that they came in, and in which months after it they did
//! something again.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

/// How many months are looked at.
const MONTH_COUNT: usize = 12;

/// The bit of all that was before the months that are looked at.
const BEFORE: u16 = 1;

/// Customers by the month that they came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohorts {
    /// The last twelve months, the earliest first; of the last one, only a part may be over.
    pub rows: Vec<Cohort>,
    /// How many customers came before that.
    pub earlier_count: i64,
}

/// The customers who came in one month (UTC).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cohort {
    /// The first day of the month.
    pub month: Date,
    /// How many customers came.
    pub customer_count: i64,
    /// How many of them did something in each month since; the first is the month itself.
    pub returned: Vec<i64>,
}

/// The months that are looked at.
#[derive(Debug)]
pub(super) struct Months {
    /// The first day of each.
    firsts: Vec<Date>,
    /// When each begins, in milliseconds since 1970.
    begins: Vec<i64>,
}

impl Months {
    /// The months up to the one that holds a time.
    pub(super) fn up_to(last: Timestamp) -> Self {
        let month = last.to_zoned(TimeZone::UTC).date().first_of_month();
        let back = (0..).take(MONTH_COUNT).map(|back| Span::new().months(back));
        // Before the year -9999 there is no month; then there are fewer.
        let mut firsts: Vec<Date> = back.filter_map(|span| month.checked_sub(span).ok()).collect();
        firsts.reverse();
        let begin = |date: &Date| {
            let zoned = date.to_zoned(TimeZone::UTC);
            zoned.map_or(i64::MAX, |zoned| zoned.timestamp().as_millisecond())
        };
        Self { begins: firsts.iter().map(begin).collect(), firsts }
    }

    /// The bit of the month that a time is in. What comes after the last month counts there.
    pub(super) fn bit(&self, at_ms: i64) -> u16 {
        1 << self.begins.partition_point(|begin| *begin <= at_ms)
    }

    /// Sorts customers by their first month; each is given by the bits of its months.
    pub(super) fn cohorts(&self, customers: impl Iterator<Item = u16>) -> Cohorts {
        let count = self.firsts.len();
        let mut rows: Vec<Cohort> = self
            .firsts
            .iter()
            .enumerate()
            .map(|(place, month)| Cohort {
                month: *month,
                customer_count: 0,
                returned: vec![0; count - place],
            })
            .collect();
        let mut earlier_count = 0;
        for months in customers.filter(|months| *months != 0) {
            if months & BEFORE != 0 {
                earlier_count += 1;
                continue;
            }
            let first = months.trailing_zeros();
            let Some(row) = rows.get_mut(first as usize - 1) else { continue };
            row.customer_count += 1;
            for (since, returned) in row.returned.iter_mut().enumerate() {
                *returned += i64::from(months >> (first as usize + since) & 1);
            }
        }
        Cohorts { rows, earlier_count }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn months() -> Months {
        Months::up_to("2024-03-15T12:00:00Z".parse().unwrap())
    }

    #[track_caller]
    fn check_bit(at: &str, month: u32) {
        let at: Timestamp = at.parse().unwrap();
        assert_eq!(months().bit(at.as_millisecond()), 1 << month, "{at}");
    }

    #[test]
    fn months_begin_with_their_first_day_in_utc() {
        check_bit("2023-03-31T23:59:59.999Z", 0);
        check_bit("2023-04-01T00:00:00Z", 1);
        check_bit("2024-02-29T23:59:59Z", 11);
        check_bit("2024-03-01T00:00:00Z", 12);
        check_bit("2031-01-01T00:00:00Z", 12);
    }

    #[test]
    fn customers_belong_to_their_first_month_and_come_back_in_later_ones() {
        // Two came in February, one of whom came back; one came in March, one before all that.
        let bits = [1 << 11 | 1 << 12, 1 << 11, 1 << 12, 1 | 1 << 12, 0];
        let cohorts = months().cohorts(bits.into_iter());
        assert_eq!((cohorts.rows.len(), cohorts.earlier_count), (12, 1));
        let february = &cohorts.rows[10];
        assert_eq!(february.month, jiff::civil::date(2024, 2, 1));
        assert_eq!((february.customer_count, &february.returned[..]), (2, &[2, 1][..]));
        assert_eq!(
            (cohorts.rows[11].customer_count, &cohorts.rows[11].returned[..]),
            (1, &[1][..])
        );
        assert_eq!(cohorts.rows[0].returned.len(), 12);
    }
}
