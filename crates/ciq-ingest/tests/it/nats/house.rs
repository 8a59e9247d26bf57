//! A server, a service on it, and what a test asks of both.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ciq_event::Brand;
use ciq_ingest::{
    Brands, Clock, EngineOptions, ImportObserver, ImportReport, Importer, IngestError, NatsIngest,
    NatsSettings, PartitionSettings, SystemClock,
};
use ciq_nats::{
    Mode, Nats, NatsError, NatsOptions, Outgoing, Published, Publisher, SourceOptions,
    SubjectFilter,
};
use ciq_store::{Database, PageRequest, Reader};
use ciq_synth::{Seed, load::bench_event};
use ciq_testkit::{NatsConfig, NatsServer, eventually};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// How long a condition may take on a busy machine.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);

/// A server and the means to talk to it.
pub(crate) struct House {
    pub(crate) server: NatsServer,
    pub(crate) folder: TempDir,
    pub(crate) runtime: Runtime,
}

/// A service, and how to stop it.
pub(crate) struct Service {
    stop: watch::Sender<bool>,
    pub(crate) trouble: watch::Receiver<Option<String>>,
    task: JoinHandle<Result<(), NatsError>>,
    brands: Arc<Brands>,
}

impl House {
    pub(crate) fn new() -> Self {
        Self::with(NatsConfig::default())
    }

    pub(crate) fn with(config: NatsConfig) -> Self {
        let server = NatsServer::start(config).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self { server, folder: tempfile::tempdir().unwrap(), runtime }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn settings(&self) -> NatsSettings {
        settings(&self.server.url())
    }

    pub(crate) fn start(&self, file: &str) -> Service {
        self.start_with(file, self.settings(), Arc::new(SystemClock))
    }

    pub(crate) fn start_with(
        &self,
        file: &str,
        settings: NatsSettings,
        clock: Arc<dyn Clock>,
    ) -> Service {
        self.launch(self.path(file).into(), settings, clock, None)
    }

    /// Starts a service that takes a share of partitions.
    pub(crate) fn start_worker(
        &self,
        file: &str,
        settings: NatsSettings,
        partitions: PartitionSettings,
    ) -> Service {
        self.start_worker_on(self.path(file).into(), settings, partitions)
    }

    /// Starts one that stores in any database.
    pub(crate) fn start_worker_on(
        &self,
        database: Database,
        settings: NatsSettings,
        partitions: PartitionSettings,
    ) -> Service {
        self.launch(database, settings, Arc::new(SystemClock), Some(partitions))
    }

    fn launch(
        &self,
        database: Database,
        settings: NatsSettings,
        clock: Arc<dyn Clock>,
        partitions: Option<PartitionSettings>,
    ) -> Service {
        let brands = Arc::new(Brands::new(database, EngineOptions::default()).unwrap());
        let (stop, stopped) = watch::channel(false);
        let (service, trouble) = NatsIngest::new(settings, Arc::clone(&brands), clock, stopped);
        let task = self.runtime.spawn(service.with_partitions(partitions).run());
        Service { stop, trouble, task, brands }
    }

    pub(crate) fn connect(&self) -> Nats {
        let options = NatsOptions::new(self.server.url().parse().unwrap());
        self.runtime.block_on(Nats::connect(&options)).unwrap()
    }

    /// Publishes messages, confirmed by a stream where there is one.
    pub(crate) fn publish(&self, messages: impl IntoIterator<Item = Outgoing>) {
        self.publish_to("customer.events.>", messages);
    }

    pub(crate) fn publish_to(
        &self,
        subjects: &str,
        messages: impl IntoIterator<Item = Outgoing>,
    ) -> Published {
        let nats = self.connect();
        self.runtime.block_on(async {
            let all = SubjectFilter::parse(subjects).unwrap();
            let mut publisher = Publisher::new(&nats, &all).await.unwrap();
            for message in messages {
                publisher.publish(message).await.unwrap();
            }
            publisher.finish().await.unwrap()
        })
    }

    /// Makes a stream as an operator would, beside us.
    pub(crate) fn make_stream(&self, config: &str) {
        let name: serde_json::Value = serde_json::from_str(config).unwrap();
        let subject = format!("$JS.API.STREAM.CREATE.{}", name["name"].as_str().unwrap());
        let nats = self.connect();
        let asked = nats.request(&subject, config.as_bytes().to_vec(), &[]);
        let told = self.runtime.block_on(asked).unwrap();
        let told: serde_json::Value = serde_json::from_slice(&told).unwrap();
        assert!(told.get("error").is_none(), "{told}");
    }

    /// Lets time pass at the server: there is nothing else to wait for.
    pub(crate) fn await_idle(&self, time: Duration) {
        self.runtime.block_on(async { tokio::time::sleep(time).await });
    }

    /// Returns the number of events in a brand's file; 0 where there is none yet.
    pub(crate) fn event_count(&self, file: &str) -> i64 {
        event_count(&self.path(file))
    }

    #[track_caller]
    pub(crate) fn await_events(&self, file: &str, count: i64) {
        self.await_at_least(file, count);
        assert_eq!(self.event_count(file), count);
    }

    /// Waits for so many events or more, as long as there is progress.
    #[track_caller]
    pub(crate) fn await_at_least(&self, file: &str, count: i64) {
        loop {
            let before = self.event_count(file);
            if before >= count {
                return;
            }
            let goes_on = eventually(LIMIT, || self.event_count(file) > before);
            assert!(goes_on, "{before} of {count} events");
        }
    }

    /// Waits until the stream has nothing left that was not settled.
    #[track_caller]
    pub(crate) fn await_settled(&self) {
        let told = || self.server.monitor("/jsz?consumers=1").unwrap_or_default();
        let is_settled = eventually(LIMIT, || {
            let told: serde_json::Value = serde_json::from_str(&told()).unwrap_or_default();
            let consumers = told["account_details"][0]["stream_detail"]
                .as_array()
                .into_iter()
                .flatten()
                .flat_map(|stream| stream["consumer_detail"].as_array().into_iter().flatten());
            let mut count = 0;
            consumers
                .inspect(|_| count += 1)
                .all(|consumer| consumer["num_ack_pending"] == 0 && consumer["num_pending"] == 0)
                && count > 0
        });
        assert!(is_settled, "{}", told());
    }
}

pub(crate) fn settings(url: &str) -> NatsSettings {
    let subjects = SubjectFilter::parse_list("customer.events.>").unwrap();
    NatsSettings {
        nats: NatsOptions::new(url.parse().unwrap()),
        source: SourceOptions { ack_wait: Duration::from_secs(2), ..SourceOptions::new(subjects) },
        default_brand: Brand::default(),
        is_publishing: false,
        instance: "one".to_owned(),
        host: "here".to_owned(),
    }
}

pub(crate) fn core_settings(house: &House) -> NatsSettings {
    let mut settings = house.settings();
    settings.source.mode = Mode::Core;
    settings
}

impl Service {
    /// Waits until it receives.
    #[track_caller]
    pub(crate) fn await_ready(&self) {
        let is_ready = eventually(LIMIT, || self.trouble.borrow().is_none());
        assert!(is_ready, "{:?}", *self.trouble.borrow());
    }

