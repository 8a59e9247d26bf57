//! A folder of its own per test, and the real binary in it.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::PathBuf;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

/// Long enough for anything here.
pub(crate) const LIMIT: Duration = Duration::from_secs(30);

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

    /// Reads standard output as lines of JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Vec<Value> {
        let read = |line| serde_json::from_str(line).unwrap_or_else(|it| panic!("{it}: {line}"));
        self.out.lines().map(read).collect()
    }

    /// Returns the lines of JSON of one type.
    #[track_caller]
    pub(crate) fn of_type(&self, name: &str) -> Vec<Value> {
        self.json().into_iter().filter(|line| line["type"] == name).collect()
    }
}

impl Place {
    pub(crate) fn new() -> Self {
        Self(TempDir::new().unwrap())
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// The binary, here, knowing nothing of the test's own surroundings.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_simulator"));
        command.args(args).env_clear().env("HOME", self.0.path()).current_dir(self.0.path());
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        ran(self.command(args))
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

/// A run under way.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    out: BufReader<ChildStdout>,
    /// What it wrote so far.
    told: String,
    place: Place,
}

impl Running {
    /// Starts a run.
    pub(crate) fn start(args: &[&str]) -> Self {
        let place = Place::new();
        // A file, not a pipe: whoever reads both ends of two pipes may wait for ever.
        let err = std::fs::File::create(place.path("stderr")).unwrap();
        let mut command = place.command(args);
        let piped = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(err);
        let mut child = piped.spawn().unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        Self { child, out, told: String::new(), place }
    }

    /// Returns what it told on standard error so far.
    pub(crate) fn err(&self) -> String {
        std::fs::read_to_string(self.place.path("stderr")).unwrap()
    }

    /// Reads on until so many lines contain a text.
    #[track_caller]
    pub(crate) fn await_lines(&mut self, text: &str, count: usize) {
        for _ in 0..count {
            let mut line = String::new();
            while !line.contains(text) {
                line.clear();
                let size = self.out.read_line(&mut line).unwrap();
                assert!(size > 0, "it ended: {}\n{}", self.told, self.err());
                self.told.push_str(&line);
            }
        }
    }

    /// Sends a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().unwrap().success());
    }

    /// Waits for the end.
    pub(crate) fn end(mut self) -> Ran {
        let mut told = std::mem::take(&mut self.told);
        self.out.read_to_string(&mut told).unwrap();
        let code = self.child.wait().unwrap().code();
        Ran { code, out: told, err: self.err() }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // One that has ended already cannot be ended.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}
