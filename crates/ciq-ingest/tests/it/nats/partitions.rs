//! Workers share partitions: they come, go and are cut off, and nothing is lost, doubled, or out of
//! order.

use std::collections::BTreeMap;
use std::time::Duration;

use ciq_ingest::{NatsSettings, PartitionSettings};
use ciq_nats::{
    LeaseBook, LeaseView, Nats, Outgoing, PartitionHold, PartitionReader, Partitions, Receipt,
    Settlement, Source, SourceOptions, Start,
};
use ciq_testkit::{NatsConfig, TcpProxy, eventually};

use super::house::{House, LIMIT, Service, check_undisturbed, load, outgoing, settings};

/// How many partitions there are.
const COUNT: u32 = 8;

/// How long the server waits for an acknowledgement, and a worker may be missed.
const ACK_WAIT: Duration = Duration::from_secs(4);

/// What docs/nats.md says about partitions.
const PAGE: &str = include_str!("../../../../../docs/nats.md");

pub(super) fn partitions() -> Partitions {
    Partitions::new(COUNT).unwrap()
}

pub(super) fn worker_settings(url: &str, name: &str) -> NatsSettings {
    let mut settings = settings(url);
    settings.source.ack_wait = ACK_WAIT;
    name.clone_into(&mut settings.instance);
    settings
}

fn start(house: &House, url: &str, name: &str) -> Service {
    let partitions = PartitionSettings { partitions: partitions(), worker: name.to_owned() };
    house.start_worker("a.db", worker_settings(url, name), partitions)
}

/// Publishes straight to the partitions.
pub(super) fn publish(house: &House, messages: impl IntoIterator<Item = Outgoing>) {
    house.publish_to(partitions().subjects().unwrap().as_str(), messages.into_iter().map(sorted));
}

pub(super) fn sorted(message: Outgoing) -> Outgoing {
    let subject = partitions().sorted(&message.subject).unwrap();
    Outgoing { subject, ..message }
}

/// Someone who looks on.
pub(super) struct Onlooker {
    book: LeaseBook,
}

impl Onlooker {
    pub(super) fn new(house: &House) -> Self {
        let nats = house.connect();
        let options = worker_settings(&house.server.url(), "onlooker").source;
        let options = options.sorted(partitions()).unwrap();
        let book = house.runtime.block_on(LeaseBook::open(&nats, &options, "onlooker")).unwrap();
        Self { book }
    }

    fn view(&self, house: &House) -> LeaseView {
        house.runtime.block_on(self.book.view()).unwrap_or_default()
    }

    /// How many partitions each worker holds, by the name that it was given.
    fn shares(&self, house: &House) -> BTreeMap<String, usize> {
        let mut shares = BTreeMap::new();
        for lease in self.view(house).leases.values() {
            let name = lease.holder.split('-').next().unwrap();
            *shares.entry(name.to_owned()).or_default() += 1;
        }
        shares
    }

    #[track_caller]
    pub(super) fn await_shares(&self, house: &House, expected: &[(&str, usize)], limit: Duration) {
        let expected: BTreeMap<String, usize> =
            expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        let is_so = eventually(limit, || self.shares(house) == expected);
        assert!(is_so, "{:?}, not {expected:?}", self.view(house));
    }
}

/// Checks that the events of each customer were stored in the order in which they happened.
#[track_caller]
pub(super) fn check_order(house: &House) {
    let file = rusqlite::Connection::open(house.path("a.db")).unwrap();
    let sql = "SELECT customer_key, occurred_at FROM event ORDER BY seq";
    let mut query = file.prepare(sql).unwrap();
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let mut last: BTreeMap<i64, i64> = BTreeMap::new();
    for row in rows {
        let (customer, at): (i64, i64) = row.unwrap();
        let before = last.insert(customer, at).unwrap_or(i64::MIN);
        assert!(before <= at, "of customer {customer}, {at} was stored after {before}");
    }
}

#[test]
fn what_a_worker_that_is_cut_off_had_is_taken_over_in_time_and_in_order() {
    const EVENTS: u64 = 8_000;
    let house = House::new();
    let proxy = TcpProxy::start(house.server.address()).unwrap();
    let (a, b) = (start(&house, &house.server.url(), "a"), start(&house, &house.server.url(), "b"));
    let c = start(&house, &proxy.nats_url(), "c");
    let onlooker = Onlooker::new(&house);
    onlooker.await_shares(&house, &[("a", 3), ("b", 3), ("c", 2)], LIMIT);
    let mut messages = load(EVENTS);
    let later = messages.split_off(usize::try_from(EVENTS / 2).unwrap());
    publish(&house, messages);
    assert!(eventually(LIMIT, || house.event_count("a.db") > 500));
    proxy.cut();
    publish(&house, later);
    onlooker.await_shares(&house, &[("a", 4), ("b", 4)], ACK_WAIT);
    house.await_events("a.db", i64::try_from(EVENTS).unwrap());
    c.await_trouble("no connection to");
    proxy.restore();
    onlooker.await_shares(&house, &[("a", 3), ("b", 3), ("c", 2)], LIMIT);
    house.await_settled();
    for worker in [a, b, c] {
        worker.stop(&house);
    }
    check_order(&house);
    check_undisturbed(&house, "a.db", EVENTS);
}

