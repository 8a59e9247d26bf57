//! A stream of Redis, across everything that befalls its server.

use ciq_sink::{Sink, SinkSettings, SinkState, Trimming};
use ciq_testkit::{RedisConfig, RedisServer, TcpProxy};
use redis::Value;

use crate::support::{
    LIMIT, batch, body, check_once_in_order, counters, drain, id, send, until, user,
};

const KEY: &str = "domain.events";

async fn open(url: &str) -> Sink {
    Sink::open(SinkSettings::redis(url, KEY, None).unwrap()).await.unwrap()
}

fn ask<T: redis::FromRedisValue>(server: &RedisServer, words: &[&str]) -> T {
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_connection().unwrap();
    let mut command = redis::cmd(words[0]);
    command.arg(&words[1..]);
    command.query(&mut connection).unwrap()
}

/// Returns the fields of every entry.
fn entries(server: &RedisServer) -> Vec<Vec<String>> {
    let entries: Vec<(String, Vec<String>)> = ask(server, &["XRANGE", KEY, "-", "+"]);
    entries.into_iter().map(|(_, fields)| fields).collect()
}

fn bodies(server: &RedisServer) -> Vec<String> {
    entries(server).into_iter().map(|mut fields| fields.swap_remove(7)).collect()
}

fn kept() -> RedisServer {
    RedisServer::start(RedisConfig::new().with_append_only_file()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_is_an_entry_of_four_fields() {
    let server = RedisServer::start(RedisConfig::new()).unwrap();
    let sink = open(&server.url()).await;
    sink.offer(batch(0..1)).unwrap();
    drain(&sink).await;
    let expected = ["id", &id(0), "userId", &user(0), "name", "login", "event", &body(0)];
    assert_eq!(entries(&server), [expected.map(str::to_owned)]);
    // Our own key goes soon after the sink.
    assert_eq!(sink.close(LIMIT).await.delivered, 1);
    let keys: Vec<String> = ask(&server, &["KEYS", "*:sink:*"]);
    let life: i64 = ask(&server, &["TTL", &keys[0]]);
    assert!(life > 0 && life <= 60, "{life}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_and_started_again_gets_everything_once() {
    const COUNT: usize = 60_000;
    let mut server = kept();
    let sink = open(&server.url()).await;
    for part in 0..5 {
        let (start, end) = (COUNT / 5 * part, COUNT / 5 * (part + 1));
        send(&sink, start..end - 250, 250).await;
        let enough = u64::try_from(start + 1_000).unwrap();
        until(&sink, |counters| counters.delivered >= enough).await;
        server.kill().unwrap();
        // Whatever was on its way, this cannot have arrived.
        send(&sink, end - 250..end, 250).await;
        until(&sink, |counters| counters.state == SinkState::Failing).await;
        server.restart().unwrap();
    }
    drain(&sink).await;
    check_once_in_order(&bodies(&server), COUNT);
    assert!(counters(&sink).retried >= 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_breaks_in_the_middle_doubles_nothing() {
    const COUNT: usize = 60_000;
    let server = kept();
    let proxy = TcpProxy::start(server.address()).unwrap();
    let sink = open(&format!("redis://{}", proxy.address())).await;
    let sending = sink.clone();
    let sending = tokio::spawn(async move { send(&sending, 0..COUNT, 250).await });
    for part in 1..=20 {
        let enough = u64::try_from(COUNT / 25 * part).unwrap();
        until(&sink, |counters| counters.delivered >= enough).await;
        proxy.cut();
        proxy.restore();
    }
    sending.await.unwrap();
    drain(&sink).await;
    check_once_in_order(&bodies(&server), COUNT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_at_first_gets_everything_later() {
    let mut server = RedisServer::prepare(RedisConfig::new()).unwrap();
    let sink = open(&server.url()).await;
    send(&sink, 0..500, 50).await;
    let counters = until(&sink, |counters| counters.state == SinkState::Failing).await;
    assert_eq!((counters.buffered, counters.delivered), (500, 0));
    server.restart().unwrap();
    drain(&sink).await;
    check_once_in_order(&bodies(&server), 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_forgot_everything_gets_the_rest() {
    let server = RedisServer::start(RedisConfig::new()).unwrap();
    let sink = open(&server.url()).await;
    send(&sink, 0..300, 100).await;
    drain(&sink).await;
    drop(ask::<Value>(&server, &["FLUSHALL"]));
    send(&sink, 0..200, 100).await;
    drain(&sink).await;
    check_once_in_order(&bodies(&server), 200);
    assert_eq!(counters(&sink).delivered, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_is_cut_at_its_length() {
    for (trimming, most) in [(Trimming::Exact, 1_000), (Trimming::About, 1_200)] {
        let server = RedisServer::start(RedisConfig::new()).unwrap();
        let mut settings = SinkSettings::redis(&server.url(), KEY, Some(1_000)).unwrap();
        if let SinkSettings::Redis { trimming: ours, .. } = &mut settings {
            *ours = trimming;
        }
        let sink = Sink::open(settings).await.unwrap();
        send(&sink, 0..10_000, 333).await;
        drain(&sink).await;
        let bodies = bodies(&server);
        assert!((1_000..=most).contains(&bodies.len()), "{}", bodies.len());
        assert_eq!(bodies.last(), Some(&body(9_999)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_is_no_stream_is_told_and_waited_for() {
    let server = RedisServer::start(RedisConfig::new()).unwrap();
    drop(ask::<Value>(&server, &["SET", KEY, "1"]));
    let sink = open(&server.url()).await;
    send(&sink, 0..100, 10).await;
    let failing = until(&sink, |counters| counters.state == SinkState::Failing).await;
    assert!(failing.last_error.unwrap().contains("WRONGTYPE"));
    drop(ask::<Value>(&server, &["DEL", KEY]));
    drain(&sink).await;
    check_once_in_order(&bodies(&server), 100);
}
