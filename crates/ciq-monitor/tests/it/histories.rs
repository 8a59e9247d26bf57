//! The laws: whatever happens to accounts, rules and customers, and whatever people do, of each
//! kind at most one intervention is open after a check, none opened by itself within a cool-down,
//! none is open whose reason is gone, and a second check of the same changes nothing.

mod world;

use std::cell::RefCell;

use ciq_event::{AccountStage, Tier, UsageTrend};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use world::{Fact, Person, Tally, World};

const CASE_COUNT: u32 = 3_000;

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    Learn { customer: usize, fact: Fact },
    Person { nth: usize, act: Person },
    Switch { rule: usize },
    Merge { into: usize, from: usize },
    Pass { minutes: i64 },
    Check,
}

fn facts() -> impl Strategy<Value = Fact> {
    prop_oneof![
        12 => (0..world::PLIGHT_COUNT).prop_map(Fact::Plight),
        1 => prop::sample::select(AccountStage::ALL).prop_map(Fact::Stage),
        1 => prop::sample::select(Tier::ALL).prop_map(Fact::Tier),
        1 => prop::sample::select(UsageTrend::ALL).prop_map(Fact::UsageTrend),
        1 => prop::sample::select(vec![0, 50_000, 100_000, 100_001, 150_000, 400_000])
            .prop_map(Fact::ErrorRate),
        1 => prop::sample::select(vec![0, 10, 11, 1_000, 1_001]).prop_map(Fact::Calls),
        1 => prop::sample::select(vec![None, Some("active"), Some("cancelled")]).prop_map(Fact::Status),
        1 => (0_i64..60).prop_map(Fact::SignedUp),
    ]
}

fn people() -> impl Strategy<Value = Person> {
    prop_oneof![
        Just(Person::Acknowledge),
        (1_i64..3_000).prop_map(Person::Snooze),
        Just(Person::Assign),
        Just(Person::Resolve),
        Just(Person::Reopen),
        Just(Person::Comment),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let who = 0..world::CUSTOMER_COUNT;
    prop_oneof![
        9 => (who.clone(), facts()).prop_map(|(customer, fact)| Step::Learn { customer, fact }),
        5 => (0_usize..8, people()).prop_map(|(nth, act)| Step::Person { nth, act }),
        1 => (0..world::RULE_COUNT).prop_map(|rule| Step::Switch { rule }),
        2 => (who.clone(), who).prop_map(|(into, from)| Step::Merge { into, from }),
        8 => prop_oneof![1_i64..60, 60_i64..1_500, 1_440_i64..1_441]
            .prop_map(|minutes| Step::Pass { minutes }),
        9 => Just(Step::Check),
    ]
}

fn run(steps: &[Step]) -> Result<Tally, String> {
    let mut world = World::new();
    for step in steps {
        match *step {
            Step::Learn { customer, fact } => world.learn(customer, fact),
            Step::Person { nth, act } => world.person(nth, act),
            Step::Switch { rule } => world.switch(rule),
            Step::Merge { into, from } => world.merge(into, from),
            Step::Pass { minutes } => world.pass(minutes),
            Step::Check => world.check()?,
        }
    }
    world.check()?;
    Ok(world.into_tally())
}

#[test]
fn the_laws_hold_whatever_happens() {
    let config = Config { cases: CASE_COUNT, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let total = RefCell::new(Tally::default());
    let result = runner.run(&prop::collection::vec(steps(), 10..80), |steps| {
        let tally = run(&steps).map_err(TestCaseError::fail)?;
        total.borrow_mut().add(&tally);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let total = total.into_inner();
    // The laws are worth something only if all of it happened often.
    for what in [
        "opened",
        "cleared",
        "rule_gone",
        "duplicate",
        "woken",
        "updated",
        "rested",
        "resolved",
        "reopened",
        "snoozed",
        "acknowledged",
    ] {
        assert!(total.of(what) > 200, "{what}: {total:?}");
    }
}
