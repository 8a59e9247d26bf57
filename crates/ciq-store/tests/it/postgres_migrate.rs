//! A brand carried over from a file to a schema, and back.

use std::panic::{AssertUnwindSafe, catch_unwind};

use ciq_engine::Action;
use ciq_event::Brand;
use ciq_store::{
    FeedPosition, Location, MigrateError, MigrateProgress, MigrateReport, MigrateStep, Reader,
    StoreError, Writer, migrate,
};
use serde_json::json;

use crate::ground::{Ground, OWN, dump_of};
use crate::shelf::{Shelf, at, envelope, message, purchase};

/// A brand with something in most tables.
fn filled(ground: Ground) -> Shelf {
    let mut shelf = Shelf::on(ground);
    let till = json!({"store_id": "s1", "transaction_id": "t1", "email": "ann@example.com",
        "total": "30.00", "check_in_at": at(50).to_string(), "items": [
            {"product_name": "Boots", "category": "Shoes", "price": "20.00"},
            {"product_name": "Socks", "category": "Clothes", "price": "5.00", "quantity": 2}]});
    let account = json!({"company": "Grüne Ä Ltd", "email": "bob@example.com", "api_calls": 23,
        "stage": "production_ready", "tier": "pro", "error_rate": 0.15, "custom_fields": {"a": 1}});
    let ticket = json!({"email": "ann@example.com", "title": "Does not ❤ work",
        "description": "It's broken", "content": "Prefers mail.", "important": true});
    shelf.take(&[
        message("pos", till.to_string()),
        purchase(10, "ord_1", "10.00", "ann@example.com"),
        envelope("support_ticket", 60, None, ticket),
        envelope("api_usage", 70, Some("bob"), account),
        envelope("repair", 75, Some("bob"), json!({"work_order_id": "WO-1", "status": "open"})),
        envelope("note", 78, Some("bob"), json!({"content": "Prefers mail."})),
        envelope("login", 80, None, json!({"phone": "+1 202 555 0110"})),
        envelope(
            "subscription_started",
            90,
            Some("bob"),
            json!({"subscription_id": "sub_1", "plan": "Pro", "screens": 3, "mrr": "9.50"}),
        ),
        message("envelope", "{}"),
    ]);
    let ann = shelf.one(envelope("login", 100, None, json!({"email": "ann@example.com"})));
    let cat = shelf.one(envelope("login", 110, None, json!({"phone": "+1 202 555 0110"})));
    let bob = shelf.one(envelope("login", 120, Some("bob"), json!({"note": "x"})));
    let merge = shelf.merge(&[&ann, &cat]);
    shelf.undo(merge);
    shelf.merge(&[&bob, &cat]);
    let gone = shelf.one(envelope("login", 130, None, json!({"email": "gone@example.com"})));
    shelf.decide(Action::Erase { customer: gone }).unwrap();
    shelf.writer.save_feed_cursor("reader", FeedPosition::default()).unwrap();
    shelf
}

fn carry(from: &Location, to: &Location) -> Result<MigrateReport, MigrateError> {
    migrate(from, to, &Brand::default(), &mut |_| {})
}

fn dump_at(location: &Location) -> String {
    dump_of(&Reader::open(location).unwrap())
}

fn is_there(location: &Location) -> bool {
    match Reader::open(location) {
        Ok(_) => true,
        Err(StoreError::NoSchema(_)) => false,
        Err(error) => panic!("{error}"),
    }
}

/// Every row with its numbers, table by table.
fn raw(ask: impl Fn(&str) -> Vec<Vec<String>>) -> Vec<Vec<String>> {
    let selects = [
        "SELECT seq, message_seq, customer_key, title FROM event ORDER BY seq",
        "SELECT seq, form, body, message_id, is_unresolved FROM message ORDER BY seq",
        "SELECT key, root_key, id, email FROM customer ORDER BY key",
        "SELECT customer_key, hash, kind, value FROM identifier ORDER BY customer_key, hash",
        "SELECT key, name FROM event_type ORDER BY key",
        "SELECT key, base_key, absorbed_keys FROM merge ORDER BY key",
        "SELECT key, field, reason FROM dead_letter ORDER BY key",
        "SELECT event_seq, line, product_key, price_minor FROM line_item ORDER BY event_seq, line",
        "SELECT name, event_seq FROM feed_cursor ORDER BY name",
        "SELECT name, value FROM meta WHERE name NOT IN ('schema_version', 'has_gaps')
            ORDER BY name",
        "SELECT count(*), max(mrr_minor) FROM subscription",
    ];
    selects.iter().flat_map(|sql| ask(sql)).collect()
}

