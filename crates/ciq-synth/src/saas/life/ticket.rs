//! Tickets: opened, answered a few times, closed.

use super::mark::{below, next, upper};
use super::tables::tables;
use super::{Ending, Life, SEQUENCE_TICKET, Sink, World};
use crate::saas::{Payload, Ticket, Urgency};

/// How often those who are leaving write, in comparison, and how many of a thousand of these
/// tickets are negative.
const LEAVING_TICKETS: u32 = 6;
const LEAVING_NEGATIVE_PER_MILLE: i32 = 850;

/// By how many in a thousand tickets are more often negative for each hundredth of missing health.
const NEGATIVE_PER_HEALTH: i32 = 10;

/// One in so many conversations ends after each answer.
const LAST_ANSWER_ONE_IN: u32 = 2;

/// The most answers.
const ANSWERS_MAX: u32 = 5;

/// The longest time until an answer, in seconds: three days.
const ANSWER_SECONDS_MAX: u32 = 259_200;

impl Life {
    /// Returns whether the user opens a ticket on a day, given its mark. Uses other bits than the
    /// first session does.
    #[inline]
    pub(super) fn opens_ticket(&self, mark: u64) -> bool {
        let usual = self.traits.habits().tickets_per_million;
        below(mark << 32, 1_000_000) < usual * LEAVING_TICKETS
    }

    /// Tells of the ticket of a day.
    #[cold]
    pub(super) fn open_ticket(&self, world: &World, day: i32, mark: u64, sink: &mut impl Sink) {
        let usual = self.traits.habits().tickets_per_million;
        if !self.is_leaving(day) && below(mark << 32, 1_000_000) >= usual {
            return;
        }
        let mut draw = next(!mark);
        let second = tables().second_of_day[0].at(upper(draw));
        let midnight_ms = world.calendar.midnight_ms(day, self.traits.ahead_ms);
        let part_ms = i64::from(below(draw << 32, 1_000));
        let mut at_ms = midnight_ms + i64::from(second) * 1_000 + part_ms;
        let end_ms = self.ticket_end_ms(world);
        if at_ms < self.begins_ms(world) || at_ms + 2 >= end_ms || !world.keeps(next(draw)) {
            return;
        }
        draw = next(next(draw));
        let mut ticket = self.first_message(world, day, draw);
        let mut sequence = world.sequence(day, SEQUENCE_TICKET);
        let opened = Payload::TicketOpened(ticket);
        self.tell(world, self.event(at_ms, sequence, opened), sink);
        for answer in 0..ANSWERS_MAX {
            draw = next(draw);
            let then_ms = at_ms + answer_ms(draw);
            if then_ms + 1 >= end_ms {
                break;
            }
            at_ms = then_ms;
            ticket = answered(ticket, answer, next(draw));
            sequence += 1;
            let replied = Payload::TicketReplied(ticket);
            self.tell(world, self.event(at_ms, sequence, replied), sink);
            if below(draw << 32, LAST_ANSWER_ONE_IN) == 0 {
                break;
            }
        }
        let at_ms = (at_ms + answer_ms(next(!draw))).min(end_ms - 1);
        let closed = Payload::TicketClosed { ticket: ticket.ticket };
        self.tell(world, self.event(at_ms, sequence + 1, closed), sink);
    }

    /// Returns before when a ticket has to be closed.
    fn ticket_end_ms(&self, world: &World) -> i64 {
        match world.ending {
            Ending::Open => self.left_ms,
            Ending::Closed => self.ends_ms(world),
        }
    }

    /// What the user writes first.
    fn first_message(&self, world: &World, day: i32, draw: u64) -> Ticket {
        let habits = self.traits.habits();
        let negative = if self.is_leaving(day) {
            LEAVING_NEGATIVE_PER_MILLE
        } else {
            let missing = habits.health - self.health;
            habits.negative_per_mille + missing * NEGATIVE_PER_HEALTH / 10
        };
        let negative = negative.clamp(20, 980).unsigned_abs();
        let is_negative = below(draw, 1_000) < negative;
        let chance = i32::try_from(below(next(draw), 86)).unwrap_or(0);
        let sentiment = if is_negative {
            -10 - i32::midpoint(chance, (1_000 - self.health) / 12)
        } else {
            i32::midpoint(chance, self.health / 12)
        };
        let urgency = match (is_negative, below(next(next(draw)), 10)) {
            (true, 0..4) | (false, 0) => Urgency::High,
            (true, 4..8) | (false, 1..5) => Urgency::Medium,
            _ => Urgency::Low,
        };
        Ticket {
            ticket: world.ticket(day),
            message: draw.to_le_bytes()[0],
            sentiment: i8::try_from(sentiment).unwrap_or(0),
            urgency,
        }
    }
}

/// Draws how long an answer takes.
fn answer_ms(draw: u64) -> i64 {
    let seconds = tables().reply_seconds.at(upper(draw)).min(ANSWER_SECONDS_MAX);
    i64::from(seconds) * 1_000 + i64::from(below(draw << 32, 1_000))
}

/// What is answered: the desk is friendly, the user comes round a little.
fn answered(ticket: Ticket, answer: u32, draw: u64) -> Ticket {
    let is_desk = answer.is_multiple_of(2);
    let change = i8::try_from(below(draw, 30)).unwrap_or(0);
    let sentiment = if is_desk { 20 + change } else { ticket.sentiment };
    // The desk's texts have even numbers, the user's odd ones.
    let message = draw.to_le_bytes()[0] & 0xfe | u8::from(!is_desk);
    Ticket { message, sentiment, ..ticket }
}
