//! Changes of price and quantity, and what they cost.

use super::*;

/// An account whose customer has 5 × Pro Plus, at the middle of a month of 28 days.
fn in_february() -> (Account, Value) {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 5, "");
    account.advance("2026-02-01T02:00:00Z");
    account.advance("2026-02-15T00:00:00Z");
    (account, subscription)
}

#[test]
fn a_change_waits_as_proration_for_the_next_invoice() {
    let (mut account, subscription) = in_february();
    let changed = account.set_quantity(&subscription, 8, "");
    assert_eq!(changed["items"]["data"][0]["quantity"], 8);
    assert_eq!(changed["latest_invoice"], account.subscription(&subscription)["latest_invoice"]);
    account.advance("2026-03-01T02:00:00Z");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!(amounts(&invoice), [-3_750, 6_000, 12_000]);
    assert_eq!((&invoice["total"], &invoice["status"]), (&14_250.into(), &"paid".into()));
    let lines = &invoice["lines"]["data"];
    assert_eq!(lines[0]["description"], "Unused time on 5 × Pro Plus after 15 Feb 2026");
    assert_eq!(lines[1]["description"], "Remaining time on 8 × Pro Plus after 15 Feb 2026");
    let details = &lines[0]["parent"]["subscription_item_details"];
    assert_eq!(details["proration"], true);
    assert!(details["invoice_item"].as_str().unwrap().starts_with("ii_"));
    assert_eq!(lines[0]["period"]["start"], seconds("2026-02-15T00:00:00Z"));
    assert_eq!(lines[0]["period"]["end"], seconds("2026-03-01T00:00:00Z"));
}

#[test]
fn a_change_without_proration_costs_from_the_next_period_on() {
    let (mut account, subscription) = in_february();
    account.set_quantity(&subscription, 8, "&proration_behavior=none");
    account.advance("2026-03-01T02:00:00Z");
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [12_000]);
}

#[test]
fn a_change_may_be_invoiced_at_once() {
    let (mut account, subscription) = in_february();
    let changed = account.set_quantity(&subscription, 8, "&proration_behavior=always_invoice");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!(changed["latest_invoice"], invoice["id"]);
    assert_eq!(invoice["billing_reason"], "subscription_update");
    assert_eq!((&invoice["total"], &invoice["status"]), (&2_250.into(), &"paid".into()));
    account.advance("2026-03-01T02:00:00Z");
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [12_000]);
}

#[test]
fn a_credit_becomes_the_customers_balance_and_is_used_up() {
    let (mut account, subscription) = in_february();
    account.set_quantity(&subscription, 1, "&proration_behavior=always_invoice");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!((&invoice["total"], &invoice["amount_due"]), (&(-3_000).into(), &0.into()));
    assert_eq!(
        (&invoice["status"], &invoice["ending_balance"]),
        (&"paid".into(), &(-3_000).into())
    );
    let customer = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    assert_eq!(customer["balance"], -3_000);
    account.advance("2026-03-01T02:00:00Z");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!((&invoice["total"], &invoice["amount_due"]), (&1_500.into(), &0.into()));
    assert_eq!(
        (&invoice["starting_balance"], &invoice["ending_balance"]),
        (&(-3_000).into(), &(-1_500).into())
    );
}

#[test]
fn another_price_keeps_the_item_and_the_cycle() {
    let (mut account, subscription) = in_february();
    let item = id(&subscription["items"]["data"][0]);
    let form = format!("items[0][id]={item}&items[0][price]={}", account.standard);
    let changed = account.update(&subscription, &form);
    let changed_item = &changed["items"]["data"][0];
    assert_eq!((&changed_item["id"], &changed_item["quantity"]), (&item.into(), &5.into()));
    assert_eq!(changed_item["current_period_end"], seconds("2026-03-01T00:00:00Z"));
    account.advance("2026-03-01T02:00:00Z");
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [-3_750, 2_500, 5_000]);
}

#[test]
fn items_come_and_go() {
    let (mut account, subscription) = in_february();
    let item = id(&subscription["items"]["data"][0]);
    let form = format!(
        "items[0][id]={item}&items[0][deleted]=true&items[1][price]={}&items[1][quantity]=2",
        account.standard
    );
    let changed = account.update(&subscription, &form);
    assert_eq!(changed["items"]["data"].as_array().unwrap().len(), 1);
    account.advance("2026-03-01T02:00:00Z");
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [-3_750, 1_000, 2_000]);
    let last = id(&changed["items"]["data"][0]);
    let form = format!("items[0][id]={last}&items[0][deleted]=true");
    account.refuses(&Op::UpdateSubscription(id(&subscription)), &form);
    account.refuses(&Op::UpdateSubscription(id(&subscription)), "items[0][id]=si_x");
}

