//! Many open dashboards beside the events that they show.
//!
//! `cargo xtask bench dashboards [--json] [--dashboards 500] [--rate 1000] [--seconds 60]`
//!
//! The program is the real one, as its own process. Events come by HTTP at a fixed rate, on an
//! absolute schedule, without a dashboard and with many; then as fast as they are taken, likewise.
//! One more dashboard reads nothing until it is dropped, and comes back.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::disallowed_methods,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a benchmark stops at the first surprise, prints, and reads the clock"
)]

#[path = "serving/program.rs"]
mod program;
#[path = "serving/usage.rs"]
mod usage;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use program::{Program, ask};
use usage::{cpu_seconds, memory_mb};

/// Events in a request at a fixed rate: ten requests a second at a thousand events.
const BATCH: u64 = 100;

/// Events in a request as fast as they are taken.
const BATCH_LARGE: u64 = 500;

/// How long events come as fast as they are taken.
const FLOOD: Duration = Duration::from_secs(10);

/// How long the dashboard that read nothing is given to find out that it was dropped.
const PATIENCE: Duration = Duration::from_secs(10);

fn main() {
    let (count, rate, seconds) =
        (option("dashboards", 500), option("rate", 1_000), option("seconds", 60));
    let folder = tempfile::tempdir().unwrap();
    let program = Program::start(&folder.path().join("bench.db"));
    let mut next = 0;
    eprintln!("{rate} events/s without a dashboard ...");
    let alone = paced(&program, &mut next, rate, seconds);
    let alone_most = flood(&program, &mut next);
    let memory_before = memory_mb(program.id());
    eprintln!("{rate} events/s with {count} dashboards ...");
    let board = Boards::open(&program, count);
    let slow = Slow::open(&program);
    let watched = paced(&program, &mut next, rate, seconds);
    let heard = board.heard();
    let watched_most = flood(&program, &mut next);
    let (is_dropped, is_back) = slow.finish(&program);
    board.close();
    let figures = serde_json::json!({
        "dashboards": count, "rate": rate,
        "events_per_second": alone.rate.round(),
        "events_per_second_watched": watched.rate.round(),
        "ratio": two(watched.rate / alone.rate),
        "p50_ms": two(alone.p50), "p50_ms_watched": two(watched.p50),
        "p99_ms": two(alone.p99), "p99_ms_watched": two(watched.p99),
        "cpu_share": two(alone.cpu), "cpu_share_watched": two(watched.cpu),
        "most_events_per_second": alone_most.round(),
        "most_events_per_second_watched": watched_most.round(),
        "most_ratio": two(watched_most / alone_most),
        "messages_per_dashboard_and_second": two(heard.0 as f64 / count as f64 / seconds as f64),
        "dashboards_that_heard": heard.2,
        "mb_sent": heard.1 / 1_000_000,
        "memory_mb": memory_before.round(), "memory_mb_watched": memory_mb(program.id()).round(),
        "slow_reader_dropped": is_dropped,
        "slow_reader_came_back": is_back,
    });
    if std::env::args().any(|arg| arg == "--json") {
        println!("{figures}");
        return;
    }
    for (name, value) in figures.as_object().unwrap() {
        println!("{name:36} {value:>10}");
    }
}

struct Paced {
    rate: f64,
    p50: f64,
    p99: f64,
    cpu: f64,
}

/// Sends at a rate; each request is due at a time of its own, whatever became of those before.
fn paced(program: &Program, next: &mut u64, rate: u64, seconds: u64) -> Paced {
    let mut stream = program.connect();
    let requests = rate * seconds / BATCH;
    let (cpu, began) = (cpu_seconds(program.id()), Instant::now());
    let mut took = Vec::new();
    for index in 0..requests {
        let due = began + Duration::from_secs_f64((index * BATCH) as f64 / rate as f64);
        std::thread::sleep(due.saturating_duration_since(Instant::now()));
        post(&mut stream, next, BATCH);
        // Counted from when it was due: a service that falls behind does not hide it.
        took.push(due.elapsed().as_secs_f64() * 1e3);
    }
    let elapsed = began.elapsed().as_secs_f64();
    let period = BATCH as f64 / rate as f64;
    took.sort_by(f64::total_cmp);
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize];
    Paced {
        rate: (requests * BATCH) as f64 / elapsed.max(requests as f64 * period),
        p50: at(0.5),
        p99: at(0.99),
        cpu: (cpu_seconds(program.id()) - cpu) / elapsed,
    }
}

/// Sends as fast as it is taken, and returns events per second.
fn flood(program: &Program, next: &mut u64) -> f64 {
    let mut stream = program.connect();
    let (began, first) = (Instant::now(), *next);
    while began.elapsed() < FLOOD {
        post(&mut stream, next, BATCH_LARGE);
    }
    (*next - first) as f64 / began.elapsed().as_secs_f64()
}

