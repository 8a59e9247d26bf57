//! A population looks like people: measures of effect, with bounds.
//!
//! With millions of events any test of significance rejects everything: bounds are on how large a
//! difference is.

use ciq_synth::saas::{HOURS_WEEKDAY, HOURS_WEEKEND, LeavingReason};

use super::churn::{Foresight, foresight};
use super::statistics::{
    autocorrelation, correlation, gini, negative_binomial, peak_over_trough, top_tenth_share,
    total_variation,
};
use super::tally::{DAY_MS, Tally, place};

/// One measured figure and its bounds.
struct Figure {
    name: String,
    value: f64,
    least: f64,
    most: f64,
}

impl Figure {
    fn is_within(&self) -> bool {
        (self.least..=self.most).contains(&self.value)
    }
}

/// Collects figures.
#[derive(Default)]
struct Figures(Vec<Figure>);

impl Figures {
    fn add(&mut self, name: impl Into<String>, value: f64, bounds: [f64; 2]) {
        let [least, most] = bounds;
        self.0.push(Figure { name: name.into(), value, least, most });
    }

    /// Prints a table that can be copied into a document.
    fn print(&self) {
        println!("| figure | measured | least | most | |\n|---|---|---|---|---|");
        for figure in &self.0 {
            let Figure { name, value, least, most } = figure;
            let note = if figure.is_within() { "" } else { "OUT" };
            println!("| {name} | {value:.4} | {least:.2} | {most:.2} | {note} |");
        }
    }

    #[track_caller]
    fn check(&self) {
        let astray = self.0.iter().filter(|figure| !figure.is_within());
        let names: Vec<&str> = astray.map(|figure| figure.name.as_str()).collect();
        assert!(names.is_empty(), "out of bounds: {names:?}");
    }
}

const ANY: [f64; 2] = [f64::NEG_INFINITY, f64::INFINITY];

#[test]
fn a_population_looks_like_people() {
    let tally = Tally::of(&super::settings(20_000, 90));
    let mut figures = Figures::default();
    add_order(&tally, &mut figures);
    add_rhythm(&tally, &mut figures);
    add_sessions(&tally, &mut figures);
    add_bias(&tally, &mut figures);
    add_leaving(&tally, &mut figures);
    add_foresight(&foresight(&tally), &mut figures);
    figures.print();
    figures.check();
}

fn add_order(tally: &Tally, figures: &mut Figures) {
    let outside = tally.features_outside as f64 / tally.features as f64;
    figures.add("events", tally.events as f64, ANY);
    figures.add("feature used outside a session", outside, [0.0, 0.001]);
    figures.add("answer outside its ticket", tally.replies_astray as f64, [0.0, 0.0]);
    figures.add("paid after leaving", tally.paid_after_leaving as f64, [0.0, 0.0]);
    figures.add("anything after leaving", tally.any_after_leaving as f64, [0.0, 0.0]);
}

fn add_rhythm(tally: &Tally, figures: &mut Figures) {
    for (name, hours, profile) in [
        ("weekday", &tally.local_hours[0], HOURS_WEEKDAY),
        ("weekend", &tally.local_hours[1], HOURS_WEEKEND),
    ] {
        let distance = total_variation(hours, &profile.map(f64::from));
        figures.add(format!("local hour of {name}, TV to profile"), distance, [0.0, 0.03]);
    }
    figures.add("UTC hour peak / trough", peak_over_trough(&tally.utc_hours), [2.0, 20.0]);
    figures.add("weekday max / min", peak_over_trough(&tally.weekdays), [1.6, 2.5]);
    figures.add("hourly ACF(24)", autocorrelation(&tally.hourly, 24), [0.45, 1.0]);
    figures.add("hourly ACF(168)", autocorrelation(&tally.hourly, 168), [0.60, 1.0]);
}

