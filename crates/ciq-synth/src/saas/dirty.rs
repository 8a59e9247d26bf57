//! Noise over a clean history, and the truth about it.

mod defects;
mod typo;

use std::collections::BTreeMap;

use crate::json::Object;

use super::render::{Change, Facts, event_id};
use super::user::{Marks, scaled};
use super::{Event, Payload, Population, Renderer, user};

use typo::{email_with_slip, name_with_slip};

pub use defects::{Defect, Defects, Dirt};

/// The least that a late line is late, in milliseconds: a minute.
const LATE_MS_MIN: u64 = 60_000;

/// How often that is doubled at most: to nearly three days.
const LATE_DOUBLINGS: u64 = 12;

/// The least until a line arrives again, in milliseconds: a second.
const COPY_MS_MIN: u64 = 1_000;

/// The longest until a line arrives again, in milliseconds: six hours.
const COPY_MS_MAX: u64 = 6 * 3_600_000;

/// A line as it arrives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirtyLine {
    /// When it arrives, in milliseconds since 1970.
    pub arrives_ms: i64,
    /// What happened. Its time is the true one.
    pub event: Event,
    /// How what is written differs from that.
    pub change: Change,
    /// All that is wrong.
    pub defects: Defects,
}

impl DirtyLine {
    /// Appends the line as it arrives.
    pub fn render(&self, renderer: &Renderer, out: &mut Vec<u8>) {
        match &self.change {
            Change::Nothing => renderer.render(&self.event, out),
            change => renderer.render_changed(&self.event, change, out),
        }
    }
}

/// When a line arrives, whose it is, its number, and which copy: no two lines are equal in that.
type Turn = (i64, u32, u32, u8);

/// Makes a clean history dirty: takes events in order of time, gives lines in order of arrival.
///
/// What is wrong with an event follows from the seed, the user and the event's number, so the
/// events of some users alone get the same defects as among all others.
#[derive(Debug)]
pub struct Dirtier {
    facts: Facts,
    dirt: Dirt,
    content: Marks,
    lateness: Marks,
    copies: Marks,
    /// Lines that arrive later than events that have been pushed.
    waiting: BTreeMap<Turn, DirtyLine>,
}

impl Dirtier {
    /// Makes a pass over the events of a population.
    #[must_use]
    pub fn new(population: &Population, dirt: Dirt) -> Self {
        let marks = |purpose| Marks::new(population.seed(), purpose);
        Self {
            facts: Facts::new(population),
            dirt,
            content: marks("dirt-content"),
            lateness: marks("dirt-late"),
            copies: marks("dirt-copy"),
            waiting: BTreeMap::new(),
        }
    }

    /// Takes the next event in order of time, and appends the lines that have arrived by then.
    pub fn push(&mut self, event: &Event, out: &mut Vec<DirtyLine>) {
        let now = (event.at_ms, event.user, event.sequence, 0);
        while let Some(first) = self.waiting.first_entry()
            && *first.key() < now
        {
            out.push(first.remove());
        }
        let line = self.line(event);
        if let Some(copy) = self.copy_of(&line) {
            self.waiting.insert((copy.arrives_ms, event.user, event.sequence, 1), copy);
        }
        if line.defects.contains(Defect::Late) {
            self.waiting.insert((line.arrives_ms, event.user, event.sequence, 0), line);
        } else {
            out.push(line);
        }
    }

    /// Appends the lines that are still to arrive. Afterwards the pass can begin anew.
    pub fn finish(&mut self, out: &mut Vec<DirtyLine>) {
        out.extend(std::mem::take(&mut self.waiting).into_values());
    }

    /// Returns the truth about a line as JSON: `{"event_id", "defects", "original"}`, the last with
    /// what a changed property would have said, or `null`. A line with nothing wrong has none.
    #[must_use]
    pub fn truth(&self, line: &DirtyLine) -> Option<Vec<u8>> {
        if line.defects.is_empty() {
            return None;
        }
        let Event { user, sequence, .. } = line.event;
        let defects: Vec<&str> = line.defects.iter().map(Defect::name).collect();
        let row = Object::new()
            .text("event_id", event_id(&self.facts.population, user, sequence).as_str())
            .texts("defects", &defects);
        let row = match self.facts.original(&line.event, &line.change) {
            Some(original) => row.raw("original", &original),
            None => row.null("original"),
        };
        Some(row.finish())
    }

