//! The figures of the papers, and those that other libraries find for the same customers.

use ciq_models::{BgNbd, Buying, GammaGamma, MbgNbd, ParetoNbd, Spending, lifetime_value};

use crate::cdnow;

/// The parameters that the paper has, to three digits.
const PAPER: BgNbd = BgNbd { r: 0.243, alpha: 4.414, a: 0.793, b: 2.426 };

/// How many weeks a month has.
const WEEKS_PER_MONTH: f64 = 4.345;

/// A customer of the paper.
const CUSTOMER: Buying = Buying { repeat_count: 2.0, last_at: 30.43, age: 38.86 };

#[track_caller]
fn check(actual: f64, expect: f64, margin: f64) {
    assert!((actual - expect).abs() <= margin, "{actual} is not {expect} ± {margin}");
}

/// Checks a number to so many digits.
#[track_caller]
fn check_digits(actual: f64, expect: f64, digits: i32) {
    check(actual / expect, 1.0, 0.5 * 10.0f64.powi(1 - digits));
}

fn buyings() -> Option<Vec<Buying>> {
    Some(cdnow::summary()?.into_iter().map(|(buying, _)| buying).collect())
}

fn spendings() -> Option<Vec<Spending>> {
    Some(cdnow::summary()?.into_iter().map(|(_, spending)| spending).collect())
}

#[test]
fn bg_nbd_has_the_parameters_of_the_paper() {
    let Some(buyings) = buyings() else { return };
    let fit = BgNbd::fit(&buyings).unwrap();
    check_digits(fit.model.r, 0.242_592_9, 5);
    check_digits(fit.model.alpha, 4.413_531_5, 5);
    check_digits(fit.model.a, 0.792_886_1, 5);
    check_digits(fit.model.b, 2.425_753_7, 5);
    check(fit.log_likelihood, -9_582.425_56, 1e-5);
    check(fit.model.log_likelihood(&buyings), fit.log_likelihood, 1e-8);
    check(PAPER.log_likelihood(&buyings), -9_582.426_83, 1e-5);
}

#[test]
fn mbg_nbd_has_the_parameters_of_r() {
    let Some(buyings) = buyings() else { return };
    let fit = MbgNbd::fit(&buyings).unwrap();
    // BTYDplus, an R package, finds these.
    check(fit.model.r, 0.525, 5e-4);
    check(fit.model.alpha, 6.183, 5e-4);
    check(fit.model.a, 0.891, 5e-4);
    check(fit.model.b, 1.614, 5e-4);
}

#[test]
fn pareto_nbd_has_the_parameters_of_the_paper() {
    let Some(buyings) = buyings() else { return };
    let fit = ParetoNbd::fit(&buyings).unwrap();
    check(fit.model.r, 0.553_27, 6e-5);
    check(fit.model.alpha, 10.577_7, 6e-4);
    check(fit.model.s, 0.606_26, 6e-5);
    check(fit.model.beta, 11.669_89, 3e-3);
    check(fit.log_likelihood, -9_594.973_93, 1e-5);
    // The note's own, to three digits, are next to as likely.
    let note = ParetoNbd { r: 0.553, alpha: 10.578, s: 0.606, beta: 11.669 };
    let less = fit.log_likelihood - note.log_likelihood(&buyings);
    assert!((0.0..1e-2).contains(&less), "{less}");
}

#[test]
fn gamma_gamma_has_the_parameters_of_the_note() {
    let Some(spendings) = spendings() else { return };
    let fit = GammaGamma::fit(&spendings).unwrap();
    check(fit.model.p, 6.248_8, 6e-5);
    check(fit.model.q, 3.744_6, 6e-5);
    check(fit.model.v, 15.447_8, 6e-4);
    check(fit.log_likelihood, -4_055.923_24, 1e-5);
}

#[test]
fn a_customer_comes_back_as_often_as_in_the_paper() {
    let Some(buyings) = buyings() else { return };
    let model = BgNbd::fit(&buyings).unwrap().model;
    check(model.expected_purchases_of(&CUSTOMER, 39.0), 1.225_91, 1e-5);
    check(model.probability_alive(&CUSTOMER), 0.726_61, 1e-5);
}

#[test]
fn a_new_customer_buys_as_often_as_in_the_paper() {
    let Some(buyings) = buyings() else { return };
    let model = BgNbd::fit(&buyings).unwrap().model;
    let times = [0.1429, 1.0, 3.0, 31.8571, 32.0, 78.0];
    let expect = [0.0078, 0.0532, 0.1506, 1.0405, 1.0437, 1.8576];
    for (time, expect) in times.into_iter().zip(expect) {
        check(model.expected_purchases(time), expect, 4e-4);
    }
}

#[test]
fn counts_are_as_likely_as_in_r() {
    check_digits(PAPER.probability_of_count(10, 2.0), 1.078_69e-7, 6);
    check(PAPER.probability_of_count(0, 39.0), 0.573_786_4, 1e-7);
    let expect = [
        0.001_999_521_4,
        0.001_517_023_6,
        0.001_163_315_0,
        0.000_900_314_8,
        0.000_702_363_8,
        0.000_551_790_2,
        0.000_436_191_3,
        0.000_346_717_1,
        0.000_276_961_3,
        0.000_222_226_0,
    ];
    for (count, expect) in (11..).zip(expect) {
        check(PAPER.probability_of_count(count, 30.0), expect, 1e-9);
    }
}

#[test]
fn mean_amounts_are_those_of_the_note() {
    let Some(spendings) = spendings() else { return };
    let model = GammaGamma::fit(&spendings).unwrap().model;
    let expect = [24.65, 18.91, 35.17, 35.17, 35.17, 71.46, 18.91, 35.17, 27.28, 35.17];
    for (spending, expect) in spendings.iter().zip(expect) {
        check(model.expected_mean(spending), expect, 0.01);
    }
}

#[test]
fn values_over_a_year_are_those_of_lifetimes() {
    let (Some(buyings), Some(spendings)) = (buyings(), spendings()) else { return };
    let buying = BgNbd::fit(&buyings).unwrap().model;
    let spending = GammaGamma::fit(&spendings).unwrap().model;
    for (i, expect) in [140.0962, 18.9435, 38.1806].into_iter().enumerate() {
        let mean = spending.expected_mean(&spendings[i]);
        // That library takes time to be in days unless told: its months have 30 of these weeks.
        let purchases =
            |weeks: f64| buying.expected_purchases_of(&buyings[i], weeks * 30.0 / WEEKS_PER_MONTH);
        check(lifetime_value(purchases, mean, 12, 0.01), expect, 1e-4);
    }
    for (i, expect) in [36.278_5, 4.637_5, 8.344_1].into_iter().enumerate() {
        let mean = spending.expected_mean(&spendings[i]);
        let purchases = |weeks: f64| buying.expected_purchases_of(&buyings[i], weeks);
        check(lifetime_value(purchases, mean, 12, 0.01), expect, 1e-4);
    }
}
