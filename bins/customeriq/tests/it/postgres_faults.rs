//! PostgreSQL that is away, that has no place left, that two services share, and that is handed odd
//! things.
//!
//! `cargo xtask soak postgres` stops it for longer, under a longer load.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ciq_synth::{Seed, chance::below};
use ciq_testkit::{PostgresConfig, eventually};
use serde_json::{Value, json};

use crate::cluster_dump::Undisturbed;
use crate::cluster_people::{KNOWN, People, STRANGERS};
use crate::nats_served::Served;
use crate::nats_support::LIMIT;
use crate::postgres_faults_support::{House, variable};
use crate::postgres_support::{Shop, at};
use crate::support::{Place, ran};

/// How many events a request carries.
const PER_REQUEST: usize = 20;

/// How many threads send requests.
const THREADS: usize = 4;

/// How long to wait before a request is sent again.
const AGAIN_AFTER: Duration = Duration::from_millis(100);

/// What the services are started with: nothing happens by itself.
const SERVE: [&str; 5] = ["serve", "--port", "0", "--every", "off"];

/// Whoever posts events, again and again until they are stored.
struct Client {
    people: People,
    services: Vec<SocketAddr>,
    /// How often a service said that it is not now.
    refused: AtomicU64,
}

impl Client {
    fn new(people: People, services: &[&Served]) -> Self {
        let address = |service: &&Served| {
            let words = service.words();
            let (_, rest) = words.split_once("customeriq is at http://").unwrap();
            rest.split_whitespace().next().unwrap().parse().unwrap()
        };
        let services = services.iter().map(address).collect();
        Self { people, services, refused: AtomicU64::new(0) }
    }

    /// Posts events by several threads, each to one service after the other.
    fn post(&self, events: Range<u64>) {
        let events: Vec<u64> = events.collect();
        let parts: Vec<_> = events.chunks(PER_REQUEST).collect();
        std::thread::scope(|scope| {
            for thread in 0..THREADS {
                let own = parts.iter().enumerate().skip(thread).step_by(THREADS);
                scope.spawn(move || {
                    for (number, part) in own {
                        let service = number / THREADS + thread;
                        self.post_until_stored(self.services[service % self.services.len()], part);
                    }
                });
            }
        });
    }

    /// Posts the same events to all services at once.
    fn post_everywhere(&self, events: Range<u64>) {
        let events: Vec<u64> = events.collect();
        for part in events.chunks(PER_REQUEST) {
            std::thread::scope(|scope| {
                for service in &self.services {
                    scope.spawn(|| self.post_until_stored(*service, part));
                }
            });
        }
    }

    fn post_until_stored(&self, service: SocketAddr, events: &[u64]) {
        let told: Vec<_> = events.iter().map(|index| self.people.told(*index)).collect();
        for brand in [KNOWN, STRANGERS] {
            let own = told.iter().filter(|told| told.brand == brand);
            let records = own.map(|told| told.record() + "\n").collect::<String>();
            let is_stored = || {
                let answer = post(service, brand, &records);
                if answer.starts_with("HTTP/1.1 200") {
                    assert!(answer.contains("\"rejected\":0"), "{answer}");
                    return true;
                }
                assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
                assert!(answer.contains("retry-after: 1"), "{answer}");
                self.refused.fetch_add(1, Ordering::Relaxed);
                false
            };
            while !records.is_empty() && !eventually(Duration::ZERO, is_stored) {
                eventually(AGAIN_AFTER, || false);
            }
        }
    }
}

