//! What a part of a period costs, to the cent.

use super::calendar::Period;

/// Returns the part of an amount that falls to `part` of `whole`.
///
/// The result is `amount * part / whole` in whole seconds, rounded to the cent, halves away from
/// zero; so a credit and a charge over the same time cancel each other out exactly.
pub(super) fn share(amount: i64, part: Period, whole: Period) -> i64 {
    let (part, whole) = (part.seconds(), whole.seconds());
    if part == whole || whole <= 0 {
        return amount;
    }
    let exact = i128::from(amount) * i128::from(part);
    let (half, whole) = (i128::from(whole) / 2, i128::from(whole));
    // An odd number of seconds has no half: `half` is then rounded down and no tie can arise.
    let rounded = (exact.abs() + half) / whole * exact.signum();
    i64::try_from(rounded).unwrap_or(if rounded < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use proptest::prelude::*;

    use super::super::calendar::Moment;
    use super::*;

    fn period(start: i64, end: i64) -> Period {
        let moment = |seconds| Moment::of(Timestamp::from_second(seconds).unwrap());
        Period { start: moment(start), end: moment(end) }
    }

    #[track_caller]
    fn check(amount: i64, part: i64, whole: i64, expected: i64) {
        assert_eq!(share(amount, period(whole - part, whole), period(0, whole)), expected);
        assert_eq!(share(-amount, period(whole - part, whole), period(0, whole)), -expected);
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        check(1, 1, 2, 1);
        check(3, 1, 2, 2);
        check(1, 1, 3, 0);
        check(2, 1, 3, 1);
        check(1_000, 15, 31, 484);
    }

    #[test]
    fn all_of_a_period_costs_everything_and_none_of_it_nothing() {
        check(12_345, 31, 31, 12_345);
        check(12_345, 0, 31, 0);
    }

    proptest! {
        #[test]
        fn the_parts_of_a_period_cost_what_it_costs(
            amount in 0_i64..100_000_000,
            whole in 2_i64..40_000_000,
            cut in 0_i64..40_000_000,
        ) {
            let cut = cut % whole;
            let before = share(amount, period(0, cut), period(0, whole));
            let after = share(amount, period(cut, whole), period(0, whole));
            prop_assert!((before + after - amount).abs() <= 1);
        }
    }
}
