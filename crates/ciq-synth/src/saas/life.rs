//! What one user does, day by day.
//!
//! Reading order: [`Traits`] never change; [`Fate`] says how it ends; a [`Life`] is lived one local
//! day at a time, and tells its events to a [`Sink`]. Every day, week and month draws from its own
//! words of chance: nothing depends on what was drawn elsewhere.

mod billing;
pub(crate) mod calendar;
mod fate;
mod habits;
mod health;
mod mark;
mod payment;
mod rhythm;
mod session;
mod tables;
mod ticket;
mod traits;
mod world;

use crate::saas::{Event, LeavingReason, Mode, Payload};

pub(crate) use fate::fate;
pub(crate) use health::{dip, health};
pub use rhythm::{HOURS_WEEKDAY, HOURS_WEEKEND, WEEKDAYS};
pub(crate) use traits::Traits;
pub(crate) use world::{Ending, Sink, World};

use calendar::DAY_MS;
use fate::FIRST_RENEWAL_DAYS;
use mark::{Purpose, upper, word};
use tables::{ONE, tables};

/// Activity as usual, in the level of a week.
const LEVEL_USUAL: i32 = 1_024;

/// Activity during a dip.
const LEVEL_DIP: i32 = 358;

/// By how much activity is less right after somebody decided to leave, and by how much more on the
/// last day.
const LEVEL_LEAVING: i32 = 520;
const LEVEL_RAMP: i32 = 440;

/// Billing looks so many days ahead: the first decline is up to a week and a half day early.
const BILLING_DAYS_AHEAD: i32 = 9;

/// Those who are there at the start say who they are within its first minute.
const IDENTIFIED_MS: u32 = 60_000;

/// The part of a day's sequence numbers that is for sessions, tickets, billing, and the profile.
const SEQUENCE_TICKET: u32 = 0xa000;
const SEQUENCE_BILLING: u32 = 0xb000;
const SEQUENCE_PROFILE: u32 = 0xc000;

/// A user in the middle of their days.
#[derive(Debug, Clone)]
pub(crate) struct Life {
    traits: Traits,
    index: u32,
    /// Until when the last session lasts, and a little longer.
    busy_until_ms: i64,
    /// When everything ends; the end of time for those who stay.
    left_ms: i64,
    first_day: i32,
    last_day: i32,
    /// The days of deciding and leaving, between which activity fades. Both far away for those who
    /// stay or show no sign.
    decided_day: i32,
    fading_days: i32,
    fading_from_ms: i64,
    /// The month of the next renewal, and the day from which it is looked at.
    billing_month: u32,
    billing_day: i32,
    /// The day from which the rest is out of date.
    level_until: i32,
    level: i32,
    health: i32,
    dip_from: i32,
    dip_until: i32,
    /// Whether the plan is cancelled on the last day.
    says_goodbye: bool,
}

impl Life {
    /// Begins a life. Days have to be lived in order.
    pub(crate) fn new(world: &World, index: u32) -> Self {
        let calendar = &world.calendar;
        let traits = Traits::new(&world.population, world.seed, index, calendar);
        let fate = fate(&traits, calendar);
        let day_of = |at_ms| calendar.day_of(at_ms, traits.ahead_ms);
        let left_ms = fate.map_or(i64::MAX, |fate| fate.left_ms);
        let last_day = fate.map_or(i32::MAX, |fate| day_of(fate.left_ms));
        let shown = fate.filter(|fate| !fate.is_silent).and_then(|fate| fate.decided_ms);
        let decided_day = shown.map_or(i32::MAX, day_of);
        let mut life = Self {
            traits,
            index,
            busy_until_ms: i64::MIN,
            left_ms,
            first_day: day_of(traits.joined_ms.max(calendar.start_ms)),
            last_day,
            decided_day,
            fading_days: last_day.saturating_sub(decided_day).max(1),
            fading_from_ms: shown.unwrap_or(i64::MAX),
            billing_month: 0,
            billing_day: i32::MIN,
            level_until: i32::MIN,
            level: LEVEL_USUAL,
            health: traits.health,
            dip_from: 0,
            dip_until: 0,
            says_goodbye: fate
                .is_some_and(|fate| fate.reason == LeavingReason::Voluntary && !fate.is_silent),
        };
        life.skip_renewals(world);
        life
    }

