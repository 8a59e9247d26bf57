//! Gamma functions, as these models need them.

use statrs::function::gamma::{digamma, ln_gamma};

/// Up to here a rising factorial is multiplied out: exact, and no slower than two gamma functions.
const FACTOR_COUNT_MAX: f64 = 32.0;

/// Returns the natural logarithm of Γ(z + n) / Γ(z), for z > 0 and n >= 0, and its derivative by z.
///
/// A difference of two gamma functions would lose its digits where z is great.
pub(crate) fn ln_rising(z: f64, n: f64) -> (f64, f64) {
    if n > FACTOR_COUNT_MAX || n.fract() != 0.0 {
        return (ln_gamma(z + n) - ln_gamma(z), digamma(z + n) - digamma(z));
    }
    let (mut ln, mut derivative, mut before) = (0.0, 0.0, 0.0);
    while before < n {
        let factor = z + before;
        ln += factor.ln();
        derivative += factor.recip();
        before += 1.0;
    }
    (ln, derivative)
}

/// Returns (1 - e^(-z h)) / z, which is h where z is zero: a discount over the time h at the rate z.
pub(crate) fn discounted(z: f64, h: f64) -> f64 {
    if (z * h).abs() < 1e-12 { h } else { -(-z * h).exp_m1() / z }
}

/// Returns ln(1 + e^z) and the share e^z / (1 + e^z), for any z.
pub(crate) fn softplus(z: f64) -> (f64, f64) {
    let e = (-z.abs()).exp();
    let (less, more) = (e / (1.0 + e), (1.0 + e).recip());
    (z.max(0.0) + e.ln_1p(), if z < 0.0 { less } else { more })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rising_factorial_is_the_product() {
        let (ln, derivative) = ln_rising(0.5, 3.0);
        assert!((ln - (0.5f64 * 1.5 * 2.5).ln()).abs() < 1e-15);
        assert!((derivative - (2.0 + 1.0 / 1.5 + 0.4)).abs() < 1e-15);
        assert_eq!(ln_rising(0.5, 0.0), (0.0, 0.0));
        assert_eq!(ln_rising(1e20, 1.0), (1e20f64.ln(), 1e-20));
    }

    #[test]
    fn the_two_ways_of_a_rising_factorial_agree() {
        for z in [0.01, 0.3, 7.0, 450.0] {
            let (product, sum) = ln_rising(z, 32.0);
            assert!((product - (ln_gamma(z + 32.0) - ln_gamma(z))).abs() < 1e-11, "{z}");
            assert!((sum - (digamma(z + 32.0) - digamma(z))).abs() < 1e-11, "{z}");
        }
    }

    #[test]
    fn no_discount_is_the_time() {
        assert!((discounted(0.0, 3.0) - 3.0).abs() < 1e-15);
        assert!((discounted(1e-9, 3.0) - 3.0).abs() < 1e-8);
        assert!((discounted(0.5, 2.0) - (1.0 - (-1.0f64).exp()) / 0.5).abs() < 1e-15);
        assert!((discounted(-0.5, 2.0) - (1.0f64.exp() - 1.0) / 0.5).abs() < 1e-15);
    }

    #[test]
    fn a_soft_plus_does_not_overflow() {
        assert_eq!(softplus(0.0), (2.0f64.ln(), 0.5));
        assert_eq!(softplus(1e4), (1e4, 1.0));
        assert_eq!(softplus(-1e4), (0.0, 0.0));
    }
}
