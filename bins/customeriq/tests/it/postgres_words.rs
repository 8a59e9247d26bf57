//! What is said where a PostgreSQL database cannot be used. A password is in none of it.

use std::fs;
use std::net::TcpListener;

use ciq_testkit::{PostgresConfig, PostgresServer};

use crate::postgres_support::{Shop, at};
use crate::support::{Place, Ran, STORY, ran};

/// A password that must not show.
const SECRET: &str = "hush-hush";

/// Runs a command with a URL, and checks how it ends and what it says.
#[track_caller]
fn check(url: &str, args: &[&str], code: i32, words: &[&str]) -> Ran {
    let ran = ran(at(&Place::new(), url, args), STORY.as_bytes()).expect(code);
    let said = format!("{}{}", ran.out, ran.err);
    for word in words {
        assert!(said.contains(word), "{word:?} is not in: {said}");
    }
    assert!(!said.contains(SECRET), "{said}");
    ran
}

#[test]
fn a_url_of_something_else_is_refused() {
    for url in [
        "mysql://ann:hush-hush@db/shop",
        "host=db password=hush-hush",
        "postgres://ann:hush-hush@db:port/shop",
        "postgres://ann:hush-hush@",
        "shop.db",
    ] {
        let form = "postgres://USER:PASSWORD@HOST:PORT/DATABASE";
        check(url, &["stats"], 2, &["DATABASE_URL is unusable", form]);
    }
}

#[test]
fn a_url_does_not_belong_on_the_command_line() {
    let url = "postgres://ann:hush-hush@db/shop";
    let ran = Place::new().run(&["stats", "--db", url]).expect(2);
    assert!(ran.err.contains("name a PostgreSQL database in DATABASE_URL"), "{}", ran.err);
    assert!(!ran.err.contains(SECRET), "{}", ran.err);
}

#[test]
fn a_server_that_does_not_answer_is_named() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("postgres://ann:{SECRET}@127.0.0.1:{port}/shop");
    let place = format!("could not use schema customeriq_default of 127.0.0.1:{port}/shop");
    let words = [place.as_str(), "Connection refused", "look whether PostgreSQL runs there"];
    for args in [["stats"].as_slice(), &["import", "-", "--no-wait"], &["serve", "--port", "0"]] {
        check(&url, args, 75, &words);
    }
    let said = check(&url, &["doctor", "--port", "0"], 1, &["BAD", "Connection refused"]).out;
    assert_eq!(said.matches("Connection refused").count(), 1, "{said}");
}

#[test]
fn a_database_that_is_not_there_is_named() {
    let shop = Shop::new();
    let url = format!("{}_nowhere", shop.database.url());
    let words = ["_nowhere\" does not exist (3D000)", "mend DATABASE_URL"];
    check(&url, &["stats"], 1, &words);
    check(&url, &["doctor", "--port", "0"], 1, &words);
}

#[test]
fn a_wrong_password_is_not_shown() {
    let mut server = PostgresServer::start(PostgresConfig::new()).unwrap();
    server.psql("CREATE ROLE ann LOGIN PASSWORD 'right'; CREATE ROLE bob LOGIN").unwrap();
    let rules = server.folder().join("data/pg_hba.conf");
    let trusting = fs::read_to_string(&rules).unwrap();
    fs::write(&rules, format!("host all ann 127.0.0.1/32 scram-sha-256\n{trusting}")).unwrap();
    server.set("log_min_messages", "warning").unwrap();
    let at = server.address();
    let url = |user: &str| format!("postgres://{user}@{at}/postgres");
    let words = ["password authentication failed for user \"ann\"", "mend DATABASE_URL"];
    check(&url("ann:hush-hush"), &["stats"], 1, &words);
    check(&url("ann:right"), &["stats"], 4, &["there is no schema customeriq_default"]);
    // Nor may everybody make tables.
    let words = ["permission denied for database", "the rights of its user"];
    check(&url("bob"), &["import", "-"], 1, &words);
    let words = ["bob may make no schema", "GRANT CREATE ON DATABASE"];
    check(&url("bob"), &["doctor", "--port", "0"], 0, &words);
    server.psql("CREATE SCHEMA customeriq_default AUTHORIZATION bob").unwrap();
    check(&url("bob"), &["import", "-"], 0, &["3 events stored"]);
    check(&url("bob"), &["doctor", "--port", "0"], 0, &["bob may use the brand"]);
    server.psql("GRANT USAGE ON SCHEMA customeriq_default TO ann").unwrap();
    let words = ["ann may not use the brand's tables", "make it their owner"];
    check(&url("ann:right"), &["doctor", "--port", "0"], 1, &words);
}

