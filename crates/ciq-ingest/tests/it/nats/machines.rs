//! Workers on several machines, with one database for all of them.

use ciq_event::Brand;
use ciq_ingest::PartitionSettings;
use ciq_store::{Database, PostgresServer, Reader};
use ciq_testkit::{PostgresDatabase, eventually};

use super::house::{House, LIMIT, load, undisturbed};
use super::partitions::{Onlooker, partitions, publish, worker_settings};

#[test]
fn workers_on_two_machines_share_a_database_and_it_says_what_one_worker_would() {
    const EVENTS: u64 = 3_000;
    let (house, postgres) = (House::new(), PostgresDatabase::fresh().unwrap());
    let database = Database::Postgres(PostgresServer::parse(postgres.url()).unwrap());
    let start = |name: &str| {
        let mut settings = worker_settings(&house.server.url(), name);
        settings.host = format!("machine {name}");
        let sharing = PartitionSettings { partitions: partitions(), worker: name.to_owned() };
        house.start_worker_on(database.clone(), settings, sharing)
    };
    let (a, b) = (start("a"), start("b"));
    let onlooker = Onlooker::new(&house);
    onlooker.await_shares(&house, &[("a", 4), ("b", 4)], LIMIT);
    publish(&house, load(EVENTS));
    let count = || postgres.psql("SELECT count(*) FROM customeriq_default.event").unwrap();
    let is_stored = eventually(LIMIT, || count().trim() == EVENTS.to_string());
    assert!(is_stored, "{} of {EVENTS}: {:?}", count(), *a.trouble.borrow());
    house.await_settled();
    a.stop(&house);
    b.stop(&house);
    let mut told = Vec::new();
    let location = database.location_of(&Brand::default());
    Reader::open(location).unwrap().dump(&mut told).unwrap().unwrap();
    let (told, expected) = (String::from_utf8(told).unwrap(), undisturbed(&house, EVENTS));
    let mut lines = told.lines().zip(expected.lines()).filter(|(told, right)| told != right);
    assert_eq!(lines.next(), None);
    assert_eq!(told.lines().count(), expected.lines().count());
}