#[test]
fn workers_that_come_and_go_have_even_shares_of_a_stream_that_goes_on() {
    const EVENTS: u64 = 6_000;
    let house = House::new();
    let url = house.server.url();
    let mut parts: Vec<Vec<Outgoing>> =
        load(EVENTS).chunks(1_500).map(<[Outgoing]>::to_vec).collect();
    let mut publish_part = || publish(&house, parts.remove(0));
    let a = start(&house, &url, "a");
    let onlooker = Onlooker::new(&house);
    onlooker.await_shares(&house, &[("a", 8)], LIMIT);
    publish_part();
    let b = start(&house, &url, "b");
    onlooker.await_shares(&house, &[("a", 4), ("b", 4)], LIMIT);
    publish_part();
    let c = start(&house, &url, "c");
    onlooker.await_shares(&house, &[("a", 3), ("b", 3), ("c", 2)], LIMIT);
    publish_part();
    a.stop(&house);
    onlooker.await_shares(&house, &[("b", 4), ("c", 4)], LIMIT);
    publish_part();
    b.stop(&house);
    onlooker.await_shares(&house, &[("c", 8)], LIMIT);
    house.await_events("a.db", i64::try_from(EVENTS).unwrap());
    house.await_settled();
    c.stop(&house);
    let view = onlooker.view(&house);
    assert_eq!(view, LeaseView::default(), "whoever goes leaves nothing behind");
    check_order(&house);
    check_undisturbed(&house, "a.db", EVENTS);
}

#[test]
fn a_server_that_is_killed_under_workers_loses_and_doubles_nothing() {
    const EVENTS: u64 = 6_000;
    let mut house = House::new();
    let workers = ["a", "b"].map(|name| start(&house, &house.server.url(), name));
    for worker in &workers {
        worker.await_ready();
    }
    publish(&house, load(EVENTS));
    for kill in 1..=3 {
        let enough = i64::try_from(EVENTS).unwrap() * kill / 5;
        assert!(eventually(LIMIT, || house.event_count("a.db") >= enough));
        house.server.kill().unwrap();
        house.server.restart().unwrap();
    }
    house.await_events("a.db", i64::try_from(EVENTS).unwrap());
    house.await_settled();
    for worker in workers {
        worker.stop(&house);
    }
    check_order(&house);
    check_undisturbed(&house, "a.db", EVENTS);
}

/// Returns the mapping in the server's configuration, as the page has it.
fn mappings() -> String {
    let (_, rest) = PAGE.split_once("```text\nmappings").unwrap();
    format!("mappings{}", rest.split_once("\n```").unwrap().0)
}

#[test]
fn the_server_sorts_events_as_we_do() {
    let house = House::with(NatsConfig { extra: mappings(), ..NatsConfig::default() });
    let nats = house.connect();
    let options = settings(&house.server.url()).source.sorted(partitions()).unwrap();
    let opening = PartitionReader::open(&nats, &options, partitions());
    house.runtime.block_on(opening).unwrap();
    let mut subjects: Vec<String> = ["Jürgen", "顧客_1", "é", "a@b", "Ω-7", "{x}", "🛒"]
        .into_iter()
        .map(str::to_owned)
        .chain((0..400).map(|number| format!("cust_{:06}", number * 7_919)))
        .map(|customer| format!("customer.events.{customer}.purchase"))
        .collect();
    subjects.push("customer.events.web".to_owned());
    subjects.push("customer.events.c1.checkout.completed".to_owned());
    for subject in &subjects {
        let told = house.runtime.block_on(nats.request(subject, b"{}".to_vec(), &[])).unwrap();
        let told = String::from_utf8(told).unwrap();
        assert!(told.contains("\"stream\":\"CUSTOMER_PARTITIONS\""), "{subject}: {told}");
        let sorted = partitions().sorted(subject).unwrap();
        let asked = format!("{{\"last_by_subj\":\"{sorted}\"}}");
        let asked = nats.request("$JS.API.STREAM.MSG.GET.CUSTOMER_PARTITIONS", asked.into(), &[]);
        let found = String::from_utf8(house.runtime.block_on(asked).unwrap()).unwrap();
        assert!(!found.contains("\"error\""), "{sorted}: {found}");
    }
    // Who publishes as before has it confirmed as before.
    let body = br#"{"customer_id": "c1", "event_type": "login", "timestamp": 9}"#.to_vec();
    let published = house.publish_to("customer.events.>", [outgoing(body)]);
    assert_eq!(published.confirmed_count, 1);
    subjects.push("customer.events.c1.login".to_owned());
    let replay = SourceOptions { start: Start::Sequence(1), ..options };
    let taken = house.runtime.block_on(async {
        let mut source = Source::open(&nats, &replay).await.unwrap();
        let mut taken = Vec::new();
        while taken.len() < subjects.len() {
            let batch = tokio::time::timeout(LIMIT, source.next_batch(1_000)).await.unwrap();
            taken.extend(batch.into_iter().map(|delivery| delivery.subject));
        }
        taken
    });
    assert_eq!(taken, subjects, "and who reads them sees no difference");
}

