//! A disk that is full: a clear word, a file that stays readable, and an import that goes on when
//! there is room. The room is a limit on the size of files, set and lifted from outside.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use ciq_synth::{Seed, WorldSettings, records};

use crate::support::Place;

/// The limit in blocks of 512 bytes: 2 MiB, a part of what the import writes.
const LIMIT_BLOCKS: u32 = 4_096;

#[test]
fn an_import_waits_for_room_and_then_goes_on() {
    let settings = WorldSettings::new(Seed::new(3), 200, 90).unwrap();
    let mut lines = Vec::new();
    for record in records(&settings, 1) {
        lines.extend_from_slice(&record.to_line());
        lines.push(b'\n');
    }
    let free = Place::new();
    free.write("world.ndjson", &lines);
    free.run(&["import", "world.ndjson"]).expect(0);

    let place = Place::new();
    place.write("world.ndjson", &lines);
    // A signal that is ignored stays ignored: writes beyond the limit fail instead of killing.
    let script =
        format!("trap '' XFSZ; ulimit -S -f {LIMIT_BLOCKS}; exec \"$0\" import world.ndjson");
    let mut import = Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_customeriq")])
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", place.path(""))
        .current_dir(place.path(""))
        .stderr(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    let mut told = BufReader::new(import.stderr.take().unwrap());
    let mut line = String::new();
    while !line.contains("no room") {
        line.clear();
        assert!(told.read_line(&mut line).unwrap() > 0, "the import ended without waiting");
    }

    let stats = place.run(&["stats", "--json"]).expect(0).json();
    let whole = free.run(&["stats", "--json"]).expect(0).json();
    assert!(stats["event_count"].as_u64() < whole["event_count"].as_u64(), "{stats}");
    place.run(&["customers"]).expect(0);

    let pid = import.id().to_string();
    let lifted = Command::new("prlimit")
        .args(["--pid", &pid, "--fsize=unlimited:unlimited"])
        .status()
        .unwrap();
    assert!(lifted.success());
    // Drained, so that the import cannot block on what it tells.
    std::io::copy(&mut told, &mut std::io::sink()).unwrap();
    assert!(import.wait().unwrap().success());
    let expected = free.run(&["dump"]).expect(0).out;
    assert!(place.run(&["dump"]).expect(0).out == expected, "the dumps differ");
}
