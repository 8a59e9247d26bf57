//! S-3: erased stays erased, also on replay; and S-1 after it.

use ciq_engine::{Action, DecisionOutcome, EntryOutcome, EventOutcome};
use ciq_event::{CustomerId, MergeId, Message};
use ciq_store::{LogEntry, Reader};
use serde_json::{Value, json};

use crate::shelf::{Shelf, envelope, message, purchase};
use crate::story::differences;

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
    let customer = CustomerId::from_raw(gone.as_str());
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

const MAIL: &str = "ann@example.com";
const PHONE: &str = "+12025550101";

fn login(second: i64, data: Value) -> Message {
    envelope("login", second, None, data)
}

/// The log folded again says the same.
#[track_caller]
fn check_rebuilt(shelf: &Shelf) {
    shelf.check();
    assert_eq!(differences(&shelf.dump(), &shelf.rebuilt_dump()), "");
}

/// The decisions in a log, as they are logged.
fn decisions(reader: &Reader) -> Vec<String> {
    let mut found = Vec::new();
    let mut after = 0;
    while let Some((until, entries)) = reader.log_page(after).unwrap() {
        after = until;
        found.extend(entries.into_iter().filter_map(|entry| match entry {
            LogEntry::Message(_) => None,
            LogEntry::Decision(decision) => Some(decision.action.to_json()),
        }));
    }
    found
}

/// The merge that the last message caused.
fn last_merge(shelf: &Shelf) -> MergeId {
    shelf.standing_merges()[0]
}

/// An address, a number and a card turn out to be one, and a person says that they are not.
fn three_apart(shelf: &mut Shelf) -> [CustomerId; 3] {
    let apart = [json!({"email": MAIL}), json!({"phone": PHONE}), json!({"loyalty_id": "LOY-1"})];
    let ids = [1, 2, 3].map(|second: i64| {
        let data = apart[usize::try_from(second - 1).unwrap()].clone();
        shelf.one(login(second, data))
    });
    shelf.one(login(4, json!({"email": MAIL, "phone": PHONE})));
    let first = last_merge(shelf);
    shelf.one(login(5, json!({"email": MAIL, "loyalty_id": "LOY-1"})));
    let second = last_merge(shelf);
    // They are one already: nothing is merged for it.
    shelf.one(login(6, json!({"phone": PHONE, "loyalty_id": "LOY-1"})));
    shelf.undo(second);
    shelf.undo(first);
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 3);
    ids
}

#[test]
fn nobody_is_merged_by_a_rebuild_because_the_one_between_is_erased() {
    let mut shelf = Shelf::new();
    let [between, ..] = three_apart(&mut shelf);
    shelf.decide(Action::Erase { customer: between }).unwrap();
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 2);
    check_rebuilt(&shelf);
}

#[test]
fn an_erasure_that_is_folded_again_erases_nobody_else() {
    let mut shelf = Shelf::new();
    shelf.one(envelope("login", 1, Some("c1"), json!({})));
    let card = json!({"phone": PHONE, "loyalty_id": "LOY-1"});
    let mut known = card.clone();
    known["email"] = MAIL.into();
    let stays = shelf.one(login(2, known));
    let both = |second| envelope("login", second, Some("c1"), card.clone());
    shelf.one(both(3));
    let merge = last_merge(&shelf);
    shelf.undo(merge);
    // The stronger of the two has it, without the id that the other holds.
    assert_eq!(shelf.one(both(4)), stays);
    shelf.decide(Action::Erase { customer: CustomerId::from_raw("c1") }).unwrap();
    assert!(shelf.reader().customer(&stays).unwrap().is_some());
    check_rebuilt(&shelf);
}

#[test]
fn what_the_erased_told_first_is_not_the_others_later() {
    let mut shelf = Shelf::new();
    let gone = shelf.one(purchase(1, "ord_1", "10.00", "gone@example.com"));
    shelf.one(purchase(2, "ord_1", "10.00", "stays@example.com"));
    let work = |second, email: &str, status: &str| {
        let data = json!({"work_order_id": "WO-1", "status": status, "email": email});
        envelope("repair", second, None, data)
    };
    shelf.one(work(3, "gone@example.com", "open"));
    shelf.one(work(4, "stays@example.com", "completed"));
    shelf.decide(Action::Erase { customer: gone }).unwrap();
    check_rebuilt(&shelf);
    // Told anew, it counts.
    shelf.one(purchase(5, "ord_1", "10.00", "stays@example.com"));
    shelf.one(work(6, "stays@example.com", "open"));
    let stats = shelf.reader().stats().unwrap();
    assert_eq!((stats.purchase_count, stats.customer_count), (1, 1));
    check_rebuilt(&shelf);
}

#[test]
fn decisions_about_the_erased_stay_in_a_rebuilt_log() {
    let mut shelf = Shelf::new();
    let [between, ..] = three_apart(&mut shelf);
    shelf.decide(Action::Erase { customer: between }).unwrap();
    let before = decisions(shelf.reader());
    assert_eq!(before.len(), 3);
    assert_eq!(decisions(&Reader::open(shelf.rebuilt()).unwrap()), before);
}

#[test]
fn life_goes_on_after_a_rebuild_of_what_is_left() {
    let mut shelf = Shelf::new();
    let [between, ..] = three_apart(&mut shelf);
    shelf.decide(Action::Erase { customer: between }).unwrap();
    // The address is nobody's now: it makes a customer, whom the number may join.
    shelf.one(login(10, json!({"email": MAIL})));
    shelf.one(login(11, json!({"email": MAIL, "phone": PHONE})));
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 2);
    check_rebuilt(&shelf);
}

#[test]
fn a_merge_of_those_who_stay_tells_nothing_of_the_erased_and_can_be_undone() {
    let mut shelf = Shelf::new();
    let gone = shelf.one(purchase(1, "ord_1", "10.00", MAIL));
    let b = shelf.one(login(2, json!({"phone": PHONE})));
    let c = shelf.one(login(3, json!({"loyalty_id": "LOY-1"})));
    shelf.one(login(4, json!({"email": MAIL, "phone": PHONE})));
    let of_the_erased = last_merge(&shelf);
    // The one to be erased is the base, and the link is between the others.
    shelf.one(login(5, json!({"phone": PHONE, "loyalty_id": "LOY-1"})));
    let of_the_others = last_merge(&shelf);
    shelf.undo(of_the_erased);
    shelf.decide(Action::Erase { customer: gone }).unwrap();
    let dump = shelf.dump();
    assert!(!dump.contains("ann@"), "{dump}");
    assert_eq!(shelf.standing_merges(), [of_the_others]);
    assert_eq!(shelf.reader().resolve(&b).unwrap(), shelf.reader().resolve(&c).unwrap());
    check_rebuilt(&shelf);
    let undone = shelf.decide(Action::Undo { merge: of_the_others }).unwrap();
    assert!(matches!(&undone, DecisionOutcome::Undone { customers } if customers.len() == 2));
    assert_ne!(shelf.reader().resolve(&b).unwrap(), shelf.reader().resolve(&c).unwrap());
    check_rebuilt(&shelf);
}
