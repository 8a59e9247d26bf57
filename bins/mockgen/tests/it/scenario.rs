//! The stories, told by the real binary to a service within the test.

use std::net::SocketAddr;
use std::sync::Arc;

use ciq_clockwork::Clocks;
use ciq_http::{ApiOptions, AppState, router, serve};
use ciq_ingest::{Brands, EngineOptions, SystemClock};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_store::{Database, PostgresServer};
use ciq_testkit::TestDatabase;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

use crate::served::ask;
use crate::support::{Place, Ran};

/// A service over files or a PostgreSQL database of its own, as the run has chosen. What automations
/// send goes to the console.
struct Service {
    // Fields end in this order: whoever asks, then what is asked, then where it keeps its brands.
    _runtime: Runtime,
    brands: Arc<Brands>,
    address: SocketAddr,
    _database: TestDatabase,
    _folder: TempDir,
}

impl Service {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let folder = TempDir::new().unwrap();
        let database = TestDatabase::chosen().unwrap();
        let place = match database.url() {
            None => Database::Files(folder.path().join("customeriq.db")),
            Some(url) => Database::Postgres(PostgresServer::parse(url).unwrap()),
        };
        let brands = Arc::new(Brands::new(place, EngineOptions::default()).unwrap());
        let outreach = Outreach::new(OutreachSettings::from_lookup(&|_| None).unwrap());
        let clocks = Arc::new(Clocks::new(Arc::clone(&brands), outreach));
        let state =
            AppState::new(Arc::clone(&brands), Arc::new(SystemClock), ApiOptions::default());
        let app = router(state.with_clocks(clocks));
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(serve(listener, app, std::future::pending()));
        Self { _runtime: runtime, brands, address, _database: database, _folder: folder }
    }

    fn play(&self, args: &[&str]) -> Ran {
        let target = format!("http://{}", self.address);
        Place::new().run(&[&["scenario"], args, &["--target", &target]].concat())
    }

    /// Counts the brands that have tables.
    fn brand_count(&self) -> usize {
        self.brands.known_brands().unwrap().len()
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.brands.close();
    }
}

#[test]
fn every_story_ends_as_it_should() {
    let service = Service::start();
    let played = service.play(&["all", "--json"]);
    let summary = played.json();
    let scenarios = summary["scenarios"].as_array().unwrap();
    let names: Vec<_> = scenarios.iter().map(|played| &played["scenario"]).collect();
    assert_eq!(names, ["omnichannel", "high-value", "churn-risk", "manual-merge"]);
    let checks = || scenarios.iter().flat_map(|played| played["checks"].as_array().unwrap());
    let failed: Vec<&Value> = checks().filter(|check| check["passed"] != true).collect();
    assert!(failed.is_empty(), "{failed:#?}");
    assert!(checks().count() > 150, "{} checks", checks().count());
    assert_eq!(summary["passed"], true);
    println!("{} checks in {} s", checks().count(), summary["seconds"]);
    played.expect(0);
}

#[test]
fn a_story_is_told_once_per_brand() {
    let service = Service::start();
    let told = service.play(&["manual-merge"]).expect(0);
    assert!(told.text().starts_with("manual-merge (brand scenario-manual-merge)\n"));
    assert!(told.text().contains("✓ end: customers"), "{}", told.text());
    assert!(!told.text().contains('✗'), "{}", told.text());
    let again = service.play(&["manual-merge"]).expect(1);
    let said = "brand scenario-manual-merge has customers already: use a clean file, or another \
                brand (--brand)";
    assert!(again.err.contains(said), "{}", again.err);
    assert!(again.out.is_empty());
    // One brand in the way is enough: nothing is written for the others.
    service.play(&["all"]).expect(1);
    assert_eq!(service.brand_count(), 1);
    service.play(&["manual-merge", "--brand", "another"]).expect(0);
    assert_eq!(service.brand_count(), 2);
}

#[test]
fn a_check_that_does_not_hold_is_shown_and_counted() {
    let service = Service::start();
    // A brand without customers, but with a rule of its own: one message more than in the story.
    let rule = r#"{"id":"greeting","trigger":{"type":"churn_risk","threshold":0.01},
        "actions":[{"type":"send_message","channel":"sms","body":"Hello"}]}"#;
    let headers = ["content-type: application/json", "x-brand-id: crossed"];
    let address = service.address.to_string();
    ask(&address, ("POST", "/api/automations"), &headers, rule).expect(201);
    let played = service.play(&["churn-risk", "--brand", "crossed"]).expect(1);
    assert!(played.text().contains("✗ day 45: automation executions"), "{}", played.text());
    assert!(played.err.contains("checks did not hold"), "{}", played.err);
    // With `all`, the name is what four others begin with.
    service.play(&["all", "--brand", "crossed"]).expect(0);
    assert_eq!(service.brand_count(), 5);
}

#[test]
fn a_service_that_is_not_there_is_named() {
    let place = Place::new();
    let ran = place.run(&["scenario", "all", "--target", "http://127.0.0.1:1"]).expect(75);
    assert!(ran.err.starts_with("error: could not reach http://127.0.0.1:1: "), "{}", ran.err);
    let ran = place.run(&["scenario", "all", "--target", "localhost:3000"]).expect(2);
    assert!(ran.err.contains("--target is unusable"), "{}", ran.err);
    place.run(&["scenario", "fairy-tale"]).expect(2);
}
