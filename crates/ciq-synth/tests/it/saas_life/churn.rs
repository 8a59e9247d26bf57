//! Can leaving be foreseen? As well as with real customers, not better.

use ciq_synth::Seed;

use super::logistic::Model;
use super::statistics::area_under_curve;
use super::tally::{DAY_MS, Tally, UserDay, place};

/// Features are from these days; the label is whether a user leaves in the days after them.
const SEEN_DAYS: usize = 60;
const LABEL_DAYS: usize = 30;

/// Folds of the cross-validation.
const FOLDS: usize = 5;

/// What was found.
#[derive(Debug)]
pub(super) struct Foresight {
    pub(super) rows: usize,
    pub(super) left: usize,
    pub(super) area: f64,
    pub(super) area_by_segment: f64,
    pub(super) area_of_best_feature: f64,
    pub(super) best_feature: &'static str,
    pub(super) area_shuffled: f64,
    pub(super) brier_ratio: f64,
    pub(super) calibration_slope: f64,
}

type Row = (Vec<f64>, bool);

/// Learns from the first days of a history who leaves in the days that follow.
pub(super) fn foresight(tally: &Tally) -> Foresight {
    let start_ms = tally.start_ms();
    let seen_ms = start_ms + SEEN_DAYS as i64 * DAY_MS;
    let label_ms = seen_ms + LABEL_DAYS as i64 * DAY_MS;
    let is_there = |user: &usize| {
        let truth = &tally.truths[*user];
        truth.joined_ms < seen_ms && truth.left_ms.is_none_or(|left_ms| left_ms >= seen_ms)
    };
    let users: Vec<usize> = (0..tally.truths.len()).filter(is_there).collect();
    let leaves = |user: usize| tally.truths[user].left_ms.is_some_and(|at_ms| at_ms < label_ms);
    let row = |user: &usize| (features(&tally.days_of(*user)[..SEEN_DAYS]), leaves(*user));
    let rows: Vec<Row> = users.iter().map(row).collect();
    let by_segment: Vec<_> = users
        .iter()
        .map(|user| (place(tally.truths[*user].segment) as f64, leaves(*user)))
        .collect();
    let scored = cross_validated(&rows);
    let (area_of_best_feature, best_feature) = best_feature(&rows);
    Foresight {
        rows: rows.len(),
        left: rows.iter().filter(|row| row.1).count(),
        area: area_under_curve(&scored),
        area_by_segment: area_under_curve(&by_segment),
        area_of_best_feature,
        best_feature,
        area_shuffled: area_under_curve(&cross_validated(&shuffled(&rows))),
        brier_ratio: brier_ratio(&scored),
        calibration_slope: calibration_slope(&scored),
    }
}

/// The names of the features.
const NAMES: [&str; 14] = [
    "sessions 60 d",
    "sessions 28 d",
    "sessions 7 d",
    "trend of sessions",
    "days since the last session",
    "features 28 d",
    "features per session",
    "tickets 28 d",
    "negative tickets 28 d",
    "share of negative tickets",
    "declines 28 d",
    "failed renewals 60 d",
    "declines 9 d",
    "features per session, 21 d",
];

/// What can be seen of a user.
fn features(days: &[UserDay]) -> Vec<f64> {
    let last = |count: usize| &days[days.len() - count..];
    let sum = |days: &[UserDay], of: fn(&UserDay) -> f64| days.iter().map(of).sum::<f64>();
    let sessions = |days: &[UserDay]| sum(days, |day| f64::from(day.sessions));
    let used = |days: &[UserDay]| sum(days, |day| f64::from(day.features));
    let tickets = |days: &[UserDay]| sum(days, |day| f64::from(day.tickets));
    let negative = |days: &[UserDay]| sum(days, |day| f64::from(day.negative));
    let recency = days.iter().rev().take_while(|day| day.sessions == 0).count() as f64;
    let before = &days[..days.len() - 21];
    let usual = (sessions(before) + 1.0) / before.len() as f64;
    let trend = ((sessions(last(21)) + 1.0) / 21.0 / usual).ln();
    vec![
        sessions(days).ln_1p(),
        sessions(last(28)).ln_1p(),
        sessions(last(7)).ln_1p(),
        trend,
        recency.ln_1p(),
        used(last(28)).ln_1p(),
        (used(days) + 1.0) / (sessions(days) + 1.0),
        tickets(last(28)),
        negative(last(28)),
        (negative(days) + 0.5) / (tickets(days) + 1.0),
        sum(last(28), |day| f64::from(day.declines)),
        sum(days, |day| f64::from(day.failures)),
        sum(last(9), |day| f64::from(day.declines + day.failures)),
        (used(last(21)) + 8.0) / (sessions(last(21)) + 1.0),
    ]
}

/// Scores every row by a model that has not seen it.
fn cross_validated(rows: &[Row]) -> Vec<(f64, bool)> {
    let mut scored = Vec::new();
    for fold in 0..FOLDS {
        let is_held_out = |place: usize| place % FOLDS == fold;
        let learn = rows.iter().enumerate().filter(|(place, _)| !is_held_out(*place));
        let model = Model::fit(&learn.map(|(_, row)| row.clone()).collect::<Vec<_>>());
        let test = rows.iter().enumerate().filter(|(place, _)| is_held_out(*place));
        scored.extend(test.map(|(_, (features, label))| (model.chance(features), *label)));
    }
    scored
}

/// The feature that tells most by itself, either way round.
fn best_feature(rows: &[Row]) -> (f64, &'static str) {
    let area = |(place, name): (usize, &'static str)| {
        let scored: Vec<_> =
            rows.iter().map(|(features, label)| (features[place], *label)).collect();
        let area = area_under_curve(&scored);
        (area.max(1.0 - area), name)
    };
    NAMES.into_iter().enumerate().map(area).max_by(|a, b| a.0.total_cmp(&b.0)).unwrap()
}

/// The same rows with each other's labels.
fn shuffled(rows: &[Row]) -> Vec<Row> {
    let mut labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
    ciq_synth::chance::shuffle(&mut Seed::new(1).stream("labels", 0), &mut labels);
    rows.iter().zip(labels).map(|((features, _), label)| (features.clone(), label)).collect()
}

/// The mean square error over that of always saying the base rate (Brier 1950).
fn brier_ratio(scored: &[(f64, bool)]) -> f64 {
    let base = scored.iter().filter(|row| row.1).count() as f64 / scored.len() as f64;
    let error = |chance: f64, label: bool| (chance - f64::from(label)).powi(2);
    let sum: f64 = scored.iter().map(|(chance, label)| error(*chance, *label)).sum();
    sum / scored.iter().map(|(_, label)| error(base, *label)).sum::<f64>()
}

/// The slope of a logistic regression of the label on the log-odds (Cox 1958): 1 is calibrated.
fn calibration_slope(scored: &[(f64, bool)]) -> f64 {
    let log_odds = |chance: f64| (chance / (1.0 - chance)).ln();
    let rows: Vec<Row> =
        scored.iter().map(|(chance, label)| (vec![log_odds(*chance)], *label)).collect();
    let model = Model::fit(&rows);
    log_odds(model.chance(&[1.0])) - log_odds(model.chance(&[0.0]))
}
