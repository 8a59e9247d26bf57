//! The outside programs that the tests call, and getting those that are missing.

pub(crate) mod packages;

use std::fs;
use std::path::{Path, PathBuf};

use self::packages::{AXE, FAKER, NODE, PEER, PYTHON, STRIPE};
use crate::process::{Failure, Task};
use crate::workspace;

/// The variable that tells tests and benchmarks where the packages of other languages are.
pub(crate) const FOLDER_VARIABLE: &str = "CUSTOMERIQ_TOOLS";

/// A program, what it is asked to find out whether it is there, and the Debian package with it.
type Program = (&'static str, &'static [&'static str], &'static str);

const PROGRAMS: [Program; 15] = [
    ("curl", &["--version"], "curl"),
    ("jq", &["--version"], "jq"),
    ("sqlite3", &["--version"], "sqlite3"),
    ("prlimit", &["--version"], "util-linux"),
    // Makes the certificates of servers with TLS.
    ("openssl", &["version"], "openssl"),
    ("nats-server", &["--version"], "nats-server"),
    ("redis-server", &["--version"], "redis-server"),
    ("postgres", &["--version"], POSTGRES),
    // What asks it for things is a package of its own, which the server's brings.
    ("psql", &["--version"], POSTGRES),
    ("node", &["--version"], "nodejs"),
    ("npm", &["--version"], "npm"),
    ("python3", &["--version"], "python3"),
    // Debian ships Python without what fills a virtual environment.
    ("python3", &["-c", "import ensurepip, venv"], "python3-venv"),
    ("chromium", &["--version"], "chromium"),
    ("chromedriver", &["--version"], "chromium-driver"),
];

/// Debian's package of the PostgreSQL server, of the version that goes with the system.
const POSTGRES: &str = "postgresql";

/// What that package begins with: it says whether a server of the system's is made.
const POSTGRES_COMMON: &str = "postgresql-common";

/// Tells that package to make none, where nobody has said otherwise.
const NO_SYSTEM_SERVER: [&str; 4] = [
    "sed",
    "--in-place",
    "s/^#create_main_cluster .*/create_main_cluster = false/",
    "/etc/postgresql-common/createcluster.conf",
];

/// Where Debian puts servers; only root has it on the path.
const SERVERS: &str = "/usr/sbin";

/// Where it puts the programs of each version of PostgreSQL; nobody has these on the path.
const POSTGRES_VERSIONS: &str = "/usr/lib/postgresql";

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
    let missing = PROGRAMS.iter().filter(|program| !is_there(program));
    let mut packages: Vec<_> = missing.map(|(_, _, package)| *package).collect();
    packages.dedup();
    packages
}

fn is_there((name, probe, _): &Program) -> bool {
    let answers = |program: &Path| Task::new(&program.to_string_lossy()).args(*probe).succeeds();
    let mut places = [PathBuf::from(SERVERS)].into_iter().chain(versions(POSTGRES_VERSIONS));
    answers(Path::new(name)) || places.any(|folder| answers(&folder.join(name)))
}

/// Returns the folders of the programs of every version in a folder.
fn versions(folder: &str) -> impl Iterator<Item = PathBuf> {
    fs::read_dir(folder).into_iter().flatten().flatten().map(|version| version.path().join("bin"))
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
        if packages.contains(&POSTGRES) {
            self.get(&[POSTGRES_COMMON])?;
            self.command(&NO_SYSTEM_SERVER).run()?;
        }
        self.get(packages)
    }

    fn get(&self, packages: &[&str]) -> Result<(), Failure> {
        let options = ["install", "--yes", "--quiet", "--no-install-recommends"];
        self.task(&options).args(packages).run()
    }

    /// `env` sets the variable, because sudo drops the caller's.
    fn task(&self, args: &[&str]) -> Task {
        self.command(&[&["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], args].concat())
    }

    /// Returns a command with the right to change the system.
    fn command(&self, words: &[&str]) -> Task {
        let words = [self.prefix, words].concat();
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
    fn the_programs_of_postgres_are_found_off_the_path() {
        let expect = Path::new("/proc/self/bin");
        assert!(versions("/proc").any(|folder| folder == expect));
        assert_eq!(versions("/no/such/folder").count(), 0);
    }

    #[test]
    fn the_request_names_the_packages() {
        assert_eq!(please_install(&["jq", "curl"]).to_string(), "please install: jq curl");
    }
}
