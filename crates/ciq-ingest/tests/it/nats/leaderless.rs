//! A cluster that has lost its majority: JetStream is there, and answers that it cannot.

use std::sync::Arc;

use ciq_ingest::SystemClock;
use ciq_nats::{Nats, Publisher, Source, SubjectFilter};
use ciq_testkit::{NatsCluster, NatsConfig, eventually};

use super::house::{House, LIMIT, load, settings};

#[test]
fn a_cluster_without_a_leader_is_waited_for_and_not_done_without() {
    let mut cluster = NatsCluster::start(3, &NatsConfig::default()).unwrap();
    let house = House::new();
    for lost in [1, 2] {
        cluster.kill(lost).unwrap();
    }
    let settings = settings(&cluster.server(0).unwrap().url());
    let nats = house.runtime.block_on(Nats::connect(&settings.nats)).unwrap();
    let is_leaderless = || {
        let asked = nats.request("$JS.API.INFO", Vec::new(), &[]);
        let told = house.runtime.block_on(asked).unwrap_or_default();
        String::from_utf8_lossy(&told).contains("temporarily unavailable")
    };
    assert!(eventually(LIMIT, is_leaderless));

    let opened = house.runtime.block_on(Source::open(&nats, &settings.source));
    let error = opened.map(|source| source.guarantee()).unwrap_err();
    assert!(error.is_transient(), "{error}");
    let service = house.start_with("a.db", settings, Arc::new(SystemClock));
    service.await_trouble("JetStream");
    for lost in [1, 2] {
        cluster.restart(lost).unwrap();
    }
    service.await_ready();
    house.runtime.block_on(async {
        let subjects = SubjectFilter::parse("customer.events.>").unwrap();
        let mut publisher = Publisher::new(&nats, &subjects).await.unwrap();
        for message in load(10) {
            publisher.publish(message).await.unwrap();
        }
        assert_eq!(publisher.finish().await.unwrap().confirmed_count, 10);
    });
    house.await_events("a.db", 10);
    service.stop(&house);
}
