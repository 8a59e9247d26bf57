//! A server of the test's own, and a place that knows of it.

use std::process::Command;
use std::time::Duration;

use ciq_nats::{
    Delivery, Mode, Nats, NatsOptions, Outgoing, Publisher, Source, SourceOptions, SubjectFilter,
};
use ciq_testkit::{NatsConfig, NatsServer, eventually};
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::support::{Place, Ran, ran};

/// How long a message may take.
pub(crate) const LIMIT: Duration = Duration::from_secs(40);

/// A server, and a place whose commands use it.
pub(crate) struct Bus {
    pub(crate) server: NatsServer,
    pub(crate) place: Place,
    runtime: Runtime,
}

impl Bus {
    /// A server without streams.
    pub(crate) fn new() -> Self {
        Self::with(NatsConfig::default())
    }

    pub(crate) fn with(config: NatsConfig) -> Self {
        Self::at(Place::new(), config)
    }

    /// A server without streams, and a place that keeps its data as this run has chosen.
    pub(crate) fn chosen() -> Self {
        Self::at(Place::chosen(), NatsConfig::default())
    }

    fn at(place: Place, config: NatsConfig) -> Self {
        let runtime = Runtime::new().unwrap();
        Self { server: NatsServer::start(config).unwrap(), place, runtime }
    }

    /// A server whose stream takes what is published, as a service leaves it.
    pub(crate) fn with_stream() -> Self {
        let bus = Self::new();
        drop(bus.source("customer.events.>", Mode::JetStream));
        bus
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "")
    }

    pub(crate) fn run_with(&self, args: &[&str], stdin: &str) -> Ran {
        ran(self.command(args), stdin.as_bytes())
    }

    pub(crate) fn command(&self, args: &[&str]) -> Command {
        self.command_in(&self.place, args)
    }

    /// A command in another place that knows of the same server.
    pub(crate) fn command_in(&self, place: &Place, args: &[&str]) -> Command {
        let mut command = place.command(args);
        command.env("NATS_SERVERS", self.server.url());
        command
    }

    /// Listens as the service does.
    pub(crate) fn source(&self, subjects: &str, mode: Mode) -> (Nats, Source) {
        let subjects = SubjectFilter::parse_list(subjects).unwrap();
        let options = SourceOptions { mode, ..SourceOptions::new(subjects) };
        let nats_options = NatsOptions::new(self.server.url().parse().unwrap());
        self.runtime.block_on(async {
            let nats = Nats::connect(&nats_options).await.unwrap();
            let source = Source::open(&nats, &options).await.unwrap();
            nats.fence().await.unwrap();
            (nats, source)
        })
    }

    /// Publishes messages, each confirmed by the stream.
    pub(crate) fn publish(&self, messages: impl IntoIterator<Item = Outgoing>) {
        let nats_options = NatsOptions::new(self.server.url().parse().unwrap());
        let messages = messages.into_iter();
        self.runtime.block_on(async {
            let nats = Nats::connect(&nats_options).await.unwrap();
            let all = SubjectFilter::parse("customer.events.>").unwrap();
            let mut publisher = Publisher::new(&nats, &all).await.unwrap();
            assert!(publisher.is_confirmed(), "no stream takes events");
            for message in messages {
                publisher.publish(message).await.unwrap();
            }
            publisher.finish().await.unwrap();
        });
    }

    /// What the server says about the service's consumer. A server that is busy may leave it out
    /// for a moment.
    #[track_caller]
    pub(crate) fn consumer(&self) -> Value {
        let mut told = Value::Null;
        eventually(LIMIT, || {
            let page = self.server.monitor("/jsz?consumers=1").unwrap_or_default();
            told = serde_json::from_str(&page).unwrap_or_default();
            !service_consumer(&told).is_null()
        });
        let consumer = service_consumer(&told);
        assert!(!consumer.is_null(), "no consumer: {told}");
        consumer
    }

    /// Waits until the stream has nothing left that was not settled.
    #[track_caller]
    pub(crate) fn await_settled(&self) {
        let is_settled = || {
            let told = self.consumer();
            told["num_ack_pending"] == 0 && told["num_pending"] == 0
        };
        assert!(eventually(LIMIT, is_settled), "{}", self.consumer());
    }

    /// Waits for so many messages.
    pub(crate) fn take(&self, source: &mut Source, count: usize) -> Vec<Delivery> {
        let mut taken = Vec::new();
        while taken.len() < count {
            let batch = async { tokio::time::timeout(LIMIT, source.next_batch(count)).await };
            taken.extend(self.runtime.block_on(batch).unwrap());
        }
        taken
    }

    /// Answers the next request with a text.
    pub(crate) fn answer(&self, (nats, source): &mut (Nats, Source), text: &str) -> Delivery {
        let request = self.take(source, 1).remove(0);
        let answered = nats.answer(&request.receipt, text.as_bytes().to_vec());
        self.runtime.block_on(answered).unwrap();
        self.runtime.block_on(nats.flush()).unwrap();
        request
    }
}

fn service_consumer(told: &Value) -> Value {
    let streams = told["account_details"][0]["stream_detail"].as_array();
    let consumers =
        streams.into_iter().flatten().filter_map(|stream| stream["consumer_detail"].as_array());
    let ours = consumers.flatten().find(|consumer| consumer["name"] == "customeriq-service");
    ours.cloned().unwrap_or_default()
}
