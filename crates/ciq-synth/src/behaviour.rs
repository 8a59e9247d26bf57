//! Everyday life, once a person is known: one file per side of it, each with its own chance.

mod billing;
mod sessions;
mod shopping;
mod support;

use crate::draft::Draft;
use crate::rhythm::{HOUR_SECONDS, Rate, Today};
use crate::{Person, Segment, WorldSettings};

/// The part of a window in which a person is known, day by day.
#[derive(Debug, Clone, Copy)]
struct Life<'a> {
    settings: &'a WorldSettings,
    person: &'a Person,
    first_day: u32,
}

/// A rate for each segment.
#[derive(Debug, Clone, Copy)]
struct Rates {
    power: Rate,
    casual: Rate,
    at_risk: Rate,
}

impl Rates {
    fn of(self, segment: Segment) -> Rate {
        match segment {
            Segment::Power => self.power,
            Segment::Casual => self.casual,
            Segment::AtRisk => self.at_risk,
        }
    }
}

impl<'a> Life<'a> {
    fn rate(&self, rates: Rates) -> Rate {
        rates.of(self.person.segment)
    }

    /// Returns the days, each with how lively the person still is.
    fn days(self) -> impl Iterator<Item = Today> + use<'a> {
        let offset = self.person.hours_behind * HOUR_SECONDS;
        (self.first_day..self.settings.days()).map(move |day| Today {
            midnight_second: self.settings.day_second(day) + offset,
            vigour: self.vigour(day),
        })
    }

    /// Returns the days without regard to how lively the person is.
    fn even_days(self) -> impl Iterator<Item = Today> + use<'a> {
        self.days().map(|today| Today { vigour: 100, ..today })
    }

    /// Those at risk come ever less; a later model makes this a decision with a date.
    fn vigour(&self, day: u32) -> u64 {
        match self.person.segment {
            Segment::Power | Segment::Casual => 100,
            Segment::AtRisk => {
                let left = u64::from(self.settings.days().saturating_sub(day));
                let all = u64::from(self.settings.days().saturating_sub(self.first_day)).max(1);
                (150 * left / all).max(10)
            }
        }
    }
}

/// Tells what a person does from the day after `known_second` to the end.
pub(crate) fn everyday(settings: &WorldSettings, person: &Person, known_second: i64) -> Vec<Draft> {
    let local = known_second - person.hours_behind * HOUR_SECONDS;
    let life = Life { settings, person, first_day: settings.day_of(local) + 1 };
    let mut drafts = sessions::sessions(life);
    drafts.extend(shopping::orders(life));
    drafts.extend(shopping::store_visits(life));
    drafts.extend(support::questions(life));
    drafts.extend(support::tickets(life));
    drafts.extend(support::desk(life));
    drafts.extend(billing::plan(life));
    drafts
}
