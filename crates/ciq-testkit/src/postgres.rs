//! A PostgreSQL server of the test's own.
//!
//! In reading order: `config` (what it is started with), `programs` (where they are found),
//! `owner` (who runs it), `running` (its processes and their signals), `psql` (asking it).

mod config;
mod owner;
mod programs;
mod psql;
mod running;

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

pub use self::config::PostgresConfig;
use self::owner::Owner;
pub(crate) use self::psql::psql;
use self::running::{Running, Signal};
use crate::ports::HeldPort;
use crate::wait::eventually;

/// How long a server may take to be ready, or to end when asked: part of a second is usual, but the
/// machine may be busy, and after a kill it reads its log again.
const LIMIT: Duration = Duration::from_secs(60);

/// How often other ports are tried when somebody else took the one found free.
const PORT_TRIES: usize = 10;

/// How many lines of the log tell why a server ended.
const LAST_LINE_COUNT: usize = 4;

/// Why a server or a database could not be had.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The programs are nowhere.
    #[error(
        "could not find the programs of PostgreSQL: run `cargo xtask tools`, or \
         `apt-get install postgresql`, or name their folder in {}",
        programs::VARIABLE
    )]
    NotFound,
    /// The variable that names the programs' folder names something else.
    #[error(
        "could not use {}, which {} names: `initdb` and `postgres` are not in it",
        .0.display(),
        programs::VARIABLE
    )]
    NotAFolder(PathBuf),
    /// Root may not run a server, and there is no other user.
    #[error("could not find the user `postgres` or `nobody`, since root may not run PostgreSQL")]
    NoUser,
    /// Every port is taken.
    #[error("could not find a free port")]
    NoFreePort,
    /// The store could not be made.
    #[error("could not make a store for PostgreSQL: {0}")]
    NoStore(String),
    /// The server ended before it was ready.
    #[error("could not start PostgreSQL, which ended with: {0}")]
    Ended(String),
    /// The server was not ready in time.
    #[error("could not see PostgreSQL ready within {} s", LIMIT.as_secs())]
    NotReady,
    /// The server goes on with the settings that it had.
    #[error("could not see PostgreSQL read its settings again within {} s", LIMIT.as_secs())]
    NotReloaded,
    /// The server went on after it was asked to end.
    #[error("could not stop PostgreSQL within {} s", LIMIT.as_secs())]
    NotStopped,
    /// The server is not running, so there is nothing to tell it.
    #[error("could not reach PostgreSQL: it is not running")]
    NotRunning,
    /// The server did not do what it was told to.
    #[error("could not run a statement: {0}")]
    Refused(String),
    /// The variable that chooses a database names something else.
    #[error(
        "could not use the database {:?} that {} names: it is `file` or `postgres`",
        .0,
        crate::database::CHOICE_VARIABLE
    )]
    NoSuchDatabase(String),
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

impl PostgresError {
    /// Names what was attempted when the system refused.
    fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}

/// A server on this machine that lives as long as this value. It trusts everybody, and nobody
/// reaches it from elsewhere.
///
/// Dropping it ends its processes and removes its folder, also when the test panics.
#[derive(Debug)]
pub struct PostgresServer {
    programs: PathBuf,
    owner: Owner,
    running: Option<Running>,
    config: PostgresConfig,
    // The last fields: the port and the folder are given back when the processes are gone.
    port: HeldPort,
    folder: TempDir,
}

impl PostgresServer {
    /// Starts a server and returns when it takes clients.
    pub fn start(config: PostgresConfig) -> Result<Self, PostgresError> {
        let mut server = Self::prepare(config)?;
        for _ in 1..PORT_TRIES {
            match server.launch() {
                Err(error) if is_port_taken(&error) => server.port = port()?,
                other => return other.map(|()| server),
            }
        }
        server.launch().map(|()| server)
    }

