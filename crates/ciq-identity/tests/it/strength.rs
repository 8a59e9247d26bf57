//! Strength, by the figures of the documents' scenarios.

use ciq_event::IdentifierKind;
use ciq_identity::Strength;

#[track_caller]
fn check(kinds: &str, repeat_order_count: u64, expected: u8) {
    let kinds: Vec<IdentifierKind> =
        kinds.split_whitespace().map(|kind| kind.parse().expect("a kind")).collect();
    assert_eq!(Strength::of(&kinds, repeat_order_count).percent(), expected);
}

#[test]
fn scenario_1_grows_with_the_kinds_of_identifier() {
    check("email", 0, 40);
    check("phone whatsapp", 0, 60);
    check("email phone whatsapp", 0, 75);
    check("email phone whatsapp loyalty_id", 0, 85);
    check("email phone whatsapp loyalty_id qr_id", 0, 90);
    check("email phone whatsapp loyalty_id cookie_id device_id", 0, 95);
    check("email phone whatsapp loyalty_id cookie_id device_id upi", 0, 95);
}

#[test]
fn scenario_2_grows_with_repeat_orders() {
    for (repeat_order_count, expected) in [(0, 40), (1, 50), (2, 60), (3, 70), (4, 75), (5, 80)] {
        check("email", repeat_order_count, expected);
    }
    check("email", 1_000, 80);
}

#[test]
fn the_larger_reading_counts() {
    check("email phone whatsapp loyalty_id", 5, 85);
    check("email phone", 5, 80);
}

#[test]
fn a_kind_counts_once_and_a_visit_or_a_card_never() {
    check("email email", 0, 40);
    check("email session_id card_last4", 0, 40);
    check("session_id", 0, 40);
    check("external:shopify external:pos", 0, 60);
}

#[test]
fn nobody_has_no_strength() {
    check("", 0, 0);
    check("", 9, 0);
}
