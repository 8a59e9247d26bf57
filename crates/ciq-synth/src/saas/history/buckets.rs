//! Events on their way into order: collected by slices of time, sorted when a slice is complete.

use crate::saas::Event;
use crate::saas::life::Sink;
use crate::saas::life::calendar::DAY_MS;

/// How many events a slice should have: few enough to be sorted within the second-level cache.
const SLICE_EVENTS: u64 = 4_096;

/// The room that a slice of a large population gets at once: what the busiest need. Memory that is
/// never written to costs nothing.
const SLICE_ROOM: usize = 12_288;

/// Into how many slices a day may be cut: all divide a day.
const SLICES_PER_DAY: [u32; 12] = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000, 1_600];

/// A day in milliseconds, as slices are counted.
const DAY: u32 = 86_400_000;

/// How many days are cut into slices: a local day begins in one and ends in the next at the latest.
const NEAR_DAYS: u32 = 2;

/// How many days further events are kept for: the longest ticket, and the longest renewal.
const FAR_DAYS: usize = 40;

/// The most slices that a day may be cut into for about so many events a day.
pub(super) fn slices_per_day(events: u64) -> u32 {
    let wanted = events / SLICE_EVENTS;
    let fits = |slices: &&u32| u64::from(**slices) <= wanted.max(1);
    SLICES_PER_DAY.iter().rev().find(fits).copied().unwrap_or(1)
}

/// Collects events by slices of time.
#[derive(Debug)]
pub(super) struct Buckets {
    /// The first moment of the first near slice.
    from_ms: i64,
    slice_ms: u32,
    /// The near slices, in a ring that begins at `head`.
    near: Vec<Vec<Event>>,
    head: usize,
    per_day: usize,
    /// Events of later days, in a ring that begins at `far_head` with the day after the near ones.
    far: Vec<Vec<Event>>,
    far_head: usize,
}

impl Buckets {
    /// Makes empty buckets from the start of a day.
    pub(super) fn new(from_ms: i64, slices_per_day: u32) -> Self {
        let per_day = slices_per_day as usize;
        let room = if slices_per_day < SLICES_PER_DAY[6] { 0 } else { SLICE_ROOM };
        Self {
            from_ms,
            slice_ms: DAY / slices_per_day,
            near: (0..slices_per_day * NEAR_DAYS).map(|_| Vec::with_capacity(room)).collect(),
            head: 0,
            per_day,
            far: vec![Vec::new(); FAR_DAYS],
            far_head: 0,
        }
    }

    /// Returns the events of a slice of the first day, in no order.
    pub(super) fn slice(&self, slice: usize) -> &[Event] {
        &self.near[self.head + slice]
    }

    /// Drops the first day, and goes on to the next.
    pub(super) fn end_day(&mut self) {
        for slice in &mut self.near[self.head..self.head + self.per_day] {
            slice.clear();
        }
        self.head = (self.head + self.per_day) % self.near.len();
        self.from_ms += DAY_MS;
        let mut entering = std::mem::take(&mut self.far[self.far_head]);
        self.far_head = (self.far_head + 1) % FAR_DAYS;
        for event in entering.drain(..) {
            self.push(event);
        }
        // Its memory serves the day that is farthest now.
        let last = (self.far_head + FAR_DAYS - 1) % FAR_DAYS;
        if self.far[last].is_empty() {
            self.far[last] = entering;
        }
    }

    /// Keeps an event of a later day.
    #[cold]
    fn push_far(&mut self, event: Event) {
        let day = (event.at_ms - self.from_ms).div_euclid(DAY_MS) - i64::from(NEAR_DAYS);
        let day = usize::try_from(day).unwrap_or(0);
        debug_assert!(day < FAR_DAYS, "episodes are shorter");
        self.far[(self.far_head + day) % FAR_DAYS].push(event);
    }
}

impl Sink for Buckets {
    #[inline]
    fn push(&mut self, event: Event) {
        debug_assert!(event.at_ms >= self.from_ms, "a day that is over stays as it is");
        let after_ms = u32::try_from(event.at_ms - self.from_ms).unwrap_or(u32::MAX);
        if after_ms >= NEAR_DAYS * DAY {
            self.push_far(event);
            return;
        }
        let slice = (after_ms / self.slice_ms) as usize + self.head;
        let wrapped = if slice >= self.near.len() { slice - self.near.len() } else { slice };
        self.near[wrapped].push(event);
    }
}
