//! Law O-1: nobody is messaged twice for one reason, against consent, or after the condition has
//! cleared. Thousands of random orders of events, evaluations, deliveries and crashes run against
//! an in-memory outbox, a provider that counts what a person would see, and a model of the truth.

mod world;

use std::cell::RefCell;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use world::{Fault, Provider, Tally, World};

/// With each of the three kinds of provider.
const CASE_COUNT: u32 = 3_400;

/// Something that happens.
#[derive(Debug, Clone)]
enum Step {
    CartAdd { customer: usize, product: usize },
    Buy { customer: usize, product: usize },
    Remove { customer: usize, product: usize },
    Consent { customer: usize, word: Option<bool> },
    Unsubscribe { customer: usize, is_out: bool },
    Churn { customer: usize, percent: u8 },
    Switch { rule: usize, is_on: bool },
    Erase { customer: usize },
    Pass { minutes: i64 },
    Evaluate { is_stale: bool },
    Work { nth: usize, fault: Fault },
}

fn faults() -> impl Strategy<Value = Fault> {
    prop_oneof![
        5 => Just(Fault::None),
        2 => Just(Fault::CrashBeforeSend),
        3 => Just(Fault::CrashAfterSend),
        1 => Just(Fault::RequestLost),
        2 => Just(Fault::AnswerLost),
        1 => Just(Fault::Busy),
        1 => Just(Fault::Refused),
    ]
}

fn steps() -> impl Strategy<Value = Step> {
    let who = 0..world::CUSTOMER_COUNT;
    let what = 0..world::PRODUCTS.len();
    prop_oneof![
        6 => (who.clone(), what.clone())
            .prop_map(|(customer, product)| Step::CartAdd { customer, product }),
        2 => (who.clone(), what.clone())
            .prop_map(|(customer, product)| Step::Buy { customer, product }),
        1 => (who.clone(), what)
            .prop_map(|(customer, product)| Step::Remove { customer, product }),
        2 => (who.clone(), any::<Option<bool>>())
            .prop_map(|(customer, word)| Step::Consent { customer, word }),
        1 => (who.clone(), any::<bool>())
            .prop_map(|(customer, is_out)| Step::Unsubscribe { customer, is_out }),
        3 => (who.clone(), 40_u8..100)
            .prop_map(|(customer, percent)| Step::Churn { customer, percent }),
        1 => (0..world::RULE_COUNT, any::<bool>())
            .prop_map(|(rule, is_on)| Step::Switch { rule, is_on }),
        1 => who.prop_map(|customer| Step::Erase { customer }),
        9 => prop_oneof![1_i64..10, 30_i64..180, 180_i64..900, 1_440_i64..4_320]
            .prop_map(|minutes| Step::Pass { minutes }),
        9 => any::<bool>().prop_map(|is_stale| Step::Evaluate { is_stale }),
        16 => (0_usize..4, faults()).prop_map(|(nth, fault)| Step::Work { nth, fault }),
    ]
}

fn run(provider: Provider, steps: &[Step]) -> Result<Tally, String> {
    let mut world = World::new(provider);
    for step in steps {
        match *step {
            Step::CartAdd { customer, product } => world.cart_add(customer, product),
            Step::Buy { customer, product } | Step::Remove { customer, product } => {
                world.cart_clear(customer, product);
            }
            Step::Consent { customer, word } => world.consent(customer, word),
            Step::Unsubscribe { customer, is_out } => world.unsubscribe(customer, is_out),
            Step::Churn { customer, percent } => world.churn(customer, percent),
            Step::Switch { rule, is_on } => world.switch(rule, is_on),
            Step::Erase { customer } => world.erase(customer),
            Step::Pass { minutes } => world.pass(minutes),
            Step::Evaluate { is_stale } => world.evaluate(is_stale),
            Step::Work { nth, fault } => world.work(nth, fault)?,
        }
    }
    world.settle()?;
    Ok(world.into_tally())
}

/// Runs many random worlds and returns what happened in all of them together.
#[track_caller]
fn check(provider: Provider) -> Tally {
    let config = Config { cases: CASE_COUNT, failure_persistence: None, ..Config::default() };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]);
    let mut runner = TestRunner::new_with_rng(config, rng);
    let total = RefCell::new(Tally::default());
    let result = runner.run(&prop::collection::vec(steps(), 10..60), |steps| {
        let tally = run(provider, &steps).map_err(TestCaseError::fail)?;
        total.borrow_mut().add(&tally);
        Ok(())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    let total = total.into_inner();
    // The law is worth something only if much was sent, crashed, and held back.
    assert!(total.seen > 3_000, "{total:?}");
    assert!(total.crashed_after_send > 300, "{total:?}");
    assert!(total.waited_for_morning > 1_000, "{total:?}");
    for reason in ["condition_cleared", "no_consent", "unsubscribed", "frequency_cap", "disabled"] {
        assert!(
            total.suppressed.get(reason).is_some_and(|count| *count > 50),
            "{reason} {total:?}"
        );
    }
    total
}

#[test]
fn nobody_is_wronged_when_the_provider_honours_keys() {
    let total = check(Provider::Keyed);
    assert!(total.repeated > 100, "{total:?}");
}

#[test]
fn nobody_is_wronged_when_the_provider_can_be_asked() {
    let total = check(Provider::Searchable);
    assert_eq!(total.repeated, 0, "{total:?}");
}

#[test]
fn nobody_is_wronged_when_the_provider_can_do_neither() {
    let total = check(Provider::Blind);
    assert_eq!(total.repeated, 0, "{total:?}");
}
