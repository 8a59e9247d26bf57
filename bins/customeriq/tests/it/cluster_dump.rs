//! What a brand's tables say, and whether others say the same.

use std::collections::BTreeMap;
use std::process::Command;

use crate::cluster_people::{KNOWN, People, STRANGERS};
use crate::support::{Place, ran};

/// Sections that tell of the way by which people turned out to be one.
const OF_THE_WAY: [&str; 2] = ["aliases\t", "merge_history\t"];

/// How the section of events begins.
const EVENTS: &str = "customer_events\t";

/// How the section begins that ends with how many profiles were merged.
const PROFILES: &str = "customer_profile\t";

/// Rows in which two dumps differ.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    pub(crate) lost: Vec<String>,
    pub(crate) doubled: Vec<String>,
}

impl Rows {
    /// Compares a dump with the one that it should be.
    fn between(right: &str, told: &str) -> Self {
        let mut balance: BTreeMap<&str, i64> = BTreeMap::new();
        for (dump, change) in [(right, -1), (told, 1)] {
            for row in dump.lines() {
                *balance.entry(row).or_default() += change;
            }
        }
        let rows = |is_one: fn(i64) -> bool| {
            let found = balance.iter().filter(|(_, count)| is_one(**count));
            found.map(|(row, _)| (*row).to_owned()).collect()
        };
        Self { lost: rows(|count| count < 0), doubled: rows(|count| count > 0) }
    }
}

/// What one process says that took everything in, into files, and that nothing disturbed.
pub(crate) struct Undisturbed {
    people: People,
    place: Place,
}

impl Undisturbed {
    pub(crate) fn new(people: People) -> Self {
        let undisturbed = Self { people, place: Place::new() };
        for brand in [KNOWN, STRANGERS] {
            let records = people.records(brand).collect::<Vec<_>>().join("\n");
            undisturbed.place.write("told.ndjson", records);
            undisturbed.run(&["--brand", brand, "import", "--quiet", "told.ndjson"]);
        }
        undisturbed
    }

    fn run(&self, args: &[&str]) -> String {
        let mut command = self.place.command(args);
        command.env_remove("DATABASE_URL");
        ran(command, b"").expect(0).out
    }

    /// Compares what a command dumps of each brand, once it knows which; prints figures.
    #[track_caller]
    pub(crate) fn check(&self, dump: impl Fn(&[&str]) -> Command) {
        for brand in [KNOWN, STRANGERS] {
            let args = ["--brand", brand, "dump"];
            let told = ran(dump(&args), b"").expect(0).out;
            let right = self.run(&args);
            let (right, told) = if brand == KNOWN {
                (right, told)
            } else {
                (with_people_named(&right), with_people_named(&told))
            };
            let Rows { lost, doubled } = Rows::between(&right, &told);
            let count = told.lines().filter(|row| row.starts_with(EVENTS)).count();
            println!(
                "brand {brand}: {count} events, lost {} rows, doubled {} rows, {} bytes",
                lost.len(),
                doubled.len(),
                told.len()
            );
            assert!(lost.is_empty() && doubled.is_empty(), "{lost:#?}\n{doubled:#?}");
            assert!(right == told, "the dumps differ in the order of rows");
            assert_eq!(count as u64, self.people.count_of(brand));
        }
    }
}

/// Names people by their first event instead of by an id that depends on the order of arrival, and
/// leaves out how they were merged.
fn with_people_named(dump: &str) -> String {
    let mut names: BTreeMap<&str, &str> = BTreeMap::new();
    for row in dump.lines().filter(|row| row.starts_with(EVENTS)) {
        let mut columns = row.split('\t').skip(1);
        let (event, person) = (columns.next().unwrap(), columns.next().unwrap());
        // Rows are in order of their events.
        names.entry(person).or_insert(event);
    }
    let is_left_out = |row: &&str| OF_THE_WAY.iter().any(|section| row.starts_with(section));
    let mut rows: Vec<String> = dump
        .lines()
        .filter(|row| !is_left_out(row))
        .map(|row| {
            let row =
                if row.starts_with(PROFILES) { row.rsplit_once('\t').unwrap().0 } else { row };
            let columns = row.split('\t').map(|column| *names.get(column).unwrap_or(&column));
            columns.collect::<Vec<_>>().join("\t")
        })
        .collect();
    rows.sort();
    rows.join("\n")
}

#[test]
fn people_are_the_same_whichever_event_of_theirs_came_first() {
    let people = People { event_count: 400 };
    let [there, back] = [false, true].map(|is_back| {
        let place = Place::new();
        let mut records: Vec<String> = people.records(STRANGERS).collect();
        if is_back {
            records.reverse();
        }
        place.write("told.ndjson", records.join("\n"));
        let command = |args: &[&str]| {
            let mut command = place.command(args);
            command.env_remove("DATABASE_URL");
            command
        };
        ran(command(&["import", "told.ndjson"]), b"").expect(0);
        ran(command(&["dump"]), b"").expect(0).out
    });
    assert_ne!(there, back);
    assert_eq!(with_people_named(&there), with_people_named(&back));
    let is_person = |row: &&str| row.starts_with("customers\t");
    assert_eq!(there.lines().filter(is_person).count() as u64, people.stranger_count());
}
