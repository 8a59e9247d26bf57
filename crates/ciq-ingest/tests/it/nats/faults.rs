//! Faults, each of which ends as if nothing had happened.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ciq_ingest::{Clock, SystemClock};
use ciq_testkit::{TcpProxy, eventually};
use jiff::{SignedDuration, Timestamp};

use super::house::{House, LIMIT, check_undisturbed, load, settings};

#[test]
fn a_server_that_is_down_at_the_start_is_waited_for() {
    let mut house = House::new();
    house.server.kill().unwrap();
    let service = house.start("a.db");
    service.await_trouble("waiting for nats://127.0.0.1");
    house.server.restart().unwrap();
    service.await_ready();
    house.publish(load(10));
    house.await_events("a.db", 10);
    service.stop(&house);
}

#[test]
fn a_server_that_is_killed_ten_times_loses_and_doubles_nothing() {
    const COUNT: u64 = 20_000;
    let mut house = House::new();
    let setting_up = house.start("a.db");
    setting_up.await_ready();
    setting_up.stop(&house);
    house.publish(load(COUNT));
    let service = house.start("a.db");
    for kill in 1..=10 {
        let path = house.path("a.db");
        let enough = i64::try_from(COUNT).unwrap() * kill / 12;
        let count = || ciq_store::Reader::open(&path).unwrap().stats().unwrap().event_count;
        assert!(eventually(LIMIT, || count() >= enough), "{} of {enough}", count());
        house.server.kill().unwrap();
        house.server.restart().unwrap();
    }
    house.await_events("a.db", i64::try_from(COUNT).unwrap());
    house.await_settled();
    service.stop(&house);
    check_undisturbed(&house, "a.db", COUNT);
}

#[test]
fn a_connection_that_is_cut_for_longer_than_the_server_waits_loses_and_doubles_nothing() {
    let house = House::new();
    let proxy = TcpProxy::start(house.server.address()).unwrap();
    let mut over_proxy = settings(&proxy.nats_url());
    over_proxy.source.ack_wait = Duration::from_secs(1);
    let service = house.start_with("a.db", over_proxy, Arc::new(SystemClock));
    service.await_ready();
    house.publish(load(4_000));
    assert!(eventually(LIMIT, || house.event_count("a.db") > 100));
    proxy.cut();
    service.await_trouble("no connection to");
    // The server has given up on what it delivered before the way is there again.
    let told = || house.server.monitor("/jsz?consumers=1").unwrap();
    let is_waiting = |text: &str| text.contains("\"num_redelivered\": ");
    assert!(is_waiting(&told()));
    house.await_idle(Duration::from_secs(2));
    proxy.restore();
    service.await_ready();
    house.await_events("a.db", 4_000);
    house.await_settled();
    service.stop(&house);
    check_undisturbed(&house, "a.db", 4_000);
}

#[test]
fn a_reader_that_stays_holds_nothing_up() {
    let house = House::new();
    let service = house.start("a.db");
    service.await_ready();
    let mut messages = load(3_000);
    let later = messages.split_off(10);
    house.publish(messages);
    house.await_events("a.db", 10);
    let reader = rusqlite::Connection::open(house.path("a.db")).unwrap();
    reader.execute_batch("BEGIN").unwrap();
    let count = || -> i64 {
        reader.query_row("SELECT count(*) FROM customer_events", [], |row| row.get(0)).unwrap()
    };
    assert_eq!(count(), 10);
    house.publish(later);
    house.await_events("a.db", 3_000);
    assert_eq!(count(), 10, "its snapshot is the old one");
    reader.execute_batch("COMMIT").unwrap();
    service.stop(&house);
    check_undisturbed(&house, "a.db", 3_000);
}

/// A clock that somebody sets.
#[derive(Debug)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        SystemClock.now() + SignedDuration::from_secs(self.0.load(Ordering::Relaxed))
    }
}

#[test]
fn a_clock_that_is_set_back_changes_nothing() {
    let house = House::new();
    let clock = Arc::new(SetClock(AtomicI64::new(0)));
    let service = house.start_with("a.db", house.settings(), Arc::clone(&clock) as Arc<dyn Clock>);
    service.await_ready();
    let mut messages = load(2_000);
    let later = messages.split_off(1_000);
    house.publish(messages);
    house.await_events("a.db", 1_000);
    clock.0.store(-3_600, Ordering::Relaxed);
    house.publish(later);
    house.await_events("a.db", 2_000);
    service.stop(&house);
    check_undisturbed(&house, "a.db", 2_000);
}
