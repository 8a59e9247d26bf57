//! A folder of its own per test, the real binary in it, and events to send.

use std::fs;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use ciq_event::Brand;
use ciq_store::{Location, PostgresPlace, PostgresServer};
use ciq_testkit::TestDatabase;
use serde_json::Value;
use tempfile::TempDir;

/// Three envelopes of one customer: a purchase, a ticket, a repair.
pub(crate) const STORY: &str = concat!(
    r#"{"customer_id":"cust_001","event_type":"purchase","timestamp":1734134400,"source_service":"e-commerce-service","data":{"purchase_id":"ord_12345","product_name":"Wireless Headphones Pro","product_sku":"WHP-2000","quantity":1,"price":299.99,"total":299.99,"warranty_expires":1765670400,"customer_name":"John Smith","email":"john.smith@example.com"},"metadata":{"session_id":"sess_abc123","payment_method":"credit_card"}}"#,
    "\n",
    r#"{"customer_id":"cust_001","event_type":"support_ticket","timestamp":1734220800,"source_service":"support-system","data":{"ticket_id":"TKT-5678","title":"Product not working","description":"Bluetooth pairing is inconsistent...","status":"open","priority":"high","category":"technical","important":true,"save_as_memory":true},"metadata":{"channel":"email"}}"#,
    "\n",
    r#"{"customer_id":"cust_001","event_type":"repair","timestamp":1734307200,"source_service":"repair-service","data":{"work_order_id":"WO-9999","order_type":"repair","issue_description":"Bluetooth module needs replacement","status":"open","priority":"medium","assigned_to":"technician_05","product_id":"WHP-2000"}}"#,
    "\n",
);

/// A folder that is home, working directory and place of the data, unless that is in PostgreSQL.
#[derive(Debug)]
pub(crate) struct Place {
    folder: TempDir,
    database: TestDatabase,
}

/// How a run of the binary ended.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Ran {
    /// Checks the exit code, and shows all there is where it differs.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "stdout:\n{}\nstderr:\n{}", self.out, self.err);
        self
    }

    /// Reads standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {}", self.out))
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::with(TestDatabase::File)
    }

    /// A place whose data is where this run of the tests has chosen.
    pub(crate) fn chosen() -> Self {
        Self::with(TestDatabase::chosen().unwrap())
    }

    fn with(database: TestDatabase) -> Self {
        Self { folder: TempDir::new().unwrap(), database }
    }

    /// A place whose default brand holds the story.
    pub(crate) fn with_story() -> Self {
        let place = Self::new();
        place.import(STORY);
        place
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The default brand's file.
    pub(crate) fn db(&self) -> PathBuf {
        self.path(".customeriq/customeriq.db")
    }

    /// Where the default brand's tables are, or will be.
    pub(crate) fn location(&self) -> Location {
        match self.database.url() {
            None => self.db().into(),
            Some(url) => {
                let server = PostgresServer::parse(url).unwrap();
                Location::Schema(PostgresPlace::of_brand(&server, &Brand::default()))
            }
        }
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).unwrap();
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The binary, here, knowing nothing of the test's own surroundings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_customeriq"));
        let folder = self.folder.path();
        command.args(args).env_clear().env("HOME", folder).current_dir(folder);
        command.envs(self.database.url().map(|url| ("DATABASE_URL", url)));
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "")
    }

    /// Runs the binary with the given standard input.
    pub(crate) fn run_with(&self, args: &[&str], stdin: impl AsRef<[u8]>) -> Ran {
        ran(self.command(args), stdin.as_ref())
    }

    /// Imports records, none of which may be refused.
    #[track_caller]
    pub(crate) fn import(&self, records: &str) {
        self.run_with(&["import", "-"], records).expect(0);
    }

    /// Types SQL into the `sqlite3` shell.
    pub(crate) fn sqlite3(&self, sql: &str) -> String {
        let mut command = Command::new("sqlite3");
        command.arg(self.db());
        ran(command, sql.as_bytes()).expect(0).out
    }
}

/// Runs a command to its end.
pub(crate) fn ran(mut command: Command, stdin: &[u8]) -> Ran {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    let mut input = child.stdin.take().unwrap();
    let stdin = stdin.to_vec();
    // A command that reads no input closes it early.
    let writer = std::thread::spawn(move || drop(input.write_all(&stdin)));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// An event of a customer who is known by the given fields.
pub(crate) fn event(second: i64, fields: &Value) -> String {
    serde_json::json!({
        "customer_id": fields["customer_id"],
        "event_type": "contact",
        "timestamp": 1_734_000_000 + second,
        "source_service": "test",
        "data": fields,
    })
    .to_string()
        + "\n"
}