#[test]
fn a_brand_without_a_schema_is_not_found() {
    let shop = Shop::with_story();
    let url = shop.database.url();
    let words = ["there is no schema customeriq_other", "`customeriq import`"];
    for args in [["stats"].as_slice(), &["dump"], &["show", "x"], &["predict"], &["rebuild"]] {
        check(url, &[args, &["--brand", "other"]].concat(), 4, &words);
    }
    check(url, &["monitor", "rules", "--brand", "other"], 0, &[]);
    check(url, &["doctor", "--port", "0", "--brand", "other"], 0, &["note  brand: there is no"]);
    let long = "x".repeat(60);
    check(url, &["import", "-", "--brand", &long], 1, &["too long for PostgreSQL"]);
}

#[test]
fn a_schema_from_the_future_is_left_as_it_is() {
    let shop = Shop::with_story();
    shop.psql("UPDATE customeriq_default.meta SET value = '99' WHERE name = 'schema_version'");
    let words = ["tables have schema 99, this program knows up to", "use a newer program"];
    for args in [["stats"].as_slice(), &["import", "-"], &["serve", "--port", "0"], &["rebuild"]] {
        check(shop.database.url(), args, 1, &words);
    }
    check(shop.database.url(), &["doctor", "--port", "0"], 1, &words);
}

#[test]
fn a_schema_of_something_else_is_left_as_it_is() {
    let shop = Shop::new();
    shop.psql("CREATE SCHEMA customeriq_default; CREATE TABLE customeriq_default.mine (a INT)");
    let words = ["tables there are not those of customeriq", "nothing was changed"];
    for args in [["stats"].as_slice(), &["import", "-"]] {
        check(shop.database.url(), args, 1, &words);
    }
    assert_eq!(shop.psql("SELECT count(*) FROM pg_tables WHERE tablename = 'mine'"), "1");
}

#[test]
fn a_server_that_takes_no_writes_can_be_read() {
    let mut server = PostgresServer::start(PostgresConfig::new()).unwrap();
    let url = server.url();
    check(&url, &["import", "-"], 0, &[]);
    server.make_read_only().unwrap();
    let words = ["takes no writes: it is a replica, or was told to; name the primary"];
    check(&url, &["import", "-", "--no-wait"], 75, &words);
    check(&url, &["import", "-", "--no-wait", "--brand", "new"], 75, &words);
    check(&url, &["stats"], 0, &["customers"]);
    let words = ["BAD   PostgreSQL writes", "default_transaction_read_only", "name the primary"];
    check(&url, &["doctor", "--port", "0"], 1, &words);
    server.make_writable().unwrap();
    check(&url, &["import", "-"], 0, &["3 seen before"]);
}

#[test]
fn a_file_on_the_command_line_wins_over_the_url_which_wins_over_the_variable() {
    let shop = Shop::with_story();
    let count = |args: &[&str]| shop.run(&[args, &["stats", "--json"]].concat());
    assert_eq!(count(&[]).expect(0).json()["event_count"], 3);
    count(&["--db", "nothing.db"]).expect(4);
    let mut both = shop.command(&["stats"]);
    both.env("SQLITE_PATH", "nothing.db");
    ran(both, b"").expect(0);
    let mut empty = shop.place.command(&["stats"]);
    empty.env("DATABASE_URL", " ").env("SQLITE_PATH", "nothing.db");
    assert!(ran(empty, b"").expect(4).err.contains("there is no database at nothing.db"));
    shop.place.write(".env", format!("DATABASE_URL={}\n", shop.database.url()));
    shop.place.run(&["stats"]).expect(0);
}
