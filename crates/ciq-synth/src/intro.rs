//! Getting to know somebody: first several strangers, then bridges between them.
//!
//! Each channel begins on its own (the shop knows an address, a message a number, the till a
//! card, the app an account, a browser a cookie). Then one event per pair of channels carries
//! an identifier of both. No event ever carries more than three identifiers that could belong
//! to different customers, so in no order of arrival does one event join more than three.
//!
//! All of it is told in time and in order: sessions are few until then, so that no limit on
//! session ids stands in the way of a merge.

use crate::chance::{between, chance, shuffle};
use crate::rhythm::HOUR_SECONDS;
use crate::settings::DAY_SECONDS;
use crate::wire::{Shown, Teller, Visit};
use crate::{Person, WorldSettings};

/// Days from the first contact until everything is joined, at most.
///
/// Twelve steps of at most 16 hours, each put off until the morning, are two weeks at most.
pub(crate) const INTRO_DAYS_MAX: u32 = 16;

/// A channel's first appearance, on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opening {
    Shop,
    Message,
    Till,
    App,
}

/// Tells how a person becomes known. The drafts come in order of time.
pub(crate) fn intro<'a>(settings: &'a WorldSettings, person: &'a Person) -> Teller<'a> {
    let teller = Teller::new(settings, person, "intro", 0);
    let second = settings.day_second(person.joined_day) + person.hours_behind * HOUR_SECONDS;
    let mut intro = Intro { teller, now: second };
    intro.openings();
    intro.bridges();
    intro.second_addresses();
    intro.teller
}

struct Intro<'a> {
    teller: Teller<'a>,
    now: i64,
}

impl Intro<'_> {
    /// Each channel on its own, in any order; a browser first.
    fn openings(&mut self) {
        let visit = self.visit();
        if let Some(visit) = &visit {
            self.step();
            self.now = self.teller.browsing(self.now, visit);
        }
        let is_told_early = chance(&mut self.teller.rng, 1, 2);
        if is_told_early && let Some(visit) = &visit {
            self.now += 90;
            self.teller.newsletter(self.now, visit);
        }
        let mut openings = [Opening::Shop, Opening::Message, Opening::Till, Opening::App];
        shuffle(&mut self.teller.rng, &mut openings);
        for opening in openings {
            self.open(opening);
        }
        if !is_told_early && let Some(visit) = &visit {
            self.step();
            self.teller.newsletter(self.now, visit);
        }
    }

    fn visit(&mut self) -> Option<Visit> {
        let cookie_id = self.teller.person.channels.cookie_id.clone()?;
        Some(Visit { cookie_id, session_id: self.teller.session_id() })
    }

    fn open(&mut self, opening: Opening) {
        let person = self.teller.person;
        let channels = &person.channels;
        let is_apart = chance(&mut self.teller.rng, 3, 5);
        match opening {
            Opening::Shop => {
                self.step();
                self.teller.shop_order(self.now, person.email(), None);
            }
            Opening::Message => {
                if let Some(messenger) = channels.messenger {
                    self.step();
                    self.teller.question(self.now, messenger);
                }
            }
            Opening::Till => {
                if let Some(card) = channels.loyalty_id.as_deref().filter(|_| is_apart) {
                    self.step_to_store();
                    self.teller.store_visit(self.now, card, Shown::Card);
                }
            }
            Opening::App => {
                if let Some(id) = channels.customer_id.as_deref().filter(|_| is_apart) {
                    self.step();
                    self.now = self.teller.session(self.now, id, 0);
                }
            }
        }
    }

    /// Card and number, account and address, address and number: all channels are connected.
    fn bridges(&mut self) {
        let person = self.teller.person;
        if let Some(card) = &person.channels.loyalty_id {
            self.step_to_store();
            self.teller.store_visit(self.now, card, Shown::CardAndPhone);
        }
        if let Some(id) = &person.channels.customer_id {
            let phone = chance(&mut self.teller.rng, 1, 3).then(|| person.phone());
            self.step();
            self.teller.profile_update(self.now, Some(id), person.email(), phone);
        }
        self.step();
        self.teller.shop_order(self.now, person.email(), Some(person.phone()));
    }

    /// A second address is a stranger until the profile names it; a second number never is.
    fn second_addresses(&mut self) {
        let person = self.teller.person;
        let customer_id = person.channels.customer_id.as_deref();
        for email in person.emails.iter().skip(1) {
            self.step();
            self.teller.shop_order(self.now, email, None);
            self.step();
            self.teller.profile_update(self.now, customer_id, email, None);
        }
        for phone in person.phones.iter().skip(1) {
            self.step();
            self.teller.shop_order(self.now, person.email(), Some(phone));
        }
    }

    /// Some hours later, in waking hours.
    fn step(&mut self) {
        self.step_within(7, 23);
    }

    /// Some hours later, in opening hours.
    fn step_to_store(&mut self) {
        self.step_within(9, 19);
    }

    fn step_within(&mut self, opens: i64, closes: i64) {
        let rng = &mut self.teller.rng;
        self.now += between(rng, HOUR_SECONDS, 16 * HOUR_SECONDS);
        let local = self.now - self.teller.person.hours_behind * HOUR_SECONDS;
        let of_day = local.rem_euclid(DAY_SECONDS);
        let waits = if of_day < opens * HOUR_SECONDS {
            opens * HOUR_SECONDS - of_day
        } else if of_day >= closes * HOUR_SECONDS {
            opens * HOUR_SECONDS + DAY_SECONDS - of_day
        } else {
            return;
        };
        self.now += waits + between(rng, 0, HOUR_SECONDS);
    }
}
