//! What a part of the run costs: time, processors, log, memory.

use std::time::{Duration, Instant};

use ciq_testkit::{PostgresDatabase, PostgresServer, eventually};

/// Clock ticks per second in `/proc`.
const TICKS: f64 = 100.0;

/// How long the server may take to count what was written.
const COUNTED_WITHIN: Duration = Duration::from_secs(60);

/// Tells what is spent from now on.
pub(crate) struct Meter<'a> {
    server: &'a PostgresServer,
    log_bytes: f64,
    server_seconds: f64,
    own_seconds: f64,
    started: Instant,
}

/// What was spent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Cost {
    /// By the clock.
    pub(crate) seconds: f64,
    /// Processor time of the server, all its processes together.
    pub(crate) server_seconds: f64,
    /// Processor time of this process.
    pub(crate) own_seconds: f64,
    /// What was written into the server's log.
    pub(crate) log_bytes: f64,
    /// The largest resident memory of this process meanwhile.
    pub(crate) memory_mb: f64,
}

impl<'a> Meter<'a> {
    /// Begins after a checkpoint, so that no part pays for the one before it.
    pub(crate) fn start(server: &'a PostgresServer) -> Self {
        server.psql("CHECKPOINT").unwrap();
        // Forgets the peak of the memory: see proc(5).
        std::fs::write("/proc/self/clear_refs", "5").unwrap();
        Self {
            server,
            log_bytes: log_bytes(server),
            server_seconds: server_seconds(server),
            own_seconds: own_seconds_so_far(),
            started: Instant::now(),
        }
    }

    /// Tells what was spent since then.
    pub(crate) fn stop(self) -> Cost {
        Cost {
            seconds: self.started.elapsed().as_secs_f64(),
            server_seconds: server_seconds(self.server) - self.server_seconds,
            own_seconds: own_seconds_so_far() - self.own_seconds,
            log_bytes: log_bytes(self.server) - self.log_bytes,
            memory_mb: memory_mb(),
        }
    }
}

/// Rows that were inserted or changed in a schema, once as many of `event` are counted as there
/// are. What writers claim for the moment counts for nothing.
pub(crate) fn rows_written(database: &PostgresDatabase, schema: &str, event_count: usize) -> f64 {
    let counted = |what: &str| {
        let sql = format!(
            "SELECT coalesce(sum(n_tup_ins + n_tup_upd), 0) FROM pg_stat_user_tables
            WHERE schemaname = '{schema}' AND {what}"
        );
        number(&database.psql(&sql).unwrap())
    };
    let is_counted = || counted("relname = 'event'") >= event_count as f64;
    assert!(eventually(COUNTED_WITHIN, is_counted), "the server does not count what is written");
    counted("relname <> 'claim'")
}

/// How often transactions waited for each other in a circle.
pub(crate) fn deadlocks(database: &PostgresDatabase) -> f64 {
    let sql = "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()";
    number(&database.psql(sql).unwrap())
}

/// The tables of a schema with their indexes, the largest first, in bytes.
pub(crate) fn sizes(database: &PostgresDatabase, schema: &str) -> Vec<(String, f64)> {
    let sql = format!(
        "SELECT c.relname, pg_total_relation_size(c.oid) AS size FROM pg_class AS c
        JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = '{schema}' AND c.relkind = 'r' ORDER BY size DESC, c.relname"
    );
    let told = database.psql(&sql).unwrap();
    let lines = told.lines().filter_map(|line| line.split_once('|'));
    lines.map(|(name, size)| (name.to_owned(), number(size))).collect()
}

fn number(text: &str) -> f64 {
    text.trim().parse().unwrap()
}

fn log_bytes(server: &PostgresServer) -> f64 {
    number(&server.psql("VALUES (pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0'))").unwrap())
}

/// Processor time of the first process, of those that it made, and of those that are gone.
fn server_seconds(server: &PostgresServer) -> f64 {
    let file = server.folder().join("data/postmaster.pid");
    let text = std::fs::read_to_string(file).unwrap();
    let first = text.lines().next().unwrap().trim();
    let (own, gone, _) = process_seconds(first).unwrap();
    let others = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|entry| {
        // A process may end between two looks; then it counts as gone at the next one.
        let (seconds, _, parent) = process_seconds(entry.file_name().to_str()?)?;
        (parent == first).then_some(seconds)
    });
    own + gone + others.sum::<f64>()
}

/// Processor time of this process so far.
pub(crate) fn own_seconds_so_far() -> f64 {
    process_seconds("self").unwrap().0
}

/// Processor time of a process, that of its children that are gone, and its parent.
fn process_seconds(process: &str) -> Option<(f64, f64, String)> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // Behind the name, which may hold anything: the state, the parent, and so on.
    let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split_whitespace().collect();
    let seconds = |place: usize| fields.get(place)?.parse::<f64>().ok().map(|it| it / TICKS);
    let own = seconds(11)? + seconds(12)?;
    let gone = seconds(13)? + seconds(14)?;
    Some((own, gone, (*fields.get(1)?).to_owned()))
}

fn memory_mb() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}
