//! How long an event takes: alone, and among others.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use ciq_event::Brand;
use ciq_ingest::{Brands, EngineOptions, NatsIngest, NatsSettings, SystemClock};
use ciq_nats::{NatsOptions, Outgoing, Settlement, Source};
use ciq_testkit::{NatsConfig, NatsServer};
use tokio::sync::{mpsc, watch};

use crate::bare;
use crate::process::Program;
use crate::stages::{Workload, connect, publisher, runtime, source_options};

/// How long a steady rate is kept: of 6 s, a single pause of the disk was half of the slowest
/// hundredth.
const PACED_SECONDS: u64 = 16;

/// Milliseconds.
pub(crate) struct Spread {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

impl Spread {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_by(f64::total_cmp);
        let at = |percent: usize| times[(times.len() - 1) * percent / 100];
        Self { p50: at(50), p99: at(99) }
    }
}

/// From publishing one event, with nothing else going on, to its customer in the API.
pub(crate) fn lone(count: u64) -> Spread {
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    let folder = crate::folder();
    let program = Program::start(&server, folder.path());
    program.await_rest();
    let load = Workload { count, customers: count, is_poisoned: false };
    let mut api = Api::connect(program.port);
    let runtime = runtime();
    let nats = runtime.block_on(connect(&server));
    let mut publisher = runtime.block_on(publisher(&nats));
    let times = (0..count).map(|index| {
        let (subject, body) = load.event(index);
        let path = format!("/api/customers/{}", subject.split('.').nth(2).unwrap());
        let started = Instant::now();
        runtime.block_on(async {
            let message = Outgoing { subject, headers: Vec::new(), body };
            publisher.publish(message).await.unwrap();
            publisher.finish().await.unwrap();
        });
        while api.status(&path) != 200 {
            assert!(started.elapsed() < Duration::from_secs(10), "{path} never came");
        }
        let spent = started.elapsed().as_secs_f64() * 1_000.0;
        // The next one comes to a service at rest, at no fixed beat.
        std::thread::sleep(Duration::from_millis(20 + index % 17));
        spent
    });
    Spread::of(times.collect())
}

/// From publishing to the commit, at a steady rate; with what changed published too, or not.
pub(crate) fn paced(rate: u64, is_publishing: bool) -> Spread {
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    let folder = crate::folder();
    let path = folder.path().join("paced.db");
    let load = Workload { count: rate * PACED_SECONDS, customers: 1_000, is_poisoned: false };
    let runtime = runtime();
    let brands = Arc::new(Brands::new(path, EngineOptions::default()).unwrap());
    let handle = brands.open(&Brand::default()).unwrap();
    let settings = NatsSettings {
        nats: NatsOptions::new(server.url().parse().unwrap()),
        source: source_options("paced"),
        default_brand: Brand::default(),
        is_publishing,
        instance: "bench".to_owned(),
        host: "bench".to_owned(),
    };
    let (stop, stopped) = watch::channel(false);
    let (service, mut trouble) =
        NatsIngest::new(settings, Arc::clone(&brands), Arc::new(SystemClock), stopped);
    let service = runtime.spawn(service.run());
    runtime.block_on(async {
        trouble.wait_for(Option::is_none).await.unwrap();
    });

    // Commits as they happen: how many events the file held when.
    let mut changed = handle.changed();
    let (watched, total) = (Arc::clone(&handle), load.count);
    let watching = runtime.spawn(async move {
        let mut commits: Vec<(u64, Instant)> = Vec::new();
        while commits.last().is_none_or(|(count, _)| *count < total) {
            changed.changed().await.unwrap();
            let now = Instant::now();
            let end = watched.readers().read(ciq_store::Reader::feed_end).unwrap();
            commits.push((u64::try_from(end.event_seq).unwrap(), now));
        }
        commits
    });
    let sent = runtime.block_on(publish_at(&server, &load, rate));
    let commits = runtime.block_on(watching).unwrap();
    stop.send_replace(true);
    runtime.block_on(service).unwrap().unwrap();
    spread(commits, &sent, rate)
}

