//! Events on their way into a real Redis.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{SocketAddr, TcpStream};

use ciq_testkit::{RedisConfig, RedisServer, eventually};

use crate::served::{LIMIT, Served};
use crate::support::Place;

/// Sends a command in the inline form, and returns the number that is answered.
fn number(address: SocketAddr, command: &str) -> u64 {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{command}\r\n").as_bytes()).unwrap();
    let mut line = String::new();
    BufReader::new(stream).read_line(&mut line).unwrap();
    line.trim().trim_start_matches(':').parse().unwrap_or_else(|_| panic!("{line}"))
}

#[test]
fn a_history_goes_into_redis() {
    let redis = RedisServer::start(RedisConfig::new()).unwrap();
    let place = Place::new();
    let args = ["generate", "--users", "100", "--days", "10", "--json", "--out"];
    let summary = place.run(&[&args[..], &[&redis.url()]].concat()).expect(0).json();
    let events = summary["events"].as_u64().unwrap();
    assert!(events > 1_000, "{summary}");
    assert_eq!(number(redis.address(), "XLEN domain.events"), events);
    // The same again is the same history: another stream gets all of it too.
    let key = ["--redis-stream-key", "again"];
    place.run(&[&args[..], &[&redis.url()], &key].concat()).expect(0);
    assert_eq!(number(redis.address(), "XLEN again"), events);
}

#[test]
fn a_stream_goes_into_redis_and_the_end_waits_for_it() {
    let redis = RedisServer::start(RedisConfig::new()).unwrap();
    let place = Place::new();
    let mut command = place.command(&["--port", "0", "--sink", "redis"]);
    command.env("REDIS_URL", redis.url()).env("REDIS_STREAM_KEY", "live");
    let served = Served::run(place, command);
    served.post("/seed-users", r#"{"count":50,"seed":1}"#).expect(200);
    served.post("/start-stream", r#"{"rate":60000}"#).expect(200);
    let delivered = || served.get("/status").json()["sink"]["delivered"].as_u64();
    assert!(eventually(LIMIT, || delivered() > Some(100)));
    let (_, said, code) = served.stop();
    assert_eq!(code, Some(0), "{said}");
    let arrived = number(redis.address(), "XLEN live");
    assert!(said.contains(&format!("{arrived} events delivered, 0 refused, 0 dropped")), "{said}");
}