/// Posts records of one brand; returns the whole answer.
fn post(service: SocketAddr, brand: &str, records: &str) -> String {
    let mut stream = TcpStream::connect(service).unwrap();
    write!(
        stream,
        "POST /events HTTP/1.1\r\nHost: localhost\r\nX-Brand-Id: {brand}\r\n\
         Content-Type: application/x-ndjson\r\nContent-Length: {}\r\nConnection: close\r\n\r\n\
         {records}",
        records.len()
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn two_services_on_one_schema_make_one_customer_of_each_person() {
    let people = People { event_count: variable("CUSTOMERIQ_SOAK_EVENTS").unwrap_or(3_000) };
    let (house, place) = (House::new(), Place::new());
    let one = Served::launch(&house.place, house.command(&SERVE));
    let other = Served::launch(&place, at(&place, &house.postgres.url(), &SERVE));
    let client = Client::new(people, &[&one, &other]);
    client.post_everywhere(people.introductions());
    client.post(people.deeds());
    assert_eq!(client.refused.into_inner(), 0, "{}\n{}", one.words(), other.words());
    for brand in [KNOWN, STRANGERS] {
        assert_eq!(house.stored(brand), people.count_of(brand));
        let doctor = ["--brand", brand, "doctor", "--port", "0"];
        ran(house.command(&doctor), b"").expect(0);
    }
    let customers = "SELECT count(*) FROM customeriq_strangers.customers";
    assert_eq!(house.postgres.psql(customers).unwrap(), people.stranger_count().to_string());
    one.stop();
    other.stop();
    Undisturbed::new(people).check(|args| house.command(args));
}

#[test]
fn while_postgresql_is_stopped_a_service_says_why_and_refuses_for_now() {
    let people = People { event_count: variable("CUSTOMERIQ_SOAK_EVENTS").unwrap_or(2_000) };
    let away = Duration::from_secs(variable("CUSTOMERIQ_SOAK_SECONDS").unwrap_or(5));
    let mut house = House::new();
    let service = Served::launch(&house.place, house.command(&SERVE));
    let client = Client::new(people, &[&service]);
    client.post(people.introductions());
    std::thread::scope(|scope| {
        let posting = scope.spawn(|| client.post(people.deeds()));
        assert!(eventually(LIMIT, || house.stored(STRANGERS) > 0));
        house.postgres.stop().unwrap();
        let mut answer = String::new();
        let is_unready = eventually(LIMIT, || {
            answer = service.get("/readyz");
            answer.starts_with("HTTP/1.1 503") && answer.contains("not ready: store: could not")
        });
        assert!(is_unready && answer.contains("Connection refused"), "{answer}");
        assert!(!answer.contains("postgres://") && !answer.contains("postgres@"), "{answer}");
        let is_ready = || service.get("/readyz").starts_with("HTTP/1.1 200");
        assert!(!eventually(away, is_ready));
        assert!(service.get("/healthz").starts_with("HTTP/1.1 200"));
        assert!(!posting.is_finished());
        house.postgres.restart().unwrap();
        assert!(eventually(LIMIT, is_ready), "{}", service.words());
    });
    assert!(client.refused.into_inner() > 0);
    for brand in [KNOWN, STRANGERS] {
        assert_eq!(house.stored(brand), people.count_of(brand));
    }
    service.stop();
    Undisturbed::new(people).check(|args| house.command(args));
}

#[test]
fn a_server_with_no_place_left_is_tried_again_later() {
    let config = PostgresConfig::new().with_connections_max(3);
    let house = House::with(config.with_setting("superuser_reserved_connections", "0"));
    let service = Served::launch(&house.place, house.command(&SERVE));
    service.await_ready();
    for args in [["stats"].as_slice(), &["import", "--no-wait", "-"], &SERVE] {
        let told = ran(house.command(args), b"").expect(75);
        assert!(told.err.contains("too many clients already (53300)"), "{}", told.err);
    }
    // What is open goes on.
    let told = post(Client::new(People { event_count: 8 }, &[&service]).services[0], KNOWN, "{}");
    assert!(told.starts_with("HTTP/1.1 4"), "{told}");
    service.await_ready();
    service.stop();
    ran(house.command(&["stats"]), b"").expect(0);
}

#[test]
fn a_worker_does_not_begin_without_its_store() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let place = Place::new();
    let url = format!("postgres://ann:hush-hush@127.0.0.1:{port}/shop");
    let told = ran(at(&place, &url, &["worker"]), b"").expect(75);
    for words in ["Connection refused", "look whether PostgreSQL runs there"] {
        assert!(told.err.contains(words), "{}", told.err);
    }
    assert!(!told.err.contains("hush"), "{}", told.err);
}

/// Events with values as long, as large and as odd as they come, each in one field.
fn odd_events() -> String {
    let mut rng = Seed::new(8).stream("odd events", 0);
    let mut letters = |count: usize| -> String {
        let sign = |_| char::from(b'a' + u8::try_from(below(&mut rng, 26)).unwrap());
        (0..count).map(sign).collect()
    };
    let fields = ["purchase_id", "product_name", "product_sku", "category", "title", "status"];
    let mut odd: Vec<(&str, Value)> = Vec::new();
    // An index of PostgreSQL holds less than 3,000 bytes of a value, however well they shrink.
    for length in [3_000, 9_000] {
        odd.extend(fields.map(|field| (field, letters(length).into())));
        let items = json!([{"name": letters(length), "category": letters(length), "price": 3}]);
        odd.push(("items", items));
        odd.push(("work_order_id", letters(length).into()));
        odd.push(("email", format!("{}@x.org", letters(length)).into()));
    }
    odd.push(("agent_notes", letters(1_500_000).into()));
    odd.push(("agent_notes", (0..150_000).map(|_| letters(7) + " ").collect::<String>().into()));
    odd.push(("product_name", "a\u{0}b".into()));
    odd.extend([1e300, -1e300, 1e-300, 9.3e18].map(|total| ("total", json!(total))));
    odd.extend([i64::MAX, i64::MIN, 1 << 31].map(|count| ("quantity", json!(count))));
    let told = odd.into_iter().enumerate().map(|(index, (field, value))| {
        let mut data = json!({"purchase_id": format!("order-{index}"), "total": 1});
        data[field] = value;
        let event = json!({
            "customer_id": format!("odd-{index}"),
            "event_type": "purchase",
            "timestamp": 1_767_225_600 + index,
            "source_service": "x",
            "data": data,
        });
        event.to_string() + "\n"
    });
    told.collect()
}

#[test]
fn what_a_file_takes_postgresql_takes_too() {
    let (shop, place) = (Shop::new(), Place::new());
    place.write("odd.ndjson", odd_events());
    let with_file = |args: &[&str]| {
        let mut command = place.command(args);
        command.env_remove("DATABASE_URL");
        ran(command, b"")
    };
    let import = ["import", "--no-wait", "--json", "odd.ndjson"];
    let in_file = with_file(&import);
    let in_postgresql = ran(at(&place, shop.database.url(), &import), b"");
    assert_eq!(in_postgresql.code, in_file.code, "{}", in_postgresql.err);
    for count in ["stored", "duplicates", "rejected"] {
        assert_eq!(in_postgresql.json()[count], in_file.json()[count], "{count}");
    }
    assert!(with_file(&["dump"]).expect(0).out == shop.dump(), "the dumps differ");
}
