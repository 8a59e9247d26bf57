//! Whose an intervention is.

use std::collections::BTreeMap;

use ciq_monitor::{Assignment, Team};
use serde_json::{Value, json};

use crate::support::rules;

fn counts(counts: &[(&str, u64)]) -> BTreeMap<String, u64> {
    counts.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect()
}

/// Picks for four openings in a row and writes who it was.
fn picks(team: &mut Team, assignment: Value) -> String {
    let rules = rules(json!({"assignment": assignment}));
    let pick = |_| team.pick(&rules.rules()[0]).unwrap_or_else(|| "-".to_owned());
    (0..4).map(pick).collect::<Vec<_>>().join(" ")
}

#[test]
fn nobody_and_somebody_are_always_the_same() {
    let mut team = Team::default();
    assert_eq!(picks(&mut team, Value::Null), "- - - -");
    assert_eq!(picks(&mut team, json!({"to": "kim"})), "kim kim kim kim");
    assert_eq!(team.opening_count("rule"), 8);
    assert_eq!(team.opening_count("other"), 0);
}

#[test]
fn each_has_a_turn_and_the_turns_go_on_where_they_were() {
    let round = json!({"round_robin": ["kim", "lee", "max"]});
    assert_eq!(picks(&mut Team::default(), round.clone()), "kim lee max kim");
    let mut team = Team::new(counts(&[("rule", 4), ("other", 1)]), counts(&[]));
    assert_eq!(picks(&mut team, round.clone()), "lee max kim lee");
    let mut endless = Team::new(counts(&[("rule", u64::MAX)]), counts(&[]));
    assert_eq!(picks(&mut endless, round).len(), 15);
}

#[test]
fn who_has_least_gets_the_next_and_of_equals_the_first() {
    let least = json!({"least_loaded": ["kim", "lee", "max"]});
    let mut team = Team::new(counts(&[]), counts(&[("kim", 3), ("lee", 1), ("max", 1)]));
    assert_eq!(picks(&mut team, least.clone()), "lee max lee max");
    assert_eq!(picks(&mut team, least), "kim lee max kim");
}

#[test]
fn what_one_rule_gives_weighs_in_another() {
    let mut team = Team::default();
    assert_eq!(picks(&mut team, json!({"to": "kim"})), "kim kim kim kim");
    assert_eq!(picks(&mut team, json!({"least_loaded": ["kim", "lee"]})), "lee lee lee lee");
}

#[test]
fn who_stands_twice_in_the_list_has_two_turns() {
    let round = json!({"round_robin": ["kim", "kim", "lee"]});
    assert_eq!(picks(&mut Team::default(), round), "kim kim lee kim");
}

#[test]
fn a_team_of_nobody_is_nobody() {
    for assignment in [Assignment::RoundRobin(Vec::new()), Assignment::LeastLoaded(Vec::new())] {
        let mut rule = rules(json!({})).rules()[0].clone();
        rule.assignment = assignment;
        assert_eq!(Team::default().pick(&rule), None);
    }
}
