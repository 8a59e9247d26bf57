//! Renewals, charges that fail, and tries again.

use super::*;

fn statuses(account: &mut Account) -> Vec<String> {
    let invoices = account.invoices();
    invoices.iter().map(|it| it["status"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_renewal_is_a_draft_for_an_hour() {
    let mut account = Account::new();
    account.subscribe(&account.pro.clone(), 2, "");
    account.advance("2026-02-01T00:59:59Z");
    let draft = account.invoices().pop().unwrap();
    assert_eq!((&draft["status"], &draft["amount_due"]), (&"draft".into(), &3_000.into()));
    assert_eq!(draft["automatically_finalizes_at"], seconds("2026-02-01T01:00:00Z"));
    assert_eq!(draft["created"], seconds("2026-02-01T00:00:00Z"));
    assert_eq!(draft["period_start"], seconds(START));
    assert!(draft["number"].is_null());
    account.advance("2026-02-01T01:00:00Z");
    let paid = account.invoices().pop().unwrap();
    assert_eq!((&paid["id"], &paid["status"]), (&draft["id"], &"paid".into()));
    assert_eq!(paid["billing_reason"], "subscription_cycle");
}

#[test]
fn six_months_make_seven_invoices() {
    let mut account = Account::new();
    account.subscribe(&account.standard.clone(), 3, "");
    for month in 2..=7 {
        account.advance(&format!("2026-{month:02}-01T02:00:00Z"));
    }
    assert_eq!(statuses(&mut account), ["paid"; 7]);
    assert!(account.invoices().iter().all(|invoice| invoice["total"] == 3_000));
}

#[test]
fn a_failed_renewal_is_past_due_and_tried_again() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 2, "");
    account.set_card("pm_card_chargeCustomerFail");
    account.advance("2026-02-01T02:00:00Z");
    assert_eq!(account.subscription(&subscription)["status"], "past_due");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!((&invoice["status"], &invoice["attempt_count"]), (&"open".into(), &1.into()));
    assert_eq!(invoice["next_payment_attempt"], seconds("2026-02-04T01:00:00Z"));
    let customer = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    assert_eq!(customer["delinquent"], true);
    account.set_card("pm_card_visa");
    account.advance("2026-02-04T01:00:00Z");
    assert_eq!(account.subscription(&subscription)["status"], "active");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!((&invoice["status"], &invoice["attempt_count"]), (&"paid".into(), &2.into()));
    let customer = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    assert_eq!(customer["delinquent"], false);
}

#[track_caller]
fn ends_after_all_tries(dunning: Dunning, status: &str, later: &[&str]) {
    let mut account = Account::with(dunning);
    let subscription = account.subscribe(&account.pro.clone(), 2, "");
    account.set_card("pm_card_chargeCustomerFail");
    account.advance("2026-02-28T00:00:00Z");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!(invoice["attempt_count"], 4);
    assert!(invoice["next_payment_attempt"].is_null());
    let found = account.subscription(&subscription);
    assert_eq!(found["status"], status);
    let reason = &found["cancellation_details"]["reason"];
    assert_eq!(reason == "payment_failed", status == "canceled");
    account.advance("2026-03-01T02:00:00Z");
    assert_eq!(statuses(&mut account), later);
    assert_eq!(account.subscription(&subscription)["status"], status);
}

#[test]
fn a_subscription_that_is_never_paid_ends_as_the_account_says() {
    ends_after_all_tries(Dunning::LeavePastDue, "past_due", &["paid", "open", "open"]);
    ends_after_all_tries(Dunning::Cancel, "canceled", &["paid", "open"]);
    ends_after_all_tries(Dunning::MarkUnpaid, "unpaid", &["paid", "open", "draft"]);
}

#[test]
fn paying_the_latest_invoice_makes_a_subscription_active_again() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 2, "");
    account.set_card("pm_card_chargeCustomerFail");
    account.advance("2026-02-28T00:00:00Z");
    account.advance("2026-03-02T00:00:00Z");
    assert_eq!(statuses(&mut account), ["paid", "open", "open"]);
    account.set_card("pm_card_visa");
    let (old, new) = (id(&account.invoices()[1]), id(&account.invoices()[2]));
    account.does(&Op::PayInvoice(old), "");
    assert_eq!(account.subscription(&subscription)["status"], "past_due");
    account.does(&Op::PayInvoice(new), "");
    assert_eq!(account.subscription(&subscription)["status"], "active");
}

#[test]
fn the_subscriptions_own_card_comes_first() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 2, "");
    let good = account.set_card("pm_card_visa");
    account.update(&subscription, &format!("default_payment_method={good}"));
    account.set_card("pm_card_chargeCustomerFail");
    account.advance("2026-02-01T02:00:00Z");
    assert_eq!(account.subscription(&subscription)["status"], "active");
    account.update(&subscription, "default_payment_method=");
    account.advance("2026-03-01T02:00:00Z");
    assert_eq!(account.subscription(&subscription)["status"], "past_due");
}