    /// Prepares a server that runs only after [`Self::restart`]: one that is away at first.
    pub fn prepare(config: PostgresConfig) -> Result<Self, PostgresError> {
        let programs = programs::folder()?;
        let folder = tempfile::Builder::new().prefix("postgres-").tempdir();
        let folder = folder.map_err(PostgresError::system("make a folder for PostgreSQL"))?;
        let owner = Owner::find(folder.path())?;
        owner
            .own(folder.path())
            .map_err(PostgresError::system("hand a folder over to PostgreSQL's user"))?;
        let server = Self { programs, owner, running: None, config, port: port()?, folder };
        server.make_store()?;
        Ok(server)
    }

    /// Returns the address for clients, with the database that every server has:
    /// `postgres://postgres@127.0.0.1:…/postgres`.
    #[must_use]
    pub fn url(&self) -> String {
        self.url_of("postgres")
    }

    /// Returns the address for clients of a database.
    #[must_use]
    pub fn url_of(&self, database: &str) -> String {
        format!("postgres://postgres@{}/{database}", self.address())
    }

    /// Returns the address, as a proxy takes it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        (Ipv4Addr::LOCALHOST, self.port.number()).into()
    }

    /// Returns the folder of the store and the log.
    #[must_use]
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Returns the file of the log.
    #[must_use]
    pub fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }

    /// Returns what the server has logged since it was started last.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Runs statements as a client of its own, and returns the rows, one on each line, with `|`
    /// between the columns.
    pub fn psql(&self, statements: &str) -> Result<String, PostgresError> {
        psql(&self.url(), statements)
    }

    /// Ends all processes at once, as a crash would; what was not confirmed may be lost.
    pub fn kill(&mut self) -> Result<(), PostgresError> {
        self.running.take().map_or(Ok(()), Running::kill)
    }

    /// Asks the server to send its clients away and to end, and waits until it has.
    pub fn stop(&mut self) -> Result<(), PostgresError> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.signal(Signal::Stop)?;
        let has_ended = eventually(LIMIT, || running.has_ended());
        if has_ended { Ok(()) } else { Err(PostgresError::NotStopped) }
    }

    /// Starts the server again on the same port and the same store, killing it first if it runs.
    pub fn restart(&mut self) -> Result<(), PostgresError> {
        self.kill()?;
        let mut outcome = Ok(());
        // A port may be held for a moment longer by what is left of its old connections.
        eventually(LIMIT, || {
            outcome = self.launch();
            !matches!(&outcome, Err(error) if is_port_taken(error) || is_memory_taken(error))
        });
        outcome
    }

    /// Stops all processes in their tracks: connections stay open and nothing answers.
    pub fn suspend(&mut self) -> Result<(), PostgresError> {
        self.running.as_mut().ok_or(PostgresError::NotRunning)?.suspend()
    }

    /// Lets suspended processes go on.
    pub fn resume(&mut self) -> Result<(), PostgresError> {
        self.running.as_mut().ok_or(PostgresError::NotRunning)?.resume()
    }

    /// Changes a setting, and has the server read it if it runs. Connections made from now on have
    /// it; those that are there follow within milliseconds. Some settings, such as
    /// `max_connections`, wait for [`Self::restart`].
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), PostgresError> {
        self.config.set(name, value);
        self.write_settings()?;
        let url = self.url();
        let Some(running) = self.running.as_mut() else { return Ok(()) };
        let read_at = || psql(&url, "VALUES (pg_conf_load_time())");
        let before = read_at()?;
        running.signal(Signal::Reload)?;
        let is_read = eventually(LIMIT, || read_at().is_ok_and(|at| at != before));
        if is_read { Ok(()) } else { Err(PostgresError::NotReloaded) }
    }

    /// Lets nobody write who does not insist, as a replica does.
    pub fn make_read_only(&mut self) -> Result<(), PostgresError> {
        self.set("default_transaction_read_only", "on")
    }

    /// Lets everybody write again.
    pub fn make_writable(&mut self) -> Result<(), PostgresError> {
        self.set("default_transaction_read_only", "off")
    }

    /// Makes an empty store. It is not flushed to the disk: it is not worth more than its server.
    fn make_store(&self) -> Result<(), PostgresError> {
        let mut command = self.command("initdb");
        command.args(["--username=postgres", "--auth=trust", "--locale=C", "--encoding=UTF8"]);
        let output = command.args(["--no-sync", "--no-instructions"]).output();
        let output = output.map_err(PostgresError::system("run initdb"))?;
        if !output.status.success() {
            let words = String::from_utf8_lossy(&output.stderr);
            return Err(PostgresError::NoStore(words.trim().to_owned()));
        }
        let main = File::options().append(true).open(self.store().join("postgresql.conf"));
        main.and_then(|mut file| file.write_all(b"include = 'settings.conf'\n"))
            .map_err(PostgresError::system("write the configuration of PostgreSQL"))
    }

    /// Starts the first process on the port at hand and waits until the server is ready.
    fn launch(&mut self) -> Result<(), PostgresError> {
        self.write_settings()?;
        let log = File::create(self.log_path());
        let log = log.map_err(PostgresError::system("open the log of PostgreSQL"))?;
        let mut running = Running::launch(self.command("postgres").stderr(log))
            .map_err(PostgresError::system("run postgres"))?;
        let (mut has_ended, mut is_ready) = (false, false);
        eventually(LIMIT, || {
            has_ended = running.has_ended();
            is_ready = self.is_ready(running.id());
            has_ended || is_ready
        });
        if has_ended {
            return Err(PostgresError::Ended(last_words(&self.log())));
        }
        if !is_ready {
            return Err(PostgresError::NotReady);
        }
        self.running = Some(running);
        Ok(())
    }

    /// Looks into the file where the first process says who it is and how far it has come.
    fn is_ready(&self, process: u32) -> bool {
        let words = fs::read_to_string(self.store().join("postmaster.pid")).unwrap_or_default();
        let lines: Vec<_> = words.lines().map(str::trim).collect();
        lines.first() == Some(&process.to_string().as_str()) && lines.last() == Some(&"ready")
    }

    fn write_settings(&self) -> Result<(), PostgresError> {
        let path = self.store().join("settings.conf");
        fs::write(&path, self.config.text(self.port.number()))
            .and_then(|()| self.owner.own(&path))
            .map_err(PostgresError::system("write the settings of PostgreSQL"))
    }

    /// Returns a command that works on the store, as the user who may, with messages in English.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.programs.join(program));
        command.arg("-D").arg(self.store()).current_dir(self.folder.path());
        command.env("LC_ALL", "C").stdin(Stdio::null());
        self.owner.run(&mut command);
        command
    }

    fn store(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}

