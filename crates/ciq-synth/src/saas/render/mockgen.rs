//! The form `{id, ts, userId, name, props}`, written straight into bytes.
//!
//! Everything that does not change is one constant, copied as a whole; what changes is written
//! over it. [`super::forms`] writes the same form the slow way; a test holds the two together.

use super::digits::{
    push_hundredths, push_number, push_signed_hundredths, put_hex, put_short_hex, put_time,
};
use super::fields::{Change, Facts, ticket_role};
use crate::saas::words::{FEATURES, ticket_text};
use crate::saas::{Event, Payload, Ticket, UserId};

/// What every line begins with.
const HEAD: &[u8; 87] = b"{\"id\":\"evt_0000000000000000\",\"ts\":\"2000-01-01T00:00:00.000Z\",\
    \"userId\":\"AAA000\",\"name\":\"";

/// What ends a line whose last property is a text.
const TEXT_END: &[u8; 4] = b"\"}}\n";

/// What ends a line whose last property is a number.
const NUMBER_END: &[u8; 3] = b"}}\n";

/// What ends a line whose last property is the currency.
const CURRENCY_END: &[u8; 20] = b",\"currency\":\"USD\"}}\n";

/// The rest of a line, for each feature.
const FEATURE_TAILS: [Tail; FEATURES.len()] = feature_tails();

/// A text of a length known only when it is made, in a place of fixed size: copied as a whole and
/// then shortened, it takes no call to copy.
#[derive(Debug, Clone, Copy)]
struct Tail {
    bytes: [u8; 64],
    length: usize,
}

impl Tail {
    const EMPTY: Self = Self { bytes: [0; 64], length: 0 };

    const fn with(mut self, text: &[u8]) -> Self {
        let mut place = 0;
        while place < text.len() {
            self.bytes[self.length] = text[place];
            self.length += 1;
            place += 1;
        }
        self
    }

    fn push(&self, out: &mut Vec<u8>) {
        let length = out.len() + self.length;
        out.extend_from_slice(&self.bytes);
        out.truncate(length);
    }
}

const fn feature_tails() -> [Tail; FEATURES.len()] {
    let mut tails = [Tail::EMPTY; FEATURES.len()];
    let mut place = 0;
    while place < FEATURES.len() {
        tails[place] = Tail::EMPTY
            .with(b"feature_used\",\"props\":{\"feature\":\"")
            .with(FEATURES[place].as_bytes())
            .with(TEXT_END);
        place += 1;
    }
    tails
}

impl Facts {
    /// Appends the line of an event.
    pub(super) fn push_mockgen(&self, event: &Event, out: &mut Vec<u8>) {
        let id = self.user_ids.at(event.user);
        self.push_head(event, id, out);
        match event.payload {
            Payload::FeatureUsed { feature } => {
                FEATURE_TAILS[usize::from(feature) % FEATURE_TAILS.len()].push(out);
            }
            Payload::SessionStart { device } => {
                self.push_session_start(event.user, device, out);
            }
            Payload::SessionEnd { duration_seconds } => {
                out.extend_from_slice(b"session_end\",\"props\":{\"durationSeconds\":");
                push_number(duration_seconds, out);
                out.extend_from_slice(NUMBER_END);
            }
            Payload::CardDecline { days_to_renewal, amount_cents } => {
                out.extend_from_slice(b"pre_renewal_card_decline\",\"props\":{\"daysToRenewal\":");
                push_number(days_to_renewal.into(), out);
                out.extend_from_slice(b",\"amount\":");
                push_amount(amount_cents, out);
            }
            Payload::RenewalFailed { attempt, amount_cents } => {
                out.extend_from_slice(b"plan_renewal_failed\",\"props\":{\"attempt\":");
                push_number(attempt.into(), out);
                out.extend_from_slice(b",\"amount\":");
                push_amount(amount_cents, out);
            }
            Payload::PlanRenewed { amount_cents } => {
                out.extend_from_slice(b"plan_renewed\",\"props\":{\"amount\":");
                push_amount(amount_cents, out);
            }
            Payload::InvoicePaid { amount_cents } => {
                out.extend_from_slice(b"invoice_paid\",\"props\":{\"amount\":");
                push_amount(amount_cents, out);
            }
            Payload::PlanCancelled => {
                out.extend_from_slice(b"plan_cancelled\",\"props\":{}}\n");
            }
            Payload::TicketOpened(ticket) | Payload::TicketReplied(ticket) => {
                push_ticket(event, id, ticket, out);
            }
            Payload::TicketClosed { ticket } => {
                out.extend_from_slice(b"ticket_closed\",\"props\":{\"ticketId\":\"");
                push_ticket_id(id, ticket, out);
                out.extend_from_slice(TEXT_END);
            }
            Payload::UserIdentified => {
                // Rare, and long: written the slow way as a whole.
                out.truncate(out.len() - HEAD.len());
                self.push_domain(event, &Change::Nothing, out);
            }
        }
    }

    fn push_head(&self, event: &Event, user: UserId, out: &mut Vec<u8>) {
        out.extend_from_slice(HEAD);
        let Some(head) = out.last_chunk_mut::<87>() else { return };
        if let Some(digits) = head[11..].first_chunk_mut() {
            put_hex(self.names.event(event.user, event.sequence), digits);
        }
        if let Some(time) = head[35..].first_chunk_mut() {
            put_time(event.at_ms, time);
        }
        head[71..77].copy_from_slice(user.as_bytes());
    }

    fn push_session_start(&self, user: u32, device: u8, out: &mut Vec<u8>) {
        out.extend_from_slice(b"session_start\",\"props\":{\"deviceId\":\"dev_00000000\"}}\n");
        let Some(tail) = out.last_chunk_mut::<12>() else { return };
        if let Some(digits) = tail.first_chunk_mut() {
            put_short_hex(self.names.device(user, device), digits);
        }
    }
}

fn push_amount(cents: u32, out: &mut Vec<u8>) {
    push_hundredths(cents, out);
    out.extend_from_slice(CURRENCY_END);
}

fn push_ticket(event: &Event, user: UserId, ticket: Ticket, out: &mut Vec<u8>) {
    let Ticket { ticket: number, message, sentiment, urgency } = ticket;
    out.extend_from_slice(event.payload.name().as_bytes());
    out.extend_from_slice(b"\",\"props\":{\"message\":\"");
    let text = ticket_text(ticket_role(event), sentiment, message);
    out.extend_from_slice(text.as_bytes());
    out.extend_from_slice(b"\",\"sentiment\":");
    push_signed_hundredths(sentiment, out);
    out.extend_from_slice(b",\"urgency\":\"");
    out.extend_from_slice(urgency.name().as_bytes());
    out.extend_from_slice(b"\",\"ticketId\":\"");
    push_ticket_id(user, number, out);
    out.extend_from_slice(TEXT_END);
}

/// Appends a ticket's id: the user's id and the ticket's number from 1.
pub(super) fn push_ticket_id(user: UserId, ticket: u16, out: &mut Vec<u8>) {
    out.extend_from_slice(b"TKT-");
    out.extend_from_slice(user.as_bytes());
    out.push(b'-');
    push_number(u32::from(ticket) + 1, out);
}