fn add_sessions(tally: &Tally, figures: &mut Figures) {
    let sum = |user| tally.days_of(user).iter().map(|day| u32::from(day.sessions)).sum::<u32>();
    let mut sessions: Vec<u32> = (0..tally.truths.len()).map(sum).collect();
    sessions.sort_unstable();
    let (r, distance) = negative_binomial(&sessions);
    let mean = f64::from(sessions.iter().sum::<u32>()) / sessions.len() as f64;
    figures.add("sessions per customer", mean, ANY);
    figures.add("sessions per customer, NBD r", r, [0.4, 1.5]);
    figures.add("sessions per customer, KS to NBD", distance, [0.0, 0.05]);
    figures.add("top tenth's share of sessions", top_tenth_share(&sessions), [0.35, 0.55]);
    figures.add("Gini of sessions", gini(&sessions), [0.50, 0.70]);
    let (mean, sigma) = tally.gaps.log_mean_and_sigma();
    let (log_normal, exponential) = tally.gaps.distances();
    figures.add("gap within a session, median s", mean.exp() / 1_000.0, [20.0, 30.0]);
    figures.add("gap within a session, sigma", sigma, [0.9, 1.3]);
    figures.add("gap within a session, KS to log-normal", log_normal, [0.0, 0.01]);
    figures.add("gap within a session, KS to exponential", exponential, [0.05, 1.0]);
}

fn add_bias(tally: &Tally, figures: &mut Figures) {
    let segments = ["power", "casual", "at_risk"];
    let share = |[all, some]: [u64; 2]| some as f64 / all as f64;
    for ((name, counts), target) in segments.iter().zip(tally.billing).zip([0.10, 0.25, 0.55]) {
        let bounds = [target - 0.02, target + 0.02];
        figures.add(format!("{name}: billing trouble"), share(counts), bounds);
    }
    for ((name, counts), target) in segments.iter().zip(tally.tickets).zip([0.15, 0.35, 0.60]) {
        let bounds = [target - 0.02, target + 0.02];
        figures.add(format!("{name}: negative tickets"), share(counts), bounds);
    }
    let tickets: u64 = tally.tickets.iter().map(|counts| counts[0]).sum();
    figures.add("tickets per customer-month", tickets as f64 / months(tally)[3], [0.3, 1.0]);
    let coupling = correlation(&tally.sentiments);
    figures.add("sentiment and health, correlation", coupling, [0.3, 0.6]);
}

/// The months that customers of each segment, and all, were there.
fn months(tally: &Tally) -> [f64; 4] {
    let mut months = [0.0; 4];
    let end_ms = tally.start_ms() + tally.days as i64 * DAY_MS;
    for truth in &tally.truths {
        let from_ms = truth.joined_ms.max(tally.start_ms());
        let until_ms = truth.left_ms.unwrap_or(end_ms);
        let stay = (until_ms - from_ms) as f64 / (30 * DAY_MS) as f64;
        months[place(truth.segment)] += stay;
        months[3] += stay;
    }
    months
}

fn add_leaving(tally: &Tally, figures: &mut Figures) {
    let mut left = [0.0; 4];
    let (mut involuntary, mut silent) = (0.0, 0.0);
    for truth in tally.truths.iter().filter(|truth| truth.left_ms.is_some()) {
        left[place(truth.segment)] += 1.0;
        left[3] += 1.0;
        involuntary += f64::from(truth.reason == Some(LeavingReason::Involuntary));
        silent += f64::from(truth.is_silent);
    }
    let bounds = [[0.01, 0.03], [0.03, 0.06], [0.10, 0.18], [0.04, 0.08]];
    let names = ["power", "casual", "at_risk", "all"];
    for (((name, left), months), bounds) in names.iter().zip(left).zip(months(tally)).zip(bounds) {
        figures.add(format!("{name}: monthly churn"), left / months, bounds);
    }
    figures.add("involuntary share of churn", involuntary / left[3], [0.20, 0.40]);
    figures.add("silent share of voluntary churn", silent / (left[3] - involuntary), [0.1, 0.25]);
}

fn add_foresight(foresight: &Foresight, figures: &mut Figures) {
    let Foresight { rows, left, best_feature, .. } = foresight;
    figures.add("customers on day 60", *rows as f64, ANY);
    figures.add("of them leave within 30 days", *left as f64, ANY);
    figures.add("churn AUC", foresight.area, [0.75, 0.88]);
    figures.add("churn AUC by segment alone", foresight.area_by_segment, [0.5, 0.72]);
    let best = format!("churn AUC by {best_feature} alone");
    figures.add(best, foresight.area_of_best_feature, [0.5, 0.80]);
    figures.add("churn AUC, labels shuffled", foresight.area_shuffled, [0.47, 0.53]);
    figures.add("Brier / Brier of the base rate", foresight.brier_ratio, [0.0, 0.92]);
    figures.add("calibration slope", foresight.calibration_slope, [0.8, 1.2]);
}
