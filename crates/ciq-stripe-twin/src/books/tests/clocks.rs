//! Test clocks.

use super::*;

fn slow() -> Account {
    let advance_duration = SignedDuration::from_secs(5);
    Account::of(BooksSettings { advance_duration, ..BooksSettings::default() })
}

#[test]
fn a_clock_is_advancing_for_a_while() {
    let mut account = slow();
    let clock = account.clock.clone();
    let target = seconds("2026-02-01T02:00:00Z");
    let advance = Op::AdvanceTestClock(clock.clone());
    let answer = account.does(&advance, &format!("frozen_time={target}"));
    assert_eq!(
        (&answer["status"], &answer["frozen_time"]),
        (&"advancing".into(), &seconds(START).into())
    );
    assert_eq!(answer["status_details"]["advancing"]["target_frozen_time"], target);
    account.wait(SignedDuration::from_secs(4));
    let read = Op::RetrieveTestClock(clock);
    assert_eq!(account.does(&read, "")["status"], "advancing");
    account.wait(SignedDuration::from_secs(1));
    let ready = account.does(&read, "");
    assert_eq!((&ready["status"], &ready["frozen_time"]), (&"ready".into(), &target.into()));
}

#[test]
fn what_lives_on_a_clock_that_goes_cannot_be_changed() {
    let mut account = slow();
    let subscription = account.subscribe(&account.pro.clone(), 1, "");
    let (clock, customer) = (account.clock.clone(), account.customer.clone());
    let form = format!("frozen_time={}", seconds("2026-01-02T00:00:00Z"));
    account.does(&Op::AdvanceTestClock(clock.clone()), &form);
    let subscribe = format!("customer={customer}&items[0][price]={}", account.pro);
    let invoice = id(&account.invoices()[0]);
    let (on_clock, of_customer) = (format!("test_clock={clock}"), format!("customer={customer}"));
    let writes = [
        (Op::CreateCustomer, on_clock.as_str()),
        (Op::UpdateCustomer(customer.clone()), "name=Eve"),
        (Op::DeleteCustomer(customer), ""),
        (Op::AttachPaymentMethod("pm_card_visa".to_owned()), &of_customer),
        (Op::CreateSubscription, &subscribe),
        (Op::UpdateSubscription(id(&subscription)), "metadata[a]=1"),
        (Op::CancelSubscription(id(&subscription)), ""),
        (Op::PayInvoice(invoice), ""),
        (Op::AdvanceTestClock(clock.clone()), "frozen_time=1893456000"),
        (Op::DeleteTestClock(clock.clone()), ""),
    ];
    let expected =
        format!("Test clock advancement underway - cannot perform modifications: {clock}");
    for (operation, form) in &writes {
        let refusal = account.refuses(operation, form);
        assert_eq!((refusal.status(), refusal.message()), (429, expected.as_str()));
    }
    account.wait(SignedDuration::from_secs(5));
    account.update(&subscription, "metadata[a]=1");
}

#[test]
fn a_clock_goes_forward_only_and_not_too_far() {
    let mut account = Account::new();
    let advance = Op::AdvanceTestClock(account.clock.clone());
    let to = |time: &str| format!("frozen_time={}", seconds(time));
    account.refuses(&advance, &to(START));
    account.refuses(&advance, &to("2028-01-01T00:00:01Z"));
    let subscription = account.subscribe(&account.pro.clone(), 1, "");
    account.refuses(&advance, &to("2026-03-01T00:00:01Z"));
    account.does(&advance, &to("2026-03-01T00:00:00Z"));
    account.does(&Op::CancelSubscription(id(&subscription)), "");
    account.does(&advance, &to("2027-03-01T00:00:00Z"));
}

#[test]
fn a_failing_clock_ends_in_an_internal_failure() {
    let mut account = Account::of(BooksSettings {
        failing_clock: Some("broken".to_owned()),
        ..BooksSettings::default()
    });
    let form = format!("name=a broken clock&frozen_time={}", seconds(START));
    let clock = id(&account.does(&Op::CreateTestClock, &form));
    let form = format!("frozen_time={}", seconds("2026-02-01T00:00:00Z"));
    let advance = Op::AdvanceTestClock(clock.clone());
    assert_eq!(account.does(&advance, &form)["status"], "advancing");
    let failed = account.does(&Op::RetrieveTestClock(clock.clone()), "");
    assert_eq!(
        (&failed["status"], &failed["frozen_time"]),
        (&"internal_failure".into(), &seconds(START).into())
    );
    account.refuses(&advance, &form);
    account.does(&Op::DeleteTestClock(clock), "");
}

#[test]
fn a_clock_takes_its_customers_along() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 1, "");
    let clock = account.clock.clone();
    let gone = account.does(&Op::DeleteTestClock(clock.clone()), "");
    assert_eq!(gone["deleted"], true);
    assert_eq!(account.subscription(&subscription)["status"], "canceled");
    let customer = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    assert_eq!(customer["deleted"], true);
    assert_eq!(account.refuses(&Op::RetrieveTestClock(clock.clone()), "").status(), 404);
    assert!(account.books.rank(&clock).is_some());
}

#[test]
fn a_clock_lives_for_thirty_days() {
    let mut account = Account::new();
    let read = Op::RetrieveTestClock(account.clock.clone());
    let clock = account.does(&read, "");
    let life = clock["deletes_after"].as_i64().unwrap() - clock["created"].as_i64().unwrap();
    assert_eq!(life, 2_592_000);
    account.wait(SignedDuration::from_hours(24 * 30));
    assert_eq!(account.refuses(&read, "").status(), 404);
    let customer = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    assert_eq!(customer["deleted"], true);
}

#[test]
fn each_clock_has_its_own_time() {
    let mut account = Account::new();
    let first = account.subscribe(&account.pro.clone(), 1, "");
    let old = (account.clock.clone(), account.customer.clone());
    account.clock = account.clock_at("2025-06-01T00:00:00Z");
    account.customer = account.customer_on_clock();
    account.subscribe(&account.pro.clone(), 1, "");
    account.advance("2025-07-01T02:00:00Z");
    assert_eq!(account.invoices().len(), 2);
    (account.clock, account.customer) = old;
    assert_eq!(account.invoices().len(), 1);
    let end = &account.subscription(&first)["items"]["data"][0]["current_period_end"];
    assert_eq!(*end, seconds("2026-02-01T00:00:00Z"));
}

#[test]
fn looking_on_changes_nothing() {
    let mut account = slow();
    let form = "payment_method=pm_card_visa&invoice_settings[default_payment_method]=pm_card_visa";
    let on_clock = account.customer.clone();
    account.subscribe(&account.pro.clone(), 1, "");
    account.customer = id(&account.does(&Op::CreateCustomer, form));
    account.subscribe(&account.pro.clone(), 2, "");
    let form = format!("frozen_time={}", seconds("2026-02-01T02:00:00Z"));
    account.does(&Op::AdvanceTestClock(account.clock.clone()), &form);
    let mut watched = account.clone();
    for _ in 0..200 {
        watched.wait(SignedDuration::from_hours(5));
        watched.does(&Op::ListEvents, "");
    }
    account.wait(SignedDuration::from_hours(1_000));
    account.does(&Op::RetrieveCustomer(on_clock), "");
    assert!(account.books == watched.books);
}
