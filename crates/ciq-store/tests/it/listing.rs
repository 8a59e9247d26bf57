//! The list of customers: narrowed, in any order, a page at a time.

use ciq_event::{CustomerId, Money};
use ciq_identity::CustomerKey;
use ciq_store::{
    CustomerFilter, CustomerSort, HealthRow, InsightRow, MonitorChanges, PageRequest, PassChanges,
};
use serde_json::json;

use crate::shelf::{Shelf, at, envelope};

/// How many customers there are.
const COUNT: u8 = 30;

const SORTS: [CustomerSort; 4] = [
    CustomerSort::Newest,
    CustomerSort::LifetimeValue,
    CustomerSort::ChurnRisk,
    CustomerSort::Health,
];

fn segment(number: u8) -> &'static str {
    if number.is_multiple_of(3) { "loyal" } else { "at_risk" }
}

fn tier(number: u8) -> &'static str {
    if number.is_multiple_of(5) { "pro" } else { "trial" }
}

/// Scores go up by three, churn comes in ties of four, values in ties of seven.
fn score(number: u8) -> u8 {
    3 * number
}

fn insight(customer: CustomerKey, number: u8) -> InsightRow {
    let currency = ciq_event::Currency::USD;
    InsightRow {
        customer,
        as_of: at(500),
        features: "{}".to_owned(),
        churn: f64::from(number / 4) / 10.0,
        lifetime_value: Money { minor: 1, currency },
        segment: segment(number).to_owned(),
        recommendations: "[]".to_owned(),
        model_version: "scorecard-1".to_owned(),
        stage: if number < 10 { "purchase" } else { "retention" }.to_owned(),
        journey_score: 50,
        next_best_action: String::new(),
        intents: "[]".to_owned(),
        wake_at: None,
    }
}

fn health(customer: CustomerKey, number: u8) -> HealthRow {
    let score = score(number);
    let band = match score {
        0..40 => "at_risk",
        40..70 => "watch",
        70.. => "healthy",
    };
    let parts = "[]".to_owned();
    HealthRow { customer, score, band: band.to_owned(), parts, as_of: at(500) }
}

/// Customers c00 to c29, all with an account, an insight and a health.
fn shelf() -> Shelf {
    let mut shelf = Shelf::new();
    for number in 0..COUNT {
        let id = format!("c{number:02}");
        let account = json!({
            "name": format!("Person {number:02}"), "tier": tier(number),
            "stage": if number < 20 { "first_api_call" } else { "production_ready" },
        });
        shelf.one(envelope("account_created", i64::from(number), Some(&id), account));
        let order = json!({
            "purchase_id": format!("o{number}"), "product_name": "Lamp", "total": number / 7,
        });
        shelf.one(envelope("purchase", i64::from(number) + 100, Some(&id), order));
    }
    let keys = shelf.reader().roots_after(CustomerKey(0), 1_000).unwrap();
    let insights = keys.iter().zip(0..).map(|(key, number)| insight(*key, number)).collect();
    let changes = PassChanges { insights, executions: Vec::new(), done: None };
    shelf.writer.write_pass(&changes).unwrap();
    let health = keys.iter().zip(0..).map(|(key, number)| health(*key, number)).collect();
    shelf.writer.write_monitor(&MonitorChanges { health, ..MonitorChanges::default() }).unwrap();
    shelf
}

/// Reads all pages of a list and returns the numbers of the customers.
fn numbers(shelf: &Shelf, filter: &CustomerFilter, sort: CustomerSort, size: u32) -> Vec<u8> {
    let mut page = PageRequest { cursor: None, limit: Some(size) };
    let mut numbers = Vec::new();
    loop {
        let found = shelf.reader().listed(filter, sort, &page).unwrap();
        assert!(found.data.len() <= size as usize);
        numbers.extend(found.data.iter().map(|it| it.summary.id[1..].parse::<u8>().unwrap()));
        match found.next_cursor {
            Some(cursor) => page.cursor = Some(cursor),
            None => return numbers,
        }
    }
}

fn of(name: &str, value: &str) -> CustomerFilter {
    let value = Some(value.to_owned());
    let mut filter = CustomerFilter::default();
    match name {
        "segment" => filter.segment = value,
        "journey" => filter.journey_stage = value,
        "stage" => filter.account_stage = value,
        "tier" => filter.tier = value,
        _ => filter.health_band = value,
    }
    filter
}

#[test]
fn every_order_lists_everyone_once_whatever_the_pages() {
    let shelf = shelf();
    for sort in SORTS {
        let at_once = numbers(&shelf, &CustomerFilter::default(), sort, 100);
        for size in [1, 7, 30] {
            assert_eq!(numbers(&shelf, &CustomerFilter::default(), sort, size), at_once);
        }
        let mut sorted = at_once;
        sorted.sort_unstable();
        assert!(sorted.into_iter().eq(0..COUNT), "{sort:?}");
    }
}

