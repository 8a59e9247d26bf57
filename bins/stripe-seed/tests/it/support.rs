//! A folder of its own per test, and the real binary in it.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ciq_testkit::eventually;
use serde_json::Value;
use tempfile::TempDir;

/// Long enough for anything here.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

/// A key of test mode, unlike anything else that is printed.
pub(crate) const KEY: &str = "sk_test_hushhushhush";

/// A run that is done in a second: five customers on two clocks, two months.
pub(crate) const SMALL: [&str; 18] = [
    "--months",
    "2",
    "--free",
    "1",
    "--standard",
    "2",
    "--pro-plus",
    "1",
    "--engage",
    "0",
    "--enterprise",
    "1",
    "--upgrades",
    "1",
    "--downgrades",
    "0",
    "--cancellations",
    "1",
];

/// A folder that is home and working directory.
#[derive(Debug)]
pub(crate) struct Place(TempDir);

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
        serde_json::from_str(&self.out).unwrap_or_else(|it| panic!("{it}: {}", self.out))
    }

    /// Checks what it says on standard error.
    #[track_caller]
    pub(crate) fn says(self, text: &str) -> Self {
        assert!(self.err.contains(text), "{text}\n{}", self.err);
        self
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    #[track_caller]
    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Reads a file of JSON.
    #[track_caller]
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Returns the names of what is in the folder of the run.
    pub(crate) fn files(&self) -> Vec<String> {
        let entries = fs::read_dir(self.path("config")).into_iter().flatten();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The binary, here, knowing nothing of the test's own surroundings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_stripe-seed"));
        command.args(args).env_clear().env("HOME", self.0.path()).current_dir(self.0.path());
        command
    }

    /// Runs the binary without a key.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        ran(self.command(args))
    }

    /// Runs the binary with a key, against a server.
    pub(crate) fn run_at(&self, url: &str, args: &[&str]) -> Ran {
        ran(self.command_at(url, args))
    }

    /// The binary with a key, against a server.
    pub(crate) fn command_at(&self, url: &str, args: &[&str]) -> Command {
        let mut command = self.command(args);
        command.env("STRIPE_SECRET_KEY", KEY).env("STRIPE_API_BASE", url);
        command
    }
}

/// Runs a command to its end.
pub(crate) fn ran(mut command: Command) -> Ran {
    let output = command.stdin(Stdio::null()).output().unwrap();
    Ran {
        code: output.status.code(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A twin in a process of its own.
#[derive(Debug)]
pub(crate) struct TwinProcess {
    child: Child,
    pub(crate) url: String,
    pub(crate) place: Place,
}

impl TwinProcess {
    /// Starts a twin with flags of `twin`; files that they name are in its own folder.
    pub(crate) fn start(flags: &[&str]) -> Self {
        Self::run(flags, "")
    }

    /// Starts a twin that sends its events to an address, signed with a secret.
    pub(crate) fn with_webhook(url: &str, secret: &str) -> Self {
        Self::run(&["--webhook", url], secret)
    }

    fn run(flags: &[&str], webhook_secret: &str) -> Self {
        let place = Place::new();
        let args = [&["twin", "--port", "0", "--json", "--quiet"], flags].concat();
        let mut command = place.command(&args);
        command.env("STRIPE_WEBHOOK_SECRET", webhook_secret);
        let err = fs::File::create(place.path("stderr")).unwrap();
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(err);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line)
            .unwrap_or_else(|error| panic!("{error}: {line}{}", place.read("stderr")));
        Self { child, url: told["url"].as_str().unwrap().to_owned(), place }
    }

    /// Asks it for something, as a program of another make would.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        let address = self.url.strip_prefix("http://").unwrap();
        crate::http::ask(address, (method, path), body)
    }

    /// Asks for a list, whole; a twin with faults is asked until it answers.
    #[track_caller]
    pub(crate) fn list(&self, path: &str) -> Vec<Value> {
        let mut all: Vec<Value> = Vec::new();
        loop {
            let sign = if path.contains('?') { '&' } else { '?' };
            let after = all.last().map_or_else(String::new, |last: &Value| {
                format!("&starting_after={}", last["id"].as_str().unwrap())
            });
            let path = format!("{path}{sign}limit=100{after}");
            let mut answer = (0, Value::Null);
            let is_answered = eventually(LIMIT, || {
                answer = self.ask("GET", &path, "");
                answer.0 == 200
            });
            assert!(is_answered, "{path}: {answer:?}");
            let (_, page) = answer;
            all.extend(page["data"].as_array().unwrap().iter().cloned());
            if page["has_more"] == false {
                return all;
            }
        }
    }
}

impl Drop for TwinProcess {
    fn drop(&mut self) {
        // One that has ended already cannot be ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
