//! Opening files: ours, somebody else's, and those of the future.

use ciq_event::Brand;
use ciq_store::{SCHEMA_VERSION, StoreError, Writer};
use rusqlite::Connection;

#[test]
fn a_file_and_its_folder_are_made() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a/b/brand.db");
    drop(Writer::open(&path, &Brand::default()).unwrap());
    drop(Writer::open(&path, &Brand::default()).unwrap());
    assert!(path.exists());
}

#[test]
fn a_file_from_the_future_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("brand.db");
    drop(Writer::open(&path, &Brand::default()).unwrap());
    let later = SCHEMA_VERSION + 1;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", later).unwrap();
    assert!(matches!(
        Writer::open(&path, &Brand::default()),
        Err(StoreError::FromTheFuture { found, .. }) if found == later
    ));
}

#[test]
fn another_programs_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other.db");
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE bookmark (url TEXT)").unwrap();
    assert!(matches!(Writer::open(&path, &Brand::default()), Err(StoreError::Foreign)));
    let tables: i64 = Connection::open(&path)
        .unwrap()
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .unwrap();
    assert_eq!(tables, 1);
}

#[test]
fn a_text_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("notes.txt");
    std::fs::write(&path, "not a database, but long enough to look like one ".repeat(50)).unwrap();
    assert!(Writer::open(&path, &Brand::default()).is_err());
}

#[test]
fn two_writers_of_one_file_take_turns() {
    use crate::shelf::{Shelf, purchase};
    let mut shelf = Shelf::new();
    let mut other = Writer::open(&shelf.path(), &Brand::default()).unwrap();
    for round in 0..5 {
        shelf.one(purchase(round * 2 + 1, &format!("a{round}"), "1.00", "a@example.com"));
        std::mem::swap(&mut shelf.writer, &mut other);
    }
    shelf.check();
    assert_eq!(shelf.reader().stats().unwrap().purchase_count, 5);
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 1);
}
