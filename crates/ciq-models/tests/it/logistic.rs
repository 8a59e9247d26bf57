//! Facts about logistic regression and calibration.

use ciq_models::{Calibration, Logistic, LogisticError, Matrix};
use proptest::prelude::*;

fn table(rows: &[&[f64]]) -> Matrix {
    Matrix::from_rows(&rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>())
}

/// One in four without the property, three in four with it: the odds ratio is nine.
fn two_groups() -> (Matrix, Vec<bool>) {
    let mut rows = Matrix::new(1);
    let mut labels = Vec::new();
    for number in 0..4_000 {
        rows.push(&[f64::from(number % 2)]);
        labels.push(if number % 2 == 0 { number % 8 == 0 } else { number % 8 != 1 });
    }
    (rows, labels)
}

#[track_caller]
fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

#[test]
fn without_a_penalty_the_rates_of_groups_are_found_exactly() {
    let (rows, labels) = two_groups();
    let model = Logistic::fit(&rows, &labels, 0.0).unwrap();
    close(model.probability(&[0.0]), 0.25, 1e-9);
    close(model.probability(&[1.0]), 0.75, 1e-9);
    let slope = model.weights[0] / model.scales[0];
    close(slope, 9.0_f64.ln(), 1e-8);
}

#[test]
fn the_fit_of_the_textbook_is_found() {
    // Hours of study and passing an exam: the example of the article "Logistic regression" in the
    // English Wikipedia, intercept -4.0777 and slope 1.5046.
    let hours = [
        0.5, 0.75, 1.0, 1.25, 1.5, 1.75, 1.75, 2.0, 2.25, 2.5, 2.75, 3.0, 3.25, 3.5, 4.0, 4.25,
        4.5, 4.75, 5.0, 5.5,
    ];
    let passed = [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 1, 1, 1, 1, 1];
    let rows = Matrix::from_rows(&hours.map(|hour| vec![hour]));
    let model = Logistic::fit(&rows, &passed.map(|passed| passed == 1), 0.0).unwrap();
    close(model.weights[0] / model.scales[0], 1.5046, 5e-5);
    close(model.log_odds(&[0.0]), -4.0777, 5e-5);
}

#[test]
fn a_column_that_never_changes_does_no_harm() {
    let (plain, labels) = two_groups();
    let wide: Vec<Vec<f64>> = plain.rows().map(|row| vec![row[0], 7.0, row[0]]).collect();
    let model = Logistic::fit(&Matrix::from_rows(&wide), &labels, 1.0).unwrap();
    close(model.probability(&[0.0, 7.0, 0.0]), 0.25, 1e-3);
    close(model.weights[1], 0.0, 1e-12);
    close(model.weights[0], model.weights[2], 1e-9);
}

#[test]
fn rows_that_separate_without_error_are_fitted_with_a_penalty() {
    let rows = table(&[&[1.0], &[2.0], &[3.0], &[4.0]]);
    let labels = [false, false, true, true];
    let model = Logistic::fit(&rows, &labels, 0.1).unwrap();
    assert!(model.probability(&[1.0]) < 0.2 && model.probability(&[4.0]) > 0.8, "{model:?}");
}

#[test]
fn what_cannot_be_fitted_is_refused() {
    let rows = table(&[&[1.0], &[2.0]]);
    let fit = |rows: &Matrix, labels: &[bool], penalty| Logistic::fit(rows, labels, penalty);
    let one_kind = LogisticError::OneKind { rows: 2, yes: 2 };
    assert_eq!(fit(&rows, &[true, true], 1.0), Err(one_kind));
    let lengths = LogisticError::Lengths { rows: 2, labels: 1 };
    assert_eq!(fit(&rows, &[true], 1.0), Err(lengths));
    assert_eq!(fit(&rows, &[true, false], -1.0), Err(LogisticError::NotFinite));
    let broken = table(&[&[1.0], &[f64::NAN]]);
    assert_eq!(fit(&broken, &[true, false], 1.0), Err(LogisticError::NotFinite));
    assert!(fit(&Matrix::new(1), &[], 1.0).is_err());
}

#[test]
fn a_model_is_the_same_after_a_trip_through_json() {
    let (rows, labels) = two_groups();
    let model = Logistic::fit(&rows, &labels, 1.0).unwrap();
    let text = serde_json::to_string(&model).unwrap();
    let back: Logistic = serde_json::from_str(&text).unwrap();
    close(back.probability(&[1.0]), model.probability(&[1.0]), 1e-12);
}

#[test]
fn calibration_undoes_too_much_confidence() {
    // Said 0.9 and 0.1; true were 0.7 and 0.3.
    let (mut scores, mut labels) = (Vec::new(), Vec::new());
    for number in 0..1_000 {
        scores.push(if number % 2 == 0 { 0.9 } else { 0.1 });
        labels.push(if number % 2 == 0 { number % 20 < 14 } else { number % 20 < 6 });
    }
    let calibration = Calibration::fit(&scores, &labels).unwrap();
    close(calibration.apply(0.9), 0.7, 1e-3);
    close(calibration.apply(0.1), 0.3, 1e-3);
    close(Calibration::NONE.apply(0.9), 0.9, 1e-12);
}

#[test]
fn scores_that_mislead_are_replaced_by_the_base_rate() {
    let scores = [0.9, 0.8, 0.2, 0.1];
    let calibration = Calibration::fit(&scores, &[false, false, true, false]).unwrap();
    close(calibration.apply(0.9), 0.25, 1e-9);
    close(calibration.apply(0.1), 0.25, 1e-9);
}

proptest! {
    #[test]
    fn predicted_and_true_rates_agree_whatever_the_rows(
        rows in prop::collection::vec((prop::array::uniform3(-9.0..9.0_f64), any::<bool>()), 4..60),
        penalty in 0.1..10.0_f64,
    ) {
        let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
        let matrix = Matrix::from_rows(&rows.iter().map(|row| row.0.to_vec()).collect::<Vec<_>>());
        let yes = labels.iter().filter(|label| **label).count();
        prop_assume!(yes > 0 && yes < labels.len());
        let model = Logistic::fit(&matrix, &labels, penalty).unwrap();
        // The intercept is not penalised: at the top, the chances sum to the number of yes.
        let sum: f64 = matrix.rows().map(|row| model.probability(row)).sum();
        let expected = f64::from(u32::try_from(yes).unwrap());
        prop_assert!((sum - expected).abs() < 1e-3, "{sum} {expected}");
    }

    #[test]
    fn calibration_keeps_the_order(
        pairs in prop::collection::vec((0.0..=1.0_f64, any::<bool>()), 3..60),
        (low, high) in (0.0..=1.0_f64, 0.0..=1.0_f64),
    ) {
        let (scores, labels): (Vec<f64>, Vec<bool>) = pairs.into_iter().unzip();
        let Ok(calibration) = Calibration::fit(&scores, &labels) else { return Ok(()) };
        let (low, high) = (low.min(high), low.max(high));
        prop_assert!(calibration.apply(low) <= calibration.apply(high));
        prop_assert!((0.0..=1.0).contains(&calibration.apply(low)));
    }
}
