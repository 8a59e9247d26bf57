//! The same seed tells the same story, however it is cut.

use std::fmt::Write as _;
use std::ops::{ControlFlow, Range};

use ciq_synth::saas::{
    Event, Format, HistorySettings, Population, Renderer, user_truth, write_history,
};
use sha2::{Digest as _, Sha256};

use super::{events, population, settings};

/// The SHA-256 of 2,000 users' 20 days under seed 42, as mockgen's lines.
const PINNED_SHA256: &str = "9e9acc4624c60e4906b58b8909a8381bcc43524ec9cd807b007ed89d3b44631c";

/// What a history was written down as: its events, and their lines.
fn written(settings: &HistorySettings, users: Range<u32>, threads: usize) -> Vec<(Event, Vec<u8>)> {
    let renderer = Renderer::new(&settings.population, Format::Mockgen);
    let mut lines = Vec::new();
    write_history(settings, users, threads, &renderer, &mut |part| {
        assert_eq!(part.events.len(), part.ends.len());
        let mut start = 0;
        for (event, end) in part.events.iter().zip(part.ends) {
            lines.push((*event, part.bytes[start..*end as usize].to_vec()));
            start = *end as usize;
        }
        assert_eq!(start, part.bytes.len(), "every byte belongs to an event");
        ControlFlow::Continue(())
    });
    lines
}

fn key(event: &Event) -> (i64, u32, u32) {
    (event.at_ms, event.user, event.sequence)
}

#[test]
fn a_history_is_the_same_on_any_number_of_threads() {
    let settings = settings(2_000, 20);
    let alone = written(&settings, 0..2_000, 1);
    assert!(alone.len() > 100_000);
    assert!(alone.is_sorted_by(|a, b| key(&a.0) < key(&b.0)), "in order, none twice");
    for threads in [1, 2, 4, 7] {
        assert!(written(&settings, 0..2_000, threads) == alone, "{threads} threads");
    }
}

#[test]
fn shards_of_users_joined_in_order_of_time_are_all_users() {
    let settings = settings(14_000, 3);
    let whole = events(&settings);
    for length in [1_000, 7_000] {
        let mut joined = Vec::new();
        for start in (0..14_000).step_by(length) {
            let shard = written(&settings, start..start + length as u32, 2);
            joined.extend(shard.into_iter().map(|(event, _)| event));
        }
        joined.sort_by_key(key);
        assert!(joined == whole, "shards of {length}");
    }
}

#[test]
fn more_users_change_nobody() {
    let few = written(&settings(5_000, 10), 0..5_000, 2);
    let many = written(&settings(6_000, 10), 0..6_000, 2);
    let first: Vec<_> = many.into_iter().filter(|(event, _)| event.user < 5_000).collect();
    assert!(few == first);
}

/// A change of these is a change of every generated stream: say so in the changelog.
/// `REPIN=1 cargo test -p ciq-synth --test it pinned` prints what they are now.
#[test]
fn the_bytes_of_a_seed_are_pinned() {
    let lines = written(&settings(2_000, 20), 0..2_000, 2);
    let bytes: Vec<u8> = lines.iter().flat_map(|(_, line)| line).copied().collect();
    let hash = Sha256::digest(&bytes).iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    let first: String =
        lines.iter().take(100).map(|(_, line)| String::from_utf8_lossy(line)).collect();
    if std::env::var_os("REPIN").is_some() {
        println!("{hash}");
        std::fs::write(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/saas_100.ndjson"), first)
            .unwrap();
        return;
    }
    assert_eq!(first, include_str!("../../golden/saas_100.ndjson"));
    assert_eq!(hash, PINNED_SHA256);
}

#[test]
fn another_seed_tells_another_story() {
    let other = Population::new(ciq_synth::Seed::new(43), 300).unwrap();
    let other = events(&HistorySettings::new(other, 30).unwrap());
    let these = events(&settings(300, 30));
    let shared = these.iter().filter(|event| other.binary_search_by_key(&key(event), key).is_ok());
    assert!(shared.count() * 1_000 < these.len());
}

#[test]
fn writing_stops_when_told_to() {
    let settings = settings(2_000, 20);
    let renderer = Renderer::new(&population(2_000), Format::Mockgen);
    for threads in [1, 2] {
        let mut parts = 0;
        write_history(&settings, 0..2_000, threads, &renderer, &mut |_| {
            parts += 1;
            if parts == 3 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!(parts, 3);
    }
}

#[test]
fn truth_depends_on_nothing_but_the_settings() {
    let settings = settings(100, 90);
    assert!((0..100).all(|user| user_truth(&settings, user) == user_truth(&settings, user)));
}
