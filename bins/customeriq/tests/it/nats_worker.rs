//! `worker` as processes of their own: they share partitions, are killed, told to stop, refused.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use ciq_testkit::eventually;

use crate::cluster_workers::Worker;
use crate::nats_load::{Load, await_stored, stored};
use crate::nats_served::Served;
use crate::nats_support::{Bus, LIMIT};
use crate::support::ran;

/// After how many seconds the server delivers again, and a worker that is killed is replaced.
const ACK_WAIT_S: &str = "4";

/// The same.
const ACK_WAIT: Duration = Duration::from_secs(4);

/// Starts a worker of a bus.
fn start(bus: &Bus, name: &str) -> Worker {
    start_with(bus, name, &[])
}

fn start_with(bus: &Bus, name: &str, args: &[&str]) -> Worker {
    let mut command = bus.command(&["worker", "--name", name]);
    command.args(args).env("NATS_ACK_WAIT", ACK_WAIT_S);
    Worker::start(&bus.place, command, name)
}

#[track_caller]
fn await_shares(workers: &[&Worker], shares: &[usize], limit: Duration) {
    let told = || workers.iter().map(|worker| worker.partitions().len()).collect::<Vec<_>>();
    let is_so = eventually(limit, || told() == shares);
    let words = || workers.iter().map(|worker| worker.words()).collect::<Vec<_>>().join("\n");
    assert!(is_so, "{:?}, not {shares:?}\n{}", told(), words());
}

/// Publishes a load straight to the partitions.
#[track_caller]
fn publish(bus: &Bus, load: Load, part: std::ops::Range<u64>) {
    let mut file = File::create(bus.place.path("load.ndjson")).unwrap();
    for message in load.messages(part.clone()) {
        file.write_all(&message.body).unwrap();
        file.write_all(b"\n").unwrap();
    }
    drop(file);
    let args = ["publish", "--file", "load.ndjson", "--partitions", "8", "--json"];
    let told = bus.run(&args).expect(0).json();
    assert_eq!(told["confirmed"], part.end - part.start, "{told}");
}

#[test]
fn a_worker_that_is_killed_is_replaced_and_nothing_is_lost_or_doubled() {
    let (bus, load) = (Bus::new(), Load { count: 8_000 });
    let [a, b, c] = ["a", "b", "c"].map(|name| start(&bus, name));
    await_shares(&[&a, &b, &c], &[3, 3, 2], LIMIT);
    publish(&bus, load, 0..6_000);
    assert!(eventually(LIMIT, || stored(&bus.place) > 500));
    drop(b);
    publish(&bus, load, 6_000..8_000);
    await_shares(&[&a, &c], &[4, 4], ACK_WAIT);
    await_stored(&bus.place, load.count);
    let words = a.stop();
    assert!(words.contains("worker a-") && words.contains(" left"), "{words}");
    await_shares(&[&c], &[8], LIMIT);
    c.stop();
    load.check(&bus.place);
    let again = ["replay", "stream", "--partitions", "8", "--json"];
    let told = bus.run(&again).expect(0).json();
    assert_eq!((&told["duplicates"], &told["stored"]), (&8_000.into(), &0.into()), "{told}");
}

#[test]
fn a_service_takes_a_share_beside_workers() {
    let bus = Bus::new();
    let mut command = Served::command(&bus);
    command.envs([("NATS_PARTITIONS", "8"), ("NATS_WORKER", "z"), ("NATS_ACK_WAIT", ACK_WAIT_S)]);
    let service = Served::launch(&bus.place, command);
    service.await_ready();
    let worker = start_with(&bus, "a", &["--port", "0"]);
    await_shares(&[&worker], &[4], LIMIT);
    let load = Load { count: 500 };
    publish(&bus, load, 0..500);
    await_stored(&bus.place, 500);
    let words = worker.words();
    let (_, address) = words.split_once("tells at ").unwrap();
    let address = address.split_whitespace().next().unwrap();
    let address = address.strip_prefix("http://").unwrap();
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    };
    assert!(get("/readyz").contains("\"ok\""), "{}", get("/readyz"));
    assert!(get("/metrics").contains("customeriq_nats_partitions 4"), "{}", get("/metrics"));
    assert!(get("/customers").contains("no such path"), "it has no API");
    worker.stop();
    service.stop();
    load.check(&bus.place);
}

#[test]
fn another_number_is_refused_with_a_remedy() {
    let bus = Bus::new();
    let publish = ["publish", "--event", "note", "--partitions", "8"];
    let told = bus.run(&publish).expect(1);
    assert!(told.err.contains("customeriq worker --partitions 8"), "{}", told.err);
    let worker = start(&bus, "a");
    await_shares(&[&worker], &[8], LIMIT);
    bus.run(&publish).expect(0);
    let told = bus.run(&["publish", "--event", "note", "--partitions", "16"]).expect(1);
    assert!(told.err.contains("no stream takes events in 16"), "{}", told.err);
    let told = bus.run(&["worker", "--partitions", "16"]).expect(1);
    assert!(told.err.contains("has 8 partitions, not 16: ask for 8"), "{}", told.err);
    let doctor = |partitions: &str| {
        let mut command = bus.command(&["doctor", "--port", "0"]);
        command.env("NATS_ENABLED", "true").env("NATS_PARTITIONS", partitions);
        ran(command, b"")
    };
    let told = doctor("8").expect(0).out;
    assert!(told.contains("CUSTOMER_PARTITIONS takes events in 8 partitions"), "{told}");
    let told = doctor("16").expect(1).out;
    assert!(told.contains("BAD   NATS stream") && told.contains("not 16: ask for 8"), "{told}");
    for (flag, value, words) in [
        ("--partitions", "0", "NATS_PARTITIONS is unusable: a whole number from 1 to 256"),
        ("--name", "a.b", "letters, digits, - and _"),
        ("--nats-mode", "core", "NATS_MODE"),
    ] {
        let told = bus.run(&["worker", flag, value]).expect(2);
        assert!(told.err.contains(words), "{}", told.err);
    }
    await_stored(&bus.place, 1);
    worker.stop();
}