#[test]
fn each_order_is_what_it_says() {
    let shelf = shelf();
    let listed = |sort| numbers(&shelf, &CustomerFilter::default(), sort, 7);
    let down: Vec<u8> = (0..COUNT).rev().collect();
    assert_eq!(listed(CustomerSort::Newest), down);
    assert_eq!(listed(CustomerSort::LifetimeValue), down);
    assert_eq!(listed(CustomerSort::ChurnRisk), down);
    assert!(listed(CustomerSort::Health).into_iter().eq(0..COUNT));
}

#[test]
fn a_condition_leaves_those_of_whom_it_holds_in_every_order() {
    type Holds = fn(u8) -> bool;
    let shelf = shelf();
    let cases: [(&str, &str, Holds); 7] = [
        ("segment", "loyal", |number| segment(number) == "loyal"),
        ("journey", "purchase", |number| number < 10),
        ("stage", "production_ready", |number| number >= 20),
        ("tier", "pro", |number| tier(number) == "pro"),
        ("health", "at_risk", |number| score(number) < 40),
        ("health", "watch", |number| (40..70).contains(&score(number))),
        ("health", "healthy", |number| score(number) >= 70),
    ];
    for (name, value, holds) in cases {
        for sort in SORTS {
            let mut found = numbers(&shelf, &of(name, value), sort, 3);
            found.sort_unstable();
            let expect: Vec<u8> = (0..COUNT).filter(|number| holds(*number)).collect();
            assert_eq!(found, expect, "{name} {value} {sort:?}");
        }
    }
}

#[test]
fn of_several_conditions_all_must_hold() {
    let shelf = shelf();
    let filter = CustomerFilter {
        segment: Some("loyal".to_owned()),
        journey_stage: Some("retention".to_owned()),
        account_stage: Some("first_api_call".to_owned()),
        tier: Some("pro".to_owned()),
        health_band: Some("watch".to_owned()),
        billing: Some("none".to_owned()),
    };
    for sort in SORTS {
        assert_eq!(numbers(&shelf, &filter, sort, 1), [15], "{sort:?}");
    }
    for nobody in [of("segment", "nobody"), of("health", "splendid")] {
        let found = numbers(&shelf, &nobody, CustomerSort::Newest, 10);
        assert!(found.is_empty(), "{nobody:?}: {found:?}");
    }
}

#[test]
fn a_listed_customer_says_how_it_stands() {
    let page = PageRequest::default();
    let found = shelf().reader().listed(&of("tier", "pro"), CustomerSort::Health, &page).unwrap();
    let one = &found.data[1];
    assert_eq!((one.summary.id.as_str(), one.summary.name.as_str()), ("c05", "Person 05"));
    assert_eq!(one.segment.as_deref(), Some("at_risk"));
    assert_eq!(one.journey_stage.as_deref(), Some("purchase"));
    assert_eq!(one.churn_score, Some(0.1));
    assert_eq!(one.account_stage.as_deref(), Some("first_api_call"));
    assert_eq!((one.health_score, one.health_band.as_deref()), (Some(15), Some("at_risk")));
}

#[test]
fn a_customer_without_more_is_listed_by_what_every_customer_has() {
    let mut shelf = Shelf::new();
    shelf.one(envelope("login", 1, Some("c00"), json!({})));
    let listed = |sort| numbers(&shelf, &CustomerFilter::default(), sort, 10);
    assert_eq!(listed(CustomerSort::Newest), [0]);
    assert_eq!(listed(CustomerSort::LifetimeValue), [0]);
    assert_eq!(listed(CustomerSort::ChurnRisk), Vec::<u8>::new());
    assert_eq!(listed(CustomerSort::Health), Vec::<u8>::new());
}

#[test]
fn who_was_merged_since_the_last_pass_is_not_listed() {
    let mut shelf = shelf();
    let [a, b] = ["c04", "c09"].map(CustomerId::from_raw);
    shelf.merge(&[&a, &b]);
    for sort in SORTS {
        let found = numbers(&shelf, &CustomerFilter::default(), sort, 100);
        let of_both = found.iter().filter(|number| [4, 9].contains(*number)).count();
        // The health of the survivor is known again after the next check.
        assert!(of_both <= 1, "{sort:?}: {found:?}");
    }
}

#[test]
fn a_search_finds_only_whom_the_conditions_leave() {
    let shelf = shelf();
    let found = |typed: &str, filter: &CustomerFilter| -> Vec<String> {
        let found = shelf.reader().search_customers(typed, filter, 50).unwrap();
        found.into_iter().map(|it| it.summary.id).collect()
    };
    assert_eq!(found("person", &CustomerFilter::default()).len(), usize::from(COUNT));
    let mut pro = found("person", &of("tier", "pro"));
    pro.sort();
    assert_eq!(pro, ["c00", "c05", "c10", "c15", "c20", "c25"]);
    assert_eq!(found("c05", &of("tier", "pro")), ["c05"]);
    assert_eq!(found("c05", &of("tier", "trial")), Vec::<String>::new());
    assert_eq!(found("person 07", &of("segment", "at_risk")), ["c07"]);
}
