//! Exact fractions, so that a price per month is rounded once and not before.

/// Most characters of a decimal number: Stripe's have at most twelve decimals.
const DECIMAL_LENGTH_MAX: usize = 32;

/// An exact fraction. The denominator is positive and has no divisor in common with the numerator.
/// Arithmetic gives `None` beyond 128 bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    /// Nothing.
    pub(super) const ZERO: Self = Self { numerator: 0, denominator: 1 };

    /// Makes a fraction; `None` for a denominator that is not positive.
    pub(super) fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator <= 0 {
            return None;
        }
        let divisor = greatest_divisor(numerator.checked_abs()?, denominator);
        Some(Self { numerator: numerator / divisor, denominator: denominator / divisor })
    }

    /// Reads a decimal number, such as `1050.25`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (sign, digits) = match text.strip_prefix('-') {
            Some(digits) => (-1, digits),
            None => (1, text),
        };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let all = format!("{whole}{decimals}");
        let is_number = !whole.is_empty() && all.bytes().all(|byte| byte.is_ascii_digit());
        if !is_number || all.len() > DECIMAL_LENGTH_MAX {
            return None;
        }
        let scale = 10_i128.checked_pow(u32::try_from(decimals.len()).ok()?)?;
        Self::new(sign * all.parse::<i128>().ok()?, scale)
    }

    /// Adds.
    pub(super) fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    /// Multiplies.
    pub(super) fn times(self, other: Self) -> Option<Self> {
        let numerator = self.numerator.checked_mul(other.numerator)?;
        Self::new(numerator, self.denominator.checked_mul(other.denominator)?)
    }

    /// Returns the nearest whole number; of two equally near the one farther from nothing.
    pub(super) fn rounded(self) -> Option<i64> {
        let doubled =
            self.numerator.checked_abs()?.checked_mul(2)?.checked_add(self.denominator)?;
        let size = doubled / self.denominator.checked_mul(2)?;
        i64::try_from(size * self.numerator.signum()).ok()
    }
}

fn greatest_divisor(mut a: i128, mut b: i128) -> i128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a.max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn numbers_are_read_exactly_and_rounded_half_away_from_nothing() {
        for (text, rounded) in
            [("0", 0), ("10.5", 11), ("10.49999", 10), ("-10.5", -11), ("1000", 1_000), ("7.", 7)]
        {
            assert_eq!(Fraction::parse(text).unwrap().rounded(), Some(rounded), "{text}");
        }
        for text in ["", ".5", "-", "1e3", "1,5", "abc", "1.2.3", &"9".repeat(33)] {
            assert_eq!(Fraction::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_third_three_times_is_one() {
        let third = Fraction::new(1, 3).unwrap();
        let sum = third.plus(third).and_then(|sum| sum.plus(third));
        assert_eq!(sum, Fraction::new(1, 1));
        assert_eq!(third.times(Fraction::new(3, 1).unwrap()), Fraction::new(1, 1));
        assert_eq!(Fraction::new(1, 0), None);
    }

    proptest! {
        #[test]
        fn arithmetic_never_panics(a: i128, b: i128, c: i128, d: i128, text in "\\PC{0,40}") {
            let parsed = Fraction::parse(&text);
            prop_assert!(parsed.is_none_or(|parsed| parsed.denominator > 0));
            if let (Some(left), Some(right)) = (Fraction::new(a, b), Fraction::new(c, d)) {
                prop_assert_eq!(left.plus(right), right.plus(left));
                prop_assert_eq!(left.times(right), right.times(left));
                prop_assert!(left.rounded().is_none_or(|whole| i128::from(whole) <= a.max(0)));
            }
        }
    }
}
