//! Who is computed, and when.

use std::sync::Arc;

use ciq_clockwork::{BrandClock, ClockworkError, Scope, TrainOptions};
use ciq_outreach::{Outreach, OutreachSettings};
use serde_json::json;

use crate::house::{ANN, House, at};

#[test]
fn only_whom_something_happened_to_is_computed_again() {
    let house = House::new();
    house.buy(at(0, 10, 0), "Lamp");
    house.tell("bob@example.com", "page_view", at(0, 11, 0), json!({"product_name": "Lamp"}));
    assert_eq!(house.pass(Scope::Touched, at(0, 12, 0)).customer_count, 2);
    assert_eq!(house.pass(Scope::Touched, at(0, 13, 0)).customer_count, 0);
    house.buy(at(0, 14, 0), "Desk");
    assert_eq!(house.pass(Scope::Touched, at(0, 15, 0)).customer_count, 1);
    assert_eq!(house.insight(ANN).as_of, Some(at(0, 15, 0).to_string()));
    assert_eq!(house.insight("bob@example.com").as_of, Some(at(0, 12, 0).to_string()));
    assert_eq!(house.pass(Scope::All, at(1, 0, 0)).customer_count, 2);
    assert_eq!(house.pass(Scope::Touched, at(1, 1, 0)).customer_count, 0);
}

#[test]
fn a_new_automation_and_a_new_day_concern_everyone() {
    let house = House::new();
    house.buy(at(0, 10, 0), "Lamp");
    let day = |as_of: jiff::Timestamp| as_of.to_zoned(jiff::tz::TimeZone::UTC).date();
    let scope = |as_of| house.clock.scope_on(day(as_of)).unwrap();
    assert_eq!(scope(at(0, 11, 0)), Scope::Touched, "of a new brand everyone is touched");
    assert_eq!(scope(at(0, 12, 0)), Scope::Touched);
    assert_eq!(scope(at(1, 0, 0)), Scope::All);
    assert_eq!(scope(at(1, 1, 0)), Scope::All, "nobody was computed yet");
    house.clock.note_day(day(at(1, 1, 0))).unwrap();
    assert_eq!(scope(at(1, 1, 0)), Scope::Touched);
    house.define_cart_recovery(&json!({}));
    assert_eq!(scope(at(1, 2, 0)), Scope::All);
    house.pass(Scope::All, at(1, 2, 0));
    assert_eq!(scope(at(1, 3, 0)), Scope::Touched, "everyone was computed with it");
    house.define_cart_recovery(&json!({"enabled": false}));
    assert_eq!(scope(at(1, 4, 0)), Scope::All);
}

#[test]
fn a_pass_ends_with_the_service_and_is_made_again_after_the_next_start() {
    let house = House::new();
    house.buy(at(0, 10, 0), "Lamp");
    house.clock.stop();
    for scope in [Scope::All, Scope::Touched] {
        let ended = house.clock.pass(scope, at(0, 11, 0));
        assert!(matches!(ended, Err(ClockworkError::Stopped)), "{ended:?}");
    }
    let outreach = Outreach::new(OutreachSettings::from_lookup(&|_| None).unwrap());
    let next = BrandClock::new(Arc::clone(&house.handle), Arc::new(outreach));
    assert_eq!(next.pass(Scope::Touched, at(0, 12, 0)).unwrap().customer_count, 1);
}

#[test]
fn what_is_later_than_the_moment_does_not_count() {
    let house = House::new();
    house.buy(at(0, 10, 0), "Lamp");
    house.buy(at(5, 10, 0), "Desk");
    house.pass(Scope::All, at(2, 10, 0));
    let features = house.insight(ANN).feature_list();
    let value = |name: &str| features.iter().find(|one| one.name == name).unwrap().value.clone();
    assert_eq!((value("rfm_frequency"), value("rfm_recency_days")), (json!(1), json!(2)));
}

#[test]
fn a_pass_over_many_reaches_everyone() {
    let house = House::new();
    for index in 0..450 {
        house.tell(&format!("c{index}@example.com"), "session_start", at(0, 1, 0), json!({}));
    }
    assert_eq!(house.pass(Scope::Touched, at(0, 2, 0)).customer_count, 450);
    assert_eq!(house.pass(Scope::All, at(0, 3, 0)).customer_count, 450);
}

#[test]
fn too_little_history_trains_nothing_and_says_so() {
    let house = House::new();
    house.buy(at(0, 10, 0), "Lamp");
    let options = TrainOptions { cut: None, horizon_days: 30, target: None };
    let error = house.clock.train(&options, at(90, 0, 0)).unwrap_err();
    assert!(error.to_string().contains("not enough history"), "{error}");
    let error = house.clock.evaluate_models(&options, at(90, 0, 0)).unwrap_err();
    assert!(error.to_string().contains("not enough history"), "{error}");
}
