//! A `redis-server` of the test's own.

use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use tempfile::TempDir;

use crate::ports::HeldPort;
use crate::wait::eventually;

/// Names the program, where the one that is found is not the one that is meant.
const VARIABLE: &str = "CUSTOMERIQ_REDIS_SERVER";

/// How long a server may take to be ready, or to end when asked: milliseconds are usual, but the
/// machine may be busy.
const LIMIT: Duration = Duration::from_secs(30);

/// What the program calls itself where it checks a log of writes.
const CHECKER: &str = "redis-check-aof";

/// Where the log of writes says what it consists of.
const MANIFEST: &str = "appendonlydir/appendonly.aof.manifest";

/// How often other ports are tried when somebody else took the one found free.
const PORT_TRIES: usize = 10;

/// How long one word from the server may take.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// Why a server could not be had.
#[derive(Debug, thiserror::Error)]
pub enum RedisError {
    /// The program is nowhere.
    #[error(
        "could not find redis-server: run `apt-get install --no-install-recommends redis-server`, \
         or name the program in {VARIABLE}"
    )]
    NotFound,
    /// Every port is taken.
    #[error("could not find a free port")]
    NoFreePort,
    /// The server ended before it was ready.
    #[error("could not start redis-server, which ended with: {0}")]
    Ended(String),
    /// What a server had written cannot be read any more.
    #[error("could not mend what redis-server had written: {0}")]
    NotMended(String),
    /// The server was not ready in time.
    #[error("could not reach redis-server within {limit} s: {reason}", limit = LIMIT.as_secs())]
    NotReady {
        /// What stood in the way at the last look.
        reason: String,
    },
    /// The server went on after it was asked to end.
    #[error("could not stop redis-server within {} s", LIMIT.as_secs())]
    NotStopped,
    /// The server is not running, so there is nothing to tell it.
    #[error("could not reach redis-server: it is not running")]
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

impl RedisError {
    fn system(doing: &'static str) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::System { doing, source }
    }
}

/// What a server is started with. By default it keeps nothing and asks for no password.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RedisConfig {
    arguments: Vec<String>,
    password: Option<String>,
}

impl RedisConfig {
    /// Makes a server that forgets everything when it ends.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes it keep what it confirmed, also when it is killed, and nothing by halves.
    ///
    /// Its default, to write once a second, puts writing off while the last write is on its way to
    /// the disk. And where the kill has torn a transaction (a script is one too), its default is to
    /// drop the torn command alone and to leave an open `MULTI` in its file: what is written
    /// afterwards belongs to that transaction too when the file is read once more. So it does not
    /// mend its file, and we have it mended before each start.
    /// <https://github.com/valkey-io/valkey/pull/4342>
    #[must_use]
    pub fn with_append_only_file(self) -> Self {
        let always = ["--appendonly", "yes", "--appendfsync", "always"];
        self.with_arguments(&always).with_arguments(&["--aof-load-truncated", "no"])
    }

    /// Makes it ask for a password.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.password = Some(password.to_owned());
        self.with_arguments(&["--requirepass", password])
    }

    /// Adds arguments as the program takes them.
    #[must_use]
    pub fn with_arguments(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|&it| it.to_owned()));
        self
    }
}

/// A server on this machine that lives as long as this value.
///
/// Dropping it kills the process and removes its folder, also when the test panics.
#[derive(Debug)]
pub struct RedisServer {
    program: PathBuf,
    running: Option<Running>,
    config: RedisConfig,
    // The last fields: the port and the folder are given back when the process is gone.
    port: HeldPort,
    folder: TempDir,
}

