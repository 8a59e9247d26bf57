//! What is printed: a table, or JSON.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::events::Sharing;
use crate::meter::Cost;

/// All that was measured.
pub(crate) struct Report {
    pub(crate) version: String,
    pub(crate) count: u64,
    pub(crate) customers: u64,
    pub(crate) batch_size: usize,
    pub(crate) bare: Run,
    pub(crate) runs: Vec<Run>,
    pub(crate) few: Scale,
    pub(crate) many: Scale,
}

/// All events, stored in one way.
pub(crate) struct Run {
    pub(crate) worker_count: usize,
    pub(crate) sharing: Sharing,
    pub(crate) batch_size: usize,
    pub(crate) cost: Cost,
    /// Rows that were inserted or changed.
    pub(crate) rows: f64,
    /// Tables with their indexes, in bytes.
    pub(crate) sizes: Vec<(String, f64)>,
    /// Batches that were begun again, because others stood in their way.
    pub(crate) conflicts: u64,
    /// Circles of waiting among them.
    pub(crate) deadlocks: f64,
    /// Batches that were refused for the moment.
    pub(crate) again: u64,
    /// What is the same whoever stored the events.
    pub(crate) facts: String,
}

/// Events of known customers.
pub(crate) struct Scale {
    pub(crate) customers: u64,
    pub(crate) count: u64,
    pub(crate) cost: Cost,
}

impl Run {
    fn size(&self) -> f64 {
        self.sizes.iter().map(|(_, size)| size).sum()
    }

    fn name(&self) -> String {
        let workers = if self.worker_count == 1 { "worker" } else { "workers" };
        let sharing = match self.sharing {
            Sharing::ByCustomer => "",
            Sharing::Any => ", any event",
        };
        format!("{} {workers}{sharing}", self.worker_count)
    }
}

impl Report {
    fn count(&self) -> f64 {
        self.count as f64
    }

    /// The ratio of ten times the customers, by what is asked of the cost of an event.
    fn growth(&self, of: impl Fn(&Cost) -> f64) -> f64 {
        let each = |scale: &Scale| of(&scale.cost) / scale.count as f64;
        each(&self.many) / each(&self.few)
    }

    fn over_bare(&self, run: &Run) -> f64 {
        self.bare.cost.seconds / run.cost.seconds
    }

    /// Everything, for a program.
    pub(crate) fn json(&self) -> Value {
        let runs: Vec<Value> = self.runs.iter().map(|run| self.json_of(&run.name(), run)).collect();
        let mut told = json!({
            "postgres": self.version, "events": self.count, "customers": self.customers,
            "batch": self.batch_size, "bare_batch": self.bare.batch_size,
            "bare": self.json_of("bare", &self.bare), "runs": runs,
            "ten_times_customers": {
                "from": self.few.customers, "to": self.many.customers,
                "from_per_second": per(self.few.count as f64, self.few.cost.seconds),
                "to_per_second": per(self.many.count as f64, self.many.cost.seconds),
                "seconds": round(self.growth(|cost| cost.seconds)),
                "server_cpu": round(self.growth(|cost| cost.server_seconds)),
                "worker_cpu": round(self.growth(|cost| cost.own_seconds)),
                "cpu": round(self.growth(|cost| cost.server_seconds + cost.own_seconds)),
                "wal": round(self.growth(|cost| cost.log_bytes)),
            },
        });
        for run in &self.runs {
            let any = if run.sharing == Sharing::Any { "_any" } else { "" };
            let name = format!("worker{}{any}_over_bare", run.worker_count);
            told[name] = json!(round(self.over_bare(run)));
        }
        told
    }

