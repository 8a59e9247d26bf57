//! Tables held against forms.

use super::super::{Field, tables};
use super::check;
use crate::params::Params;

#[track_caller]
fn accepted(table: &[Field], form: &str) {
    let verdict = check(&Params::decode(form).unwrap(), &[table, tables::EXPAND]);
    assert_eq!(verdict, Ok(()), "{form}");
}

#[track_caller]
fn refused(table: &[Field], form: &str, param: &str, message: &str) {
    let error = check(&Params::decode(form).unwrap(), &[table, tables::EXPAND]).unwrap_err();
    assert_eq!((error.param(), error.status()), (Some(param), 400), "{form}");
    assert!(error.message().contains(message), "{form}: {}", error.message());
}

#[test]
fn what_a_run_sends_is_accepted() {
    accepted(tables::CREATE_TEST_CLOCK, "frozen_time=1767225600&name=stripe-seed+a+01");
    accepted(
        tables::CREATE_CUSTOMER,
        "name=A&email=a@example.com&test_clock=clock_1&payment_method=pm_card_visa\
         &invoice_settings[default_payment_method]=pm_card_visa&metadata[run]=a",
    );
    accepted(
        tables::CREATE_SUBSCRIPTION,
        "customer=cus_1&items[0][price]=price_1&items[0][quantity]=4&expand[]=latest_invoice",
    );
    accepted(
        tables::UPDATE_SUBSCRIPTION,
        "items[0][id]=si_1&items[0][price]=price_2&items[0][quantity]=9&proration_behavior=none",
    );
    accepted(tables::CANCEL_SUBSCRIPTION, "prorate=false");
    accepted(tables::LIST_PRICES, "lookup_keys[0]=a&lookup_keys[1]=b&active=true");
    accepted(
        tables::CREATE_PRICE,
        "currency=usd&product=prod_1&unit_amount=1000&lookup_key=a&recurring[interval]=month",
    );
}

#[test]
fn an_unknown_parameter_is_named_with_its_place() {
    refused(tables::CREATE_CUSTOMER, "nam=A", "nam", "Received unknown parameter: nam");
    refused(
        tables::CREATE_SUBSCRIPTION,
        "customer=cus_1&items[0][prices]=price_1",
        "items[0][prices]",
        "Received unknown parameter: items[0][prices]",
    );
    refused(tables::CREATE_CUSTOMER, "a=1&b=2", "a", "Received unknown parameters: a, b");
}

#[test]
fn what_is_missing_is_named_with_its_place() {
    refused(
        tables::CREATE_TEST_CLOCK,
        "name=a",
        "frozen_time",
        "Missing required param: frozen_time.",
    );
    refused(
        tables::CREATE_PRICE,
        "currency=usd&unit_amount=1&recurring[interval_count]=1",
        "recurring[interval]",
        "Missing required param: recurring[interval].",
    );
}

#[test]
fn a_wrong_type_is_refused() {
    let table = tables::CREATE_SUBSCRIPTION;
    let with = |rest: &str| format!("customer=cus_1&items[0][price]=price_1&{rest}");
    let quantity = "items[0][quantity]";
    refused(table, &with("items[0][quantity]=many"), quantity, "Invalid integer: many");
    refused(table, &with("items[0][quantity]=-1"), quantity, "greater than or equal to 0");
    refused(table, &with("off_session=yes"), "off_session", "Invalid boolean: yes");
    refused(table, &with("metadata=a"), "metadata", "Invalid object");
    refused(table, &with("off_session[a]=true"), "off_session", "Invalid string");
    refused(table, "customer=cus_1&items=price_1", "items", "Invalid array");
    refused(tables::CREATE_TEST_CLOCK, "frozen_time=soon", "frozen_time", "Invalid integer: soon");
    let far = format!("frozen_time={}", i64::MAX);
    refused(tables::CREATE_TEST_CLOCK, &far, "frozen_time", "Invalid timestamp");
}

#[test]
fn a_time_may_be_a_word_where_words_are_known() {
    accepted(tables::UPDATE_SUBSCRIPTION, "trial_end=now&cancel_at=min_period_end");
    accepted(tables::UPDATE_SUBSCRIPTION, "trial_end=1767225600&cancel_at=");
    refused(tables::UPDATE_SUBSCRIPTION, "trial_end=soon", "trial_end", "Invalid integer: soon");
}

#[test]
fn a_wrong_word_is_answered_with_the_right_ones() {
    refused(
        tables::UPDATE_SUBSCRIPTION,
        "proration_behavior=some",
        "proration_behavior",
        "must be one of always_invoice, create_prorations, or none",
    );
}

#[test]
fn only_what_can_be_unset_takes_empty_text() {
    accepted(tables::UPDATE_CUSTOMER, "description=&metadata=&address=");
    accepted(tables::UPDATE_CUSTOMER, "metadata[plan]=");
    refused(tables::UPDATE_CUSTOMER, "balance=", "balance", "cannot be unset");
}

#[test]
fn what_the_twin_cannot_do_is_refused_by_name() {
    refused(
        tables::UPDATE_SUBSCRIPTION,
        "discounts[0][coupon]=a",
        "discounts",
        "does not support the parameter: discounts",
    );
}

#[test]
fn texts_and_metadata_have_their_limits() {
    let long = |count: usize| "x".repeat(count);
    accepted(tables::CREATE_TEST_CLOCK, &format!("frozen_time=1&name={}", long(300)));
    let name = format!("frozen_time=1&name={}", long(301));
    refused(tables::CREATE_TEST_CLOCK, &name, "name", "at most 300 characters");
    let table = tables::UPDATE_CUSTOMER;
    accepted(table, &format!("metadata[{}]={}", long(40), long(500)));
    refused(table, &format!("metadata[{}]=1", long(41)), "metadata", "up to 40 characters");
    refused(table, &format!("metadata[a]={}", long(501)), "metadata", "up to 500 characters");
    let many: Vec<_> = (0..51).map(|key| format!("metadata[k{key}]=1")).collect();
    refused(table, &many.join("&"), "metadata", "up to 50 keys");
}

#[test]
fn a_range_is_a_time_or_its_bounds() {
    accepted(tables::LIST_INVOICES, "created=1767225600");
    accepted(tables::LIST_INVOICES, "created[gte]=1&created[lt]=2");
    refused(tables::LIST_INVOICES, "created[from]=1", "created[from]", "unknown parameter");
    refused(tables::LIST_INVOICES, "created[gt]=a", "created[gt]", "Invalid integer: a");
}