impl RedisServer {
    /// Starts a server and returns when it takes clients.
    pub fn start(config: RedisConfig) -> Result<Self, RedisError> {
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
    pub fn prepare(config: RedisConfig) -> Result<Self, RedisError> {
        let program = find(env::var_os(VARIABLE).as_deref(), env::var_os("PATH").as_deref());
        let program = program.ok_or(RedisError::NotFound)?;
        let folder = tempfile::Builder::new().prefix("redis-").tempdir();
        let folder = folder.map_err(RedisError::system("make a folder for redis-server"))?;
        Ok(Self { program, running: None, config, port: port()?, folder })
    }

    /// Returns the address as clients take it, with the password if there is one.
    #[must_use]
    pub fn url(&self) -> String {
        let login = self.config.password.as_ref().map(|password| format!(":{password}@"));
        format!("redis://{}{}", login.unwrap_or_default(), self.address())
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

    /// Returns what the server has logged since it was started last.
    #[must_use]
    pub fn log(&self) -> String {
        fs::read_to_string(self.log_path()).unwrap_or_default()
    }

    /// Ends the process at once, as a crash would.
    pub fn kill(&mut self) -> Result<(), RedisError> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.end().map_err(RedisError::system("kill redis-server"))
    }

    /// Asks the server to end and waits until it has.
    pub fn stop(&mut self) -> Result<(), RedisError> {
        let Some(mut running) = self.running.take() else { return Ok(()) };
        running.signal("TERM")?;
        let has_ended = eventually(LIMIT, || running.has_ended());
        if has_ended { Ok(()) } else { Err(RedisError::NotStopped) }
    }

    /// Starts the server again on the same port and the same folder, killing it first if it runs.
    pub fn restart(&mut self) -> Result<(), RedisError> {
        self.kill()?;
        let mut outcome = Ok(());
        // A port may be held for a moment longer by what is left of its old connections.
        eventually(LIMIT, || {
            outcome = self.launch();
            !matches!(&outcome, Err(error) if is_port_taken(error))
        });
        outcome
    }

    /// Stops the process in its tracks: connections stay open and nothing answers.
    pub fn suspend(&mut self) -> Result<(), RedisError> {
        self.running.as_mut().ok_or(RedisError::NotRunning)?.signal("STOP")
    }

    /// Lets a suspended process go on.
    pub fn resume(&mut self) -> Result<(), RedisError> {
        self.running.as_mut().ok_or(RedisError::NotRunning)?.signal("CONT")
    }

    fn launch(&mut self) -> Result<(), RedisError> {
        self.mend()?;
        let log = File::create(self.log_path());
        let log = log.map_err(RedisError::system("open the log of redis-server"))?;
        let mut command = Command::new(&self.program);
        command.args(["--bind", "127.0.0.1", "--save", "", "--daemonize", "no", "--port"]);
        command.arg(self.port.number().to_string()).arg("--dir").arg(self.folder.path());
        command.args(&self.config.arguments).stdin(Stdio::null()).stdout(log);
        let started = command.stderr(Stdio::null()).spawn();
        let mut running = Running(started.map_err(RedisError::system("run redis-server"))?);
        let (mut has_ended, mut answer) = (false, Ok(()));
        eventually(LIMIT, || {
            has_ended = running.has_ended();
            answer = is_ready(self.address());
            has_ended || answer.is_ok()
        });
        // Somebody else may have answered on a port that was not free.
        if has_ended || running.has_ended() {
            let log = self.log();
            return Err(RedisError::Ended(log.lines().next_back().unwrap_or_default().to_owned()));
        }
        answer.map_err(|error| RedisError::NotReady { reason: error.to_string() })?;
        self.running = Some(running);
        Ok(())
    }

    /// Takes off the end of the log of writes what a kill has torn: a whole transaction, if it is
    /// one. The program that does it is the server under another name.
    fn mend(&self) -> Result<(), RedisError> {
        let manifest = self.folder.path().join(MANIFEST);
        if !manifest.is_file() {
            return Ok(());
        }
        let mut command = Command::new(&self.program);
        command.arg0(CHECKER).arg("--fix").arg(manifest).stdin(Stdio::piped());
        let checking = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut checking = checking.map_err(RedisError::system("run redis-check-aof"))?;
        // It asks only where something is torn, and may be gone before it hears us.
        drop(checking.stdin.take().map(|mut answer| answer.write_all(b"y\n")));
        let output = checking.wait_with_output();
        let output = output.map_err(RedisError::system("wait for redis-check-aof"))?;
        if output.status.success() {
            return Ok(());
        }
        Err(RedisError::NotMended(String::from_utf8_lossy(&output.stdout).trim().to_owned()))
    }

    fn log_path(&self) -> PathBuf {
        self.folder.path().join("server.log")
    }
}

/// A process that is killed when it is forgotten.
#[derive(Debug)]
struct Running(Child);

impl Running {
    fn has_ended(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(Some(_)))
    }

    /// Sends a signal by the shell's own `kill`, which every system has.
    fn signal(&mut self, signal: &str) -> Result<(), RedisError> {
        if self.has_ended() {
            return Err(RedisError::NotRunning);
        }
        let mut shell = Command::new("sh");
        shell.args(["-c", "kill -s \"$0\" \"$1\"", signal]).arg(self.0.id().to_string());
        let status = shell.status().map_err(RedisError::system("signal redis-server"))?;
        if status.success() { Ok(()) } else { Err(RedisError::NotRunning) }
    }

