//! E-2 under SIGKILL: whatever moment the process dies at, the same input again loses nothing and
//! doubles nothing.

use std::time::{Duration, Instant};

use ciq_synth::{Seed, WorldSettings, chance::below, records};

use crate::support::Place;

/// How often the import is killed.
const KILLS: u64 = 50;

/// People whose 90 days are imported: about 6,500 messages.
const PEOPLE: u32 = 150;

fn world() -> Vec<u8> {
    let settings = WorldSettings::new(Seed::new(7), PEOPLE, 90).unwrap();
    let mut lines = Vec::new();
    for record in records(&settings, 1) {
        lines.extend_from_slice(&record.to_line());
        lines.push(b'\n');
    }
    lines
}

fn event_count(place: &Place) -> u64 {
    let stats = place.run(&["stats", "--json"]);
    if stats.code == Some(0) { stats.json()["event_count"].as_u64().unwrap() } else { 0 }
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the moments of the kills are times, at random")]
fn an_import_that_is_killed_fifty_times_ends_as_if_nothing_had_happened() {
    let lines = world();
    let undisturbed = Place::new();
    undisturbed.write("world.ndjson", &lines);
    let started = Instant::now();
    undisturbed.run(&["import", "world.ndjson"]).expect(0);
    let whole = u64::try_from(started.elapsed().as_millis()).unwrap();
    let expected = undisturbed.run(&["dump"]).expect(0).out;
    let all = event_count(&undisturbed);

    let place = Place::chosen();
    place.write("world.ndjson", &lines);
    let mut rng = Seed::new(7).stream("kills", 0);
    let (mut killed_count, mut seen) = (0, Vec::new());
    for kill in 0..KILLS {
        // Early kills are short, so that fifty of them do not all come after the end.
        let longest = whole * (kill + 5) / (KILLS + 5);
        let moment = Duration::from_millis(below(&mut rng, longest.max(1)));
        let mut import = place.command(&["import", "--quiet", "world.ndjson"]).spawn().unwrap();
        std::thread::sleep(moment);
        import.kill().unwrap();
        killed_count += usize::from(!import.wait().unwrap().success());
        seen.push(event_count(&place));
    }
    assert!(killed_count >= 25, "only {killed_count} imports were under way when killed");
    let midway = seen.iter().filter(|count| (1..all).contains(*count)).count();
    assert!(midway >= 3, "no kill fell into the midst: {seen:?} of {all}");
    place.run(&["import", "world.ndjson"]).expect(0);
    assert_eq!(event_count(&place), all);
    let told = place.run(&["dump"]).expect(0).out;
    let mut differing = expected.lines().zip(told.lines()).filter(|(right, said)| right != said);
    assert!(told == expected, "the first line that differs: {:#?}", differing.next());
    place.run(&["doctor"]).expect(0);
}
