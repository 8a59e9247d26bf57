//! Customers and their cards.

use super::*;

#[test]
fn a_customer_comes_with_a_card() {
    let mut account = Account::new();
    let customer = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    let method = customer["invoice_settings"]["default_payment_method"].as_str().unwrap();
    assert!(method.starts_with("pm_") && method != "pm_card_visa");
    let method = account.does(&Op::RetrievePaymentMethod(method.to_owned()), "");
    assert_eq!(method["card"]["last4"], "4242");
    assert_eq!(method["customer"], customer["id"]);
    assert_eq!(customer["created"], seconds(START));
}

#[test]
fn a_clock_has_room_for_three_customers() {
    let mut account = Account::new();
    account.customer_on_clock();
    account.customer_on_clock();
    let form = format!("test_clock={}", account.clock);
    let refusal = account.refuses(&Op::CreateCustomer, &form);
    let expected =
        "You already have the maximum number (3) of customers allowed on this test clock.";
    assert_eq!(refusal.message(), expected);
}

#[test]
fn a_card_that_declines_cannot_be_attached() {
    let mut account = Account::new();
    let form = format!("customer={}", account.customer);
    let declined = Op::AttachPaymentMethod("pm_card_chargeDeclined".to_owned());
    let refusal = account.refuses(&declined, &form);
    assert_eq!((refusal.status(), refusal.code()), (402, Some("card_declined")));
    let refusal =
        account.refuses(&Op::CreateCustomer, "payment_method=pm_card_visa_chargeDeclined");
    assert_eq!(refusal.status(), 402);
}

#[test]
fn a_card_that_fails_later_can() {
    let mut account = Account::new();
    let form = format!("customer={}", account.customer);
    let fails = Op::AttachPaymentMethod("pm_card_chargeCustomerFail".to_owned());
    let (one, other) = (account.does(&fails, &form), account.does(&fails, &form));
    assert_eq!(one["card"]["last4"], "0341");
    assert_ne!(one["id"], other["id"]);
    let found = account.does(&Op::ListPaymentMethods, &form);
    assert_eq!(found.as_array().unwrap().len(), 3);
    let again = account.does(&Op::AttachPaymentMethod(id(&one)), &form);
    assert_eq!(again["id"], one["id"]);
}

#[test]
fn a_default_card_must_be_the_customers_own() {
    let mut account = Account::new();
    let update = Op::UpdateCustomer(account.customer.clone());
    let form = "invoice_settings[default_payment_method]=pm_card_visa";
    let refusal = account.refuses(&update, form);
    assert_eq!(refusal.code(), Some("resource_missing"));
    let refusal = account.refuses(&Op::CreateCustomer, form);
    assert_eq!(refusal.param(), Some("invoice_settings[default_payment_method]"));
}

#[test]
fn a_detached_card_is_nobodys_default() {
    let mut account = Account::new();
    let method = account.set_card("pm_card_visa");
    account.does(&Op::DetachPaymentMethod(method.clone()), "");
    let customer = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    assert!(customer["invoice_settings"]["default_payment_method"].is_null());
    let form = format!("customer={}", account.customer);
    account.refuses(&Op::AttachPaymentMethod(method), &form);
}

#[test]
fn a_customer_is_kept_as_given_and_changed_in_parts() {
    let mut account = Account::new();
    let form = "address[city]=Pune&shipping[name]=Ada&shipping[address][line1]=1 Road\
                &metadata[run]=a&tax_exempt=exempt&preferred_locales[]=en&phone=1";
    let customer = account.does(&Op::CreateCustomer, form);
    assert_eq!(customer["address"]["city"], "Pune");
    let customer =
        account.does(&Op::UpdateCustomer(id(&customer)), "address=&phone=&metadata[more]=b");
    assert!(customer["address"].is_null() && customer["phone"].is_null());
    assert_eq!(customer["metadata"], serde_json::json!({"more": "b", "run": "a"}));
    assert_eq!(customer["shipping"]["address"]["line1"], "1 Road");
}

#[test]
fn a_deleted_customer_leaves_an_id() {
    let mut account = Account::new();
    let subscription = account.subscribe(&account.pro.clone(), 2, "");
    let gone = account.does(&Op::DeleteCustomer(account.customer.clone()), "");
    assert_eq!(gone["deleted"], true);
    let found = account.does(&Op::RetrieveCustomer(account.customer.clone()), "");
    assert_eq!(found, gone);
    assert_eq!(account.subscription(&subscription)["status"], "canceled");
    let again = account.refuses(&Op::DeleteCustomer(account.customer.clone()), "");
    assert_eq!(again.status(), 404);
}
