//! Ports that are a test's own.

use std::fs::{self, File, Permissions};
use std::net::{Ipv4Addr, TcpListener};
use std::ops::Range;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU16, Ordering};
use std::{env, process};

/// Where to look. Systems give outgoing connections ports from 32768 up: a client that keeps
/// trying a dead server's port from that range may be given the very same port and connect to
/// itself, and the server could not come back.
const PORTS: Range<u16> = 12_000..32_000;

/// How far apart two processes begin to look: prime to the length of the range, and more than one
/// test needs.
const STRIDE: u32 = 37;

/// The folder where a locked file stands for each port that somebody holds.
const FOLDER: &str = "customeriq-test-ports";

/// How many ports this process has looked at.
static LOOKED: AtomicU16 = AtomicU16::new(0);

/// A port of this machine that no other test is given while this value lives, also while nobody
/// listens on it: a server that is killed finds it again.
#[derive(Debug)]
pub(crate) struct HeldPort {
    number: u16,
    path: PathBuf,
    /// The system lets go of the lock also when the process is killed, and servers that the
    /// process has started do not inherit it.
    _lock: File,
}

impl HeldPort {
    /// Takes a port that nobody holds and nobody listens on: another one at each call, so that
    /// clients of a server that is gone do not meet the next one.
    pub(crate) fn take() -> Option<Self> {
        let folder = folder()?;
        let next = |_| candidate(process::id(), LOOKED.fetch_add(1, Ordering::Relaxed));
        PORTS.map(next).find_map(|number| Self::hold(&folder, number))
    }

    /// Returns the port.
    pub(crate) fn number(&self) -> u16 {
        self.number
    }

    fn hold(folder: &Path, number: u16) -> Option<Self> {
        let path = folder.join(number.to_string());
        // Another user's file can be opened, but not for writing.
        let lock = File::open(&path).or_else(|_| File::create(&path)).ok()?;
        lock.try_lock().ok()?;
        // Who held it last may have removed the file after we had opened it.
        if fs::metadata(&path).ok()?.ino() != lock.metadata().ok()?.ino() {
            return None;
        }
        let held = Self { number, path, _lock: lock };
        TcpListener::bind((Ipv4Addr::LOCALHOST, number)).is_ok().then_some(held)
    }
}

impl Drop for HeldPort {
    fn drop(&mut self) {
        // Before the lock goes. A file that stays holds nothing.
        drop(fs::remove_file(&self.path));
    }
}

/// Returns the folder of the locks, which all users of this machine share.
fn folder() -> Option<PathBuf> {
    let folder = env::temp_dir().join(FOLDER);
    if fs::create_dir(&folder).is_ok() {
        fs::set_permissions(&folder, Permissions::from_mode(0o1777)).ok()?;
    }
    folder.is_dir().then_some(folder)
}

/// Returns the port to look at: tests run in many processes at once, so each begins elsewhere.
fn candidate(process: u32, looked: u16) -> u16 {
    let length = u32::from(PORTS.end - PORTS.start);
    let offset = (process % length * STRIDE + u32::from(looked)) % length;
    PORTS.start + u16::try_from(offset).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_below_those_of_outgoing_connections() {
        assert!(PORTS.contains(&HeldPort::take().unwrap().number()));
    }

    #[test]
    fn two_calls_name_two_ports() {
        let first = HeldPort::take().unwrap().number();
        assert_ne!(HeldPort::take().unwrap().number(), first);
    }

    #[test]
    fn a_port_that_is_held_is_given_to_nobody_else() {
        let folder = folder().unwrap();
        let held = HeldPort::take().unwrap();
        let (number, path) = (held.number(), held.path.clone());
        assert!(HeldPort::hold(&folder, number).is_none());
        drop(held);
        assert!(!path.exists());
        assert!(HeldPort::hold(&folder, number).is_some());
    }

    #[test]
    fn a_port_that_somebody_listens_on_is_not_held() {
        let folder = folder().unwrap();
        let number = HeldPort::take().unwrap().number();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, number)).unwrap();
        assert!(HeldPort::hold(&folder, number).is_none());
        drop(listener);
        assert!(HeldPort::hold(&folder, number).is_some());
    }

    #[test]
    fn every_process_begins_elsewhere_and_none_leaves_the_range() {
        assert_eq!((candidate(0, 0), candidate(1, 0), candidate(1, 1)), (12_000, 12_037, 12_038));
        assert!(PORTS.contains(&candidate(u32::MAX, u16::MAX)));
    }
}
