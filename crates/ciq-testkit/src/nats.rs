//! A `nats-server` of the test's own.
//!
//! In reading order: `config` (what it is started with), `program` (where it is found),
//! `running` (the process and its signals).

mod config;
mod program;
mod running;

use std::fs;
use std::io::{self, BufRead as _, BufReader};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use tempfile::TempDir;

pub use self::config::{NatsConfig, NatsLogin, NatsRoutes, NatsTls};
pub use self::program::NatsVersion;
use self::running::{Running, Signal};
use crate::http;
use crate::ports::HeldPort;
use crate::wait::eventually;

/// How long a server may take to be ready: milliseconds are usual, but the machine may be busy and
/// the store large.
const READY_LIMIT: Duration = Duration::from_secs(30);

/// How long a server may take to end when asked.
const STOP_LIMIT: Duration = Duration::from_secs(30);

/// How long a cluster may take to agree: elections take seconds, and may be held again.
pub(crate) const CLUSTER_LIMIT: Duration = Duration::from_secs(90);

/// How often other ports are tried when somebody else took the ones found free.
pub(crate) const PORT_TRIES: usize = 10;

/// How long one word from the client port may take.
const GREETING_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a server could not be had.
#[derive(Debug, thiserror::Error)]
pub enum NatsError {
    /// The program is nowhere.
    #[error(
        "could not find nats-server: run `cargo xtask test --only tools`, or \
         `apt-get install nats-server`, or name the program in {}",
        program::VARIABLE
    )]
    NotFound,
    /// The variable that names the program names something else.
    #[error("could not use {} that {} names", .0.display(), program::VARIABLE)]
    NotAProgram(PathBuf),
    /// The program says nothing that looks like a version.
    #[error("could not read a version in {0:?}")]
    Version(String),
    /// Every port is taken.
    #[error("could not find a free port")]
    NoFreePort,
    /// The server ended before it was ready.
    #[error("could not start nats-server, which ended with: {0}")]
    Ended(String),
    /// The server was not ready in time.
    #[error("could not reach nats-server within {limit} s: {reason}", limit = READY_LIMIT.as_secs())]
    NotReady {
        /// What stood in the way at the last look.
        reason: String,
    },
    /// The servers of a cluster do not agree in time.
    #[error("could not see the cluster well within {limit} s: {reason}", limit = CLUSTER_LIMIT.as_secs())]
    NotWell {
        /// What stood in the way at the last look.
        reason: String,
    },
    /// The server went on after it was asked to end.
    #[error("could not stop nats-server within {} s", STOP_LIMIT.as_secs())]
    NotStopped,
    /// The server is not running, so there is nothing to tell it.
    #[error("could not reach nats-server: it is not running")]
    NotRunning,
    /// The system refused something.
    #[error("could not {doing}")]
    System {
        /// What was attempted.
        doing: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
}

impl NatsError {
    /// Names what was attempted when the system refused.
    fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}

/// A server on this machine that lives as long as this value.
///
/// Dropping it kills the process and removes its folder, also when the test panics.
#[derive(Debug)]
pub struct NatsServer {
    program: PathBuf,
    version: NatsVersion,
    running: Option<Running>,
    config: NatsConfig,
    // The last fields: the ports and the folder are given back when the process is gone.
    ports: Ports,
    folder: TempDir,
}

/// Where a server listens, also after it was killed and started again.
#[derive(Debug)]
struct Ports {
    client: HeldPort,
    monitor: HeldPort,
}

impl Ports {
    fn free() -> Result<Self, NatsError> {
        let port = || HeldPort::take().ok_or(NatsError::NoFreePort);
        Ok(Self { client: port()?, monitor: port()? })
    }
}

impl NatsServer {
    /// Starts a server and returns when it takes clients and its store is open; one that has others
    /// beside it waits for them before that, so it takes clients only.
    pub fn start(config: NatsConfig) -> Result<Self, NatsError> {
        let program = program::find()?;
        let version = NatsVersion::of(&program)?;
        let folder = tempfile::Builder::new().prefix("nats-").tempdir();
        let folder = folder.map_err(NatsError::system("make a folder for nats-server"))?;
        let (ports, running) = (Ports::free()?, None);
        let mut server = Self { program, version, running, config, ports, folder };
        for _ in 1..PORT_TRIES {
            match server.launch() {
                Err(error) if is_port_taken(&error) => server.ports = Ports::free()?,
                other => return other.map(|()| server),
            }
        }
        server.launch().map(|()| server)
    }

    /// Returns the address for clients, as they take it: `nats://127.0.0.1:…`, without a login.
    #[must_use]
    pub fn url(&self) -> String {
        format!("nats://{}", self.address())
    }