#[test]
fn there_and_back_everything_is_the_same_with_its_numbers() {
    let files = filled(Ground::files());
    let dump = files.dump();
    let (schemas, other) = (Ground::postgres(), Ground::files());
    let there = carry(&files.location(), &schemas.location(OWN)).unwrap();
    assert_eq!(dump_at(&schemas.location(OWN)), dump);
    assert_eq!(there.resumed_row_count, 0);
    assert_eq!(there.dump_bytes, u64::try_from(dump.len()).unwrap());
    let back = carry(&schemas.location(OWN), &other.location(OWN)).unwrap();
    assert_eq!(dump_at(&other.location(OWN)), dump);
    assert_eq!((back.dump_hash, back.tables), (there.dump_hash, there.tables));
    let before = raw(|sql| files.sql(sql));
    assert!(before.len() > 40, "{before:?}");
    assert_eq!(raw(|sql| schemas.sql(OWN, sql)), before);
    assert_eq!(raw(|sql| other.sql(OWN, sql)), before);
}

#[test]
fn a_brand_goes_on_where_it_was_carried_to() {
    let files = filled(Ground::files());
    let (ground, other) = (Ground::postgres(), Ground::files());
    carry(&files.location(), &ground.location(OWN)).unwrap();
    let story = [
        purchase(500, "ord_9", "5.00", "new@example.com"),
        purchase(510, "ord_10", "5.00", "ann@example.com"),
        envelope("never_seen", 520, Some("bob"), json!({"title": "Quite another thing"})),
    ];
    let mut there = Shelf::on(ground);
    there.take(&story);
    there.check();
    carry(&there.location(), &other.location(OWN)).unwrap();
    let mut back = Shelf::on(other);
    assert_eq!(back.dump(), there.dump());
    back.check();
    let mut here = files;
    here.take(&story);
    assert_eq!(here.dump(), there.dump());
    let last = [purchase(600, "ord_11", "5.00", "ann@example.com")];
    for shelf in [&mut here, &mut there, &mut back] {
        shelf.take(&last);
        shelf.check();
    }
    assert_eq!((here.dump(), there.dump()), (back.dump(), back.dump()));
    assert_eq!(back.rebuilt_dump(), back.dump());
}

#[test]
fn what_was_carried_over_is_found() {
    let files = filled(Ground::files());
    let (schemas, other) = (Ground::postgres(), Ground::files());
    carry(&files.location(), &schemas.location(OWN)).unwrap();
    carry(&schemas.location(OWN), &other.location(OWN)).unwrap();
    for words in ["ann", "broken", "❤", "mail", "grune", "12025550110", "gone"] {
        let found = |location: &Location| {
            let hits = Reader::open(location).unwrap().search(words, 50).unwrap();
            let mut hits: Vec<String> = hits.iter().map(|hit| format!("{hit:?}")).collect();
            hits.sort();
            hits
        };
        let expected = found(&files.location());
        assert_eq!(expected.is_empty(), words == "gone", "{words}");
        assert_eq!(found(&schemas.location(OWN)).len(), expected.len(), "{words}");
        assert_eq!(found(&other.location(OWN)), expected, "{words}");
    }
}

#[test]
fn a_migration_that_was_cut_off_goes_on_where_it_was() {
    for (from, to) in [(Ground::files(), Ground::postgres()), (Ground::postgres(), Ground::files())]
    {
        let source = filled(from);
        let target = to.location(OWN);
        let mut cut = |progress: MigrateProgress| {
            assert!(progress.step != MigrateStep::Table("purchase"), "cut off");
        };
        let run = || migrate(&source.location(), &target, &Brand::default(), &mut cut);
        catch_unwind(AssertUnwindSafe(run)).unwrap_err();
        assert!(target.file().is_some_and(|path| !path.exists()) || !is_there(&target));
        let mut seen = Vec::new();
        let mut note = |progress: MigrateProgress| seen.push(progress);
        let report = migrate(&source.location(), &target, &Brand::default(), &mut note).unwrap();
        assert!(report.resumed_row_count > 20, "{report:?}");
        assert_eq!(seen.first().unwrap().row_count, report.resumed_row_count);
        let last = seen.last().unwrap();
        assert_eq!((last.step, last.row_count), (MigrateStep::Comparing, last.row_total));
        assert_eq!(dump_at(&target), source.dump());
    }
}

