//! A timeline: everything one person does, in the order in which it arrives.

use rand::rngs::ChaCha8Rng;

use crate::behaviour::everyday;
use crate::chance::{between, chance};
use crate::draft::Draft;
use crate::intro::intro;
use crate::rhythm::HOUR_SECONDS;
use crate::settings::{DAY_SECONDS, timestamp};
use crate::{Arrival, Person, Record, WorldSettings};

/// Late records, in percent of those of everyday life.
const LATE_PERCENT: u64 = 2;

/// The longest that a record is late.
const LATE_SECONDS_MAX: i64 = 3 * DAY_SECONDS;

/// Records that arrive a second time, in percent of all.
const DUPLICATE_PERCENT: u64 = 1;

/// The longest until a record arrives a second time.
const DUPLICATE_SECONDS_MAX: i64 = 6 * HOUR_SECONDS;

/// Makes everything that arrives about one person, in order of arrival.
///
/// Everything happens and arrives within the settings' days.
#[must_use]
pub fn timeline(settings: &WorldSettings, person: &Person) -> Vec<Record> {
    let first = intro(settings, person).drafts;
    let known_second = first.last().map_or(i64::MIN, |draft| draft.sent_second);
    let later = everyday(settings, person, known_second);
    let mut records = Vec::with_capacity(first.len() + later.len() + 2);
    let mut post = Post {
        rng: settings.seed().stream("arrival", u64::from(person.index)),
        end_second: settings.end_second(),
        person: person.index,
    };
    let is_in_time = |draft: &Draft| draft.sent_second < settings.end_second();
    for draft in first.into_iter().filter(is_in_time) {
        post.deliver(draft, 0, &mut records);
    }
    for draft in later.into_iter().filter(is_in_time) {
        post.deliver(draft, LATE_PERCENT, &mut records);
    }
    // A stable sort: what arrives in the same second stays in the order of the telling.
    records.sort_by_key(|record| record.at);
    for (sequence, record) in (0..).zip(&mut records) {
        record.sequence = sequence;
    }
    records
}

/// Brings what was sent: at once, late, or twice.
struct Post {
    rng: ChaCha8Rng,
    end_second: i64,
    person: u32,
}

impl Post {
    fn deliver(&mut self, draft: Draft, late_percent: u64, records: &mut Vec<Record>) {
        let is_late = chance(&mut self.rng, late_percent, 100);
        let is_twice = chance(&mut self.rng, DUPLICATE_PERCENT, 100);
        let delay = between(&mut self.rng, HOUR_SECONDS, LATE_SECONDS_MAX);
        let repeat = between(&mut self.rng, 1, DUPLICATE_SECONDS_MAX);
        let late_second = draft.sent_second + delay;
        let (second, arrival) = if is_late && late_second < self.end_second {
            (late_second, Arrival::Late)
        } else {
            (draft.sent_second, Arrival::OnTime)
        };
        let record = self.record(draft, second, arrival);
        if is_twice && second + repeat < self.end_second {
            let at = timestamp(second + repeat);
            records.push(Record { at, arrival: Arrival::Duplicate, ..record.clone() });
        }
        records.push(record);
    }

    fn record(&self, draft: Draft, second: i64, arrival: Arrival) -> Record {
        let Draft { occurred_second, sent_second: _, wire_form, body, identifiers } = draft;
        Record {
            at: timestamp(second),
            occurred_at: timestamp(occurred_second),
            person: self.person,
            sequence: 0,
            arrival,
            wire_form,
            body,
            identifiers,
        }
    }
}
