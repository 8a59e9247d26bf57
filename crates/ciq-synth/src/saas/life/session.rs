//! Sessions in the product: a start, features one after the other, an end.

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng, SeedableRng};

use super::habits::place;
use super::mark::{below, next, upper};
use super::tables::tables;
use super::{Life, Sink, World};
use crate::saas::{Event, FEATURES, Payload};

/// The most sessions of one user in one day.
pub(super) const SESSIONS_MAX: u32 = 400;

/// The most features in one session.
const FEATURES_MAX: usize = 60;

/// The numbers set aside for a session: start, features, end.
const SEQUENCES: u32 = 64;

/// The least time between two sessions of one user: below, it would be one session.
const BREAK_MS: i64 = 60_000;

/// How late after its day a session may begin that had to wait for the one before.
const LATE_MS: i64 = 3_600_000;

/// How many of 256 sessions are on the user's first device.
const FIRST_DEVICE: u64 = 190;

const _: () = assert!(FEATURES_MAX + 2 <= SEQUENCES as usize, "numbers never overlap");

/// A day with at least one session.
#[derive(Debug, Clone, Copy)]
pub(super) struct Day {
    /// Which.
    pub(super) day: i32,
    /// From which everything is drawn.
    pub(super) mark: u64,
    /// How many sessions are to be expected, in 65,536ths.
    pub(super) rate: u32,
    /// The first arrival of the Poisson process whose arrivals below the rate are the sessions.
    pub(super) first: u32,
}

/// One session, before it is told.
#[derive(Debug, Clone, Copy)]
struct Session {
    second: u32,
    mark: u64,
}

impl Life {
    /// Returns how many events a session has on average, in 1,024ths.
    pub(crate) fn events_per_session_1024(&self) -> u64 {
        2 * 1_024 + 1_024 * 1_024 / u64::from(self.traits.habits().exit_per_1024)
    }

    /// Lives the sessions of a day, one after the other.
    pub(super) fn use_product(&mut self, world: &World, day: Day, sink: &mut impl Sink) {
        let mut mark = next(day.mark);
        let second = second_of_day(world, day.day, mark);
        let (mut arrival, mut count) = (day.first, 1_usize);
        let only = Session { second, mark };
        let mut sessions = [only; 4];
        let mut more = Vec::new();
        loop {
            mark = next(mark);
            arrival += tables().exponential.at(upper(mark)).max(1);
            if arrival >= day.rate {
                break;
            }
            mark = next(mark);
            let session = Session { second: second_of_day(world, day.day, mark), mark };
            match sessions.get_mut(count) {
                Some(place) => *place = session,
                None => more.push(session),
            }
            count += 1;
        }
        if count <= sessions.len() {
            self.live_sessions(world, day.day, &mut sessions[..count], sink);
        } else {
            more.extend_from_slice(&sessions);
            self.live_sessions(world, day.day, &mut more, sink);
        }
    }

    /// Lives sessions in the order of the day.
    fn live_sessions(
        &mut self,
        world: &World,
        day: i32,
        sessions: &mut [Session],
        sink: &mut impl Sink,
    ) {
        sessions.sort_unstable_by_key(|session| (session.second, session.mark));
        let midnight_ms = world.calendar.midnight_ms(day, self.traits.ahead_ms);
        for (number, session) in (0..SESSIONS_MAX).zip(&*sessions) {
            // Milliseconds from bits that choose neither the second nor whether it is kept.
            let part_ms = i64::from(below(next(!session.mark), 1_000));
            let at_ms = midnight_ms + i64::from(session.second) * 1_000 + part_ms;
            let at_ms = at_ms.max(self.busy_until_ms);
            if at_ms > midnight_ms + super::DAY_MS + LATE_MS || at_ms < self.begins_ms(world) {
                continue;
            }
            let first = world.sequence(day, number * SEQUENCES);
            self.live_session(world, Start { at_ms, first, mark: session.mark }, sink);
        }
    }

    /// Lives one session, unless it would not end in time.
    fn live_session(&mut self, world: &World, start: Start, sink: &mut impl Sink) {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(start.mark);
        let tables = tables();
        let usual = self.traits.habits().exit_per_1024;
        // Who is about to leave does little more than look in.
        let exit = if start.at_ms > self.fading_from_ms { 2 * usual } else { usual };
        let features = &FEATURE_SLOTS[place(self.traits.segment)];
        let user = self.index;
        let event = |at_ms, sequence, payload| Event { at_ms, user, sequence, payload };
        let mut used = [event(0, 0, Payload::FeatureUsed { feature: 0 }); FEATURES_MAX];
        let (mut at_ms, mut count) = (start.at_ms, 0_usize);
        let mut sequence = start.first;
        for place in &mut used {
            // One word for each step: how long, whether the last, which feature.
            let draw = rng.next_u64();
            at_ms += i64::from(tables.gap_ms.at(upper(draw)));
            sequence += 1;
            count += 1;
            let feature = features[(draw & 0xff) as usize];
            *place = event(at_ms, sequence, Payload::FeatureUsed { feature });
            if (draw >> 8) & 0x3ff < u64::from(exit) {
                break;
            }
        }
        let draw = rng.next_u64();
        let end_ms = at_ms + i64::from(tables.gap_ms.at(upper(draw)));
        if end_ms >= self.ends_ms(world) {
            return;
        }
        self.busy_until_ms = end_ms + BREAK_MS;
        if !world.keeps(start.mark) {
            return;
        }
        let is_other = draw & 0xff >= FIRST_DEVICE;
        let others = u32::from(self.traits.devices.max(1)) - 1;
        let other = if is_other { below(draw << 8, others + 1) } else { 0 };
        let device = u8::try_from(other).unwrap_or(0);
        sink.push(event(start.at_ms, start.first, Payload::SessionStart { device }));
        used[..count].iter().for_each(|event| sink.push(*event));
        let duration_seconds = u32::try_from((end_ms - start.at_ms + 500) / 1_000).unwrap_or(0);
        sink.push(event(end_ms, sequence + 1, Payload::SessionEnd { duration_seconds }));
    }
}

/// Draws when a session begins.
fn second_of_day(world: &World, day: i32, mark: u64) -> u32 {
    let is_weekend = world.calendar.weekday(day) >= 5;
    tables().second_of_day[usize::from(is_weekend)].at(upper(mark))
}

/// Where a session begins.
#[derive(Debug, Clone, Copy)]
struct Start {
    at_ms: i64,
    /// The sequence number of the start.
    first: u32,
    mark: u64,
}

/// Which feature 256 equally likely draws stand for, by segment: power users use more of them.
static FEATURE_SLOTS: [[u8; 256]; 3] = [slots(6), slots(3), slots(1)];

/// Shares slots among features as 1 / (place + spread): the wider the spread, the more features
/// are used.
const fn slots(spread: usize) -> [u8; 256] {
    let mut slots = [0_u8; 256];
    let mut sum = 0;
    let mut feature = 0;
    while feature < FEATURES.len() {
        sum += WEIGHT / (feature + spread);
        feature += 1;
    }
    let (mut slot, mut feature, mut below) = (0, 0_u8, WEIGHT / spread);
    while slot < slots.len() {
        // The slot's middle, as a part of the sum.
        while (2 * slot + 1) * sum >= 2 * slots.len() * below {
            feature += 1;
            below += WEIGHT / (feature as usize + spread);
        }
        slots[slot] = feature;
        slot += 1;
    }
    slots
}

/// The weight of a feature in the first place.
const WEIGHT: usize = 1_000_000;