fn is_port_taken(error: &PostgresError) -> bool {
    matches!(error, PostgresError::Ended(words) if words.contains("TCP/IP sockets"))
}

/// Tells whether a process of the server that was killed holds its memory still.
fn is_memory_taken(error: &PostgresError) -> bool {
    matches!(error, PostgresError::Ended(words) if words.contains("shared memory block"))
}

fn port() -> Result<HeldPort, PostgresError> {
    HeldPort::take().ok_or(PostgresError::NoFreePort)
}

/// Returns the end of the log without times and process numbers.
fn last_words(log: &str) -> String {
    let lines: Vec<_> = log.lines().collect();
    let last = &lines[lines.len().saturating_sub(LAST_LINE_COUNT)..];
    let words = last.iter().map(|line| line.split_once("] ").map_or(*line, |(_, words)| words));
    words.collect::<Vec<_>>().join("; ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_told_from_other_ends() {
        let taken = "2026-01-01 00:00:00.000 UTC [1] LOG:  could not bind IPv4 address\n\
                     2026-01-01 00:00:00.000 UTC [1] FATAL:  could not create any TCP/IP sockets\n";
        let words = last_words(taken);
        assert!(words.starts_with("LOG:  could not bind IPv4 address; FATAL:  could"), "{words}");
        assert!(is_port_taken(&PostgresError::Ended(words)));
        assert!(!is_port_taken(&PostgresError::Ended(last_words("no [1] FATAL:  no\n"))));
        assert_eq!(last_words(""), "");
    }

    #[test]
    fn the_remedy_is_in_the_error() {
        let text = PostgresError::NotFound.to_string();
        assert!(text.contains("cargo xtask tools"), "{text}");
        assert!(text.contains(programs::VARIABLE), "{text}");
    }
}