/// One partition, as one worker after the other reads it.
struct Reading {
    source: Source,
    _hold: PartitionHold,
}

impl Reading {
    fn begin(house: &House, nats: &Nats, reader: &PartitionReader, partition: u32) -> Self {
        house.runtime.block_on(async {
            let options = worker_settings(&house.server.url(), "x").source;
            let mut source = Source::of_requests(nats, &options).await.unwrap();
            let (messages, hold) = reader.read(partition).await.unwrap();
            source.add(messages);
            Self { source, _hold: hold }
        })
    }

    fn take(&mut self, house: &House, count: usize) -> Vec<(String, Receipt)> {
        house.runtime.block_on(async {
            let mut taken = Vec::new();
            while taken.len() < count {
                let batch = self.source.next_batch(count - taken.len());
                for delivery in tokio::time::timeout(LIMIT, batch).await.unwrap() {
                    taken.push((String::from_utf8(delivery.body).unwrap(), delivery.receipt));
                }
            }
            taken
        })
    }
}

#[test]
fn whoever_takes_a_partition_over_begins_with_what_is_not_settled() {
    let house = House::new();
    let nats = house.connect();
    let options = worker_settings(&house.server.url(), "x").source.sorted(partitions()).unwrap();
    let opening = PartitionReader::open(&nats, &options, partitions());
    let reader = house.runtime.block_on(opening).unwrap();
    let subject = partitions().sorted("customer.events.c1.note").unwrap();
    let message = |number: u32| Outgoing {
        subject: subject.clone(),
        body: number.to_string().into_bytes(),
        ..Outgoing::default()
    };
    let words = |taken: &[(String, Receipt)]| {
        taken.iter().map(|(word, _)| word.parse::<u32>().unwrap()).collect::<Vec<_>>()
    };
    house.publish_to(partitions().subjects().unwrap().as_str(), (0..20).map(message));
    let partition = partitions().of("c1");
    let mut first = Reading::begin(&house, &nats, &reader, partition);
    let taken = first.take(&house, 10);
    assert_eq!(words(&taken), (0..10).collect::<Vec<_>>());
    house.runtime.block_on(async {
        for (_, receipt) in &taken[..5] {
            nats.settle(receipt, &Settlement::Stored).await.unwrap();
        }
        nats.fence().await.unwrap();
    });
    let is_settled = || {
        let told = house.server.monitor("/jsz?consumers=1").unwrap();
        told.contains("\"num_ack_pending\": 15")
    };
    assert!(eventually(LIMIT, is_settled));
    // The first one still reads; it is cut off.
    let mut second = Reading::begin(&house, &nats, &reader, partition);
    let taken = second.take(&house, 15);
    assert_eq!(words(&taken), (5..20).collect::<Vec<_>>());
    house.publish_to(partitions().subjects().unwrap().as_str(), (20..25).map(message));
    assert_eq!(words(&second.take(&house, 5)), (20..25).collect::<Vec<_>>());
}

#[test]
fn another_number_of_partitions_is_refused_until_it_has_a_stream_of_its_own() {
    let house = House::new();
    let url = house.server.url();
    let worker = start(&house, &url, "a");
    worker.await_ready();
    let sixteen =
        || PartitionSettings { partitions: Partitions::new(16).unwrap(), worker: "b".to_owned() };
    let other = house.start_worker("a.db", worker_settings(&url, "b"), sixteen());
    other.await_trouble("has 8 partitions, not 16");
    other.await_trouble("NATS_STREAM");
    other.stop(&house);
    let mut settings = worker_settings(&url, "b");
    "SIXTEEN".clone_into(&mut settings.source.stream);
    let other = house.start_worker("a.db", settings, sixteen());
    other.await_ready();
    other.stop(&house);
    worker.stop(&house);
}

#[test]
fn a_worker_answers_requests_and_says_where_an_event_would_have_come_from() {
    let house = House::new();
    let worker = start(&house, &house.server.url(), "a");
    worker.await_ready();
    let nats = house.connect();
    let body = br#"{"customer_id": "c1", "event_type": "login", "timestamp": 1734134400}"#;
    let asked = nats.request("customeriq.default.ingest", body.to_vec(), &[]);
    let told = String::from_utf8(house.runtime.block_on(asked).unwrap()).unwrap();
    assert!(told.contains("\"success\":true"), "{told}");
    // The subject says whose it is, as it would unsorted.
    let body = br#"{"timestamp": 1734134500}"#.to_vec();
    let subject = "customer.events.c2.login".to_owned();
    publish(&house, [Outgoing { subject, headers: Vec::new(), body }]);
    house.await_events("a.db", 2);
    worker.stop(&house);
}
