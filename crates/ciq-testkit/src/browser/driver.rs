//! The process of the driver.

use std::fs::{self, File};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use super::BrowserError;
use crate::wait::eventually;

/// How long the driver may take to listen: milliseconds are usual, but the machine may be busy.
const READY_LIMIT: Duration = Duration::from_secs(60);

/// A driver that is killed when it is forgotten.
#[derive(Debug)]
pub(super) struct Driver {
    child: Child,
    address: SocketAddr,
    // The last field: the folder is removed when the process is gone.
    folder: TempDir,
}

impl Driver {
    /// Starts the driver on a port of its own choice.
    pub(super) fn start(program: &Path) -> Result<Self, BrowserError> {
        let folder = tempfile::Builder::new().prefix("browser-").tempdir();
        let folder = folder.map_err(BrowserError::system("make a folder for a browser"))?;
        let log = folder.path().join("chromedriver.log");
        let unwritable = || BrowserError::system("open the log of chromedriver");
        let out = File::create(&log).map_err(unwritable())?;
        let err = out.try_clone().map_err(unwritable())?;
        let mut command = Command::new(program);
        command.arg("--port=0").stdin(Stdio::null()).stdout(out).stderr(err);
        let child = command.spawn().map_err(BrowserError::system("run chromedriver"))?;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let mut driver = Self { child, address, folder };
        let mut told = String::new();
        eventually(READY_LIMIT, || {
            told = fs::read_to_string(&log).unwrap_or_default();
            port(&told).is_some() || driver.has_ended()
        });
        let port = port(&told).ok_or(BrowserError::NotReady(told))?;
        driver.address.set_port(port);
        Ok(driver)
    }

    /// Returns where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        self.address
    }

    /// Returns the folder that goes with it.
    pub(super) fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn has_ended(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(Some(_)))
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure, and there is none unless the process is gone.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Reads the port in `ChromeDriver was started successfully on port 37267.`
fn port(told: &str) -> Option<u16> {
    let (_, rest) = told.split_once("started successfully on port ")?;
    rest.split_once('.')?.0.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_the_one_that_was_taken() {
        let told = "Starting ChromeDriver 156 on port 0\n";
        assert_eq!(port(told), None);
        let told = format!("{told}ChromeDriver was started successfully on port 37267.\n");
        assert_eq!(port(&told), Some(37_267));
    }
}
