//! A service within the test, and what it says.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpStream};
use std::sync::Arc;

use ciq_event::Brand;
use ciq_http::{Access, ApiOptions, AppState, router, serve};
use ciq_ingest::{Brands, Clock, EngineOptions, NatsIngest, NatsSettings, SystemClock};
use ciq_nats::{NatsOptions, SourceOptions, SubjectFilter};
use jiff::Timestamp;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::support::Ran;

/// A port that nobody has.
const ANY_PORT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);

/// A clock that stands still.
#[derive(Debug)]
struct Stopped(Timestamp);

impl Clock for Stopped {
    fn now(&self) -> Timestamp {
        self.0
    }
}

/// A service over files of its own.
pub(crate) struct Service {
    // Fields end in this order: whoever asks, then what is asked, then its files.
    runtime: Runtime,
    brands: Arc<Brands>,
    pub(crate) address: SocketAddr,
    pub(crate) url: String,
    listening: Option<(watch::Sender<bool>, JoinHandle<()>)>,
    _folder: TempDir,
}

impl Service {
    pub(crate) fn start() -> Self {
        Self::start_at(ANY_PORT)
    }

    /// A service at an address that is free.
    pub(crate) fn start_at(address: SocketAddr) -> Self {
        Self::with(address, Arc::new(SystemClock), ApiOptions::default())
    }

    /// A service whose clock stands still.
    pub(crate) fn start_in(time: Timestamp) -> Self {
        Self::with(ANY_PORT, Arc::new(Stopped(time)), ApiOptions::default())
    }

    /// A service that lets in only who has a token.
    pub(crate) fn with_tokens(tokens: &str) -> Self {
        let access = Access::parse(tokens).unwrap();
        let options = ApiOptions { access, ..ApiOptions::default() };
        Self::with(ANY_PORT, Arc::new(SystemClock), options)
    }

    fn with(address: SocketAddr, clock: Arc<dyn Clock>, options: ApiOptions) -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("customeriq.db");
        let brands = Arc::new(Brands::new(path, EngineOptions::default()).unwrap());
        let state = AppState::new(Arc::clone(&brands), clock, options);
        let listener = runtime.block_on(TcpListener::bind(address)).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, router(state), std::future::pending()));
        let url = format!("http://{address}");
        Self { runtime, brands, address, url, listening: None, _folder: folder }
    }

    /// Takes events from NATS too.
    pub(crate) fn listen(&mut self, url: &str) {
        let settings = NatsSettings {
            nats: NatsOptions::new(url.parse().unwrap()),
            source: SourceOptions::new(SubjectFilter::parse_list("customer.events.>").unwrap()),
            default_brand: Brand::default(),
            is_publishing: false,
            instance: "test".to_owned(),
            host: "test".to_owned(),
        };
        let (stop, stopped) = watch::channel(false);
        let clock = Arc::new(SystemClock);
        let (ingest, _) = NatsIngest::new(settings, Arc::clone(&self.brands), clock, stopped);
        let task = self.runtime.spawn(async { ingest.run().await.unwrap() });
        self.listening = Some((stop, task));
    }

    /// Asks for JSON.
    #[track_caller]
    pub(crate) fn get(&self, path: &str, headers: &[&str]) -> Value {
        self.ask(("GET", path), headers, "")
    }

    /// Sends JSON.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &str) -> Value {
        self.ask(("POST", path), &["content-type: application/json"], body)
    }

    #[track_caller]
    fn ask(&self, (method, path): (&str, &str), headers: &[&str], body: &str) -> Value {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let headers: String = headers.iter().flat_map(|header| [*header, "\r\n"]).collect();
        let (host, length) = (self.address, body.len());
        let asked = format!(
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{headers}\
             content-length: {length}\r\n\r\n{body}"
        );
        stream.write_all(asked.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{path}: {answer}");
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}"))
    }

    /// Returns every account of a brand.
    #[track_caller]
    pub(crate) fn accounts(&self, headers: &[&str]) -> Vec<Value> {
        let page = self.get("/api/accounts?limit=500", headers);
        page["data"].as_array().unwrap().clone()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        if let Some((stop, task)) = self.listening.take() {
            stop.send_replace(true);
            drop(self.runtime.block_on(task));
        }
        self.brands.close();
    }
}

/// Checks that the service says of every account what the changes that were told add up to.
#[track_caller]
pub(crate) fn check_told(ran: &Ran, accounts: &[Value]) {
    let mut told: std::collections::BTreeMap<String, Value> = std::collections::BTreeMap::new();
    for change in ran.of_type("change") {
        let id = change["customer_id"].as_str().unwrap().to_owned();
        let after = change["after"].clone();
        let field = match change["change"].as_str().unwrap() {
            "created" => {
                told.insert(id, after);
                continue;
            }
            "calls" => "total_api_calls",
            field => field,
        };
        told.entry(id).or_insert_with(|| Value::Object(serde_json::Map::new()))[field] = after;
    }
    assert!(!told.is_empty());
    for (id, fields) in told {
        let found = accounts.iter().find(|account| account["customer_id"] == id.as_str());
        let account = found.unwrap_or_else(|| panic!("{id} is missing"));
        for (name, value) in fields.as_object().unwrap() {
            assert_eq!(&account[name], value, "{name} of {id}");
        }
    }
}
