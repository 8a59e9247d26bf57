//! Subscriptions, and how customers pay for them.

use ciq_engine::Action;
use ciq_event::{CustomerId, Message};
use ciq_store::{BillingView, CustomerFilter, CustomerSort, PageRequest};
use serde_json::{Value, json};

use crate::shelf::{Shelf, envelope, message};

fn started(second: i64, email: &str, id: &str, terms: (&str, i64, &str)) -> Message {
    let (plan, screens, mrr) = terms;
    let data = json!({"email": email, "subscription_id": id, "plan": plan, "screens": screens,
        "mrr": mrr, "currency": "USD"});
    envelope("subscription_started", second, None, data)
}

fn told(event_type: &str, second: i64, email: &str, id: &str) -> Message {
    envelope(event_type, second, None, json!({"email": email, "subscription_id": id}))
}

fn billing(shelf: &Shelf, id: &CustomerId) -> BillingView {
    shelf.reader().billing(id).unwrap()
}

/// What a customer pays in a month, as JSON has it.
fn mrr(view: &BillingView) -> Value {
    serde_json::to_value(&view.mrr).unwrap()
}

/// How many rows tell of subscriptions.
fn row_count(shelf: &Shelf) -> i64 {
    let sql = "SELECT (SELECT count(*) FROM subscription) + (SELECT count(*) FROM billing)";
    shelf.one_value(sql).parse().unwrap()
}

#[test]
fn several_subscriptions_add_up_by_currency() {
    let mut shelf = Shelf::new();
    let id = shelf.one(started(1, "a@example.com", "s1", ("Pro Plus", 12, "180.00")));
    shelf.one(started(2, "a@example.com", "s2", ("Standard", 3, "30")));
    let yen = json!({"email": "a@example.com", "subscription_id": "s3", "plan": "Engage",
        "screens": 2, "mrr": 9000, "currency": "JPY", "status": "trialing"});
    shelf.one(envelope("subscription_started", 3, None, yen));
    shelf.one(told("subscription_cancelled", 4, "a@example.com", "s2"));
    let view = billing(&shelf, &id);
    assert_eq!((view.health.as_str(), view.screens), ("good", 14));
    assert_eq!(view.plans, ["Engage", "Pro Plus"]);
    assert_eq!(mrr(&view), json!({"JPY": 0, "USD": 180.0}));
    let states: Vec<_> = view.subscriptions.iter().map(|it| it.status.as_deref()).collect();
    assert_eq!(states, [Some("trialing"), Some("active"), Some("canceled")]);
    assert!(view.subscriptions[2].cancelled_at.is_some());
    shelf.check();
    assert_eq!(shelf.rebuilt_dump(), shelf.dump());
}

#[test]
fn a_failed_payment_shows_until_it_is_paid() {
    let mut shelf = Shelf::new();
    let id = shelf.one(started(1, "a@example.com", "s1", ("Pro Plus", 12, "180.00")));
    shelf.one(told("payment_failed", 10, "a@example.com", "s1"));
    let view = billing(&shelf, &id);
    assert_eq!((view.health.as_str(), view.open_failure_count), ("past_due", 1));
    assert_eq!((&view.last_paid_at, mrr(&view)), (&None, json!({"USD": 180.0})));
    shelf.one(told("invoice_paid", 11, "a@example.com", "s1"));
    let view = billing(&shelf, &id);
    assert_eq!((view.health.as_str(), view.open_failure_count), ("good", 0));
    assert!(view.last_paid_at > view.last_payment_failed_at);
}

#[test]
fn whoever_never_had_a_subscription_has_no_row() {
    let mut shelf = Shelf::new();
    let id = shelf.one(envelope("invoice_paid", 1, Some("u"), json!({"amount": 5})));
    assert_eq!(billing(&shelf, &id).health, "none");
    assert_eq!(row_count(&shelf), 0);
}

#[test]
fn a_merge_adds_subscriptions_up_and_an_undo_takes_them_apart() {
    let mut shelf = Shelf::new();
    let one = shelf.one(started(1, "a@example.com", "s1", ("Pro Plus", 12, "180.00")));
    let other = shelf.one(started(2, "b@example.com", "s2", ("Standard", 3, "30.00")));
    let plain = shelf.one(envelope("login", 3, None, json!({"email": "c@example.com"})));
    let before = shelf.dump_without(&["merge_history", "pins"]);
    let merge = shelf.merge(&[&one, &other, &plain]);
    assert_eq!(mrr(&billing(&shelf, &one)), json!({"USD": 210.0}));
    assert_eq!(row_count(&shelf), 3);
    shelf.check();
    shelf.one(told("payment_failed", 10, "b@example.com", "s2"));
    shelf.undo(merge);
    shelf.check();
    assert_eq!(billing(&shelf, &one).health, "good");
    assert_eq!(billing(&shelf, &other).health, "past_due");
    assert_eq!(billing(&shelf, &plain).health, "none");
    shelf.one(told("invoice_paid", 11, "b@example.com", "s2"));
    let paid_s = billing(&shelf, &other).subscriptions[0].last_paid_at.clone();
    assert!(paid_s.is_some());
    let subscriptions = |dump: &str| {
        let lines = dump.lines().filter(|line| line.starts_with("subscriptions\t"));
        lines
            .map(|line| line.split('\t').take(9).collect::<Vec<_>>().join("\t"))
            .collect::<Vec<_>>()
    };
    assert_eq!(subscriptions(&before), subscriptions(&shelf.dump()));
    assert_eq!(shelf.rebuilt_dump(), shelf.dump());
}

