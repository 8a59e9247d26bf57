//! Names of things that a user has many of: events, devices, tickets.

use std::fmt;

use super::digits::{put_hex, put_short_hex};
use crate::saas::Population;
use crate::saas::user::Marks;

/// Names an event: `evt_` and sixteen hexadecimal digits, from the seed, the user and the event's
/// number, so that it stays what it is when anything else about the event changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventId([u8; 20]);

impl EventId {
    /// Returns the twenty characters.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Returns the id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Returns the id of an event. Within a population no two events share one.
#[must_use]
pub fn event_id(population: &Population, user: u32, sequence: u32) -> EventId {
    Names::new(population).event_id(user, sequence)
}

/// Orders have numbers of 52 bits, which any reader of JSON can hold.
const ORDERS_MASK: u64 = (1 << 52) - 1;

/// What a population's names are made from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    events: Marks,
    things: u32,
}

impl Names {
    pub(super) fn new(population: &Population) -> Self {
        let events = Marks::new(population.seed(), "saas-event");
        let things = population.seed().mark("saas-thing", 0) >> 32;
        Self { events, things: u32::try_from(things).unwrap_or(0) }
    }

    /// Returns the number in an event's id: another for every pair.
    pub(super) fn event(self, user: u32, sequence: u32) -> u64 {
        self.events.at((u64::from(user) << 32) | u64::from(sequence))
    }

    /// Returns an event's id.
    pub(super) fn event_id(self, user: u32, sequence: u32) -> EventId {
        let mut bytes = *b"evt_0000000000000000";
        if let Some(digits) = bytes.last_chunk_mut() {
            put_hex(self.event(user, sequence), digits);
        }
        EventId(bytes)
    }

    /// Returns the number of an order below 2^52: another for every pair of a user below 2^20 and
    /// an event. Scattered by a shift and an odd factor, both one to one.
    pub(super) fn order(self, user: u32, sequence: u32) -> u64 {
        let pair = (u64::from(user) << 32) | u64::from(sequence);
        let moved = pair.wrapping_add(u64::from(self.things) << 20);
        moved.wrapping_mul(0x9e37_79b9_7f4a_7c15) & ORDERS_MASK
    }

    /// Returns the number in a device's id: another for every pair of a user below 2^24 and a
    /// device.
    pub(super) fn device(self, user: u32, device: u8) -> u32 {
        scrambled(((user << 8) | u32::from(device)) ^ self.things)
    }
}

/// Scrambles all bits, one to one: the finaliser of
/// [MurmurHash3](https://github.com/aappleby/smhasher/wiki/MurmurHash3).
const fn scrambled(value: u32) -> u32 {
    let value = (value ^ (value >> 16)).wrapping_mul(0x85eb_ca6b);
    let value = (value ^ (value >> 13)).wrapping_mul(0xc2b2_ae35);
    value ^ (value >> 16)
}

/// Returns a device's id, such as `dev_01ab23cd`.
pub(super) fn device_text(number: u32) -> [u8; 12] {
    let mut bytes = *b"dev_00000000";
    if let Some(digits) = bytes.last_chunk_mut() {
        put_short_hex(number, digits);
    }
    bytes
}
