//! Imports that fold ahead of what is being written.

use std::path::Path;
use std::sync::Arc;

use ciq_engine::{Needs, fold, prepare};
use ciq_event::{Brand, Message, Rejection, WireForm};
use ciq_ingest::{
    BrandHandle, EngineOptions, ImportObserver, ImportReport, Importer, IngestError, SystemClock,
};
use ciq_store::{Reader, Writer};
use ciq_synth::{Seed, WorldSettings, records};

/// People of the world that is imported.
const PEOPLE: u32 = 80;

fn world(people: u32) -> Vec<u8> {
    let settings = WorldSettings::new(Seed::new(11), people, 60).unwrap();
    let mut lines = Vec::new();
    for record in records(&settings, 1) {
        lines.extend_from_slice(&record.to_line());
        lines.push(b'\n');
    }
    lines
}

pub(crate) fn open(path: &Path) -> Arc<BrandHandle> {
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    Arc::new(BrandHandle::open(path, settings).unwrap())
}

pub(crate) fn dump(path: &Path) -> String {
    let mut out = Vec::new();
    Reader::open(path).unwrap().dump(&mut out).unwrap().unwrap();
    String::from_utf8(out).unwrap()
}

/// Writes an event of its own to the same file at every step of an import.
struct Meddler {
    writer: Option<Writer>,
    step_count: u32,
}

impl ImportObserver for Meddler {
    fn progress(&mut self, _report: &ImportReport) {
        let Some(writer) = &mut self.writer else { return };
        self.step_count += 1;
        let step = self.step_count;
        let body = format!(
            r#"{{"customer_id": "other_{step}", "event_type": "login", "timestamp": 1734134400}}"#
        );
        let settings = EngineOptions::default().settings(Brand::default()).unwrap();
        let message =
            Message::new(WireForm::Envelope, body, "2026-06-01T00:00:00Z".parse().unwrap());
        let entries = [prepare(message, &settings)];
        let mut working = writer.load(&Needs::of_entries(&entries)).unwrap();
        let (changes, _) = fold(&mut working, &entries, &settings);
        writer.commit(&changes, working.next).unwrap();
    }

    fn rejected(&mut self, number: u64, rejection: &Rejection, _record: &[u8]) {
        panic!("record {number} is refused: {rejection}");
    }

    fn waiting(&mut self, error: &IngestError) -> bool {
        panic!("the import waits: {error}");
    }
}

fn import(path: &Path, lines: &[u8], meddler: &mut Meddler) -> ImportReport {
    let handle = open(path);
    let report = Importer::new(&handle, &SystemClock, None).run(&mut &*lines, meddler).unwrap();
    handle.close();
    for check in Reader::open(path).unwrap().check().unwrap() {
        assert!(check.is_ok, "{}: {}", check.name, check.finding);
    }
    report
}

/// Imports a made-up world of its own into a file.
pub(crate) fn import_world(path: &Path, people: u32) {
    import(path, &world(people), &mut Meddler { writer: None, step_count: 0 });
}

#[test]
fn folding_ahead_gives_the_file_that_one_batch_after_another_gives() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ahead.db");
    let lines = world(PEOPLE);
    let report = import(&path, &lines, &mut Meddler { writer: None, step_count: 0 });
    assert!(report.stored_count > 2_000, "{report:?}");
    let rebuilt = folder.path().join("rebuilt.db");
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    ciq_store::rebuild(&path, &rebuilt, &Brand::default(), &settings, &mut |_| {}).unwrap();
    assert!(dump(&path) == dump(&rebuilt), "the dumps differ");
    let again = import(&path, &lines, &mut Meddler { writer: None, step_count: 0 });
    assert_eq!((again.stored_count, again.rejected_count), (0, 0));
}

#[test]
fn an_import_and_another_process_share_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let lines = world(PEOPLE);
    let alone = folder.path().join("alone.db");
    let undisturbed = import(&alone, &lines, &mut Meddler { writer: None, step_count: 0 });
    let shared = folder.path().join("shared.db");
    let writer = Writer::open(&shared, &Brand::default()).unwrap();
    let mut meddler = Meddler { writer: Some(writer), step_count: 0 };
    let report = import(&shared, &lines, &mut meddler);
    assert_eq!(report, undisturbed);
    assert!(meddler.step_count >= 3, "only {} steps", meddler.step_count);
    let own = |line: &&str| !line.contains("other_");
    let mut expected: Vec<String> = dump(&alone).lines().map(str::to_owned).collect();
    let mut found: Vec<String> = dump(&shared).lines().filter(own).map(str::to_owned).collect();
    expected.sort();
    found.sort();
    assert!(expected == found, "what the import stored differs");
}
