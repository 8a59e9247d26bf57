//! Batches that are shared out over the lanes of a brand.

use std::sync::Arc;

use ciq_engine::{Entry, prepare};
use ciq_event::{Message, WireForm};
use ciq_ingest::Pipeline;
use ciq_store::Location;
use ciq_synth::{Seed, load::bench_event};
use jiff::Timestamp;

use crate::ground::Ground;
use crate::import::{dump, open};

const COUNT: u64 = 3_000;
const BATCH: usize = 250;

/// Events without sessions, for of those a customer keeps the first few that arrive; some come
/// twice, and some are none.
fn bodies() -> Vec<Vec<u8>> {
    let body = |index: u64| match index % 50 {
        7 => b"{\"event_type\": 7}".to_vec(),
        9 => bench_event(Seed::new(3), index - 5, COUNT / 8),
        _ => bench_event(Seed::new(3), index, COUNT / 8),
    };
    let text = |index| String::from_utf8(body(index)).unwrap();
    (0..COUNT).map(|index| text(index).replace("\"session_id\"", "\"trace_ref\"").into()).collect()
}

/// Stores everything, and returns what became of each entry and what the tables say then.
fn stored(location: &Location, is_sharing_out: bool) -> (Vec<String>, String) {
    let handle = open(location.clone());
    let pipeline = Pipeline::new(Arc::clone(&handle));
    let mut pipeline = if is_sharing_out { pipeline.sharing_out() } else { pipeline };
    let now = Timestamp::from_second(1_790_000_000).unwrap();
    let mut settled = Vec::new();
    for (number, batch) in bodies().chunks(BATCH).enumerate() {
        let message = |body: &Vec<u8>| Message::new(WireForm::Envelope, body.as_slice(), now);
        let entries = batch.iter().map(|body| prepare(message(body), handle.settings()));
        let entries: Vec<Entry> = entries.collect();
        settled.extend(pipeline.push(entries, number, &mut |_| true).unwrap());
    }
    settled.extend(pipeline.finish(&mut |_| true).unwrap());
    assert!(settled.iter().map(|it| it.tag).eq(0..settled.len()), "a batch came out of turn");
    handle.close();
    let outcomes = settled.iter().flat_map(|it| &it.outcomes);
    (outcomes.map(|outcome| format!("{outcome:?}")).collect(), dump(location.clone()))
}

#[test]
fn what_is_shared_out_is_stored_and_answered_as_if_it_were_not() {
    let ground = Ground::chosen();
    let [one, shared] = ["one", "shared"].map(|name| ground.location(name));
    let (one, shared) = (stored(&one, false), stored(&shared, true));
    assert_eq!(one.0.len(), bodies().len());
    for (index, (one, shared)) in one.0.iter().zip(&shared.0).enumerate() {
        assert_eq!(one, shared, "entry {index}");
    }
    let mut lines = one.1.lines().zip(shared.1.lines()).filter(|(one, shared)| one != shared);
    assert_eq!(lines.next(), None);
    assert_eq!(one.1.len(), shared.1.len());
}