#[test]
fn a_source_that_is_written_to_is_not_carried_over() {
    for (from, to) in [(Ground::files(), Ground::postgres()), (Ground::postgres(), Ground::files())]
    {
        let mut source = filled(from);
        let (place, target) = (source.location(), to.location(OWN));
        let mut write = |progress: MigrateProgress| {
            if progress.step == MigrateStep::Comparing {
                source.take(&[purchase(700, "ord_12", "5.00", "late@example.com")]);
            }
        };
        let error = migrate(&place, &target, &Brand::default(), &mut write).unwrap_err();
        assert!(error.to_string().contains("was written to meanwhile"), "{error}");
        // What the attempt left is of another moment.
        let report = carry(&place, &target).unwrap();
        assert_eq!(report.resumed_row_count, 0);
        assert_eq!(dump_at(&target), source.dump());
    }
}

#[test]
fn data_is_not_overwritten() {
    let files = filled(Ground::files());
    let mut there = Shelf::on(Ground::postgres());
    there.take(&[purchase(700, "ord_12", "5.00", "other@example.com")]);
    let dump = there.dump();
    let error = carry(&files.location(), &there.location()).unwrap_err();
    assert!(matches!(error, MigrateError::Taken(_)), "{error}");
    let error = carry(&there.location(), &files.location()).unwrap_err();
    assert!(error.to_string().contains("holds data already"), "{error}");
    assert_eq!(there.dump(), dump);
}

#[test]
fn empty_tables_are_overwritten_unless_somebody_may_write_to_them() {
    let files = filled(Ground::files());
    let ground = Ground::postgres();
    let target = ground.location(OWN);
    let writer = Writer::open(&target, &Brand::default()).unwrap();
    let error = carry(&files.location(), &target).unwrap_err();
    assert!(matches!(error, MigrateError::InUse(_)), "{error}");
    drop(writer);
    carry(&files.location(), &target).unwrap();
    assert_eq!(dump_at(&target), files.dump());
}

#[test]
fn another_brand_or_the_same_place_is_refused() {
    let files = filled(Ground::files());
    let to = Ground::postgres().location(OWN);
    let shop = Brand::parse("shop").unwrap();
    let error = migrate(&files.location(), &to, &shop, &mut |_| {}).unwrap_err();
    assert!(error.to_string().contains("holds the brand default"), "{error}");
    let error = carry(&files.location(), &files.location()).unwrap_err();
    assert!(matches!(error, MigrateError::Same(_)), "{error}");
}

#[test]
fn numbers_that_were_given_are_not_given_again() {
    let files = filled(Ground::files());
    files.sql(
        "INSERT INTO intervention_change (key, intervention_key, changed_at, actor, action, status)
        VALUES (41, 1, 1, 'a', 'b', 'c')",
    );
    files.sql("DELETE FROM intervention_change");
    let (schemas, other) = (Ground::postgres(), Ground::files());
    carry(&files.location(), &schemas.location(OWN)).unwrap();
    carry(&schemas.location(OWN), &other.location(OWN)).unwrap();
    for ground in [&schemas, &other] {
        let insert = "INSERT INTO intervention_change (intervention_key, changed_at, actor, action,
            status) VALUES (1, 1, 'a', 'b', 'c')";
        ground.run(OWN, insert);
        let key = ground.sql(OWN, "SELECT key FROM intervention_change");
        assert_eq!(key, [["42".to_owned()]]);
    }
}

/// Numbers of a schema have gaps, also in the file that they are carried to.
#[test]
fn events_are_counted_wherever_they_are() {
    let (schemas, files) = (Ground::postgres(), Ground::files());
    let there = filled(schemas);
    carry(&there.location(), &files.location(OWN)).unwrap();
    let mut back = Shelf::on(files);
    let counts = |shelf: &Shelf| {
        let reader = shelf.reader();
        (reader.headline().unwrap().event_count, reader.stats().unwrap().event_count)
    };
    let (shown, counted) = counts(&there);
    assert_eq!(shown, counted);
    assert_eq!(counts(&back), (counted, counted));
    back.take(&[purchase(600, "ord_11", "5.00", "ann@example.com")]);
    assert_eq!(counts(&back), (counted + 1, counted + 1));
}
