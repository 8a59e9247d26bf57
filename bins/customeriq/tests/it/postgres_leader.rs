//! Of two services on one schema, one sends what time has made due; where it dies, the other does.

use ciq_testkit::{PostgresDatabase, TwilioDouble, eventually};
use serde_json::json;

use crate::nats_support::LIMIT;
use crate::postgres_support::at;
use crate::service::Service;
use crate::shop::{ACCOUNT, HOUR, cart, rule, whatsapp};
use crate::support::Place;

/// A service that lives in the present, under a name by which the server knows it.
fn live(place: &Place, url: &str, name: &str, double: &TwilioDouble) -> Service {
    let url = format!("{url}?application_name={name}");
    let mut command = at(place, &url, &["serve", "--port", "0", "--every", "1s"]);
    let account = ACCOUNT.map(|(name, value)| (name, value.to_owned()));
    command.envs(account.into_iter().chain([("TWILIO_API_URL", double.url())]));
    Service::launch(command)
}

/// Who has a lock for as long as it is connected, and alone.
fn leader(database: &PostgresDatabase) -> String {
    let sql = "SELECT string_agg(a.application_name, ',') FROM pg_locks AS l
        JOIN pg_stat_activity AS a USING (pid)
        WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND l.granted
            AND a.datname = current_database() AND a.query LIKE 'SELECT pg_try_advisory_lock%'";
    database.psql(sql).unwrap().trim().to_owned()
}

#[expect(clippy::disallowed_methods, reason = "services live in the present")]
fn now() -> i64 {
    jiff::Timestamp::now().as_second()
}

#[test]
fn a_service_that_is_killed_is_followed_by_the_other_one() {
    let (place, double) = (Place::new(), TwilioDouble::start().unwrap());
    let database = PostgresDatabase::fresh().unwrap();
    let one = live(&place, database.url(), "one", &double);
    one.post("/api/automations", &rule(&whatsapp()));
    assert!(eventually(LIMIT, || leader(&database) == "one"), "{}", leader(&database));
    let other = live(&place, database.url(), "other", &double);
    // What the other one takes in is for the first to act on.
    other.post("/events", &cart(now() - 3 * HOUR));
    assert!(eventually(LIMIT, || double.message_count() == 1));
    assert_eq!(leader(&database), "one");
    one.kill();
    assert!(eventually(LIMIT, || leader(&database) == "other"), "{}", leader(&database));
    let mut later = cart(now() - 3 * HOUR);
    later["customer_id"] = json!("cust_bob");
    later["data"]["phone"] = json!("+14155552672");
    later["data"]["email"] = json!("bob@example.com");
    other.post("/events", &later);
    assert!(eventually(LIMIT, || double.message_count() == 2), "{}", other.stop());
    other.stop();
}
