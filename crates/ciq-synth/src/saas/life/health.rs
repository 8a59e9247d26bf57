//! How well a user does with the product: around their usual level, drifting from week to week;
//! and false dips, when somebody is on holiday and comes back.

use std::ops::Range;

use super::mark::{Purpose, below, next, word};
use super::traits::{Traits, bell};

/// How far a single week may be from the usual level, in thousandths.
const WEEK_SPREAD: i32 = 420;

/// How many weeks are remembered.
const MEMORY_WEEKS: i32 = 3;

/// At most one dip in so many days.
const DIP_BLOCK_DAYS: i32 = 60;

/// How many in a hundred blocks have one.
const DIPS_PERCENT: u32 = 13;

/// How long dips are, in days: from this, and by at most so many more.
const DIP_DAYS: [u32; 2] = [7, 14];

/// Returns the health in the week of a day, in thousandths.
pub(crate) fn health(traits: &Traits, day: i32) -> i32 {
    let week = day.div_euclid(7);
    let drift: i32 = (0..MEMORY_WEEKS)
        .map(|back| bell(word(traits.key, Purpose::Week, week - back), WEEK_SPREAD))
        .sum();
    (traits.health + drift / MEMORY_WEEKS).clamp(0, 1_000)
}

/// Returns the dip of the block of days that a day is in, if there is one.
pub(crate) fn dip(traits: &Traits, day: i32) -> Option<Range<i32>> {
    let block = day.div_euclid(DIP_BLOCK_DAYS);
    let mark = word(traits.key, Purpose::Dip, block);
    if below(mark, 100) >= DIPS_PERCENT {
        return None;
    }
    let [shortest, more] = DIP_DAYS;
    let length = shortest + below(next(mark), more);
    let room = DIP_BLOCK_DAYS.unsigned_abs() - length;
    let first = block * DIP_BLOCK_DAYS + below(next(next(mark)), room).cast_signed();
    Some(first..first + length.cast_signed())
}
