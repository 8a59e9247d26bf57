//! Every answer is read by the types of async-stripe, which are strict about what must be there.

use super::*;

#[track_caller]
fn reads<T: miniserde::Deserialize>(answers: &Value) {
    let answers = match answers {
        Value::Array(answers) => answers.clone(),
        other => vec![other.clone()],
    };
    assert!(!answers.is_empty());
    for answer in answers {
        let text = answer.to_string();
        assert!(miniserde::json::from_str::<T>(&text).is_ok(), "{text}");
    }
}

#[test]
fn all_that_is_made_and_listed_is_read() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 3, "&trial_period_days=3");
    let mode = "&billing_mode[type]=classic";
    let classic = account.subscribe(&account.standard.clone(), 3, mode);
    account.advance("2026-01-10T00:00:00Z");
    account.set_quantity(&subscription, 9, "&proration_behavior=always_invoice");
    account.set_card("pm_card_chargeCustomerFail");
    account.advance("2026-03-01T02:00:00Z");
    account.does(&Op::CancelSubscription(id(&classic)), "prorate=true&invoice_now=true");
    let address = "address[city]=Pune&shipping[name]=Ada&shipping[address][line1]=1 Road";
    account.does(&Op::CreateCustomer, address);
    let of_customer = format!("customer={}", account.customer);
    let methods = account.does(&Op::ListPaymentMethods, &of_customer);
    reads::<stripe_shared::PaymentMethod>(&methods);
    reads::<stripe_shared::Customer>(&account.does(&Op::SearchCustomers, ""));
    reads::<stripe_shared::Subscription>(&account.does(&Op::SearchSubscriptions, ""));
    reads::<stripe_shared::Invoice>(&account.does(&Op::SearchInvoices, ""));
    reads::<stripe_shared::Price>(&account.does(&Op::ListPrices, ""));
    reads::<stripe_shared::Product>(&account.does(&Op::ListProducts, ""));
    reads::<stripe_shared::TestHelpersTestClock>(&account.does(&Op::ListTestClocks, ""));
    reads::<stripe_shared::Event>(&account.does(&Op::ListEvents, ""));
    let deleted = account.does(&Op::DeleteCustomer(account.customer.clone()), "");
    reads::<stripe_shared::DeletedCustomer>(&deleted);
    let deleted = account.does(&Op::DeleteTestClock(account.clock.clone()), "");
    reads::<stripe_shared::DeletedTestHelpersTestClock>(&deleted);
}

#[test]
fn a_clock_that_goes_is_read() {
    let advance_duration = SignedDuration::from_secs(5);
    let mut account = Account::of(BooksSettings { advance_duration, ..BooksSettings::default() });
    let form = format!("frozen_time={}", seconds("2026-01-02T00:00:00Z"));
    let clock = account.does(&Op::AdvanceTestClock(account.clock.clone()), &form);
    reads::<stripe_shared::TestHelpersTestClock>(&clock);
}

#[test]
fn the_card_of_a_token_is_read() {
    let mut account = Account::new();
    let method = account.does(&Op::RetrievePaymentMethod("pm_card_visa".to_owned()), "");
    reads::<stripe_shared::PaymentMethod>(&method);
}
