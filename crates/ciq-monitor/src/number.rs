//! Conversions that the figures need.

/// Floats hold every whole number up to this: 2^53.
const EXACT_MAX: f64 = 9_007_199_254_740_992.0;

/// Returns a whole number as a float: exact up to 2^53, the nearest beyond.
#[expect(clippy::cast_precision_loss, reason = "figures beyond 2^53 need no last digit")]
pub(crate) fn float(value: i64) -> f64 {
    value as f64
}

/// Returns the whole number that a float is, if it is one.
pub(crate) fn whole(value: f64) -> Option<i64> {
    let is_whole = value.abs() <= EXACT_MAX && value.total_cmp(&value.trunc()).is_eq();
    is_whole.then(|| truncated(value))
}

/// Rounds to so many decimals.
pub(crate) fn rounded(value: f64, decimal_count: i32) -> f64 {
    let scale = 10_f64.powi(decimal_count);
    let scaled = (value * scale).round() / scale;
    if scaled.is_finite() { scaled } else { value }
}

/// Returns a share, 0 to 1, of so many points; the nearest limit beyond the limits.
pub(crate) fn share_of(points_max: u8, share: f64) -> u8 {
    let points = (f64::from(points_max) * share).round();
    u8::try_from(truncated(points)).map_or(0, |points| points.min(points_max))
}

#[expect(clippy::cast_possible_truncation, reason = "whole before, and `as` saturates")]
fn truncated(value: f64) -> i64 {
    value as i64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_float_is_a_whole_number() {
        assert_eq!(whole(23.0), Some(23));
        assert_eq!(whole(-2.0), Some(-2));
        for value in [0.5, 1e300, f64::NAN, f64::INFINITY] {
            assert_eq!(whole(value), None, "{value}");
        }
    }

    #[test]
    fn a_share_stays_within_its_limits() {
        assert_eq!([0.0, 0.26, 0.5, 1.0].map(|share| share_of(10, share)), [0, 3, 5, 10]);
        assert_eq!([-0.5, 2.0, f64::NAN].map(|share| share_of(10, share)), [0, 10, 0]);
    }

    #[test]
    fn rounding_keeps_what_cannot_be_scaled() {
        assert!((rounded(0.123_456, 3) - 0.123).abs() < 1e-12);
        assert!(rounded(f64::MAX, 6).is_finite());
    }
}
