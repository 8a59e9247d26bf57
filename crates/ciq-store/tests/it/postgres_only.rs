//! What only PostgreSQL does.

use ciq_engine::Action;
use ciq_event::Brand;
use ciq_store::{FeedPosition, Location, Reader, StoreError, Writer, exchange};
use serde_json::json;

use crate::ground::{Ground, OWN};
use crate::shelf::{Shelf, envelope, message, purchase};

/// The tables in which a text stands, in whichever column: as it is, or as bytes.
fn tables_with(shelf: &Shelf, text: &str) -> Vec<String> {
    let tables = "SELECT c.relname FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = current_schema() AND c.relkind = 'r' ORDER BY 1";
    let names = shelf.sql(tables).into_iter().flatten();
    let holds = |table: &String| {
        let sql = format!(
            "SELECT count(*) FROM {table} AS t WHERE CAST(t AS TEXT) LIKE '%{text}%'
            OR CAST(t AS TEXT) LIKE '%' || encode(convert_to('{text}', 'UTF8'), 'hex') || '%'"
        );
        shelf.one_value(&sql) != "0"
    };
    names.filter(holds).collect()
}

/// S-3, in every table, the words of searches among them.
#[test]
fn an_erased_customer_is_gone_from_every_table() {
    let mut shelf = Shelf::on(Ground::postgres());
    let gone = shelf.one(purchase(1, "ord_1", "10.00", "gone@example.com"));
    shelf.take(&[
        envelope("note", 2, None, json!({"email": "gone@example.com", "content": "secret ☎"})),
        purchase(3, "ord_2", "20.00", "stays@example.com"),
        message("envelope", r#"{"customer_id": "gone@example.com", "event_type": 7}"#),
    ]);
    let before = tables_with(&shelf, "gone");
    for table in ["customer", "customer_search", "dead_letter", "identifier", "message"] {
        assert!(before.contains(&table.to_owned()), "{table} is not among {before:?}");
    }
    assert!(tables_with(&shelf, "secret").contains(&"knowledge_search".to_owned()));
    shelf.decide(Action::Erase { customer: gone }).unwrap();
    for word in ["gone", "secret"] {
        assert_eq!(tables_with(&shelf, word), [""; 0], "{word}");
    }
    assert!(!tables_with(&shelf, "stays").is_empty());
}

#[test]
fn brands_of_one_database_share_nothing() {
    let ground = Ground::postgres();
    let shop = Brand::parse("shop").unwrap();
    let other = Writer::open(ground.location("shop"), &shop).unwrap();
    let shop_location = ground.location("shop");
    let mut shelf = Shelf::on(ground);
    shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let reader = Reader::open(&shop_location).unwrap();
    assert_eq!(reader.stats().unwrap().customer_count, 0);
    assert_ne!(reader.file_id().unwrap(), shelf.reader().file_id().unwrap());
    drop(other);
}

#[test]
fn a_schema_that_is_not_there_is_not_read() {
    let ground = Ground::postgres();
    assert!(matches!(Reader::open(ground.location(OWN)), Err(StoreError::NoSchema(_))));
}

#[test]
fn writers_that_open_at_once_make_the_tables_once() {
    let ground = Ground::postgres();
    let open = || Writer::open(ground.location(OWN), &Brand::default()).map(drop);
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..4).map(|_| scope.spawn(open)).collect();
        for one in all {
            one.join().unwrap().unwrap();
        }
    });
    assert_eq!(ground.sql(OWN, "SELECT count(*) FROM meta WHERE name = 'brand'"), [["1"]]);
}

#[test]
fn a_rebuild_into_tables_that_are_there_is_refused() {
    let mut shelf = Shelf::on(Ground::postgres());
    shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let to = shelf.rebuilt();
    let again =
        ciq_store::rebuild(shelf.location(), &to, &Brand::default(), &shelf.settings, &mut |_| {});
    assert!(matches!(again, Err(StoreError::NotEmpty(_))), "{again:?}");
}

/// `pg_dump` takes along what the last batch reserved, with the number of a transaction that the
/// server which it is put back into reaches much later.
#[test]
fn what_another_server_reserved_holds_nobody_up() {
    let mut shelf = Shelf::on(Ground::postgres());
    shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    shelf.sql("INSERT INTO reservation (xid, log_seq, event_seq) VALUES ('9000000000000', 1, 1)");
    shelf.one(purchase(2, "ord_2", "10.00", "b@example.com"));
    let reader = shelf.reader();
    let last = shelf.one_value("SELECT max(seq) FROM event");
    assert_eq!(reader.feed_end().unwrap().event_seq.to_string(), last);
    let touched = reader.touched_since(FeedPosition::default(), 100).unwrap();
    assert_eq!((touched.roots.len(), touched.until.event_seq.to_string()), (2, last));
    assert_eq!(shelf.one_value("SELECT count(*) FROM reservation"), "1");
}

/// Other tables may have other numbers for the same names.
#[test]
fn a_writer_that_lost_its_connection_knows_the_tables_that_took_the_place() {
    let mut shelf = Shelf::on(Ground::postgres());
    let gone = shelf.one(envelope("never_again", 1, None, json!({"email": "gone@example.com"})));
    shelf.one(envelope("login", 2, Some("c1"), json!({"note": "x"})));
    shelf.decide(Action::Erase { customer: gone }).unwrap();
    let rebuilt = shelf.rebuilt();
    let (Location::Schema(new), Location::Schema(old)) = (rebuilt, shelf.location()) else {
        panic!("not in PostgreSQL");
    };
    shelf.sql(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    exchange(&new, &old, &old.beside("_bak")).unwrap();
    // It may notice only now.
    while let Err(error) = shelf.writer.save_pass_state("name", "value") {
        assert!(error.is_transient(), "{error}");
    }
    shelf.take(&[envelope("login", 3, Some("c1"), json!({"note": "y"}))]);
    let types = shelf.sql("SELECT event_type FROM customer_events");
    assert_eq!(types, [["login"], ["login"]]);
    shelf.check();
}