    /// Lives the local day that begins within the step-th universal day since day 0.
    #[inline]
    pub(crate) fn live(&mut self, world: &World, step: i32, sink: &mut impl Sink) {
        let day = step + i32::from(self.traits.ahead_ms > 0);
        if day < self.first_day || day > self.last_day {
            return;
        }
        if day >= self.level_until {
            self.look_at_week(day);
        }
        if day >= self.billing_day {
            self.renew(world, day, sink);
        }
        if day == self.first_day || day == self.last_day {
            self.come_or_go(world, day, sink);
        }
        let mark = word(self.traits.key, Purpose::Day, day);
        if world.modes.contains(Mode::Product) {
            // Most days end here: the first session would come after midnight.
            let rate = self.sessions(world, day);
            let first = tables().exponential.at(upper(mark));
            if first < rate {
                self.use_product(world, session::Day { day, mark, rate, first }, sink);
            }
        }
        if world.modes.contains(Mode::Ticket) && self.opens_ticket(mark) {
            self.open_ticket(world, day, mark, sink);
        }
    }

    /// Returns how many sessions are to be expected on a day, in 65,536ths. Days have to be asked
    /// for in order.
    pub(crate) fn expected_sessions(&mut self, world: &World, step: i32) -> u32 {
        let day = step + i32::from(self.traits.ahead_ms > 0);
        if day < self.first_day || day > self.last_day {
            return 0;
        }
        if day >= self.level_until {
            self.look_at_week(day);
        }
        self.sessions(world, day)
    }

    #[inline]
    fn sessions(&self, world: &World, day: i32) -> u32 {
        let mut level = self.level;
        if self.dip_from <= day && day < self.dip_until {
            level = LEVEL_DIP;
        }
        if day > self.decided_day {
            let days = day - self.decided_day;
            level -= level * (LEVEL_LEAVING + LEVEL_RAMP * days / self.fading_days) / 1_024;
        }
        let weekday = WEEKDAYS[world.calendar.weekday(day)];
        let level = u64::from(level.max(0).unsigned_abs()) * u64::from(weekday);
        let usual = u64::from(self.traits.sessions_per_day) * world.boost;
        // A level of 1,024 on a weekday of 1,000 at a boost of one is the usual.
        let rate = ((usual >> 16) * level / 1_000) >> 10;
        u32::try_from(rate).unwrap_or(u32::MAX).min(session::SESSIONS_MAX * ONE)
    }

    /// Looks up health and dips once a week.
    #[cold]
    fn look_at_week(&mut self, day: i32) {
        self.level_until = (day.div_euclid(7) + 1) * 7;
        self.health = health(&self.traits, day);
        let better = self.health - self.traits.health;
        self.level = LEVEL_USUAL + better;
        let dip = dip(&self.traits, day).unwrap_or(0..0);
        (self.dip_from, self.dip_until) = (dip.start, dip.end);
    }

    /// The first and the last day: who it is, and goodbye.
    #[cold]
    fn come_or_go(&mut self, world: &World, day: i32, sink: &mut impl Sink) {
        if day == self.first_day && world.modes.contains(Mode::Profile) {
            let late = word(self.traits.key, Purpose::Trait, 9);
            let at_ms = if self.traits.joined_ms < world.calendar.start_ms {
                world.calendar.start_ms + i64::from(mark::below(late, IDENTIFIED_MS))
            } else {
                self.traits.joined_ms
            };
            let sequence = world.sequence(day, SEQUENCE_PROFILE);
            self.tell(world, self.event(at_ms, sequence, Payload::UserIdentified), sink);
        }
        let mark = word(self.traits.key, Purpose::Trait, 10);
        if day == self.last_day
            && self.says_goodbye
            && world.modes.contains(Mode::Billing)
            && world.keeps(mark)
        {
            let sequence = world.sequence(day, SEQUENCE_BILLING + 0xfff);
            let goodbye = self.event(self.left_ms, sequence, Payload::PlanCancelled);
            self.tell(world, goodbye, sink);
        }
    }

    /// Tells an event if it is part of the history and the user is still there.
    fn tell(&self, world: &World, event: Event, sink: &mut impl Sink) {
        if world.calendar.contains(event.at_ms) && event.at_ms <= self.left_ms {
            sink.push(event);
        }
    }

    /// Makes an event of this user.
    #[inline]
    fn event(&self, at_ms: i64, sequence: u32, payload: Payload) -> Event {
        Event { at_ms, user: self.index, sequence, payload }
    }

    /// Returns from when the user does anything.
    fn begins_ms(&self, world: &World) -> i64 {
        (world.calendar.start_ms + i64::from(IDENTIFIED_MS)).max(self.traits.joined_ms + 1)
    }

    /// Returns before when everything ends.
    fn ends_ms(&self, world: &World) -> i64 {
        self.left_ms.min(world.calendar.end_ms)
    }

    /// Returns whether the user has decided to leave and shows it.
    fn is_leaving(&self, day: i32) -> bool {
        day > self.decided_day
    }

    /// Returns the first moment of the first renewal.
    fn first_renewal_ms(&self, world: &World) -> i64 {
        let first_ms = self.traits.joined_ms + FIRST_RENEWAL_DAYS * DAY_MS;
        first_ms.max(world.calendar.start_ms)
    }
}
