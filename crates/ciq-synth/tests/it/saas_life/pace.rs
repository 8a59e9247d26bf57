//! A history is as dense as asked for.

use std::collections::BTreeSet;

use ciq_synth::saas::{HistoryError, HistorySettings, Mode, Modes, Pace, Payload, natural_events};

use super::{events, population, settings};

/// Checks that a count is within some per mille of another.
#[track_caller]
fn check_near(count: u64, wanted: u64, per_mille: u64) {
    assert!(count.abs_diff(wanted) * 1_000 <= wanted * per_mille, "{count}, wanted {wanted}");
}

#[test]
fn the_natural_density_is_foretold() {
    for modes in [Modes::default(), Modes::of(&[Mode::Billing])] {
        let settings = settings(3_000, 60).with_modes(modes);
        check_near(events(&settings).len() as u64, natural_events(&settings), 20);
    }
}

#[test]
fn a_pace_is_kept_below_and_above_the_natural_density() {
    let settings = settings(2_000, 60);
    for per_day in [80, 1_000, 5_000, 30_000, 60_000] {
        let paced = settings.with_pace(Pace::PerDay(per_day));
        // Few events come in few episodes: at 80 a day, chance itself is 4 %.
        let per_mille = if per_day < 1_000 { 130 } else { 40 };
        check_near(events(&paced).len() as u64, per_day * 60, per_mille);
    }
}

#[test]
fn a_pace_for_each_user_does_not_depend_on_how_many_there_are() {
    let pace = Pace::PerUserPerDay { events: 30, per_days: 60 };
    let few = events(&settings(1_000, 60).with_pace(pace));
    let many = events(&settings(1_200, 60).with_pace(pace));
    check_near(few.len() as u64, 30_000, 100);
    assert!(few == many.into_iter().filter(|event| event.user < 1_000).collect::<Vec<_>>());
}

#[test]
fn a_thin_history_is_part_of_the_natural_one_and_coherent() {
    let natural: BTreeSet<_> =
        events(&settings(400, 60)).iter().map(|event| (event.at_ms, event.user)).collect();
    let thin = events(&settings(400, 60).with_pace(Pace::PerDay(300)));
    assert!(thin.iter().all(|event| natural.contains(&(event.at_ms, event.user))));
    let count = |is: fn(&Payload) -> bool| thin.iter().filter(|e| is(&e.payload)).count();
    let starts = count(|payload| matches!(payload, Payload::SessionStart { .. }));
    let ends = count(|payload| matches!(payload, Payload::SessionEnd { .. }));
    assert_eq!(starts, ends);
}

#[test]
fn those_who_say_goodbye_are_thinned_like_everything_else() {
    let goodbyes = |settings: &HistorySettings| {
        let is = |event: &&ciq_synth::saas::Event| event.payload == Payload::PlanCancelled;
        events(settings).iter().filter(is).count()
    };
    let natural = settings(4_000, 60);
    let all = natural_events(&natural);
    let tenth = natural.with_pace(Pace::PerDay(all / 600));
    let (many, few) = (goodbyes(&natural), goodbyes(&tenth));
    assert!(many > 200 && (many / 20..many / 5).contains(&few), "{few} of {many}");
}

#[test]
fn a_history_has_one_to_730_days() {
    assert_eq!(HistorySettings::new(population(1), 0), Err(HistoryError::Days(0)));
    assert_eq!(HistorySettings::new(population(1), 731), Err(HistoryError::Days(731)));
    assert!(!events(&settings(1, 730)).is_empty());
    let message = HistoryError::Days(731).to_string();
    assert_eq!(message, "cannot make a history of 731 days: 1 to 730");
}

#[test]
fn without_modes_nothing_happens() {
    assert!(events(&settings(100, 30).with_modes(Modes::of(&[]))).is_empty());
    assert_eq!(natural_events(&settings(100, 30).with_modes(Modes::of(&[]))), 0);
}
