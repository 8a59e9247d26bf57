//! The page of what is going on, kept up to date while somebody looks.

use std::process::{Command, Stdio};

use ciq_testkit::{By, Element};
use serde_json::{Value, json};

use crate::house::House;
use crate::visitor::Visitor;
use crate::world::{AT_RISK, GROWING, STUCK, account, accounts};

/// What the rules call what they find.
const ERRORS: &str = "Error Debugging";
const ONBOARDING: &str = "Onboarding Check In";
const RETENTION: &str = "Retention Outreach";
const UPSELL: &str = "Upsell Suggestion";

/// Someone at the page of what is going on, which is kept up to date.
fn watcher(house: &House) -> Visitor {
    let visitor = house.visitor();
    visitor.open("/");
    mark(&visitor);
    visitor
}

/// Leaves a mark that goes with the page, and waits until the page is kept up to date.
#[track_caller]
fn mark(visitor: &Visitor) {
    visitor.await_text("Live");
    visitor.browser.run("window.__mark = 1", &[]).unwrap();
}

/// Checks that the page is the one that was marked: nobody loaded it again.
#[track_caller]
fn expect_same_page(visitor: &Visitor) {
    assert_eq!(visitor.browser.run("return window.__mark", &[]).unwrap(), 1);
    visitor.expect_quiet();
}

fn tell(house: &House, id: &str, minute: u32, facts: &Value) {
    let at = format!("2026-04-29T09:{minute:02}:00Z");
    house.tell(&account(id, "account_updated", &at, facts));
}

#[test]
fn what_happens_to_accounts_opens_and_closes_on_the_open_page() {
    let house = House::empty();
    let visitor = watcher(&house);
    for account in accounts() {
        house.tell(&account);
    }
    visitor.await_item(ERRORS, "AtRisk Co");
    visitor.await_item(ONBOARDING, "Startup Inc");
    visitor.await_item(RETENTION, "AtRisk Co");
    visitor.await_item(UPSELL, "BigCorp Ltd");
    expect_same_page(&visitor);

    tell(&house, AT_RISK, 1, &json!({"error_rate": 0.02}));
    visitor.await_no_item(ERRORS, "AtRisk Co");
    visitor.await_item(RETENTION, "AtRisk Co");
    tell(&house, STUCK, 2, &json!({"stage": "first_api_call", "api_calls": 1}));
    visitor.await_no_item(ONBOARDING, "Startup Inc");
    tell(&house, GROWING, 3, &json!({"tier": "enterprise"}));
    visitor.await_no_item(UPSELL, "BigCorp Ltd");
    tell(&house, AT_RISK, 4, &json!({"usage_trend": "stable"}));
    visitor.await_no_item(RETENTION, "AtRisk Co");
    visitor.await_text("No intervention is open.");
    expect_same_page(&visitor);
}

#[test]
fn a_check_by_hand_says_what_it_came_to_and_the_page_lives_on() {
    let house = House::still();
    for account in accounts() {
        house.tell(&account);
    }
    let visitor = watcher(&house);
    visitor.push("Run Monitor Check");
    visitor.await_text("4 accounts checked: 4 opened, 0 closed");
    visitor.await_item(ERRORS, "AtRisk Co");
    mark(&visitor);
    tell(&house, AT_RISK, 1, &json!({"error_rate": 0.02}));
    let closed = house.service.post("/api/monitor/check", &json!({}));
    assert_eq!(closed["closed_count"], 1, "{closed}");
    visitor.await_no_item(ERRORS, "AtRisk Co");
    expect_same_page(&visitor);
}

#[test]
fn what_is_held_back_comes_when_going_on() {
    let house = House::empty();
    let visitor = watcher(&house);
    visitor.push("Pause");
    visitor.await_text("Paused");
    for account in accounts() {
        house.tell(&account);
    }
    visitor.push("Pause");
    visitor.await_item(ERRORS, "AtRisk Co");
    visitor.await_text("Live");
    expect_same_page(&visitor);
}

#[test]
fn a_page_finds_its_service_again() {
    let house = House::empty();
    let visitor = watcher(&house);
    let house = house.restart();
    for account in accounts() {
        house.tell(&account);
    }
    visitor.await_item(ERRORS, "AtRisk Co");
    assert_eq!(visitor.browser.run("return window.__mark", &[]).unwrap(), 1);
}

#[test]
fn two_who_look_see_the_same() {
    let house = House::empty();
    let (one, other) = (watcher(&house), watcher(&house));
    for account in accounts() {
        house.tell(&account);
    }
    for visitor in [&one, &other] {
        visitor.await_text("4 interventions not resolved");
    }
    one.browser.click(&acknowledge(&one, ERRORS)).unwrap();
    one.await_text("Acknowledged");
    other.await_text("Acknowledged");
    expect_same_page(&other);
}

/// The button that acknowledges the first of those that are called this.
fn acknowledge(visitor: &Visitor, title: &str) -> Element {
    let path = format!("//li[contains(., '{title}')]//button[starts-with(., 'Acknowledge')]");
    visitor.find(By::Xpath(&path))
}

#[test]
fn a_button_at_the_edge_of_the_window_takes_the_click() {
    let house = House::still();
    for account in accounts() {
        house.tell(&account);
    }
    house.service.post("/api/monitor/check", &json!({}));
    let visitor = watcher(&house);
    let button = acknowledge(&visitor, UPSELL);
    let bottom = "return Math.ceil(arguments[0].getBoundingClientRect().bottom + scrollY)";
    let bottom = visitor.browser.run(bottom, &[button.to_argument()]).unwrap();
    visitor.browser.resize(1280, u32::try_from(bottom.as_u64().unwrap()).unwrap()).unwrap();
    visitor.browser.run("scrollTo(0, 0)", &[]).unwrap();
    visitor.browser.click(&button).unwrap();
    visitor.await_text("Acknowledged: everyone sees");
}

#[test]
fn a_simulator_of_its_own_fills_the_open_page() {
    let simulator = std::path::Path::new(env!("CARGO_BIN_EXE_customeriq"));
    let simulator = simulator.with_file_name("simulator");
    assert!(simulator.exists(), "run `cargo build --package simulator`: there is none beside us");
    let house = House::empty();
    let visitor = watcher(&house);
    let target = format!("http://{}", house.service.address);
    let mut command = Command::new(simulator);
    command.args(["--target", &target, "--interval", "100ms", "--cycles", "10", "--seed", "1"]);
    command.env_clear().stdout(Stdio::null()).stderr(Stdio::piped());
    let ended = command.spawn().unwrap().wait_with_output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    visitor.await_item(ONBOARDING, "Startup Inc");
    visitor.await_text("AtRisk Co");
    visitor.await_text("BigCorp Ltd");
    expect_same_page(&visitor);
}