    fn json_of(&self, name: &str, run: &Run) -> Value {
        let cost = &run.cost;
        let tables: serde_json::Map<String, Value> = run
            .sizes
            .iter()
            .take(TABLES_SHOWN)
            .map(|(table, size)| (table.clone(), json!((size / self.count()).round())))
            .collect();
        json!({
            "name": name,
            "events_per_second": per(self.count(), cost.seconds),
            "over_bare": round(self.over_bare(run)),
            "rows_per_second": per(run.rows, cost.seconds),
            "rows_per_event": round(run.rows / self.count()),
            "server_cpu_seconds_per_1000": round(cost.server_seconds / self.count() * 1_000.0),
            "worker_cpu_seconds_per_1000": round(cost.own_seconds / self.count() * 1_000.0),
            "wal_bytes_per_event": (cost.log_bytes / self.count()).round(),
            "disk_bytes_per_event": (run.size() / self.count()).round(),
            "table_bytes_per_event": tables,
            "memory_mb": cost.memory_mb.round(),
            "conflicts": run.conflicts, "deadlocks": run.deadlocks, "again": run.again,
        })
    }

    /// Everything, for a person.
    pub(crate) fn table(&self, settings: &[(&str, &str)]) -> String {
        let mut text = String::new();
        let settings: Vec<_> =
            settings.iter().map(|(name, value)| format!("{name}={value}")).collect();
        writeln!(text, "PostgreSQL {}, {}", self.version, settings.join(" ")).unwrap();
        writeln!(
            text,
            "{} events of {} customers; workers store {} at once, the bare loop {}\n\n{HEAD}",
            self.count, self.customers, self.batch_size, self.bare.batch_size
        )
        .unwrap();
        self.line(&mut text, "bare loop", &self.bare);
        for run in &self.runs {
            self.line(&mut text, &run.name(), run);
        }
        writeln!(text, "\nbytes on disk per event, by table with its indexes").unwrap();
        for (name, run) in [("bare loop", &self.bare), ("workers", &self.runs[0])] {
            let each =
                |(table, size): &(String, f64)| format!("{table} {:.0}", size / self.count());
            let tables: Vec<_> = run.sizes.iter().take(TABLES_SHOWN).map(each).collect();
            writeln!(text, "{name:<22} {}", tables.join(", ")).unwrap();
        }
        writeln!(text, "\nan event of a known customer, one worker").unwrap();
        for scale in [&self.few, &self.many] {
            let Scale { customers, count, cost } = scale;
            writeln!(
                text,
                "{customers:>9} customers {:>9.0} events/s, CPU s/1,000: server {:.3}, worker {:.3}",
                *count as f64 / cost.seconds,
                cost.server_seconds / *count as f64 * 1_000.0,
                cost.own_seconds / *count as f64 * 1_000.0
            )
            .unwrap();
        }
        writeln!(
            text,
            "ten times the customers: time {:.2}, CPU {:.2} (server {:.2}, worker {:.2}), WAL {:.2}",
            self.growth(|cost| cost.seconds),
            self.growth(|cost| cost.server_seconds + cost.own_seconds),
            self.growth(|cost| cost.server_seconds),
            self.growth(|cost| cost.own_seconds),
            self.growth(|cost| cost.log_bytes)
        )
        .unwrap();
        text
    }

    fn line(&self, text: &mut String, name: &str, run: &Run) {
        let Cost { seconds, server_seconds, own_seconds, log_bytes, memory_mb } = run.cost;
        writeln!(
            text,
            "{name:<22} {:>8.0} {:>7.2} {:>8.0} {:>8.3} {:>8.3} {:>8.0} {:>8.0} {:>7.0} {:>6}/{}/{}",
            self.count() / seconds,
            self.over_bare(run),
            run.rows / seconds,
            server_seconds / self.count() * 1_000.0,
            own_seconds / self.count() * 1_000.0,
            log_bytes / self.count(),
            run.size() / self.count(),
            memory_mb,
            run.conflicts,
            run.deadlocks,
            run.again,
        )
        .unwrap();
    }
}

/// The largest tables are told by themselves.
const TABLES_SHOWN: usize = 10;

const HEAD: &str = "                       events/s of bare   rows/s \
    CPU s per 1,000 events  bytes per event  memory conflicts/
                                                   server   worker      WAL     disk      MB \
    deadlocks/again";

fn per(count: f64, seconds: f64) -> f64 {
    (count / seconds).round()
}

fn round(ratio: f64) -> f64 {
    (ratio * 1_000.0).round() / 1_000.0
}