/// Publishes at a steady rate, and returns when each event was sent.
async fn publish_at(server: &NatsServer, load: &Workload, rate: u64) -> Vec<Instant> {
    let nats = connect(server).await;
    let mut publisher = publisher(&nats).await;
    let start = Instant::now();
    let mut sent = Vec::new();
    for index in 0..load.count {
        let due = start + Duration::from_secs_f64(index as f64 / rate as f64);
        if due > Instant::now() {
            tokio::time::sleep_until(due.into()).await;
        }
        let (subject, body) = load.event(index);
        sent.push(Instant::now());
        publisher.publish(Outgoing { subject, headers: Vec::new(), body }).await.unwrap();
    }
    publisher.finish().await.unwrap();
    sent
}

/// From when each event was sent to the commit after which so many were stored.
fn spread(commits: Vec<(u64, Instant)>, sent: &[Instant], rate: u64) -> Spread {
    let mut commits = commits.into_iter().peekable();
    let times = (1..).zip(sent).map(|(number, sent)| {
        while commits.peek().is_some_and(|(count, _)| *count < number) {
            commits.next();
        }
        commits.peek().unwrap().1.saturating_duration_since(*sent).as_secs_f64() * 1_000.0
    });
    // The first second is for caches to fill.
    Spread::of(times.skip(usize::try_from(rate).unwrap()).collect())
}

/// The same load taken by a program that pulls, inserts the rows, commits and acknowledges, and
/// does nothing else: no customer is looked for, nothing is kept for a rebuild, nobody is told.
pub(crate) fn bare_paced(rate: u64) -> Spread {
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    let folder = crate::folder();
    let mut file = bare::open(&folder.path().join("bare.db"));
    let load = Workload { count: rate * PACED_SECONDS, customers: 1_000, is_poisoned: false };
    let runtime = runtime();
    let nats = runtime.block_on(connect(&server));
    let mut source =
        runtime.block_on(async { Source::open(&nats, &source_options("bare")).await.unwrap() });
    let (pulled, mut waiting) = mpsc::channel(BARE_WAITING_MAX);
    let total = load.count;
    let pulling = runtime.spawn(async move {
        let mut count = 0;
        while count < total {
            for delivery in source.next_batch(BARE_BATCH_MAX).await {
                count += 1;
                pulled.send(delivery).await.unwrap();
            }
        }
        source
    });
    let (written, mut settled) = mpsc::channel(BARE_WAITING_MAX);
    let writing = std::thread::spawn(move || {
        let mut commits: Vec<(u64, Instant)> = Vec::new();
        let mut count = 0;
        while let Some(first) = waiting.blocking_recv() {
            std::thread::sleep(BARE_LINGER);
            let mut deliveries = vec![first];
            while let Ok(next) = waiting.try_recv() {
                deliveries.push(next);
            }
            let rows: Vec<_> =
                deliveries.iter().map(|delivery| bare::row(delivery.body.clone())).collect();
            bare::insert(&mut file, &rows);
            count += rows.len() as u64;
            commits.push((count, Instant::now()));
            for delivery in deliveries {
                written.blocking_send(delivery.receipt).unwrap();
            }
        }
        commits
    });
    let acknowledging = runtime.spawn(async move {
        while let Some(receipt) = settled.recv().await {
            nats.settle(&receipt, &Settlement::Stored).await.unwrap();
        }
    });
    let sent = runtime.block_on(publish_at(&server, &load, rate));
    let commits = writing.join().unwrap();
    runtime.block_on(async {
        drop(pulling.await.unwrap());
        acknowledging.await.unwrap();
    });
    spread(commits, &sent, rate)
}

/// How long the bare program waits for company: of 0, 1, 5 and 20 ms the best at 10,000 a second.
const BARE_LINGER: Duration = Duration::from_millis(5);

/// Messages that the bare program pulls at once.
const BARE_BATCH_MAX: usize = 1_000;

/// Messages that wait within the bare program.
const BARE_WAITING_MAX: usize = 10_000;

/// A connection to the API that stays open.
struct Api(BufReader<TcpStream>);

impl Api {
    fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.set_nodelay(true).unwrap();
        Self(BufReader::new(stream))
    }

    fn status(&mut self, path: &str) -> u16 {
        let request = format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
        self.0.get_mut().write_all(request.as_bytes()).unwrap();
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        let status = line.split(' ').nth(1).unwrap().parse().unwrap();
        let mut length = 0;
        loop {
            let mut header = String::new();
            self.0.read_line(&mut header).unwrap();
            if header.trim().is_empty() {
                break;
            }
            if let Some(value) = header.to_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            }
        }
        self.0.read_exact(&mut vec![0; length]).unwrap();
        status
    }
}
