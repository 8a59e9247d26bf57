//! Customers and parameters at the edges: what has no answer says so, all else is a number.

use ciq_models::{
    BgNbd, Buying, CUSTOMER_COUNT_MIN, FitError, GammaGamma, MbgNbd, ParetoNbd, Spending,
};
use proptest::prelude::*;

use crate::population::Population;

/// Who the made-up customers are.
const PARETO: ParetoNbd = ParetoNbd { r: 0.5533, alpha: 10.578, s: 0.6063, beta: 11.670 };
const BG: BgNbd = BgNbd { r: 0.2426, alpha: 4.4135, a: 0.7929, b: 2.4258 };

fn once(count: usize) -> Vec<Buying> {
    vec![Buying { repeat_count: 0.0, last_at: 0.0, age: 10.0 }; count]
}

#[track_caller]
fn check_errors(buyings: &[Buying], expect: FitError) {
    assert_eq!(BgNbd::fit(buyings).unwrap_err(), expect);
    assert_eq!(MbgNbd::fit(buyings).unwrap_err(), expect);
    assert_eq!(ParetoNbd::fit(buyings).unwrap_err(), expect);
}

#[track_caller]
fn check_near(actual: f64, expect: f64, margin: f64) {
    assert!((actual / expect - 1.0).abs() < margin, "{actual} is not {expect}");
}

#[test]
fn one_customer_is_not_enough() {
    let alone = [Buying { repeat_count: 3.0, last_at: 5.0, age: 10.0 }];
    let customer_count_min = CUSTOMER_COUNT_MIN;
    check_errors(&alone, FitError::NotEnough { customer_count: 1, customer_count_min });
    check_errors(&[], FitError::NotEnough { customer_count: 0, customer_count_min });
    let error = GammaGamma::fit(&[Spending { repeat_count: 3.0, mean: 10.0 }]).unwrap_err();
    assert_eq!(error, FitError::NotEnough { customer_count: 1, customer_count_min });
    let text = "not enough history: 1 customers of use, at least 10 are needed";
    assert_eq!(error.to_string(), text);
}

#[test]
fn nothing_is_known_of_coming_back_where_nobody_has() {
    check_errors(&once(100), FitError::NoRepeats);
    let spendings = [Spending::default(); 100];
    assert_eq!(GammaGamma::fit(&spendings).unwrap_err(), FitError::NoRepeats);
}

#[test]
fn what_cannot_be_is_named_by_its_position() {
    let impossible = [
        Buying { repeat_count: 1.0, last_at: 11.0, age: 10.0 },
        Buying { repeat_count: 0.0, last_at: 1.0, age: 10.0 },
        Buying { repeat_count: -1.0, last_at: 0.0, age: 10.0 },
        Buying { repeat_count: 1.0, last_at: f64::NAN, age: 10.0 },
        Buying { repeat_count: 1.0, last_at: 1.0, age: f64::INFINITY },
    ];
    for buying in impossible {
        let mut buyings = once(20);
        buyings[7] = buying;
        check_errors(&buyings, FitError::Impossible { position: 7 });
    }
    let mut spendings = [Spending { repeat_count: 1.0, mean: 10.0 }; 20];
    spendings[3].mean = -1.0;
    assert_eq!(GammaGamma::fit(&spendings).unwrap_err(), FitError::Impossible { position: 3 });
}

#[test]
fn amounts_that_are_all_the_same_have_no_best_fit() {
    let spendings = [Spending { repeat_count: 2.0, mean: 10.0 }; 50];
    let result = GammaGamma::fit(&spendings);
    assert!(matches!(result, Err(FitError::Diverged { .. })), "{result:?}");
}

#[test]
fn without_a_mean_the_expected_amount_is_infinite() {
    let model = GammaGamma { p: 2.0, q: 0.9, v: 10.0 };
    let [once, twice] = [0.0, 1.0].map(|repeat_count| Spending { repeat_count, mean: 5.0 });
    assert!(model.expected_mean(&once).is_infinite());
    check_near(model.expected_mean(&twice), 2.0 * 15.0 / 1.9, 1e-12);
}

