//! Events in any number, and whether a place says what it says after an undisturbed import of them.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, BufWriter, Write as _};
use std::ops::Range;

use ciq_nats::Outgoing;
use ciq_store::{Location, Reader};
use ciq_synth::{Seed, load::bench_event};
use ciq_testkit::eventually;

use crate::nats_support::LIMIT;
use crate::support::Place;

/// So many events of an eighth as many customers.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    pub(crate) count: u64,
}

impl Load {
    /// Events without sessions: of those a customer keeps the first few that arrive, so that their
    /// order would tell.
    fn body(self, index: u64) -> String {
        let body = bench_event(Seed::new(7), index, self.count / 8 + 1);
        String::from_utf8(body).unwrap().replace("\"session_id\"", "\"trace_ref\"")
    }

    /// A part of the events, as messages.
    pub(crate) fn messages(self, part: Range<u64>) -> impl Iterator<Item = Outgoing> {
        part.map(move |index| {
            let body = self.body(index);
            let event: serde_json::Value = serde_json::from_str(&body).unwrap();
            let word = |field: &str| event[field].as_str().unwrap().to_owned();
            let subject = format!("customer.events.{}.{}", word("customer_id"), word("event_type"));
            message(&subject, body)
        })
    }

    /// Imports the events where nothing disturbs.
    fn undisturbed(self) -> Place {
        let place = Place::new();
        let mut file = BufWriter::new(File::create(place.path("load.ndjson")).unwrap());
        for index in 0..self.count {
            writeln!(file, "{}", self.body(index)).unwrap();
        }
        file.flush().unwrap();
        place.run(&["import", "--quiet", "load.ndjson"]).expect(0);
        place
    }

    /// Compares a place with one where nothing disturbed.
    pub(crate) fn difference(self, place: &Place) -> Difference {
        let (expected, told) = (dump(&self.undisturbed()), dump(place));
        Difference::between(expected, told)
    }

    /// Checks that a place says what an undisturbed one says.
    #[track_caller]
    pub(crate) fn check(self, place: &Place) {
        let difference = self.difference(place);
        assert!(difference.is_none(), "{difference:#?}");
    }
}

/// Makes a message.
pub(crate) fn message(subject: &str, body: impl Into<Vec<u8>>) -> Outgoing {
    Outgoing { subject: subject.to_owned(), headers: Vec::new(), body: body.into() }
}

/// How one place differs from what it should say, row by row.
#[derive(Debug)]
pub(crate) struct Difference {
    /// Rows that are missing.
    pub(crate) lost: Vec<String>,
    /// Rows that are one too many.
    pub(crate) doubled: Vec<String>,
}

impl Difference {
    pub(crate) fn is_none(&self) -> bool {
        self.lost.is_empty() && self.doubled.is_empty()
    }

    fn between(expected: impl Iterator<Item = String>, told: impl Iterator<Item = String>) -> Self {
        let mut balance: BTreeMap<String, i64> = BTreeMap::new();
        let (mut expected, mut told) = (expected, told);
        loop {
            let (right, said) = (expected.next(), told.next());
            if right.is_none() && said.is_none() {
                break;
            }
            // Where both say the same there is nothing to keep.
            if right == said {
                continue;
            }
            for (row, change) in [(right, -1), (said, 1)] {
                *balance.entry(row.unwrap_or_default()).or_default() += change;
            }
        }
        // The blank rows of the side that ended first.
        balance.remove("");
        let rows = |is_one: fn(i64) -> bool| {
            let found = balance.iter().filter(|(_, count)| is_one(**count));
            found.map(|(row, _)| row.clone()).collect()
        };
        Self { lost: rows(|count| count < 0), doubled: rows(|count| count > 0) }
    }
}

/// The rows that a place says.
fn dump(place: &Place) -> impl Iterator<Item = String> + use<> {
    let path = place.path("dump.txt");
    let mut command = place.command(&["dump"]);
    let status = command.stdout(File::create(&path).unwrap()).status().unwrap();
    assert!(status.success());
    // The place may go; the open file stays.
    BufReader::new(File::open(path).unwrap()).lines().map(Result::unwrap)
}

/// How many events a place holds; 0 where there is none.
pub(crate) fn stored(place: &Place) -> u64 {
    let location = place.location();
    let reader = Reader::open(&location);
    let count = match location {
        // The last number, which is quickly found: no event is ever removed here.
        Location::File(_) => reader.and_then(|it| it.feed_end()).map(|end| end.event_seq),
        // There what a killed service had reserved is left out.
        Location::Schema(_) => reader.and_then(|it| it.stats()).map(|stats| stats.event_count),
    };
    count.map_or(0, |count| u64::try_from(count).unwrap())
}

/// Waits until a place holds so many events, as long as there is progress.
#[track_caller]
pub(crate) fn await_stored(place: &Place, count: u64) {
    loop {
        let before = stored(place);
        if before >= count {
            return;
        }
        assert!(eventually(LIMIT, || stored(place) > before), "{before} of {count} events");
    }
}

/// Counts the events that a place holds.
pub(crate) fn event_count(place: &Place) -> u64 {
    place.run(&["stats", "--json"]).expect(0).json()["event_count"].as_u64().unwrap()
}
