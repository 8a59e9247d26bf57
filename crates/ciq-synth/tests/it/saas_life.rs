//! Facts about the lives of subscribers.
#![expect(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    clippy::cast_precision_loss,
    clippy::cast_sign_loss,
    reason = "counts and times of a test are far below the limits"
)]

mod churn;
mod coherence;
mod determinism;
mod film;
mod logistic;
mod pace;
mod realism;
mod statistics;
mod tally;

use ciq_synth::Seed;
use ciq_synth::saas::{Event, History, HistorySettings, Population};

/// The seed that the measured figures are from.
const SEED: Seed = Seed::new(42);

fn population(users: u32) -> Population {
    Population::new(SEED, users).unwrap()
}

fn settings(users: u32, days: u32) -> HistorySettings {
    HistorySettings::new(population(users), days).unwrap()
}

/// All events of a history, in order.
fn events(settings: &HistorySettings) -> Vec<Event> {
    let mut history = History::new(settings, 0..settings.population.users());
    let (mut all, mut slice) = (Vec::new(), Vec::new());
    while history.next_events(&mut slice) {
        all.extend_from_slice(&slice);
    }
    all
}
