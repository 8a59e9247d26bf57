//! Who of the subscribers of a made-up product leaves? Learned from sixty days, judged by the thirty
//! days that follow.
//!
//! `CHURN_USERS=50000` makes it the full size.
#![expect(clippy::cast_precision_loss, reason = "times of a test are far below 2^53")]

use ciq_event::Currency;
use ciq_insight::{
    Act, ActKind, EvaluationReport, EvaluationSettings, Evaluator, History, Sentiment, Target,
    TrainedModel, features, scorecard_churn,
};
use ciq_models::{auc, calibration_error, calibration_table};
use ciq_synth::Seed;
use ciq_synth::saas::{self, Event, HistorySettings, Payload, Population, user_truth};
use jiff::Timestamp;

const DAY_MS: i64 = 86_400_000;
const HORIZON_DAYS: u16 = 30;

/// Users who are made and forgotten together: their events would not fit into memory otherwise.
const SHARD: u32 = 2_000;

/// What is known, and the days after it.
const KNOWN_DAYS: u32 = 60;

fn settings(seed: u64, users: u32) -> HistorySettings {
    let population = Population::new(Seed::new(seed), users).unwrap();
    HistorySettings::new(population, KNOWN_DAYS + u32::from(HORIZON_DAYS)).unwrap()
}

fn moment(at_ms: i64) -> Timestamp {
    Timestamp::from_millisecond(at_ms).unwrap()
}

fn day(settings: &HistorySettings, day: u32) -> Timestamp {
    moment(settings.population.start_ms() + i64::from(day) * DAY_MS)
}

/// An event as insight reads it.
fn act(event: &Event) -> Act {
    let sentiment = match event.payload {
        Payload::TicketOpened(ticket) if ticket.sentiment < -20 => Some(Sentiment::Negative),
        Payload::TicketOpened(ticket) if ticket.sentiment > 20 => Some(Sentiment::Positive),
        _ => None,
    };
    let kind = ActKind::of(event.payload.name(), sentiment);
    Act { at: moment(event.at_ms), kind, item: None }
}

/// Hands out each user and what they did.
fn each_user(settings: &HistorySettings, mut take: impl FnMut(u32, &History)) {
    let users = settings.population.users();
    for first in (0..users).step_by(SHARD as usize) {
        let shard = first..users.min(first + SHARD);
        let mut histories = vec![History::default(); shard.len()];
        let (mut source, mut slice) = (saas::History::new(settings, shard), Vec::new());
        while source.next_events(&mut slice) {
            for event in &slice {
                let history = &mut histories[(event.user - first) as usize];
                history.first_event_at.get_or_insert(moment(event.at_ms));
                history.acts.push(act(event));
            }
        }
        (first..).zip(&histories).for_each(|(user, history)| take(user, history));
    }
}

/// What became of users who were there at the cut, and what was thought of them.
#[derive(Default)]
struct Judged {
    chances: Vec<f64>,
    silence: Vec<f64>,
    cancelled: Vec<bool>,
    left: Vec<bool>,
}

impl Judged {
    fn add(&mut self, history: &History, truth: &saas::UserTruth, at: (Timestamp, f64)) {
        let (cut, chance) = at;
        let cut_ms = cut.as_millisecond();
        let end_ms = cut_ms + i64::from(HORIZON_DAYS) * DAY_MS;
        if truth.left_ms.is_some_and(|left_ms| left_ms < cut_ms) {
            return;
        }
        let acts = history.acts_until(cut);
        let sessions = acts.iter().rev().find(|act| act.kind == ActKind::Session);
        let last_ms = sessions.map_or(0, |act| act.at.as_millisecond());
        let later = &history.acts[acts.len()..];
        self.chances.push(chance);
        self.silence.push((cut_ms - last_ms) as f64);
        self.cancelled.push(later.iter().any(|act| act.kind == ActKind::Cancellation));
        self.left.push(truth.left_ms.is_some_and(|left_ms| left_ms < end_ms));
    }

