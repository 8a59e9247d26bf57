//! Opening tables: ours, somebody else's, and those of the future.

use ciq_event::Brand;
use ciq_store::{SCHEMA_VERSION, StoreError, Writer};

use crate::ground::{Ground, OWN};
use crate::shelf::{Shelf, purchase};

#[test]
fn tables_from_the_future_are_refused() {
    let ground = Ground::chosen();
    let open = || Writer::open(ground.location(OWN), &Brand::default()).map(drop);
    open().unwrap();
    let later = SCHEMA_VERSION + 1;
    if ground.is_postgres() {
        let mark = format!("UPDATE meta SET value = '{later}' WHERE name = 'schema_version'");
        ground.run(OWN, &mark);
    } else {
        ground.run(OWN, &format!("PRAGMA user_version = {later}"));
    }
    assert!(matches!(open(), Err(StoreError::FromTheFuture { found, .. }) if found == later));
}

#[test]
fn another_programs_tables_are_refused_and_left_alone() {
    let ground = Ground::chosen();
    if ground.is_postgres() {
        ground.run(OWN, "CREATE SCHEMA customeriq_default");
    }
    ground.run(OWN, "CREATE TABLE bookmark (url TEXT)");
    assert!(matches!(
        Writer::open(ground.location(OWN), &Brand::default()),
        Err(StoreError::Foreign)
    ));
    let tables = if ground.is_postgres() {
        "SELECT count(*) FROM pg_class WHERE relnamespace = 'customeriq_default'::regnamespace"
    } else {
        "SELECT count(*) FROM sqlite_schema"
    };
    assert_eq!(ground.sql(OWN, tables), [["1"]]);
}

#[test]
fn two_writers_of_one_brand_take_turns() {
    let mut shelf = Shelf::new();
    let mut other = shelf.another_writer();
    for round in 0..5 {
        shelf.one(purchase(round * 2 + 1, &format!("a{round}"), "1.00", "a@example.com"));
        std::mem::swap(&mut shelf.writer, &mut other);
    }
    shelf.check();
    assert_eq!(shelf.reader().stats().unwrap().purchase_count, 5);
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 1);
}