fn post(stream: &mut TcpStream, next: &mut u64, count: u64) {
    let events: Vec<String> = (*next..*next + count).map(event).collect();
    *next += count;
    let body = format!("[{}]", events.join(","));
    let (status, answer) = ask(stream, "POST /events", body.as_bytes());
    assert!(status < 300, "{status} {}", String::from_utf8_lossy(&answer));
}

fn event(index: u64) -> String {
    format!(
        r#"{{"id":"bench-{index}","ts":"2026-01-{:02}T10:00:00Z","userId":"user_{}","name":"page_view","props":{{"page":"/pricing"}}}}"#,
        1 + index % 28,
        index % 2_000
    )
}

/// Open dashboards, each on a thread that reads all that comes.
struct Boards {
    messages: Arc<AtomicU64>,
    bytes: Arc<AtomicU64>,
    hearing: Arc<AtomicU64>,
    is_over: Arc<AtomicBool>,
}

impl Boards {
    fn open(program: &Program, count: u64) -> Self {
        let boards = Self {
            messages: Arc::default(),
            bytes: Arc::default(),
            hearing: Arc::default(),
            is_over: Arc::default(),
        };
        for _ in 0..count {
            let stream = asked(program.connect(), None);
            let (messages, bytes) = (Arc::clone(&boards.messages), Arc::clone(&boards.bytes));
            let (hearing, is_over) = (Arc::clone(&boards.hearing), Arc::clone(&boards.is_over));
            let reading = move || listen(stream, &messages, &bytes, &hearing, &is_over);
            std::thread::Builder::new().stack_size(128 * 1024).spawn(reading).unwrap();
        }
        boards
    }

    /// Messages, bytes, and how many dashboards heard anything.
    fn heard(&self) -> (u64, u64, u64) {
        let get = |count: &AtomicU64| count.load(Ordering::Relaxed);
        (get(&self.messages), get(&self.bytes), get(&self.hearing))
    }

    fn close(&self) {
        self.is_over.store(true, Ordering::Relaxed);
    }
}

/// Asks for what is live, from after what is known.
fn asked(mut stream: TcpStream, last: Option<&str>) -> TcpStream {
    let last = last.map(|id| format!("last-event-id: {id}\r\n")).unwrap_or_default();
    let request = format!("GET /live HTTP/1.1\r\nhost: 127.0.0.1\r\n{last}\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    stream
}

fn listen(
    mut stream: TcpStream,
    messages: &AtomicU64,
    bytes: &AtomicU64,
    hearing: &AtomicU64,
    is_over: &AtomicBool,
) {
    let mut buffer = vec![0; 32 * 1024];
    let mut is_first = true;
    while !is_over.load(Ordering::Relaxed) {
        let Ok(count) = stream.read(&mut buffer) else { return };
        if count == 0 {
            return;
        }
        bytes.fetch_add(count as u64, Ordering::Relaxed);
        let starts = buffer[..count].windows(4).filter(|window| window == b"\nid:").count()
            + usize::from(buffer[..count].starts_with(b"id:"));
        if starts > 0 {
            messages.fetch_add(starts as u64, Ordering::Relaxed);
            if std::mem::take(&mut is_first) {
                hearing.fetch_add(1, Ordering::Relaxed);
            }
        }
    }
}

/// A dashboard that reads nothing.
struct Slow {
    stream: TcpStream,
}

impl Slow {
    /// Opens one that has hardly any room for what it does not read.
    fn open(program: &Program) -> Self {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let address = ([127, 0, 0, 1], program.port).into();
        let stream = runtime.block_on(async {
            let socket = tokio::net::TcpSocket::new_v4().unwrap();
            socket.set_recv_buffer_size(4_096).unwrap();
            socket.connect(address).await.unwrap().into_std().unwrap()
        });
        stream.set_nonblocking(false).unwrap();
        Self { stream: asked(stream, None) }
    }

    /// Tells whether it was dropped, and whether it is shown what there is when it comes back with
    /// the last id that it got.
    fn finish(self, program: &Program) -> (bool, bool) {
        let Self { mut stream } = self;
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let began = Instant::now();
        let (mut got, mut buffer) = (Vec::new(), [0; 4_096]);
        let is_dropped = loop {
            match stream.read(&mut buffer) {
                Ok(0) => break true,
                Ok(count) => got.extend_from_slice(&buffer[..count]),
                Err(error) => break error.kind() == std::io::ErrorKind::ConnectionReset,
            }
            // One that is still served goes on for ever.
            if began.elapsed() > PATIENCE {
                break false;
            }
        };
        let text = String::from_utf8_lossy(&got);
        let last = text.lines().rev().find_map(|line| line.strip_prefix("id:"));
        let mut again = asked(program.connect(), last.map(str::trim));
        again.set_read_timeout(Some(PATIENCE)).unwrap();
        (is_dropped, again.read(&mut buffer).is_ok_and(|count| count > 0))
    }
}

fn two(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The value of `--name VALUE`.
fn option(name: &str, otherwise: u64) -> u64 {
    let mut args = std::env::args().skip_while(|arg| *arg != format!("--{name}"));
    args.next();
    args.next().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}
