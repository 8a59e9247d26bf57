//! The papers' closed forms, where these have a value, against what is computed here otherwise.

use ciq_models::{BgNbd, Buying, MbgNbd, ParetoNbd};
use proptest::prelude::*;
use statrs::function::gamma::ln_gamma;

/// Gauss's hypergeometric function by its series, for positive arguments and z below 1.
fn hypergeometric(a: f64, b: f64, c: f64, z: f64) -> f64 {
    let (mut term, mut sum, mut before) = (1.0, 1.0, 0.0);
    while term > 1e-17 * sum && before < 100_000.0 {
        term *= (a + before) * (b + before) / ((c + before) * (1.0 + before)) * z;
        sum += term;
        before += 1.0;
    }
    sum
}

/// Checks that two numbers agree; a closed form is a difference, which loses digits.
fn agree(actual: f64, expect: f64, margin: f64) -> Result<(), TestCaseError> {
    prop_assert!((actual - expect).abs() <= margin * (1.0 + expect.abs()), "{actual} {expect}");
    Ok(())
}

fn buying() -> impl Strategy<Value = Buying> {
    (0u32..40, 0.01f64..1.0, 1.0f64..100.0).prop_map(|(count, part, age)| Buying {
        repeat_count: f64::from(count),
        last_at: if count > 0 { part * age } else { 0.0 },
        age,
    })
}

/// A number of any scale between two.
fn scale(from: f64, to: f64) -> impl Strategy<Value = f64> {
    (from.ln()..to.ln()).prop_map(f64::exp)
}

/// The parameters r, α, a and b, with a away from 1.
fn beta_geometric() -> impl Strategy<Value = [f64; 4]> {
    let a = scale(0.3, 5.0).prop_filter("no nought over nought", |a| (a - 1.0).abs() > 0.05);
    (scale(0.1, 5.0), scale(1.0, 30.0), a, scale(1.1, 5.0))
        .prop_map(|(r, alpha, a, b)| [r, alpha, a, b])
}

proptest! {
    #[test]
    fn bg_nbd_has_equation_10(
        [r, alpha, a, b] in beta_geometric(), buying in buying(), time in 0.1f64..50.0,
    ) {
        let model = BgNbd { r, alpha, a, b };
        let Buying { repeat_count: x, last_at, age } = buying;
        let z = time / (alpha + age + time);
        let inner = hypergeometric(r + x, b + x, a + b + x - 1.0, z) * (1.0 - z).powf(r + x);
        let odds = ((alpha + age) / (alpha + last_at)).powf(r + x) * a / (b + x - 1.0);
        let left = if x > 0.0 { odds } else { 0.0 };
        let expect = (a + b + x - 1.0) / (a - 1.0) * (1.0 - inner) / (1.0 + left);
        agree(model.expected_purchases_of(&buying, time), expect, 1e-8)?;
        agree(model.probability_alive(&buying), 1.0 / (1.0 + left), 1e-9)?;
    }

    #[test]
    fn mbg_nbd_has_its_closed_form(
        [r, alpha, a, b] in beta_geometric(), buying in buying(), time in 0.1f64..50.0,
    ) {
        let model = MbgNbd { r, alpha, a, b };
        let Buying { repeat_count: x, last_at, age } = buying;
        let z = time / (alpha + age + time);
        let inner = hypergeometric(r + x, b + x + 1.0, a + b + x, z) * (1.0 - z).powf(r + x);
        let left = ((alpha + age) / (alpha + last_at)).powf(r + x) * a / (b + x);
        let expect = (a + b + x) / (a - 1.0) * (1.0 - inner) / (1.0 + left);
        agree(model.expected_purchases_of(&buying, time), expect, 1e-8)?;
        agree(model.probability_alive(&buying), 1.0 / (1.0 + left), 1e-9)?;
    }

    #[test]
    fn pareto_nbd_has_equation_18(
        (r, alpha, s, beta) in (scale(0.1, 5.0), scale(1.0, 30.0), scale(0.1, 5.0), scale(1.0, 30.0)),
        buying in buying(),
    ) {
        let model = ParetoNbd { r, alpha, s, beta };
        let Buying { repeat_count: x, last_at, age } = buying;
        let n = r + s + x;
        let (most, second) = if alpha < beta { (beta, r + x) } else { (alpha, s + 1.0) };
        let of = |time: f64| {
            let z = (alpha - beta).abs() / (most + time);
            hypergeometric(n, second, n + 1.0, z) / (most + time).powf(n)
        };
        let a_0 = of(last_at) - of(age);
        let stayed = (alpha + age).powf(-r - x) * (beta + age).powf(-s);
        let either = stayed + s / n * a_0;
        // Where the closed form is a difference of nearly equal numbers it has no digits.
        prop_assume!(a_0 > 1e-4 * of(age) && either.is_normal() && stayed.is_normal());
        let gammas = ln_gamma(r + x) - ln_gamma(r) + r * alpha.ln() + s * beta.ln();
        agree(model.log_likelihood(&[buying]), gammas + either.ln(), 1e-8)?;
        agree(model.probability_alive(&buying), stayed / either, 1e-8)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn counts_have_the_expected_mean(
        [r, alpha, a, b] in beta_geometric(), ratio in 0.01f64..4.0,
    ) {
        let model = BgNbd { r, alpha, a, b };
        let time = ratio * alpha;
        let counts = 0..400u32;
        let chances: Vec<_> = counts.map(|count| model.probability_of_count(count, time)).collect();
        prop_assert!((chances.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        let mean: f64 = chances.iter().zip(0u32..).map(|(chance, count)| chance * f64::from(count)).sum();
        agree(mean, model.expected_purchases(time), 1e-7)?;
    }
}
