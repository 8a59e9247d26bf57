//! Asking, complaining, bringing things in for repair, and what the company notes down.

use super::{Life, Rates};
use crate::draft::Draft;
use crate::rhythm::{OFFICE, ONLINE, Rate, STORE};
use crate::wire::{Mood, Teller};
use crate::{Segment, chance};

const QUESTIONS: Rates =
    Rates { power: Rate::new(1, 22), casual: Rate::new(1, 30), at_risk: Rate::new(1, 20) };

const TICKETS: Rates =
    Rates { power: Rate::new(1, 80), casual: Rate::new(1, 75), at_risk: Rate::new(1, 22) };

const CONTACTS: Rates =
    Rates { power: Rate::new(1, 60), casual: Rate::new(1, 75), at_risk: Rate::new(1, 45) };

const REPAIRS: Rates =
    Rates { power: Rate::new(1, 80), casual: Rate::new(1, 130), at_risk: Rate::new(1, 90) };

const NOTES: Rates =
    Rates { power: Rate::new(1, 60), casual: Rate::new(1, 110), at_risk: Rate::new(1, 70) };

const PROFILE_UPDATES: Rates =
    Rates { power: Rate::new(1, 120), casual: Rate::new(1, 180), at_risk: Rate::new(1, 240) };

/// Tells the questions by text message.
pub(super) fn questions(life: Life<'_>) -> Vec<Draft> {
    let mut teller = Teller::new(life.settings, life.person, "questions", 30_000);
    let Some(messenger) = life.person.channels.messenger else { return teller.drafts };
    for today in life.even_days() {
        if let Some(second) = ONLINE.moment(&mut teller.rng, today, life.rate(QUESTIONS)) {
            teller.question(second, messenger);
        }
    }
    teller.drafts
}

/// Tells the tickets: in the app two times in three, otherwise at the desk.
pub(super) fn tickets(life: Life<'_>) -> Vec<Draft> {
    let mut teller = Teller::new(life.settings, life.person, "tickets", 40_000);
    let mood = mood(life.person.segment);
    for today in life.even_days() {
        let Some(second) = OFFICE.moment(&mut teller.rng, today, life.rate(TICKETS)) else {
            continue;
        };
        let is_in_app = chance::chance(&mut teller.rng, 2, 3);
        match &life.person.channels.customer_id {
            Some(customer_id) if is_in_app => teller.app_ticket(second, customer_id, mood),
            _ => teller.desk_ticket(second),
        }
    }
    teller.drafts
}

fn mood(segment: Segment) -> Mood {
    match segment {
        Segment::Power => Mood(-40, 80),
        Segment::Casual => Mood(-70, 60),
        Segment::AtRisk => Mood(-100, 10),
    }
}

/// Tells what the desk, the workshop and the accounts write.
pub(super) fn desk(life: Life<'_>) -> Vec<Draft> {
    let person = life.person;
    let mut teller = Teller::new(life.settings, person, "desk", 50_000);
    for today in life.even_days() {
        if let Some(second) = OFFICE.moment(&mut teller.rng, today, life.rate(CONTACTS)) {
            teller.contact(second);
        }
        if let Some(second) = STORE.moment(&mut teller.rng, today, life.rate(REPAIRS)) {
            teller.repair(second);
        }
        if let Some(second) = OFFICE.moment(&mut teller.rng, today, life.rate(NOTES)) {
            teller.note(second);
        }
        if let Some(second) = ONLINE.moment(&mut teller.rng, today, life.rate(PROFILE_UPDATES)) {
            let customer_id = person.channels.customer_id.as_deref();
            teller.profile_update(second, customer_id, person.email(), Some(person.phone()));
        }
    }
    teller.drafts
}
