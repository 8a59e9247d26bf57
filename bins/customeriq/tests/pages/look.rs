//! What every page is for everyone: readable in light and dark, on a desk and in a hand, without
//! a word to anybody else.

use ciq_testkit::Scheme;

use crate::house::House;

/// A desk and a hand.
const WIDTHS: [u32; 2] = [1280, 390];

/// Checks a page of the shop, and keeps pictures of it.
#[track_caller]
fn check(name: &str, path: &str, heading: &str) {
    check_in(&House::with_shop(), name, path, heading);
}

#[track_caller]
fn check_in(house: &House, name: &str, path: &str, heading: &str) {
    let visitor = house.visitor();
    for scheme in [Scheme::Light, Scheme::Dark] {
        for width in WIDTHS {
            let scene = format!("{name}-{width}-{}", scheme.name());
            visitor.sit_at(width, scheme);
            visitor.open(path);
            visitor.await_text(heading);
            visitor.keep_picture(&scene);
            visitor.expect_narrow(&scene);
            visitor.expect_quiet();
            visitor.expect_accessible(&scene);
        }
    }
}

#[test]
fn now_is_for_everyone() {
    check("now", "/", "Now");
}

#[test]
fn customers_are_for_everyone() {
    check("customers", "/customers", "Customers");
}

#[test]
fn a_search_is_for_everyone() {
    check("search", "/customers?q=maier", "found for");
}

#[test]
fn a_customer_is_for_everyone() {
    check("customer", "/customers/cust_000040", "Sven Haddad");
}

#[test]
fn an_account_is_for_everyone() {
    check("account", "/customers/atrisk-co", "AtRisk Co");
}

#[test]
fn interventions_are_for_everyone() {
    check("interventions", "/interventions", "Upsell Suggestion");
}

#[test]
fn an_intervention_is_for_everyone() {
    let house = House::with_shop();
    let all = house.service.json("/api/interventions?customer=atrisk-co");
    let id = all["data"][0]["id"].as_str().unwrap();
    check_in(&house, "intervention", &format!("/interventions/{id}"), "What to do");
}

#[test]
fn an_automation_is_for_everyone() {
    check("automation", "/automations/vip-treatment", "VIP");
}

#[test]
fn reviews_are_for_everyone() {
    check("reviews", "/reviews", "Mara Okafor");
}

#[test]
fn merges_are_for_everyone() {
    check("merges", "/merges", "Merges");
}

#[test]
fn automations_are_for_everyone() {
    check("automations", "/automations", "Automations");
}

#[test]
fn insight_is_for_everyone() {
    check("insight", "/insight", "Insight");
}

#[test]
fn the_system_is_for_everyone() {
    check("system", "/system", "System");
}

#[test]
fn a_page_that_is_not_there_is_for_everyone() {
    let house = House::empty();
    let visitor = house.visitor();
    visitor.open("/customers/nobody");
    visitor.await_text("No such customer");
    visitor.expect_accessible("no customer");
    visitor.keep_picture("nobody-1280-light");
    visitor.open("/customers");
    visitor.await_text("No customers yet");
    visitor.expect_accessible("no customers");
    visitor.keep_picture("empty-1280-light");
}
