//! What docs/postgres.md says about `pg_dump`, done.

use std::process::Command;

use serde_json::json;

use crate::postgres_support::Shop;
use crate::support::{event, ran};

fn program(name: &str, args: &[&str]) {
    let mut command = Command::new(name);
    command.args(args);
    ran(command, b"").expect(0);
}

#[test]
fn a_brand_that_was_dumped_is_put_back() {
    let shop = Shop::with_story();
    let dump = shop.dump();
    let file = shop.place.path("shop.dump");
    let file = file.to_str().unwrap();
    let url = shop.database.url();
    program(
        "pg_dump",
        &["--format=custom", "--schema=customeriq_default", &format!("--file={file}"), url],
    );
    let late = event(9, &json!({"customer_id": "later", "email": "later@x.org"}));
    shop.import(&late);
    let now = shop.dump();
    program("pg_restore", &["--clean", "--if-exists", &format!("--dbname={url}"), file]);
    assert_eq!(shop.dump(), dump);
    // What came since is sent again.
    shop.import(&late);
    assert_eq!(shop.dump(), now);
    shop.run(&["doctor", "--port", "0"]).expect(0);
    shop.run(&["rebuild"]).expect(0);
    // And where it never was.
    let other = Shop::new();
    program("pg_restore", &[&format!("--dbname={}", other.database.url()), file]);
    assert_eq!(other.dump(), dump);
}