#[test]
fn one_customer_with_a_million_purchases_does_no_harm() {
    let mut population = Population::new(5);
    let mut buyings: Vec<_> = (0..2_000).map(|_| population.pareto_nbd(&PARETO)).collect();
    buyings.push(Buying { repeat_count: 1e6, last_at: 38.999_99, age: 39.0 });
    let bg = BgNbd::fit(&buyings).unwrap();
    let mbg = MbgNbd::fit(&buyings).unwrap();
    let pareto = ParetoNbd::fit(&buyings).unwrap();
    let likelihoods = [bg.log_likelihood, mbg.log_likelihood, pareto.log_likelihood];
    assert!(likelihoods.iter().all(|it| it.is_finite()), "{likelihoods:?}");
    let much = buyings[2_000];
    check_near(bg.model.expected_purchases_of(&much, 1.0), 1e6 / 39.0, 0.2);
    check_near(pareto.model.expected_purchases_of(&much, 1.0), 1e6 / 39.0, 0.2);
}

#[test]
fn a_great_population_has_the_parameters_it_was_drawn_with() {
    let mut population = Population::new(7);
    let buyings: Vec<_> = (0..60_000).map(|_| population.bg_nbd(&BG)).collect();
    let BgNbd { r, alpha, a, b } = BgNbd::fit(&buyings).unwrap().model;
    check_near(r, BG.r, 0.05);
    check_near(alpha, BG.alpha, 0.05);
    check_near(a, BG.a, 0.15);
    check_near(b, BG.b, 0.2);
}

#[test]
fn those_who_leave_at_any_time_are_known_too() {
    let mut population = Population::new(7);
    let buyings: Vec<_> = (0..20_000).map(|_| population.pareto_nbd(&PARETO)).collect();
    let ParetoNbd { r, alpha, s, beta } = ParetoNbd::fit(&buyings).unwrap().model;
    check_near(r, PARETO.r, 0.1);
    check_near(alpha, PARETO.alpha, 0.1);
    check_near(s / beta, PARETO.s / PARETO.beta, 0.2);
}

#[test]
fn the_unit_of_time_is_of_no_matter() {
    let mut population = Population::new(3);
    let weeks: Vec<_> = (0..1_000).map(|_| population.pareto_nbd(&PARETO)).collect();
    let second = 1.0 / 604_800.0;
    let in_seconds =
        |it: &Buying| Buying { last_at: it.last_at / second, age: it.age / second, ..*it };
    let seconds: Vec<_> = weeks.iter().map(in_seconds).collect();
    let (slow, quick) = (BgNbd::fit(&weeks).unwrap().model, BgNbd::fit(&seconds).unwrap().model);
    check_near(quick.r, slow.r, 1e-4);
    check_near(quick.alpha * second, slow.alpha, 1e-4);
    let (slow, quick) =
        (ParetoNbd::fit(&weeks).unwrap().model, ParetoNbd::fit(&seconds).unwrap().model);
    check_near(quick.r, slow.r, 1e-4);
    check_near(quick.beta * second, slow.beta, 1e-4);
}

#[test]
fn no_neighbour_is_likelier() {
    let mut population = Population::new(11);
    let buyings: Vec<_> = (0..1_000).map(|_| population.pareto_nbd(&PARETO)).collect();
    let fit = ParetoNbd::fit(&buyings).unwrap();
    let ParetoNbd { r, alpha, s, beta } = fit.model;
    for factor in [0.99, 1.01] {
        for model in [
            ParetoNbd { r: r * factor, ..fit.model },
            ParetoNbd { alpha: alpha * factor, ..fit.model },
            ParetoNbd { s: s * factor, ..fit.model },
            ParetoNbd { beta: beta * factor, ..fit.model },
        ] {
            assert!(model.log_likelihood(&buyings) < fit.log_likelihood, "{model:?}");
        }
    }
}