    /// Makes the line of an event as it first arrives.
    fn line(&self, event: &Event) -> DirtyLine {
        let mut defects = Defects::default();
        let mut change = Change::Nothing;
        let mark = self.content.at(place(event));
        if let Some(defect) = self.content_defect(event, mark) {
            // The upper half of the number has decided; the lower half says how.
            change = self.change(event, defect, mark << 32);
            defects = defects.with(defect);
        }
        let mark = self.lateness.at(place(event));
        let mut arrives_ms = event.at_ms;
        if scaled(mark, 1_000) < self.dirt.late_per_mille.into() {
            defects = defects.with(Defect::Late);
            arrives_ms = arrives_ms.saturating_add_unsigned(lateness_ms(mark << 32));
        }
        DirtyLine { arrives_ms, event: *event, change, defects }
    }

    /// Returns the same line as it arrives a second time, if it does.
    fn copy_of(&self, line: &DirtyLine) -> Option<DirtyLine> {
        let mark = self.copies.at(place(&line.event));
        if scaled(mark, 1_000) >= self.dirt.duplicates_per_mille.into() {
            return None;
        }
        let delay_ms = COPY_MS_MIN + scaled(mark << 32, COPY_MS_MAX - COPY_MS_MIN);
        let arrives_ms = line.arrives_ms.saturating_add_unsigned(delay_ms);
        let defects = line.defects.with(Defect::Duplicate);
        Some(DirtyLine { arrives_ms, defects, ..line.clone() })
    }

    /// Decides what is wrong with what an event says: one thing at most.
    fn content_defect(&self, event: &Event, mark: u64) -> Option<Defect> {
        let is_identity = event.payload == Payload::UserIdentified;
        let has_device = is_identity || matches!(event.payload, Payload::SessionStart { .. });
        let can_share = has_device && self.facts.population.users() > 1;
        let has_props = event.payload != Payload::PlanCancelled;
        let Dirt { typos_per_mille, shared_devices_per_mille, missing_per_mille, .. } = self.dirt;
        let mut left = scaled(mark, 1_000);
        for (is_possible, per_mille, defect) in [
            (is_identity, typos_per_mille, Defect::Typo),
            (can_share, shared_devices_per_mille, Defect::SharedDevice),
            (has_props, missing_per_mille, Defect::Missing),
        ] {
            let per_mille = if is_possible { per_mille.into() } else { 0 };
            if left < per_mille {
                return Some(defect);
            }
            left -= per_mille;
        }
        None
    }

    /// Works out how a defect shows.
    fn change(&self, event: &Event, defect: Defect, mark: u64) -> Change {
        match defect {
            Defect::Typo => {
                let user = user(&self.facts.population, event.user);
                if mark >> 63 == 0 {
                    Change::Name(name_with_slip(&user.name(), mark << 1))
                } else {
                    Change::Email(email_with_slip(&user.email, mark << 1))
                }
            }
            Defect::SharedDevice => Change::Device { user: self.companion(event.user), device: 0 },
            Defect::Missing => {
                let fields = self.facts.fields(event);
                let place = usize::try_from(scaled(mark, fields.len() as u64)).unwrap_or(0);
                fields.get(place).map_or(Change::Nothing, |(prop, _)| Change::Missing(*prop))
            }
            Defect::Late | Defect::Duplicate => Change::Nothing,
        }
    }

    /// Returns the other user whose device a user borrows: two by two, and the last one from the
    /// one before.
    fn companion(&self, user: u32) -> u32 {
        let other = user ^ 1;
        if other < self.facts.population.users() { other } else { user.saturating_sub(1) }
    }
}

/// The place of an event among the numbers of chance.
fn place(event: &Event) -> u64 {
    (u64::from(event.user) << 32) | u64::from(event.sequence)
}

/// By how much a line is late: each doubling of a minute is as likely as the others.
fn lateness_ms(mark: u64) -> u64 {
    let least_ms = LATE_MS_MIN << scaled(mark, LATE_DOUBLINGS);
    least_ms + scaled(mark << 16, least_ms)
}
