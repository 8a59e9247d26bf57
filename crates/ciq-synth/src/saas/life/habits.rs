//! What the segments are like.

use crate::Segment;

/// What users of a segment are like.
#[derive(Debug)]
pub(super) struct Habits {
    /// Sessions a day on average, in 65,536ths.
    pub(super) sessions_per_day: u32,
    /// How many in 1,024 leave the product after each feature.
    pub(super) exit_per_1024: u32,
    /// Tickets in a million days.
    pub(super) tickets_per_million: u32,
    /// How many in a thousand tickets are negative, at average health.
    pub(super) negative_per_mille: i32,
    /// Average health, in thousandths.
    pub(super) health: i32,
    /// How many in a million make up their mind to leave at each renewal, at average health.
    pub(super) decide_per_million: u32,
    /// How many in a thousand renewals fail at first, with a good and with a bad card.
    pub(super) fail_per_mille: [u32; 2],
    /// How many in a thousand of these are lost for good, likewise.
    pub(super) lost_per_mille: [u32; 2],
    /// The most declines before a failing renewal.
    pub(super) declines_max: u32,
}

/// By [`Segment`].
static HABITS: [Habits; 3] = [
    Habits {
        sessions_per_day: 76_000,
        exit_per_1024: 92,
        tickets_per_million: 14_000,
        negative_per_mille: 88,
        health: 680,
        decide_per_million: 13_000,
        fail_per_mille: [30, 150],
        lost_per_mille: [50, 170],
        declines_max: 2,
    },
    Habits {
        sessions_per_day: 30_000,
        exit_per_1024: 123,
        tickets_per_million: 16_000,
        negative_per_mille: 265,
        health: 540,
        decide_per_million: 30_000,
        fail_per_mille: [90, 390],
        lost_per_mille: [30, 140],
        declines_max: 3,
    },
    Habits {
        sessions_per_day: 15_000,
        exit_per_1024: 164,
        tickets_per_million: 26_000,
        negative_per_mille: 477,
        health: 360,
        decide_per_million: 90_000,
        fail_per_mille: [500, 870],
        lost_per_mille: [25, 140],
        declines_max: 4,
    },
];

/// Returns what users of a segment are like.
pub(super) fn habits(segment: Segment) -> &'static Habits {
    &HABITS[place(segment)]
}

/// Returns the place of a segment in tables.
pub(super) const fn place(segment: Segment) -> usize {
    match segment {
        Segment::Power => 0,
        Segment::Casual => 1,
        Segment::AtRisk => 2,
    }
}
