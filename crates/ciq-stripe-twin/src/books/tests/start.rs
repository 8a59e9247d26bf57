//! New subscriptions.

use super::*;

#[test]
fn a_new_subscription_is_paid_at_once() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 4, "&metadata[n]=1");
    assert_eq!(subscription["status"], "active");
    let item = &subscription["items"]["data"][0];
    assert_eq!(item["current_period_start"], seconds(START));
    assert_eq!(item["current_period_end"], seconds("2026-02-01T00:00:00Z"));
    let invoices = account.invoices();
    assert_eq!(invoices.len(), 1);
    let invoice = &invoices[0];
    assert_eq!(subscription["latest_invoice"], invoice["id"]);
    assert_eq!((&invoice["status"], &invoice["total"]), (&"paid".into(), &6_000.into()));
    assert_eq!(invoice["amount_paid"], 6_000);
    assert_eq!(invoice["attempt_count"], 1);
    assert_eq!(invoice["billing_reason"], "subscription_create");
    assert_eq!(invoice["status_transitions"]["paid_at"], seconds(START));
    assert!(invoice["number"].as_str().unwrap().ends_with("-0001"));
    let line = &invoice["lines"]["data"][0];
    assert_eq!(line["description"], "4 × Pro Plus (at $15.00 / month)");
    assert_eq!(line["quantity"], 4);
    assert_eq!(line["pricing"]["price_details"]["price"], account.pro.as_str());
    assert_eq!(line["pricing"]["unit_amount_decimal"], "1500");
    assert_eq!(line["parent"]["subscription_item_details"]["proration"], false);
    assert_eq!(line["period"]["end"], seconds("2026-02-01T00:00:00Z"));
}

#[test]
fn what_is_free_needs_no_card() {
    let mut account = Account::new();
    account.customer = id(&account.does(&Op::CreateCustomer, "name=Bob"));
    assert_eq!(account.subscribe(&account.free.clone(), 3, "")["status"], "active");
    let invoice = &account.invoices()[0];
    assert_eq!((&invoice["status"], &invoice["attempt_count"]), (&"paid".into(), &0.into()));
    let form = format!("customer={}&items[0][price]={}", account.customer, account.pro);
    let refusal = account.refuses(&Op::CreateSubscription, &form);
    assert_eq!(refusal.code(), Some("resource_missing"));
}

#[test]
fn a_first_charge_that_fails_leaves_it_incomplete() {
    let mut account = Account::new();
    account.set_card("pm_card_chargeCustomerFail");
    let pro = account.pro.clone();
    let subscription = account.subscribe(&pro, 1, "");
    assert_eq!(subscription["status"], "incomplete");
    assert_eq!(account.invoices()[0]["status"], "open");
    account.set_card("pm_card_visa");
    let invoice = id(&account.invoices()[0]);
    assert_eq!(account.does(&Op::PayInvoice(invoice), "")["status"], "paid");
    assert_eq!(account.subscription(&subscription)["status"], "active");
}

#[test]
fn an_incomplete_subscription_expires_after_23_hours() {
    let mut account = Account::new();
    account.set_card("pm_card_chargeCustomerFail");
    let subscription = account.subscribe(&account.pro.clone(), 1, "");
    account.advance("2026-01-01T22:59:59Z");
    assert_eq!(account.subscription(&subscription)["status"], "incomplete");
    account.advance("2026-01-01T23:00:00Z");
    assert_eq!(account.subscription(&subscription)["status"], "incomplete_expired");
    assert_eq!(account.invoices()[0]["status"], "void");
}

#[test]
fn the_first_charge_is_made_as_asked() {
    let mut account = Account::new();
    let pro = account.pro.clone();
    let waiting = account.subscribe(&pro, 1, "&payment_behavior=default_incomplete");
    assert_eq!(waiting["status"], "incomplete");
    account.set_card("pm_card_chargeCustomerFail");
    let form = format!(
        "customer={}&items[0][price]={pro}&payment_behavior=error_if_incomplete",
        account.customer
    );
    assert_eq!(account.refuses(&Op::CreateSubscription, &form).status(), 402);
}

#[test]
fn a_trial_costs_nothing_until_it_ends() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 2, "&trial_period_days=14");
    assert_eq!(subscription["status"], "trialing");
    assert_eq!(subscription["trial_end"], seconds("2026-01-15T00:00:00Z"));
    account.advance("2026-01-15T02:00:00Z");
    let subscription = account.subscription(&subscription);
    assert_eq!(subscription["status"], "active");
    let end = &subscription["items"]["data"][0]["current_period_end"];
    assert_eq!(*end, seconds("2026-02-15T00:00:00Z"));
    let totals: Vec<_> = account.invoices().iter().map(|it| it["total"].clone()).collect();
    assert_eq!(totals, [0, 3_000]);
    assert_eq!(
        account.invoices()[0]["lines"]["data"][0]["description"],
        "Trial period for Pro Plus"
    );
}