    /// Waits until it says what is in the way.
    #[track_caller]
    pub(crate) fn await_trouble(&self, words: &str) {
        let told = || self.trouble.borrow().clone().unwrap_or_default();
        assert!(eventually(LIMIT, || told().contains(words)), "{:?}", told());
    }

    pub(crate) fn stop(self, house: &House) {
        self.stop.send_replace(true);
        house.runtime.block_on(self.task).unwrap().unwrap();
        self.brands.close();
    }
}

/// Makes a message of an envelope.
pub(crate) fn outgoing(body: Vec<u8>) -> Outgoing {
    let event: serde_json::Value = serde_json::from_slice(&body).unwrap();
    let word = |field: &str| event[field].as_str().unwrap().to_owned();
    let subject = format!("customer.events.{}.{}", word("customer_id"), word("event_type"));
    Outgoing { subject, headers: Vec::new(), body }
}

/// The events of a load, as they are published.
pub(crate) fn load(count: u64) -> Vec<Outgoing> {
    bodies(count).map(outgoing).collect()
}

/// Events without sessions: of those a customer keeps the first few that arrive, so that their
/// order would tell.
fn bodies(count: u64) -> impl Iterator<Item = Vec<u8>> {
    (0..count).map(move |index| {
        let body = bench_event(Seed::new(7), index, count / 8 + 1);
        String::from_utf8(body).unwrap().replace("\"session_id\"", "\"trace_ref\"").into_bytes()
    })
}

/// Checks that a file says what it says after an undisturbed import of the load.
#[track_caller]
pub(crate) fn check_undisturbed(house: &House, file: &str, count: u64) {
    let (told, expected) = (crate::import::dump(house.path(file)), undisturbed(house, count));
    if told == expected {
        return;
    }
    let mut lines = told.lines().zip(expected.lines()).filter(|(told, right)| told != right);
    panic!("the first line that differs: {:#?}", lines.next());
}

/// What a file says after the events of a load went in undisturbed.
pub(crate) fn undisturbed(house: &House, count: u64) -> String {
    struct Strict;
    impl ImportObserver for Strict {
        fn progress(&mut self, _: &ImportReport) {}
        fn rejected(&mut self, number: u64, rejection: &ciq_event::Rejection, _: &[u8]) {
            panic!("{number}: {rejection}");
        }
        fn waiting(&mut self, error: &IngestError) -> bool {
            panic!("{error}");
        }
    }
    let path = house.path("undisturbed.db");
    let handle = crate::import::open(&path);
    let lines: Vec<u8> = bodies(count).flat_map(|body| [body, b"\n".to_vec()].concat()).collect();
    Importer::new(&handle, &SystemClock, None).run(&mut &*lines, &mut Strict).unwrap();
    handle.close();
    crate::import::dump(&path)
}

fn event_count(path: &Path) -> i64 {
    Reader::open(path).and_then(|reader| reader.stats()).map_or(0, |stats| stats.event_count)
}

/// The reasons of the dead letters of a file, sorted.
pub(crate) fn dead_letters(path: &Path) -> Vec<String> {
    let page = PageRequest { limit: Some(1_000), ..PageRequest::default() };
    let (letters, _) = Reader::open(path).unwrap().dead_letters(&page).unwrap();
    let mut told: Vec<String> =
        letters.iter().map(|letter| format!("{}: {}", letter.field, letter.reason)).collect();
    told.sort();
    told
}
