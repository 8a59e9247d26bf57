//! The same seed gives the same bytes, whatever the threads and however many people.

use std::fs;
use std::path::Path;

use ciq_synth::{Record, Seed, WorldSettings, person, records, timeline};

use crate::{SEED, settings, small_world};

/// FNV-1a, 64 bits.
fn fnv(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

fn lines(records: &[Record]) -> Vec<u8> {
    records.iter().flat_map(|record| [record.to_line(), vec![b'\n']].concat()).collect()
}

#[test]
fn the_first_hundred_records_of_seed_1_are_pinned() {
    let world = small_world(200);
    assert_eq!(fnv(lines(&world.records()[..100])), FIRST_100_HASH, "update with a CHANGELOG line");
}

#[test]
fn all_records_of_seed_1_are_pinned() {
    let world = small_world(200);
    assert_eq!(fnv(lines(world.records())), ALL_HASH, "update with a CHANGELOG line");
}

#[test]
fn the_first_twenty_records_of_seed_1_are_the_golden_file() {
    let actual = lines(&small_world(200).records()[..20]);
    // Here lies the new golden file, should it change on purpose.
    fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("first_20_seed_1.ndjson"), &actual)
        .unwrap();
    let golden = include_str!("../golden/first_20_seed_1.ndjson");
    assert_eq!(String::from_utf8(actual).unwrap(), golden);
}

#[test]
fn the_number_of_threads_changes_nothing() {
    let settings = settings(61);
    let one = records(&settings, 1);
    for threads in [0, 2, 3, 4, 200] {
        assert!(records(&settings, threads) == one, "{threads} threads");
    }
}

#[test]
fn more_people_change_nobody() {
    let (few, many) = (settings(10), settings(1_000));
    for index in [0, 3, 9] {
        let (a, b) = (person(&few, index), person(&many, index));
        assert_eq!(a, b);
        assert!(timeline(&few, &a) == timeline(&many, &b));
    }
    let alone = timeline(&many, &person(&many, 7));
    let together: Vec<Record> =
        records(&few, 1).into_iter().filter(|record| record.person == 7).collect();
    assert!(alone == together);
}

#[test]
fn another_seed_is_another_world() {
    let other = WorldSettings::new(Seed::new(SEED.value() + 1), 10, 90).unwrap();
    assert_ne!(person(&settings(10), 0), person(&other, 0));
}

#[test]
fn a_world_without_people_is_empty() {
    assert!(records(&settings(0), 4).is_empty());
}

const FIRST_100_HASH: u64 = 2_368_908_278_580_983_745;
const ALL_HASH: u64 = 7_521_930_530_439_474_819;