#[test]
fn an_invoice_is_paid_by_hand_with_another_card_or_none() {
    let mut account = Account::new();
    account.subscribe(&account.pro.clone(), 2, "");
    let good = account.set_card("pm_card_visa");
    account.set_card("pm_card_chargeCustomerFail");
    account.advance("2026-02-01T02:00:00Z");
    let pay = Op::PayInvoice(id(&account.invoices()[1]));
    let declined = account.ask(&pay, "").unwrap_err();
    assert_eq!(declined.status(), 402);
    // A try by hand after the first leaves the schedule alone.
    let invoice = account.invoices().pop().unwrap();
    assert_eq!(invoice["attempt_count"], 1);
    assert_eq!(invoice["next_payment_attempt"], seconds("2026-02-04T01:00:00Z"));
    let paid = account.does(&pay, &format!("payment_method={good}"));
    assert_eq!(paid["amount_remaining"], 0);
    assert_eq!(account.refuses(&pay, "").message(), "Invoice is already paid");
    account.advance("2026-03-01T02:00:00Z");
    let pay = Op::PayInvoice(id(&account.invoices()[2]));
    assert_eq!(account.does(&pay, "paid_out_of_band=true")["status"], "paid");
}

#[test]
fn a_draft_is_made_final_by_hand() {
    let mut account = Account::new();
    account.subscribe(&account.pro.clone(), 2, "");
    account.advance("2026-02-01T00:30:00Z");
    let finalize = Op::FinalizeInvoice(id(&account.invoices()[1]));
    let invoice = account.does(&finalize, "");
    assert_eq!(invoice["status"], "open");
    assert_eq!(invoice["next_payment_attempt"], seconds("2026-02-01T01:30:00Z"));
    account.refuses(&finalize, "");
    account.advance("2026-02-01T01:30:00Z");
    assert_eq!(statuses(&mut account), ["paid", "paid"]);
}

#[test]
fn an_open_invoice_can_be_voided() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 2, "");
    account.set_card("pm_card_chargeCustomerFail");
    account.advance("2026-02-01T02:00:00Z");
    let void = Op::VoidInvoice(id(&account.invoices()[1]));
    assert_eq!(account.does(&void, "")["status"], "void");
    assert_eq!(account.subscription(&subscription)["status"], "active");
    account.refuses(&void, "");
}

#[test]
fn a_renewal_is_told_step_by_step() {
    let mut account = Account::new();
    account.subscribe(&account.pro.clone(), 2, "");
    account.event_kinds();
    account.advance("2026-02-01T02:00:00Z");
    let expected = [
        "test_helpers.test_clock.advancing",
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "invoice.paid",
        "invoice.payment_succeeded",
        "test_helpers.test_clock.ready",
    ];
    assert_eq!(account.event_kinds(), expected);
    account.set_card("pm_card_chargeCustomerFail");
    account.event_kinds();
    account.advance("2026-03-01T02:00:00Z");
    let expected = [
        "test_helpers.test_clock.advancing",
        "customer.subscription.updated",
        "invoice.created",
        "invoice.finalized",
        "invoice.payment_failed",
        "customer.subscription.updated",
        "customer.updated",
        "test_helpers.test_clock.ready",
    ];
    assert_eq!(account.event_kinds(), expected);
}

#[test]
fn without_a_clock_renewals_come_with_real_time() {
    let mut account = Account::new();
    let form = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    account.customer = id(&account.does(&Op::CreateCustomer, form));
    let subscription = account.subscribe(&account.pro.clone(), 1, "");
    account.wait(SignedDuration::from_hours(24 * 62 + 2));
    assert_eq!(statuses(&mut account), ["paid", "paid", "paid"]);
    let start = &account.subscription(&subscription)["items"]["data"][0]["current_period_start"];
    assert_eq!(*start, seconds("2026-09-10T09:00:00Z"));
    assert_eq!(account.invoices()[1]["created"], seconds("2026-08-10T09:00:00Z"));
}

#[test]
fn an_anchor_on_the_31st_keeps_its_day() {
    let mut account = Account::new();
    account.clock = account.clock_at("2026-01-31T10:00:00Z");
    account.customer = account.customer_on_clock();
    account.subscribe(&account.pro.clone(), 1, "");
    account.advance("2026-02-28T12:00:00Z");
    account.advance("2026-03-31T12:00:00Z");
    let created: Vec<_> = account.invoices().iter().map(|it| it["created"].clone()).collect();
    let times = ["2026-01-31T10:00:00Z", "2026-02-28T10:00:00Z", "2026-03-31T10:00:00Z"];
    assert_eq!(created, times.map(seconds));
}
