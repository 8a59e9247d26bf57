//! A plain Node subscriber on the same stream.

use std::process::Command;

use ciq_testkit::{NatsConfig, NatsServer};
use serde_json::Value;

use crate::stages::{self, Workload};

/// Where the subscriber is.
const PROGRAM: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/../../crates/ciq-ingest/benches/peer/subscriber.js");

/// Where its packages are, unless `CUSTOMERIQ_TOOLS` says.
const TOOLS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/tools");

/// Events per second.
pub(crate) struct Rates {
    pub(crate) single: f64,
    pub(crate) batched: f64,
}

/// Runs it with a transaction per event, and with batches of 1,000.
pub(crate) fn run(single_count: u64, batched_count: u64, customers: u64) -> Rates {
    eprintln!("plain Node ...");
    let load = Workload { count: single_count.max(batched_count), customers, is_poisoned: false };
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    stages::fill(&server, &load);
    Rates {
        single: subscriber(&server, "node-single", single_count, "1"),
        batched: subscriber(&server, "node-batched", batched_count, "1000"),
    }
}

fn subscriber(server: &NatsServer, durable: &str, count: u64, batch: &str) -> f64 {
    let tools = std::env::var("CUSTOMERIQ_TOOLS").unwrap_or_else(|_| TOOLS.to_owned());
    let folder = crate::folder();
    let output = Command::new("node")
        .arg(PROGRAM)
        .args([&server.url(), "CUSTOMER_EVENTS", durable])
        .arg(folder.path().join("node.db"))
        .args([&count.to_string(), "--batch", batch])
        .env("NODE_PATH", format!("{tools}/peer/node_modules"))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "run `cargo xtask tools --peer` first: {told}");
    let told: Value = serde_json::from_slice(&output.stdout).unwrap();
    told["events"].as_f64().unwrap() / told["seconds"].as_f64().unwrap()
}