#[test]
fn going_from_free_to_paid_keeps_the_cycle_in_flexible_mode() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.free.clone(), 2, "");
    account.advance("2026-01-16T12:00:00Z");
    let item = id(&subscription["items"]["data"][0]);
    let form = format!("items[0][id]={item}&items[0][price]={}", account.pro);
    let changed = account.update(&subscription, &form);
    assert_eq!(changed["billing_cycle_anchor"], seconds(START));
    assert_eq!(account.invoices().len(), 1);
    account.advance("2026-02-01T02:00:00Z");
    assert_eq!(amounts(&account.invoices()[1]), [0, 1_500, 3_000]);
}

#[test]
fn going_from_free_to_paid_begins_a_new_cycle_in_classic_mode() {
    let mut account = Account::new();
    let mode = "&billing_mode[type]=classic";
    let subscription = account.subscribe(&account.free.clone(), 2, mode);
    account.advance("2026-01-16T12:00:00Z");
    let item = id(&subscription["items"]["data"][0]);
    let form = format!("items[0][id]={item}&items[0][price]={}", account.pro);
    let changed = account.update(&subscription, &form);
    assert_eq!(changed["billing_cycle_anchor"], seconds("2026-01-16T12:00:00Z"));
    assert_eq!(amounts(&account.invoices()[1]), [0, 3_000]);
}

#[test]
fn another_interval_begins_a_new_cycle_and_is_billed_at_once() {
    let (mut account, subscription) = in_february();
    let yearly = "product_data[name]=Y&currency=usd&unit_amount=12000&recurring[interval]=year";
    let yearly = id(&account.does(&Op::CreatePrice, yearly));
    let item = id(&subscription["items"]["data"][0]);
    let changed =
        account.update(&subscription, &format!("items[0][id]={item}&items[0][price]={yearly}"));
    let end = &changed["items"]["data"][0]["current_period_end"];
    assert_eq!(*end, seconds("2027-02-15T00:00:00Z"));
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [-3_750, 60_000]);
}

#[test]
fn the_cycle_begins_anew_on_demand() {
    let (mut account, subscription) = in_february();
    let changed = account.update(&subscription, "billing_cycle_anchor[type]=now");
    assert_eq!(changed["billing_cycle_anchor"], seconds("2026-02-15T00:00:00Z"));
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [-3_750, 7_500]);
}

#[test]
fn a_trial_ends_on_demand() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 1, "&trial_period_days=30");
    account.advance("2026-01-05T00:00:00Z");
    let changed = account.set_quantity(&subscription, 2, "&trial_end=now");
    assert_eq!(changed["status"], "active");
    assert_eq!(changed["trial_end"], seconds("2026-01-05T00:00:00Z"));
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [3_000]);
}

#[test]
fn a_change_within_a_trial_costs_nothing() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 1, "&trial_period_days=30");
    account.set_quantity(&subscription, 9, "");
    account.advance("2026-01-31T02:00:00Z");
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [13_500]);
}

#[test]
fn a_proration_may_count_from_another_moment() {
    let (mut account, subscription) = in_february();
    let date = format!("&proration_date={}", seconds("2026-02-22T00:00:00Z"));
    account.set_quantity(&subscription, 9, &date);
    account.advance("2026-03-01T02:00:00Z");
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [-1_875, 3_375, 13_500]);
    let item = id(&subscription["items"]["data"][0]);
    let form = format!("items[0][id]={item}&items[0][quantity]=1&proration_date=5");
    let refusal = account.refuses(&Op::UpdateSubscription(id(&subscription)), &form);
    assert_eq!(refusal.param(), Some("proration_date"));
}

#[test]
fn a_change_that_cannot_be_paid_is_refused_on_demand() {
    let (mut account, subscription) = in_february();
    account.set_card("pm_card_chargeCustomerFail");
    let item = id(&subscription["items"]["data"][0]);
    let form =
        format!("items[0][id]={item}&items[0][quantity]=50&proration_behavior=always_invoice");
    let strict = format!("{form}&payment_behavior=error_if_incomplete");
    let update = Op::UpdateSubscription(id(&subscription));
    assert_eq!(account.refuses(&update, &strict).status(), 402);
    assert_eq!(account.does(&update, &form)["status"], "past_due");
}

#[test]
fn a_change_is_told_with_what_was_before() {
    let (mut account, subscription) = in_february();
    account.books.take_events();
    account.set_quantity(&subscription, 8, "&metadata[why]=growth");
    let events = account.books.take_events();
    assert_eq!(events.len(), 1);
    let event = &events[0];
    assert_eq!(event["type"], "customer.subscription.updated");
    assert_eq!(event["created"], seconds("2026-02-15T00:00:00Z"));
    let before = &event["data"]["previous_attributes"];
    assert_eq!(before["items"]["data"][0]["quantity"], 5);
    assert_eq!(before["metadata"], serde_json::json!({"why": null}));
    assert!(before.get("status").is_none());
    account.update(&subscription, "metadata[why]=growth");
    assert!(account.books.take_events().is_empty());
}
