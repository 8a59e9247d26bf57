//! The value that stands for a kind, and who is known.

use std::collections::BTreeMap;

use ciq_event::{CustomerId, IdentifierKind};
use ciq_identity::{Candidate, CustomerKey, Holding, Identifier, Strength};
use jiff::Timestamp;

use crate::registry::identifiers;

/// Makes a customer from its identifiers and when, in seconds, each was seen.
fn customer(held: &[(&str, i64)]) -> Candidate {
    let at = |seconds| Timestamp::from_second(seconds).expect("in range");
    let held: BTreeMap<Identifier, Holding> = held
        .iter()
        .map(|(text, seconds)| {
            let holding = Holding { origin: CustomerKey(1), first_seen_at: at(*seconds) };
            (identifiers(text).remove(0), holding)
        })
        .collect();
    Candidate {
        key: CustomerKey(1),
        id: CustomerId::from_raw("prf_1"),
        first_seen_at: at(0),
        strength: Strength::from_raw(40),
        identifiers: held,
    }
}

#[test]
fn the_first_seen_stands_for_its_kind_and_the_smallest_of_equals() {
    let customer =
        customer(&[("email=b@x.io", 2), ("email=a@x.io", 2), ("email=0@x.io", 3), ("phone=1", 1)]);
    let email = customer.primary(&IdentifierKind::Email).map(Identifier::value);
    assert_eq!(email, Some("a@x.io"));
    assert_eq!(customer.primary(&IdentifierKind::Upi), None);
}

#[test]
fn a_customer_is_known_by_what_names_a_person() {
    for known in ["customer_id=1", "email=1", "phone=1", "whatsapp=1", "loyalty_id=1"] {
        assert!(customer(&[("cookie_id=1", 0), (known, 0)]).is_known(), "{known}");
    }
    for unknown in ["external:shop=1", "qr_id=1", "upi=1", "device_id=1", "card_last4=1"] {
        assert!(!customer(&[("cookie_id=1", 0), (unknown, 0)]).is_known(), "{unknown}");
    }
}