    /// The areas of the model and of recency.
    fn areas(&self, labels: &[bool]) -> [f64; 2] {
        [&self.chances, &self.silence].map(|scores| auc(scores, labels).unwrap())
    }
}

fn learn(settings: &HistorySettings) -> (EvaluationReport, TrainedModel) {
    let cut = day(settings, KNOWN_DAYS);
    let (horizon_days, target, currency) = (HORIZON_DAYS, None, Currency::USD);
    let evaluation = EvaluationSettings { cut, horizon_days, target, currency };
    let mut evaluator = Evaluator::new(&evaluation);
    each_user(settings, |_, history| {
        evaluator.push(history, scorecard_churn(&features(history, cut, currency)));
    });
    evaluator.finish().unwrap()
}

#[test]
fn leaving_is_foreseen_much_better_than_by_recency() {
    let users = std::env::var_os("CHURN_USERS").and_then(|text| text.to_str()?.parse().ok());
    let settings = settings(42, users.unwrap_or(3_000));
    let (report, model) = learn(&settings);
    eprintln!("{}", report.to_text());
    assert_eq!(report.target, Target::Activity);
    assert_eq!(report.trained_version, model.version);
    let area = |name| report.model(name).unwrap().auc.unwrap();
    assert!(area("trained") >= area("recency") + 0.05);
    assert!(area("trained") >= 0.8);
    assert!(report.calibration_error < 0.03, "{}", report.calibration_error);

    let cut = day(&settings, KNOWN_DAYS);
    let mut judged = Judged::default();
    each_user(&settings, |user, history| {
        if let Some(chance) = model.churn(history, cut) {
            judged.add(history, &user_truth(&settings, user), (cut, chance));
        }
    });
    for (what, labels) in [("cancelled", &judged.cancelled), ("left", &judged.left)] {
        let [trained, recency] = judged.areas(labels);
        let count = labels.iter().filter(|label| **label).count();
        let table = calibration_table(&judged.chances, labels, 10);
        let error = calibration_error(&table).unwrap();
        eprintln!(
            "{what}: {count} of {}, area {trained:.4}, recency {recency:.4}, calibration {error:.4}",
            labels.len()
        );
        assert!(trained >= recency + 0.05, "{what}: {trained} {recency}");
    }
}

#[test]
fn who_has_left_is_left_to_others() {
    let settings = settings(7, 1_200);
    let (_, model) = learn(&settings);
    let silent_from = day(&settings, KNOWN_DAYS);
    let end = day(&settings, KNOWN_DAYS + u32::from(HORIZON_DAYS));
    each_user(&settings, |_, history| {
        let is_cancelled = history.acts.iter().any(|act| act.kind == ActKind::Cancellation);
        assert!(!is_cancelled || model.churn(history, end).is_none());
        let silent = silenced(history, silent_from);
        assert_eq!(model.churn(&silent, end), None);
    });
}

#[test]
fn the_longer_a_regular_is_silent_the_greater_the_chance_of_leaving() {
    let settings = settings(7, 1_200);
    let (_, model) = learn(&settings);
    let silent_from = day(&settings, 40);
    let mut sums = [0.0; 4];
    let mut count = 0.0;
    each_user(&settings, |_, history| {
        let silent = silenced(history, silent_from);
        // Who comes once a month may well be silent for one.
        if silent.acts.iter().filter(|act| act.kind == ActKind::Session).count() < 20 {
            return;
        }
        let chance = |days: u32| model.churn(&silent, day(&settings, 40 + days));
        let chances = [0, 7, 14, 28].map(chance);
        if let [Some(a), Some(b), Some(c), Some(d)] = chances {
            sums.iter_mut().zip([a, b, c, d]).for_each(|(sum, chance)| *sum += chance);
            count += 1.0;
        }
    });
    assert!(count > 100.0);
    let means = sums.map(|sum| sum / count);
    assert!(means.is_sorted() && means[0] < 0.15 && means[3] > 0.6, "{means:?}");
}

/// The history of a user who does nothing more from a time on.
fn silenced(history: &History, from: Timestamp) -> History {
    History { acts: history.acts_until(from).to_vec(), ..history.clone() }
}
