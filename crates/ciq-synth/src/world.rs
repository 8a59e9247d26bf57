//! The world: all people's records in order of arrival, and the truth about them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::thread;

use crate::{Arrival, Identifier, Person, Record, WorldSettings, person, timeline};

/// All people, all records, and the truth.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct World {
    settings: WorldSettings,
    people: Vec<Person>,
    records: Vec<Record>,
}

/// Who a person is, and everything that points at them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Truth {
    /// The person.
    pub person: Person,
    /// Every identifier in the person's records, normalised, by kind and value.
    pub identifiers: Vec<Identifier>,
    /// How many records there are of the person, second copies included.
    pub record_count: usize,
}

/// Makes a world. The number of threads changes how fast, not what.
///
/// All of it is held in memory: about 900 bytes a record. For more than that, make the shards
/// one by one from [`person()`] and [`timeline()`].
#[must_use]
pub fn world(settings: WorldSettings, threads: usize) -> World {
    let people = (0..settings.people()).map(|index| person(&settings, index)).collect();
    World { settings, people, records: records(&settings, threads) }
}

/// Makes the records of all people, by time of arrival, person and sequence.
///
/// The number of threads changes how fast, not what.
#[must_use]
pub fn records(settings: &WorldSettings, threads: usize) -> Vec<Record> {
    let shards = shards(settings.people(), threads);
    let mut records: Vec<Record> = thread::scope(|scope| {
        let workers: Vec<_> = shards
            .into_iter()
            .map(|shard| scope.spawn(move || shard_records(settings, shard)))
            .collect();
        workers.into_iter().flat_map(|worker| rejoin(worker.join())).collect()
    });
    records.sort_unstable_by_key(|record| (record.at, record.person, record.sequence));
    records
}

/// Makes the records of some people, one person after the other.
fn shard_records(settings: &WorldSettings, shard: Range<u32>) -> Vec<Record> {
    shard.flat_map(|index| timeline(settings, &person(settings, index))).collect()
}

/// Hands on what a thread made, or its panic.
fn rejoin(result: thread::Result<Vec<Record>>) -> Vec<Record> {
    result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// Splits people into as many ranges as there are threads.
fn shards(people: u32, threads: usize) -> Vec<Range<u32>> {
    let threads = u32::try_from(threads).unwrap_or(u32::MAX).clamp(1, people.max(1));
    let size = people.div_ceil(threads).max(1);
    (0..threads).map(|n| n * size..people.min((n + 1) * size)).collect()
}

impl World {
    /// Returns what the world is made from.
    #[must_use]
    pub fn settings(&self) -> &WorldSettings {
        &self.settings
    }

    /// Returns the people, by index.
    #[must_use]
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// Returns the records, by time of arrival, person and sequence.
    #[must_use]
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Returns the truth about every person, by index.
    #[must_use]
    pub fn truth(&self) -> Vec<Truth> {
        let mut seen = vec![(BTreeSet::new(), 0_usize); self.people.len()];
        for record in &self.records {
            let place = usize::try_from(record.person).unwrap_or(usize::MAX);
            if let Some((identifiers, count)) = seen.get_mut(place) {
                identifiers.extend(&record.identifiers);
                *count += 1;
            }
        }
        let about =
            |(person, (identifiers, record_count)): (&Person, (BTreeSet<_>, usize))| Truth {
                person: person.clone(),
                identifiers: identifiers.into_iter().cloned().collect(),
                record_count,
            };
        self.people.iter().zip(seen).map(about).collect()
    }

    /// Returns how many records are second copies. They must not count.
    #[must_use]
    pub fn duplicate_count(&self) -> usize {
        self.arrival_count(Arrival::Duplicate)
    }

    /// Returns how many records arrive late.
    #[must_use]
    pub fn late_count(&self) -> usize {
        self.arrival_count(Arrival::Late)
    }

    fn arrival_count(&self, arrival: Arrival) -> usize {
        self.records.iter().filter(|record| record.arrival == arrival).count()
    }
}
