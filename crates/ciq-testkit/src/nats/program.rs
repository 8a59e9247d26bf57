//! Where the program is, and which one.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::NatsError;

/// Names the program, where the one that is found is not the one that is meant.
pub(super) const VARIABLE: &str = "CUSTOMERIQ_NATS_SERVER";

/// Where Debian puts it, which is on the path of root alone.
const DEBIAN: &str = "/usr/sbin/nats-server";

/// Returns the program that the surroundings name, or the one on the path, or Debian's.
pub(super) fn find() -> Result<PathBuf, NatsError> {
    find_in(env::var_os(VARIABLE), env::var_os("PATH").as_deref(), Path::is_file)
}

fn find_in(
    named: Option<OsString>,
    path: Option<&OsStr>,
    is_there: impl Fn(&Path) -> bool,
) -> Result<PathBuf, NatsError> {
    if let Some(named) = named.filter(|named| !named.is_empty()).map(PathBuf::from) {
        return if is_there(&named) { Ok(named) } else { Err(NatsError::NotAProgram(named)) };
    }
    let folders = env::split_paths(path.unwrap_or_default());
    let mut places = folders.map(|it| it.join("nats-server")).chain([PathBuf::from(DEBIAN)]);
    places.find(|place| is_there(place)).ok_or(NatsError::NotFound)
}

/// The version of a server; a later one is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct NatsVersion {
    /// The first number.
    pub major: u16,
    /// The second number, which new abilities raise.
    pub minor: u16,
    /// The third number.
    pub patch: u16,
}

impl NatsVersion {
    /// Makes a version of its numbers, to compare with.
    #[must_use]
    pub fn new(major: u16, minor: u16, patch: u16) -> Self {
        Self { major, minor, patch }
    }

    /// Asks the program.
    pub(super) fn of(program: &Path) -> Result<Self, NatsError> {
        let output = Command::new(program).arg("--version").output();
        let output = output.map_err(NatsError::system("ask nats-server for its version"))?;
        let text = String::from_utf8_lossy(&output.stdout);
        Self::parse(&text).ok_or_else(|| NatsError::Version(text.trim().to_owned()))
    }

    /// Reads `nats-server: v2.9.10`; what follows the numbers, as in `-beta.1`, is passed over.
    fn parse(text: &str) -> Option<Self> {
        let (_, numbers) = text.trim().rsplit_once('v')?;
        let numbers = numbers.split(|sign: char| sign != '.' && !sign.is_ascii_digit()).next()?;
        let mut numbers = numbers.split('.').map(str::parse);
        let mut next = || numbers.next()?.ok();
        Some(Self { major: next()?, minor: next()?, patch: next()? })
    }
}

impl fmt::Display for NatsVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { major, minor, patch } = self;
        write!(f, "{major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(named: Option<&str>, there: &[&str], expect: Option<&str>) {
        let path = OsStr::new("/a:/b");
        let is_there = |place: &Path| there.iter().any(|it| Path::new(it) == place);
        let found = find_in(named.map(OsString::from), Some(path), is_there);
        assert_eq!(found.ok().as_deref(), expect.map(Path::new));
    }

    #[test]
    fn what_is_named_goes_first_and_what_is_on_the_path_second() {
        check(Some("/x/n"), &["/x/n", "/b/nats-server"], Some("/x/n"));
        check(Some(""), &["/b/nats-server"], Some("/b/nats-server"));
        check(None, &["/b/nats-server", DEBIAN], Some("/b/nats-server"));
        check(None, &[DEBIAN], Some(DEBIAN));
    }

    #[test]
    fn a_name_that_is_wrong_is_not_replaced_by_a_find() {
        check(Some("/x/n"), &["/b/nats-server", DEBIAN], None);
        check(None, &[], None);
    }

    #[test]
    fn a_version_is_read_and_compared() {
        let version = NatsVersion::parse("nats-server: v2.9.10\n").unwrap();
        assert_eq!(version, NatsVersion::new(2, 9, 10));
        assert!(version < NatsVersion::parse("nats-server: v2.15.1-beta.2").unwrap());
        assert_eq!(version.to_string(), "2.9.10");
        assert_eq!(NatsVersion::parse("nats-server: unknown"), None);
    }
}
