//! S-3: erased stays erased, also on replay.

use ciq_engine::{Action, EntryOutcome, EventOutcome};
use serde_json::json;

use crate::shelf::{Shelf, envelope, message, purchase};

#[test]
fn an_erased_customer_leaves_nothing_and_does_not_come_back() {
    let mut shelf = Shelf::new();
    let told = [
        purchase(1, "ord_1", "10.00", "gone@example.com"),
        envelope("note", 2, None, json!({"email": "gone@example.com", "content": "secret ☎"})),
        purchase(3, "ord_2", "20.00", "stays@example.com"),
    ];
    shelf.take(&told);
    shelf.take(&[message("envelope", r#"{"customer_id": "gone@example.com", "event_type": 7}"#)]);
    let gone = shelf.reader().search("gone@example.com", 5).unwrap().remove(0).customer_id;
    let customer = ciq_event::CustomerId::from_raw(gone.as_str());
    shelf.decide(Action::Erase { customer: customer.clone() }).unwrap();
    let dump = shelf.dump();
    assert!(!dump.contains("gone@example.com") && !dump.contains("secret"), "{dump}");
    assert!(dump.contains("stays@example.com"));
    assert!(shelf.reader().customer(&customer).unwrap().is_none());
    assert!(shelf.reader().search("secret", 5).unwrap().is_empty());
    let again = shelf.take(&told);
    let is_known = |outcome: &EntryOutcome| {
        matches!(outcome, EntryOutcome::Events(events)
            if matches!(events[0], EventOutcome::Duplicate { .. }))
    };
    assert!(again.iter().all(is_known), "{again:?}");
    assert_eq!(shelf.dump(), dump);
    shelf.check();
    assert_eq!(shelf.rebuilt_dump(), dump);
}

#[test]
fn a_new_event_of_an_erased_person_makes_a_new_customer() {
    let mut shelf = Shelf::new();
    let first = shelf.one(purchase(1, "ord_1", "10.00", "back@example.com"));
    shelf.decide(Action::Erase { customer: first }).unwrap();
    let second = shelf.one(purchase(9, "ord_2", "5.00", "back@example.com"));
    let found = shelf.reader().customer(&second).unwrap().unwrap();
    assert_eq!(found.summary.lifetime_value.0.minor, 500);
}
