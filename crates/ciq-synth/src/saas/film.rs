//! A history without end, for a live stream.

use jiff::Timestamp;

use crate::Seed;
use crate::saas::history::{History, Modes, natural_slices, natural_world};
use crate::saas::life::calendar::DAY_MS;
use crate::saas::life::{Ending, World};
use crate::saas::{Event, Payload, Population};

/// After so many days the users of a chapter have thinned out.
const CHAPTER_DAYS: u32 = 180;

/// Local days reach beyond a chapter's end, hence their numbers do.
const SPARE_DAYS: u32 = 4;

/// A history without end.
///
/// It is made of chapters of 180 days. In each of them the same people live another life: those who
/// had left are back. Their sequence and ticket numbers go on.
#[derive(Debug)]
pub struct Film {
    population: Population,
    modes: Modes,
    chapter: u32,
    history: History,
    events: Vec<Event>,
    next: usize,
}

impl Film {
    /// Starts with a population in full swing.
    #[must_use]
    pub fn new(population: &Population, modes: Modes) -> Self {
        Self {
            population: *population,
            modes,
            chapter: 0,
            history: chapter(population, modes, 0),
            events: Vec::new(),
            next: 0,
        }
    }

    /// Returns the next event, in order of time.
    ///
    /// Without any mode nothing ever happens: the event is then always the same, at the start.
    #[expect(clippy::should_implement_trait, reason = "it never ends")]
    pub fn next(&mut self) -> Event {
        // Two chapters without any event: there will never be one.
        let mut empty_chapters = 0;
        while self.next == self.events.len() && empty_chapters < 2 {
            self.next = 0;
            if !self.history.next_events(&mut self.events) {
                self.chapter += 1;
                self.history = chapter(&self.population, self.modes, self.chapter);
                empty_chapters += 1;
            }
        }
        let nothing = Event {
            at_ms: self.population.start_ms(),
            user: 0,
            sequence: 0,
            payload: Payload::UserIdentified,
        };
        let event = self.events.get(self.next).copied().unwrap_or(nothing);
        self.next = (self.next + 1).min(self.events.len());
        event
    }
}

/// Begins a chapter.
fn chapter(population: &Population, modes: Modes, chapter: u32) -> History {
    let days = i64::from(chapter) * i64::from(CHAPTER_DAYS);
    // Far in the future, time stands still.
    let start = Timestamp::from_millisecond(population.start_ms() + days * DAY_MS);
    let population = start.map_or(*population, |start| population.with_start(start));
    let seed = match chapter {
        0 => population.seed(),
        later => Seed::new(population.seed().mark("saas-chapter", u64::from(later))),
    };
    let world = World {
        seed,
        ending: Ending::Closed,
        days_before: chapter.wrapping_mul(CHAPTER_DAYS + SPARE_DAYS),
        ..natural_world(&population, CHAPTER_DAYS, modes)
    };
    let users = 0..population.users();
    let slices = natural_slices(users.len());
    History::of_world(world, users, slices)
}
