//! The outside programs that the tests call, and getting those that are missing.

pub(crate) mod packages;

use std::path::{Path, PathBuf};

use self::packages::{AXE, FAKER, NODE, PEER, PYTHON, STRIPE};
use crate::process::{Failure, Task};
use crate::workspace;

/// The variable that tells tests and benchmarks where the packages of other languages are.
pub(crate) const FOLDER_VARIABLE: &str = "CUSTOMERIQ_TOOLS";

/// A program, what it is asked to find out whether it is there, and the Debian package with it.
type Program = (&'static str, &'static [&'static str], &'static str);

const PROGRAMS: [Program; 13] = [
    ("curl", &["--version"], "curl"),
    ("jq", &["--version"], "jq"),
    ("sqlite3", &["--version"], "sqlite3"),
    ("prlimit", &["--version"], "util-linux"),
    // Makes the certificates of servers with TLS.
    ("openssl", &["version"], "openssl"),
    ("nats-server", &["--version"], "nats-server"),
    ("redis-server", &["--version"], "redis-server"),
    ("node", &["--version"], "nodejs"),
    ("npm", &["--version"], "npm"),
    ("python3", &["--version"], "python3"),
    // Debian ships Python without what fills a virtual environment.
    ("python3", &["-c", "import ensurepip, venv"], "python3-venv"),
    ("chromium", &["--version"], "chromium"),
    ("chromedriver", &["--version"], "chromium-driver"),
];

/// Where Debian puts servers; only root has it on the path.
const SERVERS: &str = "/usr/sbin";

/// Makes sure that everything the tests call is there, and gets what is missing where that needs
/// no question.
pub(crate) fn ensure() -> Result<(), Failure> {
    ensure_programs()?;
    packages::ensure(&PYTHON)?;
    packages::ensure(&STRIPE)?;
    packages::ensure(&NODE)?;
    packages::ensure(&AXE)
}

/// Makes sure that what the benchmarks' Node programs call is there.
pub(crate) fn ensure_peer() -> Result<(), Failure> {
    ensure_programs()?;
    packages::ensure(&PEER)?;
    packages::ensure(&FAKER)
}

/// Returns the folder of the packages of other languages.
pub(crate) fn folder() -> PathBuf {
    workspace::root().join("target/tools")
}

/// Returns the current NATS server, where Debian's is the oldest that is supported.
pub(crate) fn current_nats_server() -> PathBuf {
    PYTHON.proof()
}

fn ensure_programs() -> Result<(), Failure> {
    let missing = missing();
    if missing.is_empty() {
        return Ok(());
    }
    let Some(apt) = Apt::available() else { return Err(please_install(&missing)) };
    if apt.install(&missing).is_err() {
        // A fresh image has no package lists yet, or stale ones.
        apt.update()?;
        apt.install(&missing)?;
    }
    let missing = self::missing();
    if missing.is_empty() { Ok(()) } else { Err(please_install(&missing)) }
}

fn missing() -> Vec<&'static str> {
    PROGRAMS.iter().filter(|program| !is_there(program)).map(|(_, _, package)| *package).collect()
}

fn is_there((name, probe, _): &Program) -> bool {
    let answers = |program: &str| Task::new(program).args(*probe).succeeds();
    answers(name) || answers(&format!("{SERVERS}/{name}"))
}

fn please_install(packages: &[&str]) -> Failure {
    Failure::new(format!("please install: {}", packages.join(" ")))
}

/// Debian's package manager, with the right to use it.
#[derive(Debug)]
struct Apt {
    prefix: &'static [&'static str],
}

impl Apt {
    fn available() -> Option<Self> {
        if !Path::new("/etc/debian_version").exists() {
            return None;
        }
        let user = Task::new("id").arg("-u").output().ok()?;
        if user.trim() == "0" {
            return Some(Self { prefix: &[] });
        }
        let may = Task::new("sudo").args(["-n", "true"]).succeeds();
        may.then_some(Self { prefix: &["sudo", "-n"] })
    }

    fn update(&self) -> Result<(), Failure> {
        self.task(&["update", "--quiet"]).run()
    }

    fn install(&self, packages: &[&str]) -> Result<(), Failure> {
        let options = ["install", "--yes", "--quiet", "--no-install-recommends"];
        self.task(&options).args(packages).run()
    }

    /// `env` sets the variable, because sudo drops the caller's.
    fn task(&self, args: &[&str]) -> Task {
        let words = [self.prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], args];
        let words = words.concat();
        Task::new(words[0]).args(&words[1..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_there_when_it_answers() {
        assert!(is_there(&("cargo", &["--version"], "cargo")));
        assert!(!is_there(&("cargo", &["--no-such-option"], "cargo")));
        assert!(!is_there(&("no-such-program", &["--version"], "none")));
    }

    #[test]
    fn the_request_names_the_packages() {
        assert_eq!(please_install(&["jq", "curl"]).to_string(), "please install: jq curl");
    }
}