#[test]
fn a_trial_without_a_card_ends_as_asked() {
    for (behavior, status) in [("cancel", "canceled"), ("pause", "paused")] {
        let mut account = Account::new();
        let form = format!("name=Bob&test_clock={}", account.clock);
        account.customer = id(&account.does(&Op::CreateCustomer, &form));
        let more = format!(
            "&trial_period_days=7&trial_settings[end_behavior][missing_payment_method]={behavior}"
        );
        let subscription = account.subscribe(&account.pro.clone(), 1, &more);
        account.advance("2026-01-09T00:00:00Z");
        assert_eq!(account.subscription(&subscription)["status"], status);
    }
}

#[test]
fn a_later_anchor_makes_a_short_first_period() {
    let mut account = Account::new();
    let anchor = format!("&billing_cycle_anchor={}", seconds("2026-01-16T12:00:00Z"));
    let subscription = account.subscribe(&account.pro.clone(), 1, &anchor);
    let end = &subscription["items"]["data"][0]["current_period_end"];
    assert_eq!(*end, seconds("2026-01-16T12:00:00Z"));
    // Fifteen and a half days of the thirty-one from 16 December on.
    assert_eq!(amounts(&account.invoices()[0]), [750]);
    account.advance("2026-01-17T00:00:00Z");
    assert_eq!(amounts(&account.invoices()[1]), [1_500]);
    let far = format!(
        "customer={}&items[0][price]={}&billing_cycle_anchor={}",
        account.customer,
        account.pro,
        seconds("2026-03-01T00:00:00Z")
    );
    let refusal = account.refuses(&Op::CreateSubscription, &far);
    assert_eq!(refusal.param(), Some("billing_cycle_anchor"));
}

#[test]
fn several_items_make_several_lines() {
    let mut account = Account::new();
    let more = format!("&items[1][price]={}&items[1][quantity]=3", account.standard);
    account.subscribe(&account.pro.clone(), 2, &more);
    assert_eq!(amounts(&account.invoices()[0]), [3_000, 3_000]);
}

#[test]
fn what_cannot_be_subscribed_to_is_refused() {
    let mut account = Account::new();
    let pro = account.pro.clone();
    let once = account.does(&Op::CreatePrice, "product_data[name]=A&currency=usd&unit_amount=1");
    let yearly = "product_data[name]=A&currency=usd&unit_amount=1&recurring[interval]=year";
    let yearly = account.does(&Op::CreatePrice, yearly);
    let old = account.monthly("Old", 1);
    account.does(&Op::UpdatePrice(old.clone()), "active=false");
    let refusals = [
        (String::new(), "items"),
        ("items[0][price]=price_x".to_owned(), "items[0][price]"),
        (format!("items[0][price]={}", id(&once)), "items[0][price]"),
        (format!("items[0][price]={old}"), "items[0][price]"),
        (format!("items[0][price]={pro}&items[1][price]={pro}"), "items"),
        (format!("items[0][price]={pro}&items[1][price]={}", id(&yearly)), "items"),
        (format!("items[0][price]={pro}&items[0][quantity]=-1"), "items[0][quantity]"),
        (format!("items[0][price]={pro}&discounts[0][coupon]=x"), "discounts"),
        (format!("items[0][price]={pro}&collection_method=send_invoice"), "collection_method"),
        (format!("items[0][price]={pro}&trial_end=1"), "trial_end"),
        (format!("items[0][price]={pro}&trial_end=4102444800"), "trial_end"),
        (format!("items[0][price]={pro}&trial_period_days=731"), "trial_period_days"),
    ];
    for (form, param) in refusals {
        let form = format!("customer={}&{form}", account.customer);
        let refusal = account.refuses(&Op::CreateSubscription, &form);
        assert_eq!(refusal.param(), Some(param), "{form}");
    }
}

#[test]
fn a_customer_on_a_clock_has_three_subscriptions_at_most() {
    let mut account = Account::new();
    for _ in 0..3 {
        account.subscribe(&account.free.clone(), 1, "");
    }
    let form = format!("customer={}&items[0][price]={}", account.customer, account.free);
    account.refuses(&Op::CreateSubscription, &form);
}
