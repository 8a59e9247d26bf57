//! The second 39 weeks of the sample, foretold from the first.

use ciq_models::{
    BgNbd, Buying, GammaGamma, MbgNbd, ParetoNbd, auc, correlation, mean_absolute_error, rmse,
    top_decile_capture,
};

use crate::cdnow::{self, Customer};

/// How long the future is, in weeks.
const HOLDOUT: f64 = 39.0;

/// How well a model foretells. The figures are those of the same models in a Python library, for
/// the same customers.
#[derive(Debug)]
struct Quality {
    /// The sum of all purchases foretold, over that of those made.
    total: f64,
    mean_error: f64,
    root_mean_square_error: f64,
    correlation: f64,
    /// How well the number foretold ranks those who bought above those who did not.
    ranking: f64,
    /// The same of the chance of not having left.
    ranking_alive: f64,
}

fn quality(
    customers: &[Customer],
    purchases: impl Fn(&Buying) -> f64,
    alive: impl Fn(&Buying) -> f64,
) -> Quality {
    let told: Vec<_> = customers.iter().map(|it| purchases(&it.buying)).collect();
    let alive: Vec<_> = customers.iter().map(|it| alive(&it.buying)).collect();
    let made: Vec<_> = customers.iter().map(|it| it.holdout_count).collect();
    let bought: Vec<_> = made.iter().map(|count| *count > 0.0).collect();
    Quality {
        total: told.iter().sum::<f64>() / made.iter().sum::<f64>(),
        mean_error: mean_absolute_error(&told, &made).unwrap(),
        root_mean_square_error: rmse(&told, &made).unwrap(),
        correlation: correlation(&told, &made).unwrap(),
        ranking: auc(&told, &bought).unwrap(),
        ranking_alive: auc(&alive, &bought).unwrap(),
    }
}

#[track_caller]
fn check(actual: f64, expect: f64) {
    assert!((actual - expect).abs() < 6e-4, "{actual} is not {expect}");
}

fn buyings(customers: &[Customer]) -> Vec<Buying> {
    customers.iter().map(|customer| customer.buying).collect()
}

#[test]
fn bg_nbd_foretells_as_well_as_elsewhere() {
    let Some(customers) = cdnow::sample() else { return };
    let model = BgNbd::fit(&buyings(&customers)).unwrap().model;
    let quality = quality(
        &customers,
        |buying| model.expected_purchases_of(buying, HOLDOUT),
        |buying| model.probability_alive(buying),
    );
    check(quality.total, 0.879);
    check(quality.mean_error, 0.7855);
    check(quality.root_mean_square_error, 1.608);
    check(quality.correlation, 0.6256);
    check(quality.ranking, 0.7725);
    // All who bought once count as alive, and few of them come back.
    check(quality.ranking_alive, 0.3158);
}

#[test]
fn mbg_nbd_foretells_as_well_as_elsewhere() {
    let Some(customers) = cdnow::sample() else { return };
    let model = MbgNbd::fit(&buyings(&customers)).unwrap().model;
    let quality = quality(
        &customers,
        |buying| model.expected_purchases_of(buying, HOLDOUT),
        |buying| model.probability_alive(buying),
    );
    check(quality.total, 0.838);
    check(quality.mean_error, 0.7648);
    check(quality.ranking, 0.7728);
    check(quality.ranking_alive, 0.6866);
}

#[test]
fn pareto_nbd_foretells_as_well_as_elsewhere() {
    let Some(customers) = cdnow::sample() else { return };
    let model = ParetoNbd::fit(&buyings(&customers)).unwrap().model;
    let quality = quality(
        &customers,
        |buying| model.expected_purchases_of(buying, HOLDOUT),
        |buying| model.probability_alive(buying),
    );
    check(quality.total, 0.885);
    check(quality.mean_error, 0.7545);
    check(quality.correlation, 0.6302);
    check(quality.ranking, 0.7787);
    check(quality.ranking_alive, 0.7262);
}

#[test]
fn the_tenth_with_the_greatest_forecast_spends_half() {
    let Some(customers) = cdnow::sample() else { return };
    let model = BgNbd::fit(&buyings(&customers)).unwrap().model;
    let spendings: Vec<_> = customers.iter().map(|customer| customer.spending).collect();
    let spending = GammaGamma::fit(&spendings).unwrap().model;
    let told = customers.iter().map(|customer| {
        let count = model.expected_purchases_of(&customer.buying, HOLDOUT);
        count * spending.expected_mean(&customer.spending)
    });
    let told: Vec<_> = told.collect();
    let spent: Vec<_> = customers.iter().map(|customer| customer.holdout_spend).collect();
    let total: f64 = told.iter().sum();
    let share = top_decile_capture(&told, &spent).unwrap();
    assert!((total - 59_932.0).abs() < 200.0, "{total}");
    assert!((share - 0.502).abs() < 0.005, "{share}");
}
