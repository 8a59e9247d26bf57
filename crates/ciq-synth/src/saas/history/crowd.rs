//! Some users side by side, lived day by day.

use std::ops::Range;

use super::buckets::Buckets;
use crate::saas::Event;
use crate::saas::life::{Life, World};

/// Some users and what they have done so far.
#[derive(Debug)]
pub(super) struct Crowd {
    lives: Vec<Life>,
    buckets: Buckets,
}

impl Crowd {
    /// Begins the lives of a range of users.
    pub(super) fn new(world: &World, users: Range<u32>, slices_per_day: u32) -> Self {
        let mut crowd = Self {
            lives: users.map(|index| Life::new(world, index)).collect(),
            buckets: Buckets::new(world.calendar.origin_ms, slices_per_day),
        };
        // Those ahead in time are in the first local day already.
        crowd.live(world, -1);
        crowd
    }

    /// Lives one day. The events of that universal day are complete then.
    pub(super) fn live(&mut self, world: &World, step: i32) {
        for life in &mut self.lives {
            life.live(world, step, &mut self.buckets);
        }
    }

    /// Returns the events of a slice of the day that was lived last, in no order.
    pub(super) fn slice(&self, slice: usize) -> &[Event] {
        self.buckets.slice(slice)
    }

    /// Goes on to the next day.
    pub(super) fn end_day(&mut self) {
        self.buckets.end_day();
    }
}

/// Puts events in order of time, user and sequence.
pub(super) fn sort(events: &mut [Event]) {
    // One wide number is compared without a branch.
    events.sort_unstable_by_key(|event| {
        let at = event.at_ms.wrapping_sub(i64::MIN).cast_unsigned();
        let rest = u64::from(event.user) << 32 | u64::from(event.sequence);
        u128::from(at) << 64 | u128::from(rest)
    });
}