    fn end(&mut self) -> io::Result<()> {
        self.0.kill()?;
        self.0.wait().map(drop)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Nobody is left to hear of a failure, and there is none unless the process is gone.
        drop(self.end());
    }
}

/// Asks the server for a word. One that wants a password first is ready too; one that still reads
/// its store is not.
fn is_ready(address: SocketAddr) -> io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(ANSWER_TIMEOUT))?;
    stream.write_all(b"PING\r\n")?;
    let mut answer = [0; 7];
    stream.read_exact(&mut answer)?;
    match &answer {
        b"+PONG\r\n" | b"-NOAUTH" => Ok(()),
        other => Err(io::Error::other(String::from_utf8_lossy(other).into_owned())),
    }
}

fn is_port_taken(error: &RedisError) -> bool {
    matches!(error, RedisError::Ended(words) if words.contains("listen") || words.contains("bind"))
}

fn port() -> Result<HeldPort, RedisError> {
    HeldPort::take().ok_or(RedisError::NoFreePort)
}

/// Returns the program that is named, or the one on the path.
fn find(named: Option<&OsStr>, path: Option<&OsStr>) -> Option<PathBuf> {
    if let Some(named) = named.filter(|named| !named.is_empty()).map(PathBuf::from) {
        return named.is_file().then_some(named);
    }
    let folders = env::split_paths(path.unwrap_or_default());
    folders.map(|folder| folder.join("redis-server")).find(|place| place.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_remedy_is_in_the_error() {
        let text = RedisError::NotFound.to_string();
        assert!(text.contains("apt-get install"), "{text}");
        assert!(text.contains(VARIABLE), "{text}");
    }

    #[test]
    fn a_name_that_is_wrong_is_not_replaced_by_a_find() {
        assert_eq!(
            find(Some(OsStr::new("/no/such/program")), env::var_os("PATH").as_deref()),
            None
        );
        assert_eq!(find(None, None), None);
    }

    #[track_caller]
    fn ask(server: &RedisServer, words: &str, answer: &str) {
        let mut stream = TcpStream::connect(server.address()).unwrap();
        stream.write_all(format!("{words}\r\n").as_bytes()).unwrap();
        let mut said = vec![0; answer.len()];
        stream.read_exact(&mut said).unwrap();
        assert_eq!(String::from_utf8_lossy(&said), answer);
    }

    /// Writes what a kill leaves behind that comes in the middle of a transaction.
    fn tear(server: &RedisServer) {
        let folder = server.folder().join(MANIFEST).parent().unwrap().to_owned();
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files = files.filter(|path| path.to_string_lossy().ends_with(".incr.aof"));
        let mut file = File::options().append(true).open(files.next().unwrap()).unwrap();
        let increase = "*2\r\n$4\r\nINCR\r\n$1\r\na\r\n";
        write!(file, "*1\r\n$5\r\nMULTI\r\n{increase}{}", &increase[..20]).unwrap();
    }

    #[test]
    fn a_server_keeps_what_it_was_told_over_a_crash() {
        let mut server = RedisServer::start(RedisConfig::new().with_append_only_file()).unwrap();
        ask(&server, "SET a 1", "+OK\r\n");
        let address = server.address();
        server.kill().unwrap();
        server.restart().unwrap();
        assert_eq!(server.address(), address);
        ask(&server, "GET a", "$1\r\n1\r\n");
        server.stop().unwrap();
        assert!(TcpStream::connect(address).is_err());
    }

    /// A server left to itself says 4 at the end: it does what is left of the torn transaction with
    /// the next one.
    #[test]
    fn what_a_crash_has_torn_was_never_there() {
        let mut server = RedisServer::start(RedisConfig::new().with_append_only_file()).unwrap();
        ask(&server, "INCR a", ":1\r\n");
        server.kill().unwrap();
        tear(&server);
        server.restart().unwrap();
        ask(&server, "GET a", "$1\r\n1\r\n");
        let script = "EVAL \"redis.call('INCR', 'a') return redis.call('INCR', 'a')\" 0";
        ask(&server, script, ":3\r\n");
        server.kill().unwrap();
        server.restart().unwrap();
        ask(&server, "GET a", "$1\r\n3\r\n");
    }
}
