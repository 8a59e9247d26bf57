//! What only files do.

mod backup;

use std::path::PathBuf;

use ciq_engine::Action;
use ciq_event::Brand;
use ciq_store::Writer;
use serde_json::json;

use crate::ground::Ground;
use crate::shelf::{Shelf, envelope, purchase};

fn path_of(shelf: &Shelf) -> PathBuf {
    shelf.location().file().unwrap().to_owned()
}

#[test]
fn a_file_and_its_folder_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/brand.db");
    drop(Writer::open(&path, &Brand::default()).unwrap());
    drop(Writer::open(&path, &Brand::default()).unwrap());
    assert!(path.exists());
}

#[test]
fn a_text_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to look like one ".repeat(50)).unwrap();
    assert!(Writer::open(&path, &Brand::default()).is_err());
}

/// S-3, down to the bytes.
#[test]
fn an_erased_customer_is_gone_from_the_file() {
    let mut shelf = Shelf::on(Ground::files());
    let gone = shelf.one(purchase(1, "ord_1", "10.00", "gone@example.com"));
    shelf.take(&[
        envelope("note", 2, None, json!({"email": "gone@example.com", "content": "secret ☎"})),
        purchase(3, "ord_2", "20.00", "stays@example.com"),
    ]);
    shelf.decide(Action::Erase { customer: gone }).unwrap();
    shelf.writer.checkpoint().unwrap();
    let bytes = std::fs::read(path_of(&shelf)).unwrap();
    let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(holds("stays@example.com"));
    assert!(!holds("gone@example.com"), "the address is still in the file");
    assert!(!holds("secret"), "the note is still in the file");
}