    /// Returns the address for clients, as a proxy takes it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports.client.number()).into()
    }

    /// Returns the address of the monitoring pages: `http://127.0.0.1:…`.
    #[must_use]
    pub fn monitor_url(&self) -> String {
        format!("http://{}", self.monitor_address())
    }

    /// Asks a monitoring page, such as `/jsz?streams=true`, and returns its JSON.
    pub fn monitor(&self, path: &str) -> Result<String, NatsError> {
        http::get(self.monitor_address(), path)
            .map_err(NatsError::system("read a monitoring page of nats-server"))
    }

    /// Returns the program's version.
    #[must_use]
    pub fn version(&self) -> NatsVersion {
        self.version
    }

    /// Returns the name that the server goes by: its folder's, so that no other is taken for it.
    #[must_use]
    pub fn name(&self) -> String {
        self.folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Tells whether the server was started, and neither killed nor stopped.
    #[must_use]
    pub fn is_running(&self) -> bool {
        self.running.is_some()
    }

    /// Returns the folder of the store, the configuration and the log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns what the server has logged so far.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Ends the process at once, as a crash would; what it had not written is lost.
    pub fn kill(&mut self) -> Result<(), NatsError> {
        self.running.take().map_or(Ok(()), Running::kill)
    }

    /// Asks the server to end and waits until it has.
    pub fn stop(&mut self) -> Result<(), NatsError> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.signal(Signal::Terminate)?;
        if eventually(STOP_LIMIT, || running.has_ended()) {
            Ok(())
        } else {
            Err(NatsError::NotStopped)
        }
    }

    /// Starts the server again on the same ports and the same store, killing it first if it runs.
    pub fn restart(&mut self) -> Result<(), NatsError> {
        self.kill()?;
        let mut outcome = Ok(());
        // A port may be held for a moment longer by what is left of its old connections.
        eventually(READY_LIMIT, || {
            outcome = self.launch();
            !matches!(&outcome, Err(error) if is_port_taken(error))
        });
        outcome
    }

    /// Stops the process in its tracks: connections stay open and nothing answers.
    pub fn suspend(&mut self) -> Result<(), NatsError> {
        self.running.as_mut().ok_or(NatsError::NotRunning)?.signal(Signal::Suspend)
    }

    /// Lets a suspended process go on.
    pub fn resume(&mut self) -> Result<(), NatsError> {
        self.running.as_mut().ok_or(NatsError::NotRunning)?.signal(Signal::Resume)
    }

    /// Starts the process on the ports at hand and waits until it is ready.
    fn launch(&mut self) -> Result<(), NatsError> {
        let config = self.folder.path().join("server.conf");
        let name = self.name();
        let (client, monitor) = (self.ports.client.number(), self.ports.monitor.number());
        fs::write(&config, self.config.text(&name, client, monitor, self.folder.path()))
            .map_err(NatsError::system("write the configuration of nats-server"))?;
        let mut running = Running::launch(&self.program, &config, &self.log_path())?;
        let (mut has_ended, mut answer) = (false, Ok(()));
        eventually(READY_LIMIT, || {
            has_ended = running.has_ended();
            answer = self.is_ready(&name);
            has_ended || answer.is_ok()
        });
        // Somebody else may have answered on a port that was not free.
        if has_ended || running.has_ended() {
            return Err(NatsError::Ended(self.last_words()));
        }
        answer.map_err(|error| NatsError::NotReady { reason: error.to_string() })?;
        self.running = Some(running);
        Ok(())
    }

    /// Returns the line of the log that says why the server ended, or the last one.
    pub(crate) fn last_words(&self) -> String {
        last_words(&self.log())
    }

    /// Asks the client port who it is, then the monitor whether all is open.
    fn is_ready(&self, name: &str) -> io::Result<()> {
        let stream = TcpStream::connect(self.address())?;
        stream.set_read_timeout(Some(GREETING_TIMEOUT))?;
        let mut greeting = String::new();
        BufReader::new(stream).read_line(&mut greeting)?;
        if !greeting.contains(name) {
            return Err(io::Error::other("another server listens on the port"));
        }
        match &self.config.cluster {
            // It is open only with the others, which may not be there yet. Their port is the last
            // that it opens, and it ends where that one is taken.
            Some(routes) => TcpStream::connect((Ipv4Addr::LOCALHOST, routes.port)).map(drop),
            None => http::get(self.monitor_address(), "/healthz").map(drop),
        }
    }

    fn monitor_address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.ports.monitor.number()).into()
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

pub(crate) fn is_port_taken(error: &NatsError) -> bool {
    matches!(error, NatsError::Ended(words) if words.contains("address already in use"))
}

/// Returns the line of the log that says why the server ended.
fn last_words(log: &str) -> String {
    let is_fatal = |line: &&str| line.contains("[FTL]") || line.starts_with("nats-server:");
    let line = log.lines().rev().find(is_fatal).or_else(|| log.lines().next_back());
    line.unwrap_or("no words").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told_from_other_ends() {
        let taken = "[1] 2026/01/01 [FTL] Error listening on port: 127.0.0.1:1, \"listen tcp \
                     127.0.0.1:1: bind: address already in use\"\nbye\n";
        assert!(is_port_taken(&NatsError::Ended(last_words(taken))));
        assert!(!is_port_taken(&NatsError::Ended(last_words("nats-server: unknown field\n"))));
        assert_eq!(last_words(""), "no words");
    }

    #[test]
    fn the_remedy_is_in_the_error() {
        let text = NatsError::NotFound.to_string();
        assert!(text.contains("apt-get install nats-server"), "{text}");
        assert!(text.contains("CUSTOMERIQ_NATS_SERVER"), "{text}");
    }
}
