//! Workers on a cluster of three servers, each of which is killed in its turn.

use ciq_ingest::PartitionSettings;
use ciq_nats::{Nats, Publisher};
use ciq_testkit::{NatsCluster, NatsConfig};

use super::house::{House, check_undisturbed, load};
use super::partitions::{check_order, partitions, sorted, worker_settings};

#[test]
fn a_cluster_of_which_each_server_is_killed_once_loses_and_doubles_nothing() {
    const EVENTS: u64 = 6_000;
    let mut cluster = NatsCluster::start(3, &NatsConfig::default()).unwrap();
    let house = House::new();
    let workers = ["a", "b"].map(|name| {
        let mut settings = worker_settings(&cluster.urls(), name);
        settings.source.replicas = 3;
        let sharing = PartitionSettings { partitions: partitions(), worker: name.to_owned() };
        house.start_worker("a.db", settings, sharing)
    });
    for worker in &workers {
        worker.await_ready();
    }
    cluster.wait_until_well().unwrap();
    house.runtime.block_on(async {
        let options = worker_settings(&cluster.urls(), "publisher").nats;
        let nats = Nats::connect(&options).await.unwrap();
        let subjects = partitions().subjects().unwrap();
        let mut publisher = Publisher::new(&nats, &subjects).await.unwrap();
        for message in load(EVENTS) {
            publisher.publish(sorted(message)).await.unwrap();
        }
        publisher.finish().await.unwrap();
    });
    for (number, enough) in [1_000, 2_500, 4_000].into_iter().enumerate() {
        house.await_at_least("a.db", enough);
        cluster.kill(number).unwrap();
        cluster.restart(number).unwrap();
        cluster.wait_until_well().unwrap();
    }
    house.await_events("a.db", i64::try_from(EVENTS).unwrap());
    for worker in workers {
        worker.stop(&house);
    }
    check_order(&house);
    check_undisturbed(&house, "a.db", EVENTS);
}
