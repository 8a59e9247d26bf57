//! Three servers keep each other's messages: one may die.

use ciq_testkit::{NatsCluster, NatsConfig, NatsServer, eventually};

use crate::support::{LIMIT, Wire};

const STREAM: &str =
    r#"{"name":"EVENTS","subjects":["events.>"],"storage":"file","num_replicas":3}"#;

fn running(cluster: &NatsCluster) -> &NatsServer {
    let servers = (0..cluster.server_count()).map(|index| cluster.server(index).unwrap());
    servers.into_iter().find(|server| server.is_running()).unwrap()
}

/// Publishes until the stream has confirmed: it has no leader for a while when one is killed.
#[track_caller]
fn publish(cluster: &NatsCluster, body: &str) -> String {
    let mut answer = String::new();
    assert!(eventually(LIMIT, || {
        answer = Wire::ask(running(cluster).address(), "events.one", body);
        answer.contains("\"seq\"")
    }));
    answer
}

/// Tells of each server whether it has both messages, by its own words.
fn kept(cluster: &NatsCluster) -> Vec<bool> {
    let has_both = |index: usize| {
        let answer = cluster.server(index).unwrap().monitor("/jsz?streams=true").unwrap();
        answer.contains("\"messages\": 2")
    };
    (0..cluster.server_count()).map(has_both).collect()
}

#[test]
fn a_cluster_survives_one_and_heals() {
    let mut cluster = NatsCluster::start(3, &NatsConfig::default()).unwrap();
    assert_eq!(cluster.urls().split(',').count(), 3);
    assert!(cluster.kill(3).is_err());
    let made = Wire::ask(running(&cluster).address(), "$JS.API.STREAM.CREATE.EVENTS", STREAM);
    assert!(made.contains("\"num_replicas\":3") && !made.contains("error"), "{made}");
    publish(&cluster, "one");

    let victim = cluster.stream_leader("EVENTS").unwrap().unwrap();
    let address = cluster.server(victim).unwrap().address();
    cluster.kill(victim).unwrap();
    let answer = publish(&cluster, "two");
    assert!(answer.contains("\"seq\":2"), "{answer}");
    cluster.wait_until_well().unwrap();
    assert_ne!(cluster.meta_leader().unwrap(), Some(victim));
    assert_ne!(cluster.stream_leader("EVENTS").unwrap(), Some(victim));

    cluster.restart(victim).unwrap();
    cluster.wait_until_well().unwrap();
    assert_eq!(cluster.server(victim).unwrap().address(), address);
    assert!(eventually(LIMIT, || kept(&cluster) == [true; 3]), "{:?}", kept(&cluster));
}
