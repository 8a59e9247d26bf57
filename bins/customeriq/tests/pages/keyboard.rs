//! A day's work without a mouse.

use ciq_testkit::{By, Key};
use serde_json::json;

use crate::house::House;
use crate::visitor::Visitor;
use crate::world::accounts;

fn signs(text: &str) -> Vec<Key> {
    text.chars().map(Key::Sign).collect()
}

#[track_caller]
fn press(visitor: &Visitor, text: &str) {
    visitor.press(&signs(text));
}

#[test]
fn reviews_are_settled_by_keys_alone() {
    let house = House::with_shop();
    let visitor = house.visitor();
    visitor.open("/");
    press(&visitor, "gr");
    visitor.await_text("have different customer ids");
    press(&visitor, "j");
    visitor.await_text("Previous");
    press(&visitor, "k");
    visitor.await_text("Next");
    press(&visitor, "a");
    visitor.await_text("The customers are one now");
    press(&visitor, "u");
    visitor.await_text("The merge is undone");
    visitor.await_that("one review is left", || house.pending_count() == 1);
    press(&visitor, "r");
    visitor.await_text("The customers stay apart");
    assert_eq!(house.pending_count(), 0);
    visitor.expect_quiet();
}

#[test]
fn a_customer_is_found_and_opened_by_keys_alone() {
    let house = House::with_shop();
    let visitor = house.visitor();
    visitor.open("/");
    press(&visitor, "/");
    visitor.await_that("there is a search", || visitor.path().starts_with("/customers"));
    press(&visitor, "/");
    press(&visitor, "atrisk");
    visitor.press(&[Key::Enter]);
    visitor.await_text("1 customer found for");
    visitor.press(&[Key::Tab]);
    let is_at_link = "return document.activeElement.textContent.trim() === 'AtRisk Co'";
    visitor.await_that("the customer has the focus", || {
        visitor.press(&[Key::Tab]);
        visitor.browser.run(is_at_link, &[]).unwrap() == true
    });
    visitor.press(&[Key::Enter]);
    visitor.await_that("the customer is shown", || visitor.path() == "/customers/atrisk-co");
    visitor.await_text("ops@atrisk-co.example");
    visitor.expect_quiet();
}

#[test]
fn an_intervention_is_worked_off_by_keys_alone() {
    let house = House::still();
    for account in accounts() {
        house.tell(&account);
    }
    house.service.post("/api/monitor/check", &json!({}));
    let visitor = house.visitor();
    visitor.open("/");
    press(&visitor, "gt");
    visitor.await_text("Error Debugging");
    press(&visitor, "ja");
    visitor.await_text("Acknowledged: everyone sees");
    press(&visitor, "d");
    visitor.await_text("Snoozed: it comes back");
    visitor.open("/interventions?kind=upsell_suggestion");
    press(&visitor, "j");
    visitor.press(&[Key::Enter]);
    visitor.await_text("What to do");
    press(&visitor, "e");
    visitor.await_text("Resolved. It can be opened again");
    press(&visitor, "o");
    visitor.await_text("Open again.");
    press(&visitor, "c");
    press(&visitor, "called, no answer");
    visitor.press(&[Key::Tab, Key::Enter]);
    visitor.await_text("The comment is written down.");
    visitor.await_text("called, no answer");
    visitor.expect_quiet();
}

#[test]
fn the_keys_are_told_by_a_key() {
    let house = House::empty();
    let visitor = house.visitor();
    visitor.open("/");
    press(&visitor, "?");
    let is_open = "return document.querySelector('dialog#shortcuts').open";
    visitor.await_that("the keys are told", || visitor.browser.run(is_open, &[]).unwrap() == true);
    visitor.expect_accessible("the keys");
    visitor.keep_picture("shortcuts-1280-light");
    visitor.press(&[Key::Escape]);
    visitor.await_that("they are gone", || visitor.browser.run(is_open, &[]).unwrap() == false);
    press(&visitor, "gs");
    visitor.await_that("the system is shown", || visitor.path() == "/system");
}

#[test]
fn keys_that_are_typed_into_a_field_do_nothing_else() {
    let house = House::with_shop();
    let visitor = house.visitor();
    visitor.open("/reviews");
    press(&visitor, "gc");
    visitor.await_text("Search customers");
    press(&visitor, "/");
    press(&visitor, "gr a r u ?");
    let typed = "return document.querySelector('input[type=search]').value";
    visitor.await_that("all of it was typed", || {
        visitor.browser.run(typed, &[]).unwrap() == "gr a r u ?"
    });
    assert!(visitor.path().starts_with("/customers"), "{}", visitor.path());
    assert_eq!(house.pending_count(), 2);
}

#[test]
fn a_message_that_was_refused_is_tried_again() {
    let house = House::with_shop();
    let visitor = house.visitor();
    visitor.open("/system");
    visitor.await_text("Messages refused");
    visitor.push("Retry");
    visitor.await_text("Tried again: 1 stored");
    visitor.await_text("None. Whatever arrived became an event.");
    visitor.open("/customers/walk-in-7");
    visitor.await_text("Field kettle");
    visitor.expect_quiet();
}

#[test]
fn the_theme_that_is_chosen_stays() {
    let house = House::empty();
    let visitor = house.visitor();
    visitor.open("/");
    for theme in ["light", "dark"] {
        visitor.push("Theme");
        visitor.await_text(&format!("Theme: {theme}"));
    }
    visitor.open("/customers");
    visitor.await_text("Theme: dark");
    let ground = "return getComputedStyle(document.body).backgroundColor";
    let dark = visitor.browser.run(ground, &[]).unwrap();
    visitor.browser.click(&visitor.find(By::Button("Theme"))).unwrap();
    visitor.await_text("Theme: system");
    assert_ne!(visitor.browser.run(ground, &[]).unwrap(), dark);
}
