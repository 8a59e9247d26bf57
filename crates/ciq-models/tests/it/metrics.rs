//! Facts about measures and pictures.

use ciq_models::{
    CalibrationBin, auc, brier, calibration_error, calibration_svg, calibration_table, correlation,
    gain_curve, gain_svg, lift_svg, mean_absolute_error, rmse, top_decile_capture,
};
use proptest::prelude::*;

#[track_caller]
fn close(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?}: {expected}");
}

#[test]
fn the_area_counts_pairs_in_order() {
    let labels = [false, false, true, true];
    close(auc(&[0.1, 0.4, 0.35, 0.8], &labels), 0.75);
    close(auc(&[0.1, 0.2, 0.3, 0.4], &labels), 1.0);
    close(auc(&[0.4, 0.3, 0.2, 0.1], &labels), 0.0);
}

#[test]
fn a_tie_counts_half() {
    close(auc(&[0.5, 0.5], &[true, false]), 0.5);
    close(auc(&[0.0, -0.0, 1.0], &[true, false, true]), 0.75);
}

#[test]
fn without_both_kinds_there_is_no_area() {
    assert_eq!(auc(&[0.1, 0.2], &[true, true]), None);
    assert_eq!(auc(&[], &[]), None);
}

#[test]
fn errors_are_what_their_formulas_say() {
    close(brier(&[0.8, 0.4], &[true, false]), f64::midpoint(0.04, 0.16));
    close(mean_absolute_error(&[1.0, 5.0], &[2.0, 2.0]), 2.0);
    close(rmse(&[1.0, 5.0], &[2.0, 2.0]), 5.0_f64.sqrt());
    close(correlation(&[1.0, 2.0, 3.0], &[2.0, 4.0, 6.0]), 1.0);
    close(correlation(&[1.0, 2.0, 3.0], &[3.0, 3.0, 0.0]), -0.866_025_403_784_438_6);
    assert_eq!(correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
    assert_eq!(brier(&[], &[]), None);
}

#[test]
fn bins_hold_equally_many_and_ties_stay_together() {
    let chances = [0.1, 0.1, 0.1, 0.2, 0.6, 0.8];
    let labels = [false, true, false, false, true, true];
    let table = calibration_table(&chances, &labels, 3);
    let counts: Vec<usize> = table.iter().map(|bin| bin.count).collect();
    assert_eq!(counts, [3, 1, 2]);
    close(Some(table[0].rate), 1.0 / 3.0);
    close(Some(table[2].mean_score), 0.7);
    let expected = (3.0 * (1.0 / 3.0 - 0.1) + 0.2 + 2.0 * 0.3) / 6.0;
    close(calibration_error(&table), expected);
}

#[test]
fn the_top_tenth_of_ten_is_one() {
    let amounts: Vec<f64> = (0..10).map(f64::from).collect();
    close(top_decile_capture(&amounts, &amounts), 9.0 / 45.0);
    // Who scores all alike has picked nobody.
    close(top_decile_capture(&[1.0; 10], &amounts), 0.1);
    // Half a customer counts half.
    close(top_decile_capture(&[2.0, 1.0, 1.0, 1.0, 1.0], &[1.0, 0.0, 0.0, 0.0, 0.0]), 0.5);
    assert_eq!(top_decile_capture(&[1.0, 2.0], &[0.0, 0.0]), None);
}

#[test]
fn pictures_stand_alone_and_say_what_they_show() {
    let bins = [
        CalibrationBin { count: 90, mean_score: 0.05, rate: 0.04 },
        CalibrationBin { count: 10, mean_score: 0.41, rate: 0.5 },
    ];
    let curve = gain_curve(&[0.9, 0.5, 0.1], &[1.0, 1.0, 0.0], 4);
    let models = [("this & that", curve.clone()), ("other", curve)];
    for (picture, words) in [
        (calibration_svg(&bins, "Chances <b>"), ["Chances &lt;b&gt;", "10 customers", "0.1"]),
        (gain_svg(&models, "Gain"), ["<title>Gain</title>", "this &amp; that", "other"]),
        (lift_svg(&models, "Lift"), ["<title>Lift</title>", "times the mean", "other"]),
    ] {
        assert!(picture.starts_with("<svg xmlns=") && picture.ends_with("</svg>\n"), "{picture}");
        assert!(picture.contains("prefers-color-scheme:dark"));
        assert!(!picture.contains("href") && !picture.contains("NaN"), "{picture}");
        for word in words {
            assert!(picture.contains(word), "{word} in {picture}");
        }
    }
}

#[test]
fn pictures_of_nothing_are_empty_but_whole() {
    for picture in [calibration_svg(&[], "none"), gain_svg(&[], "none"), lift_svg(&[], "none")] {
        assert!(picture.ends_with("</svg>\n") && !picture.contains("NaN"), "{picture}");
    }
}

/// Scores of few values, so that there are ties.
fn scored() -> impl Strategy<Value = (Vec<f64>, Vec<bool>)> {
    prop::collection::vec((0..6_u8, any::<bool>()), 2..40)
        .prop_map(|pairs| pairs.into_iter().map(|(score, is)| (f64::from(score) / 5.0, is)).unzip())
}

proptest! {
    #[test]
    fn the_area_is_the_share_of_pairs((scores, labels) in scored()) {
        let of = |kind: bool| -> Vec<f64> {
            scores.iter().zip(&labels).filter(|pair| *pair.1 == kind).map(|pair| *pair.0).collect()
        };
        let (yes, no) = (of(true), of(false));
        let mut wins = 0.0;
        for a in &yes {
            wins += no.iter().map(|b| 0.5 + 0.5 * (a - b).signum() * f64::from((a - b).abs() > 0.0)).sum::<f64>();
        }
        let pairs = f64::from(u32::try_from(yes.len() * no.len()).unwrap());
        match auc(&scores, &labels) {
            Some(area) => prop_assert!((area - wins / pairs).abs() < 1e-12),
            None => prop_assert!(yes.is_empty() || no.is_empty()),
        }
    }

    #[test]
    fn every_score_is_in_one_bin((chances, labels) in scored(), bins in 1..20_usize) {
        let table = calibration_table(&chances, &labels, bins);
        prop_assert_eq!(table.iter().map(|bin| bin.count).sum::<usize>(), chances.len());
        prop_assert!(table.len() <= bins);
        prop_assert!(table.is_sorted_by(|a, b| a.mean_score < b.mean_score));
        let error = calibration_error(&table).unwrap();
        prop_assert!((0.0..=1.0).contains(&error));
    }

    #[test]
    fn a_gain_curve_rises_from_nothing_to_all((scores, labels) in scored()) {
        let amounts: Vec<f64> = labels.iter().map(|label| f64::from(*label)).collect();
        let curve = gain_curve(&scores, &amounts, 7);
        prop_assert!(curve.is_sorted_by(|a, b| a.amounts <= b.amounts + 1e-12));
        if let (Some(first), Some(last)) = (curve.first(), curve.last()) {
            prop_assert!(first.amounts.abs() < 1e-12 && (last.amounts - 1.0).abs() < 1e-12);
        }
    }
}
