//! Texts that are very long, or hold what a database may not.

use ciq_event::CustomerId;
use ciq_identity::CustomerKey;
use ciq_store::{ExecutionFilter, NewExecution, PageRequest, PassChanges};
use serde_json::json;

use crate::shelf::{Shelf, at, envelope, purchase};

/// Letters in no order: what repeats itself is made small before an index takes it.
fn scattered(length: usize) -> String {
    let next = |state: &u64| Some(state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1));
    let states = std::iter::successors(Some(1_u64), next);
    states.take(length).map(|state| char::from(b'a' + u8::try_from(state >> 60).unwrap())).collect()
}

#[test]
fn a_note_is_cut_for_a_page_and_whole_by_its_event() {
    let mut shelf = Shelf::new();
    let long = "caf\u{e9} ".repeat(100_000);
    let id = shelf.one(envelope("note", 1, Some("c1"), json!({"content": long})));
    shelf.one(envelope("note", 2, Some("c1"), json!({"content": "short"})));
    let other = shelf.one(envelope("note", 3, Some("c2"), json!({"content": "other"})));
    let reader = shelf.reader();
    let notes = reader.notes_in_short(&id, 10, 7).unwrap();
    let shown: Vec<_> = notes.iter().map(|note| (note.content.as_str(), note.is_cut)).collect();
    assert_eq!(shown, [("short", false), ("caf\u{e9} ca", true)]);
    assert_eq!(reader.notes_in_short(&id, 1, 7).unwrap().len(), 1);
    let event = notes[1].event_id.parse().unwrap();
    assert_eq!(reader.whole_text(&id, event).unwrap().unwrap().trim(), long.trim());
    assert_eq!(reader.whole_text(&other, event).unwrap(), None);
    let nobody = CustomerId::from_raw("nobody");
    assert_eq!(reader.whole_text(&nobody, event).unwrap(), None);
    assert_eq!(reader.notes_in_short(&nobody, 10, 7).unwrap(), []);
}

#[test]
fn ids_of_orders_and_of_work_may_be_long() {
    let mut shelf = Shelf::new();
    let long = scattered(20_000);
    for second in [1, 2] {
        let data = json!({"work_order_id": long, "issue_description": second.to_string()});
        shelf.take(&[
            envelope("repair", second, Some("c1"), data),
            purchase(second + 10, &long, "5.00", "ann@example.com"),
        ]);
    }
    for table in ["work_orders", "purchases"] {
        assert_eq!(shelf.one_value(&format!("SELECT count(*) FROM {table}")), "1");
    }
    assert_eq!(shelf.one_value("SELECT issue_description FROM work_orders"), "2");
    shelf.check();
}

/// U+10FFFE stands for NUL where a database has none.
#[test]
fn a_character_that_is_none_is_one_like_any_other() {
    let mut shelf = Shelf::new();
    let odd = "a\u{10fffe}\u{10fffe}0";
    let first = shelf.one(envelope("login", 1, Some(odd), json!({"customer_name": odd})));
    assert_eq!(shelf.one(envelope("login", 2, Some(odd), json!({"note": odd}))), first);
    let reader = shelf.reader();
    assert_eq!(reader.stats().unwrap().customer_count, 1);
    let customer = reader.customer(&CustomerId::from_raw(odd)).unwrap().unwrap();
    assert_eq!(customer.summary.name, odd);
}

#[test]
fn what_holds_a_nul_comes_back_as_it_was() {
    let mut shelf = Shelf::new();
    shelf.one(envelope("login", 1, Some("c1"), json!({"note": "x"})));
    let definition = r#"{"id":"a","name":"a\u0000b","enabled":true,"trigger":{"type":"t\u0000"}}"#;
    let automation = ("a".to_owned(), definition.to_owned());
    assert!(shelf.writer.put_automations(&[automation], at(50), true).unwrap());
    let execution = NewExecution {
        id: [1; 16],
        automation_id: "a".to_owned(),
        automation_name: "a\0b".to_owned(),
        trigger_type: "t\0".to_owned(),
        customer: shelf.reader().roots_after(CustomerKey(0), 1).unwrap()[0],
        occasion: "\0".to_owned(),
        triggered_at: at(100),
        due_at: at(160),
        evidence: "{}".to_owned(),
        deliveries: Vec::new(),
    };
    let changes = PassChanges { executions: vec![execution], ..PassChanges::default() };
    assert_eq!(shelf.writer.write_pass(&changes).unwrap(), 1);
    let reader = shelf.reader();
    assert_eq!(reader.automation("a").unwrap().unwrap().definition.get(), definition);
    let (done, _) =
        reader.executions(&ExecutionFilter::default(), &PageRequest::default()).unwrap();
    assert_eq!(done[0].automation_name, "a\0b");
    assert!(shelf.dump().contains(r#""a\u0000b"	"t\u0000""#), "{}", shelf.dump());
    assert!(reader.customer(&CustomerId::from_raw("c1\0")).unwrap().is_none());
    assert_eq!(reader.search("\0", 10).unwrap(), []);
}
