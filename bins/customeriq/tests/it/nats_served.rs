//! `serve --nats` as a process of its own: started, asked, told to stop, killed.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::Command;

use ciq_testkit::eventually;

use crate::nats_support::{Bus, LIMIT};
use crate::program::Program;
use crate::support::Place;

/// After how many seconds the server delivers again what a killed service had taken.
pub(crate) const ACK_WAIT_S: &str = "1";

/// What the service is started with.
const SERVE: [&str; 4] = ["serve", "--nats", "--port", "0"];

/// A service that runs until it is killed, told to stop, or forgotten.
pub(crate) struct Served {
    program: Program,
    address: SocketAddr,
}

impl Served {
    /// Starts the service of a bus. It listens, and need not be ready.
    pub(crate) fn start(bus: &Bus) -> Self {
        Self::launch(&bus.place, Self::command(bus))
    }

    /// Starts the service of a bus and waits until it takes events.
    #[track_caller]
    pub(crate) fn ready(bus: &Bus) -> Self {
        let service = Self::start(bus);
        service.await_ready();
        service
    }

    /// The service of a bus, to be started with more.
    pub(crate) fn command(bus: &Bus) -> Command {
        let mut command = bus.command(&SERVE);
        command.env("NATS_ACK_WAIT", ACK_WAIT_S);
        command
    }

    /// The service of a bus with a limit on the size of files, in blocks of 512 bytes, which can
    /// be lifted from outside.
    pub(crate) fn confined(bus: &Bus, blocks: u32) -> Command {
        let free = Self::command(bus);
        // A signal that is ignored stays ignored: writes beyond the limit fail instead of killing.
        let script = format!("trap '' XFSZ; ulimit -S -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("sh");
        command.args(["-c", &script]).arg(free.get_program()).args(SERVE).env_clear();
        for (name, value) in free.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.env("PATH", "/usr/bin:/bin").current_dir(bus.place.path(""));
        command
    }

    /// Starts a service and waits until it listens.
    #[track_caller]
    pub(crate) fn launch(place: &Place, command: Command) -> Self {
        let mut program = Program::start(place, command, "serve.log");
        let mut address = None;
        eventually(LIMIT, || {
            address = address_in(&program.words());
            address.is_some() || program.has_ended()
        });
        let Some(address) = address else { panic!("{}", program.words()) };
        Self { program, address }
    }

    /// What it has told so far.
    pub(crate) fn words(&self) -> String {
        self.program.words()
    }

    /// Asks for a path; returns the whole answer.
    pub(crate) fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let host = self.address;
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    /// Asks for a stream; returns what came until a text was in it.
    #[track_caller]
    pub(crate) fn follow(&self, path: &str, until: &str) -> String {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(LIMIT)).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).unwrap();
        let (mut told, mut part) = (String::new(), [0; 4_096]);
        while !told.contains(until) {
            let size = stream.read(&mut part).unwrap();
            assert!(size > 0, "{told}");
            told.push_str(&String::from_utf8_lossy(&part[..size]));
        }
        told
    }

    fn ready_answer(&self) -> String {
        self.get("/readyz")
    }

    /// Waits until it takes events.
    #[track_caller]
    pub(crate) fn await_ready(&self) {
        let is_ready = eventually(LIMIT, || self.ready_answer().starts_with("HTTP/1.1 200"));
        assert!(is_ready, "{}\n{}", self.ready_answer(), self.words());
    }

    /// Waits until it says that NATS is not ready, and why.
    #[track_caller]
    pub(crate) fn await_unready(&self, why: &str) {
        let is_so = |answer: &str| {
            answer.starts_with("HTTP/1.1 503") && answer.contains("NATS: ") && answer.contains(why)
        };
        let is_unready = eventually(LIMIT, || is_so(&self.ready_answer()));
        assert!(is_unready, "{}\n{}", self.ready_answer(), self.words());
    }

    /// Lifts the limit on the size of files.
    pub(crate) fn give_room(&self) {
        let pid = self.program.id().to_string();
        let mut lifting = Command::new("prlimit");
        lifting.args(["--pid", &pid, "--fsize=unlimited:unlimited"]);
        assert!(lifting.status().unwrap().success());
    }

    /// Ends it as a crash would.
    pub(crate) fn kill(mut self) {
        self.program.kill();
    }

    /// Tells it to stop, and waits for its end and its last words.
    #[track_caller]
    pub(crate) fn stop(self) -> String {
        self.program.stop()
    }
}

fn address_in(words: &str) -> Option<SocketAddr> {
    // The line may be half written.
    let (address, _) = words.split_once("customeriq is at http://")?.1.split_once(' ')?;
    address.parse().ok()
}
