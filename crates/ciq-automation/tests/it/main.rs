//! What the crate promises, from outside.
#![cfg(test)]
#![expect(clippy::needless_pass_by_value, reason = "json literals read better by value")]

mod conditions;
mod defaults;
mod definitions;
mod evaluation;
mod interleavings;
mod outbox;
mod quiet_hours;
mod sends;
mod support;
mod templates;
