//! `migrate`: from a file to PostgreSQL, and back.

use std::process::Stdio;
use std::time::Duration;

use ciq_synth::{Seed, WorldSettings, records};
use ciq_testkit::eventually;

use crate::postgres_support::Shop;
use crate::service::Service;
use crate::support::{Place, STORY, ran};

/// How long the first page of a migration may take on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

const THERE: [&str; 5] = ["migrate", "--from", "sqlite:~/demo.db", "--to", "postgres:"];

/// A shop with nothing in its database, and a file of people.
fn shop_with_file(people: &str) -> (Shop, String) {
    let shop = Shop::new();
    let db = shop.place.path("demo.db");
    let db = db.to_str().unwrap();
    let args = ["demo", "--people", people, "--no-serve", "--quiet", "--db", db];
    shop.place.run(&args).expect(0);
    let dump = shop.place.run(&["dump", "--db", db]).expect(0).out;
    (shop, dump)
}

#[test]
fn a_file_is_carried_over_and_back() {
    let (shop, dump) = shop_with_file("40");
    let report = shop.run(&[THERE.as_slice(), &["--json"]].concat()).expect(0).json();
    assert_eq!(shop.dump(), dump);
    assert_eq!(report["dump_bytes"], dump.len());
    assert_eq!(report["resumed_rows"], 0);
    assert!(report["tables"]["event"].as_u64().unwrap() > 500, "{report}");
    shop.run(&["doctor", "--port", "0"]).expect(0);
    let back = ["migrate", "--from", "postgres:", "--to", "sqlite:back.db"];
    let ran = shop.run(&back).expect(0);
    let same = format!("their dumps have the hash {}", report["dump_hash"].as_str().unwrap());
    assert!(ran.out.contains(&same), "{}", ran.out);
    assert_eq!(shop.run(&["dump", "--db", "back.db"]).expect(0).out, dump);
    shop.run(&["doctor", "--port", "0", "--db", "back.db"]).expect(0);
    shop.run(&["rebuild", "--db", "back.db"]).expect(0);
    shop.run(&["rebuild"]).expect(0);
    // What is there now is not overwritten.
    for args in [THERE.as_slice(), &back] {
        let ran = shop.run(args).expect(2);
        assert!(ran.err.contains("holds data already"), "{}", ran.err);
    }
    assert_eq!(shop.dump(), dump);
}

#[test]
fn a_migration_that_is_killed_goes_on_where_it_was() {
    let shop = Shop::new();
    let mut lines = Vec::new();
    for record in records(&WorldSettings::new(Seed::new(7), 150, 90).unwrap(), 1) {
        lines.extend_from_slice(&record.to_line());
        lines.push(b'\n');
    }
    let db = ["--db", "demo.db"];
    ran(shop.place.command(&[["import", "-"], db].concat()), &lines).expect(0);
    let dump = shop.place.run(&[["dump"].as_slice(), &db].concat()).expect(0).out;
    let mut command = shop.command(&THERE);
    let mut killed = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let has_begun = || {
        let count = shop.database.psql("SELECT count(*) FROM customeriq_default_mig.message");
        count.is_ok_and(|count| count.trim().parse::<u64>().unwrap() > 0)
    };
    assert!(eventually(LIMIT, has_begun));
    killed.kill().unwrap();
    assert!(!killed.wait().unwrap().success(), "it was over before it was killed");
    // Half of a brand is none.
    shop.run(&["stats"]).expect(4);
    let report = shop.run(&[THERE.as_slice(), &["--json"]].concat()).expect(0).json();
    assert!(report["resumed_rows"].as_u64().unwrap() >= 1_000, "{report}");
    assert_eq!(shop.dump(), dump);
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'customeriq%'";
    assert_eq!(shop.psql(schemas), "1", "nothing is left behind");
}

#[test]
fn an_empty_brand_that_is_served_is_not_replaced() {
    let (shop, dump) = shop_with_file("5");
    let service = Service::launch(shop.command(&["serve", "--port", "0", "--every", "off"]));
    let ran = shop.run(&THERE).expect(1);
    assert!(ran.err.contains("open, so nothing took its place"), "{}", ran.err);
    assert!(ran.err.contains("stop `customeriq serve`"), "{}", ran.err);
    service.stop();
    shop.run(&THERE).expect(0);
    assert_eq!(shop.dump(), dump);
}

#[test]
fn places_are_said_in_words() {
    let place = Place::with_story();
    let check = |from: &str, to: &str, code: i32, words: &str| {
        let ran = place.run(&["migrate", "--from", from, "--to", to]).expect(code);
        assert!(ran.err.contains(words), "{}", ran.err);
        assert!(!ran.err.contains("hush"), "{}", ran.err);
    };
    check("a.db", "sqlite:b.db", 2, "--from names no place: write sqlite:FILE");
    check("sqlite:", "sqlite:b.db", 2, "--from names no place");
    check("sqlite:nothing.db", "sqlite:b.db", 4, "there is no database at nothing.db");
    let file = "sqlite:~/.customeriq/customeriq.db";
    check(file, "postgres:", 2, "the one in DATABASE_URL: set it");
    check(file, "postgres://ann:hush@db:port/x", 2, "--to is unusable");
    check(file, "mysql://ann:hush@db/x", 2, "--to names no place");
    check(file, file, 2, "where it comes from and where it goes");
    let args = ["migrate", "--from", file, "--to", "sqlite:b.db", "--brand", "acme"];
    let ran = place.run(&args).expect(2);
    assert!(ran.err.contains("holds the brand default"), "{}", ran.err);
    assert!(ran.err.contains("name that brand with --brand"), "{}", ran.err);
    check(file, "sqlite:b.db", 0, "");
    let dump = |db: &str| place.run(&["dump", "--db", db]).expect(0).out;
    assert_eq!(dump("b.db"), dump(".customeriq/customeriq.db"));
    place.import(STORY);
}

#[test]
fn a_url_may_stand_on_the_command_line_of_a_migration() {
    let (shop, dump) = shop_with_file("5");
    let mut args = THERE;
    args[4] = shop.database.url();
    shop.place.run(&args).expect(0);
    assert_eq!(shop.dump(), dump);
}
