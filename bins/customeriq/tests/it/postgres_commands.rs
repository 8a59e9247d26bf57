//! Every command on a brand that is in PostgreSQL.

use serde_json::json;

use crate::postgres_support::Shop;
use crate::service::Service;
use crate::support::{Place, STORY, event, ran};

#[test]
fn commands_say_the_same_as_of_a_file() {
    let (shop, place) = (Shop::with_story(), Place::with_story());
    let people: String = [(1, "a@x.org"), (2, "b@x.org")]
        .map(|(at, email)| event(at, &json!({"customer_id": format!("c{at}"), "email": email})))
        .concat();
    shop.import(&people);
    place.import(&people);
    for args in [
        ["merges", "join", "c1", "c2", "--reason", "same"].as_slice(),
        &["stats", "--json"],
        &["customers"],
        &["show", "cust_001"],
        &["timeline", "cust_001"],
        &["search", "bluetooth"],
        &["search", "WO-9999"],
        &["dead-letters"],
        &["merges", "queue"],
        &["predict", "--as-of", "2025-01-01T00:00:00Z"],
        &["monitor", "check", "--as-of", "2025-01-01T00:00:00Z"],
        &["monitor"],
        &["interventions"],
        &["automations"],
        &["executions"],
        &["campaigns"],
        &["models"],
        &["export", "purchases"],
        &["export", "customer_events", "--format", "ndjson"],
        &["erase", "c1", "-y"],
        &["dump"],
    ] {
        let (there, here) = (shop.run(args), place.run(args));
        assert_eq!((there.code, &there.err), (here.code, &here.err), "{args:?}");
        // Ids of merges hang on the moment of the decision.
        let lines = |text: &str| text.lines().filter(|it| !it.contains("mrg_")).count();
        assert_eq!(lines(&there.out), lines(&here.out), "{args:?}: {}{}", there.out, here.out);
    }
}

#[test]
fn brands_are_schemas() {
    let shop = Shop::with_story();
    ran(shop.command(&["import", "-", "--brand", "acme"]), STORY.as_bytes()).expect(0);
    let schemas = "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'customeriq%' ORDER BY 1";
    assert_eq!(shop.psql(schemas), "customeriq_acme\ncustomeriq_default");
    assert_eq!(shop.run(&["stats", "--json", "--brand", "acme"]).json()["event_count"], 3);
}

#[test]
fn a_rebuild_takes_the_place_of_what_somebody_changed_by_hand() {
    let shop = Shop::with_story();
    let dump = shop.dump();
    assert_eq!(shop.run(&["rebuild", "--json"]).expect(0).json()["is_same"], true);
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'customeriq%'";
    assert_eq!(shop.psql(schemas), "1", "nothing is left behind");
    shop.psql("UPDATE customeriq_default.event SET title = 'by hand'");
    shop.psql("DELETE FROM customeriq_default.purchase");
    shop.run(&["doctor", "--port", "0"]).expect(1);
    let ran = shop.run(&["rebuild"]).expect(1);
    assert!(ran.err.contains("it is kept as customeriq_default_new"), "{}", ran.err);
    let report = shop.run(&["rebuild", "--replace", "--json"]).expect(0).json();
    assert_eq!((&report["is_same"], &report["is_replaced"]), (&false.into(), &true.into()));
    assert!(report["backup"].as_str().unwrap().contains("customeriq_default_bak"), "{report}");
    assert_eq!(shop.dump(), dump);
    shop.run(&["doctor", "--port", "0"]).expect(0);
    // The one that was kept before goes.
    shop.run(&["rebuild", "--replace"]).expect(0);
    shop.import(&event(9, &json!({"customer_id": "later", "email": "later@x.org"})));
    assert_eq!(shop.run(&["stats", "--json"]).json()["event_count"], 4);
    assert_eq!(shop.psql(schemas), "2");
}

#[test]
fn a_brand_that_is_served_is_not_replaced() {
    let shop = Shop::with_story();
    let service = Service::launch(shop.command(&["serve", "--port", "0", "--every", "off"]));
    assert!(service.get("/readyz").starts_with("HTTP/1.1 200"));
    let ran = shop.run(&["rebuild", "--replace"]).expect(1);
    assert!(ran.err.contains("another process has schema customeriq_default"), "{}", ran.err);
    assert!(ran.err.contains("stop `customeriq serve`"), "{}", ran.err);
    service.stop();
    shop.run(&["rebuild", "--replace"]).expect(0);
}

#[test]
fn backups_are_left_to_postgresql() {
    let shop = Shop::with_story();
    for args in [["backup", "b.db"], ["restore", "b.db"]] {
        let ran = shop.run(&args).expect(2);
        for word in ["pg_dump --format=custom --schema=customeriq_default", "pg_restore"] {
            assert!(ran.err.contains(word), "{}", ran.err);
        }
    }
}

#[test]
fn a_demo_wants_an_empty_database() {
    let shop = Shop::new();
    let args = ["demo", "--people", "20", "--no-serve", "--json"];
    let report = shop.run(&args).expect(0).json();
    assert_eq!(report["precision"], 1.0);
    assert!(report["database"].as_str().unwrap().starts_with("schema customeriq_default of"));
    let dump = shop.dump();
    let ran = shop.run(&args).expect(2);
    assert!(ran.err.contains("is there already, and the demo makes a fresh one"), "{}", ran.err);
    assert_eq!(shop.dump(), dump);
    shop.run(&["demo", "--people", "20", "--no-serve", "--db", "demo.db"]).expect(0);
    assert_eq!(shop.run(&["dump", "--db", "demo.db"]).expect(0).out, dump);
}
