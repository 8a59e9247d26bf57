//! The program as a process of its own: its rate, its memory, its rest.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ciq_testkit::{NatsConfig, NatsServer, eventually};
use serde_json::Value;

use crate::stages::Workload;

/// How long anything may take.
const LIMIT: Duration = Duration::from_secs(300);

/// How long an idle program is watched.
const IDLE_WATCH: Duration = Duration::from_secs(20);

/// Clock ticks per second in `/proc`.
const TICKS: f64 = 100.0;

/// The program, serving with NATS.
pub(crate) struct Program {
    child: Child,
    pub(crate) port: u16,
}

impl Program {
    pub(crate) fn start(server: &NatsServer, folder: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_customeriq"))
            .args(["serve", "--nats", "--port", "0", "--db"])
            .arg(folder.join("bench.db"))
            .current_dir(folder)
            .env("NATS_SERVERS", server.url())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let rest = line.split("http://127.0.0.1:").nth(1)?;
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            digits.parse().ok()
        });
        // Somebody has to read on, or the program waits.
        std::thread::spawn(move || lines.for_each(drop));
        Self { child, port: port.unwrap() }
    }

    /// The largest memory that the process ever held, in MB.
    fn memory_mb(&self) -> f64 {
        let path = format!("/proc/{}/status", self.child.id());
        let status = std::fs::read_to_string(path).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }

    /// The processor time that the process has used, in seconds.
    pub(crate) fn cpu_seconds(&self) -> f64 {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.child.id())).unwrap();
        let fields: Vec<&str> = stat.rsplit(") ").next().unwrap().split_whitespace().collect();
        (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS
    }

    /// Waits until the process has hardly anything to do.
    pub(crate) fn await_rest(&self) {
        let rested = eventually(LIMIT, || {
            let before = self.cpu_seconds();
            std::thread::sleep(Duration::from_millis(500));
            self.cpu_seconds() - before < 0.02
        });
        assert!(rested, "it never rests");
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// How far the program's consumer is: delivered and acknowledged.
fn progress(server: &NatsServer) -> (u64, u64) {
    let told: Value =
        serde_json::from_str(&server.monitor("/jsz?consumers=1").unwrap()).unwrap_or_default();
    let consumers = &told["account_details"][0]["stream_detail"][0]["consumer_detail"];
    let ours = consumers.as_array().into_iter().flatten();
    let ours = ours.filter(|consumer| consumer["name"] == "customeriq-service");
    ours.map(|consumer| {
        let at = |place: &str| consumer[place]["stream_seq"].as_u64().unwrap_or(0);
        (at("delivered"), at("ack_floor"))
    })
    .next()
    .unwrap_or_default()
}

/// Events per second from the stream to committed and acknowledged, and the memory in MB.
pub(crate) fn whole(server: &NatsServer, load: &Workload) -> (f64, f64) {
    let folder = crate::folder();
    let program = Program::start(server, folder.path());
    assert!(eventually(LIMIT, || progress(server).0 > 0), "nothing is delivered");
    let started = Instant::now();
    assert!(eventually(LIMIT, || progress(server).1 >= load.count), "{:?}", progress(server));
    let seconds = started.elapsed().as_secs_f64();
    (load.count as f64 / seconds, program.memory_mb())
}

/// The share of a core that the program uses while nothing happens.
pub(crate) fn idle_share() -> f64 {
    let server = NatsServer::start(NatsConfig::default()).unwrap();
    let folder = crate::folder();
    let program = Program::start(&server, folder.path());
    program.await_rest();
    let before = program.cpu_seconds();
    std::thread::sleep(IDLE_WATCH);
    (program.cpu_seconds() - before) / IDLE_WATCH.as_secs_f64()
}
