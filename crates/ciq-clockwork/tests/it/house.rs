//! A brand in a file or a schema of its own, as the run has chosen, and its clock.

use std::sync::Arc;

use ciq_clockwork::{BrandClock, Evaluated, PassReport, Scope};
use ciq_event::{Brand, CustomerId, Message, WireForm};
use ciq_ingest::{BrandHandle, EngineOptions};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_store::{
    CampaignView, ExecutionFilter, ExecutionView, InsightView, Location, PageRequest,
    PostgresPlace, PostgresServer, Reader,
};
use ciq_testkit::TestDatabase;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::runtime::Runtime;

/// The address of the customer that most tests are about.
pub(crate) const ANN: &str = "ann@example.com";

pub(crate) struct House {
    pub(crate) clock: Arc<BrandClock>,
    pub(crate) handle: Arc<BrandHandle>,
    pub(crate) runtime: Runtime,
    location: Location,
    database: TestDatabase,
    _folder: tempfile::TempDir,
}

/// A time of the story: hours and minutes of its first day, and further days.
pub(crate) fn at(day: i64, hour: i64, minute: i64) -> Timestamp {
    let start: Timestamp = "2024-03-01T00:00:00Z".parse().unwrap();
    start + SignedDuration::from_mins((day * 24 + hour) * 60 + minute)
}

impl House {
    /// A house whose messages go to the console.
    pub(crate) fn new() -> Self {
        Self::with(OutreachSettings::from_lookup(&|_| None).unwrap())
    }

    pub(crate) fn with(outreach: OutreachSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let database = TestDatabase::chosen().unwrap();
        let location = match database.url() {
            None => Location::File(folder.path().join("brand.db")),
            Some(url) => {
                let server = PostgresServer::parse(url).unwrap();
                Location::Schema(PostgresPlace::of_brand(&server, &Brand::default()))
            }
        };
        let settings = EngineOptions::default().settings(Brand::default()).unwrap();
        let handle = Arc::new(BrandHandle::open(&location, settings).unwrap());
        let outreach = Arc::new(Outreach::new(outreach));
        let clock = Arc::new(BrandClock::new(Arc::clone(&handle), outreach));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        Self { clock, handle, runtime, location, database, _folder: folder }
    }

    /// Stores an event of the customer with an address.
    pub(crate) fn tell(
        &self,
        email: &str,
        event_type: &str,
        when: Timestamp,
        data: impl Into<Value>,
    ) {
        let mut body = json!({"event_type": event_type, "timestamp": when.to_string(),
            "source_service": "shop", "data": data.into()});
        body["data"]["email"] = email.into();
        let message = Message::new(WireForm::Envelope, body.to_string(), when);
        let entry = ciq_engine::prepare(message, self.handle.settings());
        let outcomes = self.runtime.block_on(self.handle.ingest(vec![entry])).unwrap();
        let is_stored = format!("{outcomes:?}").contains("Stored");
        assert!(is_stored, "{outcomes:?}");
    }

    pub(crate) fn cart(&self, when: Timestamp, product: &str) {
        self.tell(ANN, "cart_add", when, json!({"product_name": product, "price": "9.00"}));
    }

    pub(crate) fn buy(&self, when: Timestamp, product: &str) {
        let data = json!({"product_name": product, "total": "9.00", "order_id": when.to_string()});
        self.tell(ANN, "purchase", when, data);
    }

    pub(crate) fn define(&self, definition: &Value) {
        let automation = ciq_automation::Automation::parse_json(definition).unwrap();
        let row = (automation.id.clone(), automation.to_json().to_string());
        let put = self
            .handle
            .write_blocking(move |writer| writer.put_automations(&[row], at(0, 0, 0), false));
        assert!(put.unwrap());
    }

    /// An abandoned cart is answered by WhatsApp after two hours, unless told otherwise.
    pub(crate) fn define_cart_recovery(&self, more: &Value) {
        let mut definition = json!({"id": "cart", "name": "Cart recovery", "enabled": true,
            "trigger": {"type": "cart_abandonment", "after": "2h"},
            "actions": [{"type": "send_message", "body": "Still want the {{ product }}?"}]});
        for (name, value) in more.as_object().unwrap() {
            definition[name] = value.clone();
        }
        self.define(&definition);
    }

    pub(crate) fn evaluate(&self, as_of: Timestamp) -> Evaluated {
        self.runtime.block_on(self.clock.evaluate(as_of)).unwrap()
    }

    pub(crate) fn pass(&self, scope: Scope, as_of: Timestamp) -> PassReport {
        self.clock.pass(scope, as_of).unwrap()
    }

    /// Does what nobody can ask the brand for.
    pub(crate) fn run_sql(&self, statements: &str) {
        match (&self.location, &self.database) {
            (Location::File(path), _) => {
                rusqlite::Connection::open(path).unwrap().execute_batch(statements).unwrap();
            }
            (Location::Schema(place), TestDatabase::Postgres(database)) => {
                let schema = place.schema();
                let within = format!("SET search_path TO \"{schema}\"; {statements}");
                database.psql(&within).unwrap();
            }
            (Location::Schema(_), TestDatabase::File) => unreachable!(),
        }
    }

    pub(crate) fn reader(&self) -> Reader {
        Reader::open(&self.location).unwrap()
    }

    pub(crate) fn customer(&self, email: &str) -> CustomerId {
        let found = self.reader().search(email, 5).unwrap();
        CustomerId::from_raw(found.first().unwrap().customer_id.as_str())
    }

    pub(crate) fn insight(&self, email: &str) -> InsightView {
        self.reader().insight(&self.customer(email)).unwrap().unwrap()
    }

    pub(crate) fn executions(&self) -> Vec<ExecutionView> {
        let page = PageRequest { cursor: None, limit: Some(1_000) };
        self.reader().executions(&ExecutionFilter::default(), &page).unwrap().0
    }

    pub(crate) fn campaigns(&self) -> Vec<CampaignView> {
        let page = PageRequest { cursor: None, limit: Some(1_000) };
        self.reader().campaigns(&ExecutionFilter::default(), &page).unwrap().0
    }

    /// What became of each message, the latest first.
    pub(crate) fn fates(&self) -> Vec<(String, Option<String>)> {
        self.campaigns().into_iter().map(|one| (one.status, one.reason)).collect()
    }
}
