//! Subjects of NATS, with a stream behind them and without.

use std::collections::BTreeSet;

use ciq_nats::{Delivery, Mode, Nats, NatsOptions, Source, SourceOptions, SubjectFilter};
use ciq_sink::{NatsMode, Sink, SinkSettings, SinkState};
use ciq_testkit::{NatsConfig, NatsServer, TcpProxy};

use crate::support::{LIMIT, check_once_in_order, counters, drain, id, send, until, user};

fn options(server: &NatsServer) -> NatsOptions {
    NatsOptions::new(server.url().parse().unwrap())
}

async fn open(server: &NatsServer, mode: NatsMode) -> Sink {
    Sink::open(SinkSettings::nats(options(server), mode)).await.unwrap()
}

/// Listens to all events; a stream for them is made if the mode says so.
async fn listen(server: &NatsServer, mode: Mode) -> (Nats, Source) {
    let nats = Nats::connect(&options(server)).await.unwrap();
    let subjects = vec![SubjectFilter::parse("customer.events.>").unwrap()];
    let source_options = SourceOptions { mode, ..SourceOptions::new(subjects) };
    let source = Source::open(&nats, &source_options).await.unwrap();
    (nats, source)
}

async fn receive(source: &mut Source, count: usize) -> Vec<Delivery> {
    let receiving = async {
        let mut all = Vec::new();
        while all.len() < count {
            all.extend(source.next_batch(1_000).await);
        }
        all
    };
    tokio::time::timeout(LIMIT, receiving).await.unwrap()
}

fn bodies(deliveries: &[Delivery]) -> Vec<String> {
    deliveries.iter().map(|it| String::from_utf8(it.body.clone()).unwrap()).collect()
}

fn plain() -> NatsServer {
    NatsServer::start(NatsConfig { jetstream: false, ..NatsConfig::default() }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_listens_gets_events_in_order_under_their_subjects_and_ids() {
    let server = plain();
    let (_nats, mut source) = listen(&server, Mode::Core).await;
    let sink = open(&server, NatsMode::Core).await;
    send(&sink, 0..12_000, 1_000).await;
    drain(&sink).await;
    let all = receive(&mut source, 12_000).await;
    check_once_in_order(&bodies(&all), 12_000);
    assert_eq!(all[5].subject, format!("customer.events.{}.login", user(5)));
    assert_eq!(all[5].headers, [("Nats-Msg-Id".to_owned(), id(5))]);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_stream_a_connection_that_breaks_may_double_and_does_not_lose() {
    const COUNT: usize = 30_000;
    let server = plain();
    let (_nats, mut source) = listen(&server, Mode::Core).await;
    let proxy = TcpProxy::start(server.address()).unwrap();
    let options = NatsOptions::new(proxy.nats_url().parse().unwrap());
    let sink = Sink::open(SinkSettings::nats(options, NatsMode::Core)).await.unwrap();
    for part in 0..5 {
        let (start, end) = (COUNT / 5 * part, COUNT / 5 * (part + 1));
        send(&sink, start..end, 250).await;
        let enough = u64::try_from(start + 500).unwrap();
        until(&sink, |counters| counters.delivered >= enough).await;
        proxy.cut();
        proxy.restore();
    }
    drain(&sink).await;
    let mut seen = BTreeSet::new();
    let mut firsts = Vec::new();
    while firsts.len() < COUNT {
        let bodies = bodies(&receive(&mut source, 1).await);
        firsts.extend(bodies.into_iter().filter(|body| seen.insert(body.clone())));
    }
    check_once_in_order(&firsts, COUNT);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_away_at_first_gets_everything_later() {
    let mut server = plain();
    server.kill().unwrap();
    let sink = open(&server, NatsMode::Core).await;
    send(&sink, 0..500, 100).await;
    let failing = until(&sink, |counters| counters.state == SinkState::Failing).await;
    assert_eq!((failing.buffered, failing.delivered), (500, 0));
    server.restart().unwrap();
    drain(&sink).await;
    assert_eq!(counters(&sink).delivered, 500);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stream_whose_server_is_killed_in_the_middle_has_everything_once() {
    const COUNT: usize = 20_000;
    let mut server = NatsServer::start(NatsConfig::default()).unwrap();
    let (nats, source) = listen(&server, Mode::JetStream).await;
    drop((source, nats));
    let sink = open(&server, NatsMode::JetStream).await;
    for part in 0..2 {
        let (start, end) = (COUNT / 2 * part, COUNT / 2 * (part + 1));
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
    let (_nats, mut source) = listen(&server, Mode::JetStream).await;
    let all = receive(&mut source, COUNT).await;
    check_once_in_order(&bodies(&all), COUNT);
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_stream_takes_events_they_wait_for_one() {
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    let sink = open(&server, NatsMode::JetStream).await;
    send(&sink, 0..300, 100).await;
    let failing = until(&sink, |counters| {
        counters.last_error.as_ref().is_some_and(|error| error.contains("no stream takes"))
    });
    assert_eq!(failing.await.buffered, 300);
    let (_nats, mut source) = listen(&server, Mode::JetStream).await;
    drain(&sink).await;
    check_once_in_order(&bodies(&receive(&mut source, 300).await), 300);
}