#[test]
fn a_customer_merged_by_its_identifiers_brings_its_subscriptions() {
    let mut shelf = Shelf::new();
    let one = shelf.one(started(1, "a@example.com", "s1", ("Pro Plus", 12, "180.00")));
    shelf.take(&[
        envelope("login", 2, None, json!({"phone": "+1 202 555 0110"})),
        envelope("login", 3, None, json!({"phone": "+1 202 555 0110", "email": "a@example.com"})),
    ]);
    assert_eq!(billing(&shelf, &one).subscriptions.len(), 1);
    assert_eq!(row_count(&shelf), 2);
    shelf.check();
    assert_eq!(shelf.rebuilt_dump(), shelf.dump());
}

#[test]
fn the_view_sums_to_the_revenue_and_an_erasure_leaves_nothing() {
    let mut shelf = Shelf::new();
    let id = shelf.one(started(1, "a@example.com", "s1", ("Pro Plus", 12, "180.00")));
    shelf.one(started(2, "b@example.com", "s2", ("Standard", 3, "30.25")));
    shelf.one(told("subscription_cancelled", 4, "a@example.com", "s1"));
    let sql = "SELECT sum(mrr_minor), sum(mrr) FROM subscriptions WHERE currency = 'USD'";
    assert_eq!(shelf.sql(sql), [["3025", "30.25"]]);
    shelf.decide(Action::Erase { customer: id }).unwrap();
    assert!(!shelf.dump().contains("Pro Plus"));
    assert_eq!(row_count(&shelf), 2);
    shelf.check();
}

#[test]
fn customers_are_listed_by_how_they_pay() {
    let mut shelf = Shelf::new();
    shelf.one(started(1, "a@example.com", "s1", ("Pro Plus", 12, "180.00")));
    shelf.one(started(2, "b@example.com", "s2", ("Standard", 3, "30.25")));
    shelf.one(told("payment_failed", 4, "b@example.com", "s2"));
    shelf.one(envelope("login", 3, None, json!({"email": "c@example.com"})));
    let listed = |health: &str| {
        let filter =
            CustomerFilter { billing: Some(health.to_owned()), ..CustomerFilter::default() };
        let page = PageRequest::default();
        let found =
            shelf.reader().listed(&filter, CustomerSort::LifetimeValue, &page).unwrap().data;
        found.into_iter().filter_map(|customer| customer.summary.email).collect::<Vec<_>>()
    };
    assert_eq!(listed("good"), ["a@example.com"]);
    assert_eq!(listed("past_due"), ["b@example.com"]);
    assert_eq!(listed("none"), ["c@example.com"]);
    assert!(listed("cancelled").is_empty());
}

#[test]
fn an_event_of_stripes_is_a_subscription_of_the_customer_that_it_names() {
    let mut shelf = Shelf::new();
    let stripe = |id: &str, kind: &str, object: Value| {
        let body = json!({"id": id, "object": "event", "created": 1_734_000_100, "livemode": false,
            "type": kind, "data": {"object": object}});
        message("stripe", body.to_string())
    };
    let customer = json!({"id": "cus_1", "object": "customer", "email": "a@example.com"});
    let price = json!({"currency": "usd", "unit_amount": 1500, "nickname": "Pro Plus",
        "recurring": {"interval": "month"}});
    let subscription = json!({"id": "sub_1", "customer": "cus_1", "currency": "usd",
        "status": "active", "items": {"data": [{"quantity": 4, "price": price}]}});
    let id = shelf.one(stripe("evt_1", "customer.created", customer));
    let same = shelf.one(stripe("evt_2", "customer.subscription.created", subscription));
    assert_eq!(id, same);
    let view = billing(&shelf, &id);
    assert_eq!((view.plans, view.screens), (vec!["Pro Plus".to_owned()], 4));
    assert_eq!(mrr(&billing(&shelf, &id)), json!({"USD": 60.0}));
    assert_eq!(shelf.rebuilt_dump(), shelf.dump());
}
