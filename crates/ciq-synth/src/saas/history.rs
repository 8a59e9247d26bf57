//! The events of all users in order of time.
//!
//! Users are lived one universal day at a time. What they do is thrown into slices of time, small
//! enough to be sorted in the processor's cache; a slice is handed out when the day is over.

mod buckets;
mod crowd;
mod density;
mod settings;
mod write;

use std::ops::Range;

pub use density::natural_events;
pub use settings::{HISTORY_DAYS_MAX, HistoryError, HistorySettings, Modes, Pace};
pub use write::{Part, write_history};

use crate::saas::Event;
use crate::saas::life::World;
use crowd::{Crowd, sort};
pub(crate) use density::natural_world;

/// About how many events a user has in a day: from it, the length of slices follows.
const EVENTS_PER_USER_DAY: u64 = 6;

/// The events of some users, slice of time by slice of time.
#[derive(Debug)]
pub struct History {
    world: World,
    crowd: Crowd,
    slices_per_day: usize,
    /// The slice of the present day that comes next.
    slice: usize,
    /// The day that was lived last.
    day: i32,
}

impl History {
    /// Starts the history of a range of users.
    #[must_use]
    pub fn new(settings: &HistorySettings, users: Range<u32>) -> Self {
        let world = density::world(settings);
        let slices = slices_per_day(settings, &world, users.len());
        Self::of_world(world, users, slices)
    }

    /// Starts a history with its world.
    pub(crate) fn of_world(world: World, users: Range<u32>, slices: u32) -> Self {
        let mut crowd = Crowd::new(&world, users, slices);
        crowd.live(&world, 0);
        Self { world, crowd, slices_per_day: slices as usize, slice: 0, day: 0 }
    }

    /// Clears `events` and fills in the next slice of time, ordered by time, user and sequence.
    /// Returns false at the end.
    pub fn next_events(&mut self, events: &mut Vec<Event>) -> bool {
        events.clear();
        while events.is_empty() {
            if self.slice == self.slices_per_day {
                if self.day + 1 >= self.world.calendar.days() {
                    return false;
                }
                self.crowd.end_day();
                self.day += 1;
                self.slice = 0;
                self.crowd.live(&self.world, self.day);
            }
            events.extend_from_slice(self.crowd.slice(self.slice));
            self.slice += 1;
        }
        sort(events);
        true
    }
}

/// Returns into how many slices a day of so many users at the natural pace is cut.
pub(crate) fn natural_slices(users: usize) -> u32 {
    buckets::slices_per_day(users as u64 * EVENTS_PER_USER_DAY)
}

/// Returns into how many slices a day is cut.
fn slices_per_day(settings: &HistorySettings, world: &World, users: usize) -> u32 {
    let natural = (users as u64 * EVENTS_PER_USER_DAY * world.boost) >> 16;
    buckets::slices_per_day(match settings.pace {
        Pace::Natural => natural,
        Pace::PerDay(events) => natural.min(events),
        Pace::PerUserPerDay { events, per_days } => {
            natural.min(users as u64 * u64::from(events) / u64::from(per_days.max(1)))
        }
    })
}
