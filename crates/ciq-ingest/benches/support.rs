//! What the benchmarks of files share: a file of events, an import that is watched.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a benchmark stops at the first surprise and reads the clock"
)]

use std::fs::File;
use std::io::{BufReader, BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use ciq_event::{Brand, Rejection};
use ciq_ingest::{
    BrandHandle, EngineOptions, ImportObserver, ImportReport, Importer, IngestError, SystemClock,
};
use ciq_synth::{Seed, load::bench_event};

/// Writes `count` events of `customers` customers as NDJSON.
pub(crate) fn write_events(path: &Path, count: u64, customers: u64) {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path).unwrap());
    for index in 0..count {
        out.write_all(&bench_event(Seed::new(1), index, customers)).unwrap();
        out.write_all(b"\n").unwrap();
    }
    out.flush().unwrap();
}

/// Opens a brand's file at a path.
pub(crate) fn open(path: &Path) -> Arc<BrandHandle> {
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    Arc::new(BrandHandle::open(path, settings).unwrap())
}

/// The moments at which an import reached its counts.
pub(crate) struct Watch {
    started: Instant,
    /// Events and seconds so far.
    pub(crate) marks: Vec<(u64, f64)>,
}

impl ImportObserver for Watch {
    fn progress(&mut self, report: &ImportReport) {
        self.marks.push((report.stored_count, self.started.elapsed().as_secs_f64()));
    }

    fn rejected(&mut self, number: u64, rejection: &Rejection, _record: &[u8]) {
        panic!("record {number} is refused: {rejection}");
    }

    fn waiting(&mut self, error: &IngestError) -> bool {
        panic!("the import waits: {error}");
    }
}

/// Imports a file and returns when it reached which count.
pub(crate) fn import(path: &Path, handle: &Arc<BrandHandle>) -> Watch {
    let mut watch = Watch { started: Instant::now(), marks: vec![(0, 0.0)] };
    let mut input = BufReader::with_capacity(1 << 20, File::open(path).unwrap());
    Importer::new(handle, &SystemClock, None).run(&mut input, &mut watch).unwrap();
    watch
}
