//! The outside programs that the tests call, and getting those that are missing.

use std::path::Path;

use crate::process::{Failure, Task};

/// Each program and the Debian package that carries it.
const TOOLS: [(&str, &str); 4] =
    [("curl", "curl"), ("jq", "jq"), ("sqlite3", "sqlite3"), ("prlimit", "util-linux")];

/// Makes sure that every program is there; installs what is missing where that needs no question.
pub(crate) fn ensure() -> Result<(), Failure> {
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
    let is_missing = |program: &str| !Task::new(program).arg("--version").succeeds();
    TOOLS.iter().filter(|(program, _)| is_missing(program)).map(|(_, package)| *package).collect()
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
    fn the_request_names_the_packages() {
        assert_eq!(please_install(&["jq", "curl"]).to_string(), "please install: jq curl");
    }
}
