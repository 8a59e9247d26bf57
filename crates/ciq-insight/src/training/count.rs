//! Counts as floats.

/// Returns a count as a float.
#[expect(clippy::cast_precision_loss, reason = "no memory holds 2^53 of anything")]
pub(super) const fn count(value: usize) -> f64 {
    value as f64
}

/// Returns 1 or 0.
pub(super) fn one_if(is: bool) -> f64 {
    f64::from(u8::from(is))
}

/// Returns the whole part; 0 for what is negative.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a cast saturates")]
pub(super) const fn whole(value: f64) -> usize {
    value as usize
}