#[test]
fn a_model_survives_being_written_down() {
    let text = serde_json::to_string(&PARETO).unwrap();
    assert_eq!(text, r#"{"r":0.5533,"alpha":10.578,"s":0.6063,"beta":11.67}"#);
    assert_eq!(serde_json::from_str::<ParetoNbd>(&text).unwrap(), PARETO);
}

/// A number of any scale.
fn scale() -> impl Strategy<Value = f64> {
    (-9.0f64..9.0).prop_map(f64::exp)
}

fn buying(count_max: u32) -> impl Strategy<Value = Buying> {
    (0..count_max, 0.0f64..1.0, 0.0f64..500.0).prop_map(|(count, part, age)| Buying {
        repeat_count: f64::from(count),
        last_at: if count > 0 { part * age } else { 0.0 },
        age,
    })
}

/// Checks that a chance is one and that forecasts are numbers that grow with the time.
fn check_forecasts(alive: f64, forecasts: &[f64]) -> Result<(), TestCaseError> {
    prop_assert!((0.0..=1.0).contains(&alive), "{alive}");
    prop_assert!(forecasts.iter().all(|it| it.is_finite() && *it >= 0.0), "{forecasts:?}");
    prop_assert!(
        forecasts.windows(2).all(|pair| pair[0] <= pair[1] * (1.0 + 1e-9)),
        "{forecasts:?}"
    );
    Ok(())
}

/// Times of which each is longer than the one before.
const TIMES: [f64; 5] = [0.0, 0.01, 4.0, 52.0, 5_200.0];

proptest! {
    #[test]
    fn whatever_the_parameters_are_forecasts_are_numbers(
        (one, two, three, four) in (scale(), scale(), scale(), scale()), buying in buying(100_000),
    ) {
        let bg = BgNbd { r: one, alpha: two, a: three, b: four };
        let forecasts = TIMES.map(|time| bg.expected_purchases_of(&buying, time));
        check_forecasts(bg.probability_alive(&buying), &forecasts)?;
        let mbg = MbgNbd { r: one, alpha: two, a: three, b: four };
        let forecasts = TIMES.map(|time| mbg.expected_purchases_of(&buying, time));
        check_forecasts(mbg.probability_alive(&buying), &forecasts)?;
        let pareto = ParetoNbd { r: one, alpha: two, s: three, beta: four };
        let forecasts = TIMES.map(|time| pareto.expected_purchases_of(&buying, time));
        check_forecasts(pareto.probability_alive(&buying), &forecasts)?;
        let customers = [buying];
        let (bg, mbg) = (bg.log_likelihood(&customers), mbg.log_likelihood(&customers));
        prop_assert!(bg.is_finite() && mbg.is_finite(), "{bg} {mbg}");
        prop_assert!(pareto.log_likelihood(&customers).is_finite());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_fit_ends_whoever_the_customers_are(
        buyings in proptest::collection::vec(buying(6), 10..40),
    ) {
        let is_known = |error: FitError| {
            matches!(error, FitError::NoRepeats | FitError::Diverged { .. })
        };
        prop_assert!(BgNbd::fit(&buyings).map_or_else(is_known, |fit| fit.log_likelihood.is_finite()));
        prop_assert!(MbgNbd::fit(&buyings).map_or_else(is_known, |fit| fit.log_likelihood.is_finite()));
        prop_assert!(ParetoNbd::fit(&buyings).map_or_else(is_known, |fit| fit.log_likelihood.is_finite()));
    }

    #[test]
    fn the_order_of_customers_is_of_no_matter(
        buyings in proptest::collection::vec(buying(6), 10..40).prop_shuffle(),
    ) {
        let mut sorted = buyings.clone();
        sorted.sort_by(|a, b| a.age.total_cmp(&b.age));
        prop_assert_eq!(BgNbd::fit(&buyings), BgNbd::fit(&sorted));
        let likelihoods = [&buyings, &sorted].map(|it| BG.log_likelihood(it).to_bits());
        prop_assert_eq!(likelihoods[0], likelihoods[1]);
    }
}
