//! A service that is told to stop.

use std::sync::Arc;

use ciq_ingest::SystemClock;
use ciq_testkit::{TcpProxy, eventually};

use super::house::{House, LIMIT, check_undisturbed, load, settings};

/// Events that fill every stage of a service: more than the client keeps for a server that is away
/// are on their way at once.
const COUNT: u64 = 20_000;

#[test]
fn a_service_with_much_to_tell_a_server_that_is_away_can_be_stopped() {
    let house = House::new();
    let setting_up = house.start("a.db");
    setting_up.await_ready();
    setting_up.stop(&house);
    house.publish(load(COUNT));
    let proxy = TcpProxy::start(house.server.address()).unwrap();
    let over_proxy = settings(&proxy.nats_url());
    let service = house.start_with("a.db", over_proxy, Arc::new(SystemClock));
    assert!(eventually(LIMIT, || house.event_count("a.db") >= 3_000));
    proxy.cut();
    service.await_trouble("no connection to");
    service.stop(&house);
    // What nobody told the server is delivered again.
    let service = house.start("a.db");
    house.await_events("a.db", i64::try_from(COUNT).unwrap());
    house.await_settled();
    service.stop(&house);
    check_undisturbed(&house, "a.db", COUNT);
}
