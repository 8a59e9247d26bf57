//! Imports that fold ahead of what is being written.

use std::sync::Arc;

use ciq_engine::{Needs, fold, prepare};
use ciq_event::{Brand, Message, Rejection, WireForm};
use ciq_ingest::{
    BrandHandle, EngineOptions, ImportObserver, ImportReport, Importer, IngestError, SystemClock,
};
use ciq_store::{Location, Reader, Writer};
use ciq_synth::{Seed, WorldSettings, records};

use crate::ground::Ground;

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

pub(crate) fn open(location: impl Into<Location>) -> Arc<BrandHandle> {
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    Arc::new(BrandHandle::open(location, settings).unwrap())
}

pub(crate) fn dump(location: impl Into<Location>) -> String {
    let mut out = Vec::new();
    Reader::open(location).unwrap().dump(&mut out).unwrap().unwrap();
    String::from_utf8(out).unwrap()
}

/// Writes an event of its own to the same tables at every step of an import.
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

fn import(location: &Location, lines: &[u8], meddler: &mut Meddler) -> ImportReport {
    let handle = open(location);
    let report = Importer::new(&handle, &SystemClock, None).run(&mut &*lines, meddler).unwrap();
    handle.close();
    for check in Reader::open(location).unwrap().check().unwrap() {
        assert!(check.is_ok, "{}: {}", check.name, check.finding);
    }
    report
}

/// Imports a made-up world of its own.
pub(crate) fn import_world(location: &Location, people: u32) {
    import(location, &world(people), &mut Meddler { writer: None, step_count: 0 });
}

#[test]
fn folding_ahead_gives_the_tables_that_one_batch_after_another_gives() {
    let ground = Ground::chosen();
    let ahead = ground.location("ahead");
    let lines = world(PEOPLE);
    let report = import(&ahead, &lines, &mut Meddler { writer: None, step_count: 0 });
    assert!(report.stored_count > 2_000, "{report:?}");
    let rebuilt = ground.location("rebuilt");
    let settings = EngineOptions::default().settings(Brand::default()).unwrap();
    ciq_store::rebuild(&ahead, &rebuilt, &Brand::default(), &settings, &mut |_| {}).unwrap();
    assert!(dump(&ahead) == dump(&rebuilt), "the dumps differ");
    let again = import(&ahead, &lines, &mut Meddler { writer: None, step_count: 0 });
    assert_eq!((again.stored_count, again.rejected_count), (0, 0));
}

#[test]
fn an_import_and_another_process_share_a_brand() {
    let ground = Ground::chosen();
    let lines = world(PEOPLE);
    let alone = ground.location("alone");
    let undisturbed = import(&alone, &lines, &mut Meddler { writer: None, step_count: 0 });
    let shared = ground.location("shared");
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
