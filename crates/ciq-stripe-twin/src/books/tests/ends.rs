//! Subscriptions that end.

use super::*;

fn subscribed() -> (Account, Value) {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 4, "");
    account.advance("2026-01-16T12:00:00Z");
    (account, subscription)
}

#[test]
fn an_end_at_once_gives_nothing_back_unless_asked() {
    let (mut account, subscription) = subscribed();
    account.set_quantity(&subscription, 9, "");
    let cancel = Op::CancelSubscription(id(&subscription));
    let form = "cancellation_details[comment]=too dear&cancellation_details[feedback]=unused";
    let ended = account.does(&cancel, form);
    assert_eq!(ended["status"], "canceled");
    assert_eq!(ended["ended_at"], seconds("2026-01-16T12:00:00Z"));
    assert_eq!(ended["canceled_at"], ended["ended_at"]);
    let details = &ended["cancellation_details"];
    assert_eq!(details["reason"], "cancellation_requested");
    assert_eq!((&details["comment"], &details["feedback"]), (&"too dear".into(), &"unused".into()));
    account.advance("2026-02-01T02:00:00Z");
    assert_eq!(account.invoices().len(), 1);
    assert_eq!(account.refuses(&cancel, "").status(), 404);
}

#[test]
fn an_end_at_once_is_billed_on_demand() {
    let (mut account, subscription) = subscribed();
    let cancel = Op::CancelSubscription(id(&subscription));
    account.does(&cancel, "prorate=true&invoice_now=true");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!(amounts(&invoice), [-3_000]);
    assert_eq!(invoice["status"], "paid");
    let customer = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    assert_eq!(customer["balance"], -3_000);
}

#[test]
fn an_end_may_wait_for_the_end_of_the_period() {
    let (mut account, subscription) = subscribed();
    let changed = account.update(&subscription, "cancel_at_period_end=true");
    assert_eq!(changed["status"], "active");
    assert_eq!(changed["cancel_at"], seconds("2026-02-01T00:00:00Z"));
    assert_eq!(changed["canceled_at"], seconds("2026-01-16T12:00:00Z"));
    account.set_quantity(&subscription, 8, "");
    account.advance("2026-02-01T02:00:00Z");
    let ended = account.subscription(&subscription);
    assert_eq!(ended["status"], "canceled");
    assert_eq!(ended["ended_at"], seconds("2026-02-01T00:00:00Z"));
    assert_eq!(ended["canceled_at"], seconds("2026-01-16T12:00:00Z"));
    // What was used of the change is still billed.
    assert_eq!(amounts(&account.invoices().pop().unwrap()), [-3_000, 6_000]);
}

#[test]
fn an_end_can_be_taken_back() {
    let (mut account, subscription) = subscribed();
    account.update(&subscription, "cancel_at_period_end=true");
    let changed = account.update(&subscription, "cancel_at_period_end=false");
    assert!(changed["cancel_at"].is_null() && changed["canceled_at"].is_null());
    account.advance("2026-02-01T02:00:00Z");
    assert_eq!(account.subscription(&subscription)["status"], "active");
}

#[test]
fn an_end_within_a_period_gives_the_rest_back() {
    let (mut account, subscription) = subscribed();
    let form = format!("cancel_at={}", seconds("2026-02-15T00:00:00Z"));
    account.update(&subscription, &form);
    account.advance("2026-02-16T00:00:00Z");
    assert_eq!(account.subscription(&subscription)["status"], "canceled");
    // The period that it ends in is billed up to the end: half of February.
    let bills: Vec<_> = account.invoices().iter().map(amounts).collect();
    assert_eq!(bills, [vec![6_000], vec![3_000]]);

    let (mut account, subscription) = subscribed();
    let form = format!("cancel_at={}", seconds("2026-01-24T06:00:00Z"));
    account.update(&subscription, &form);
    account.advance("2026-01-25T00:00:00Z");
    let bills: Vec<_> = account.invoices().iter().map(amounts).collect();
    assert_eq!(bills, [vec![6_000], vec![-1_500]]);
}

#[test]
fn after_the_end_only_words_change() {
    let (mut account, subscription) = subscribed();
    account.does(&Op::CancelSubscription(id(&subscription)), "");
    let changed = account.update(&subscription, "metadata[a]=1");
    assert_eq!(changed["metadata"]["a"], "1");
    let refusal =
        account.refuses(&Op::UpdateSubscription(id(&subscription)), "cancel_at_period_end=true");
    assert_eq!(
        refusal.message(),
        "A canceled subscription can only update its cancellation_details and metadata."
    );
}

#[test]
fn open_invoices_are_not_charged_any_more() {
    let (mut account, subscription) = subscribed();
    account.set_card("pm_card_chargeCustomerFail");
    account.advance("2026-02-01T02:00:00Z");
    account.does(&Op::CancelSubscription(id(&subscription)), "");
    account.set_card("pm_card_visa");
    account.advance("2026-03-01T02:00:00Z");
    let invoice = account.invoices().pop().unwrap();
    assert_eq!((&invoice["status"], &invoice["attempt_count"]), (&"open".into(), &1.into()));
    assert_eq!(invoice["auto_advance"], false);
    account.does(&Op::PayInvoice(id(&invoice)), "");
    assert_eq!(account.subscription(&subscription)["status"], "canceled");
}

#[test]
fn an_end_is_told_as_a_deletion() {
    let (mut account, subscription) = subscribed();
    account.event_kinds();
    account.does(&Op::CancelSubscription(id(&subscription)), "");
    assert_eq!(account.event_kinds(), ["customer.subscription.deleted"]);
}
