//! Texts that are very long.

use ciq_event::CustomerId;
use serde_json::json;

use crate::shelf::{Shelf, envelope};

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
