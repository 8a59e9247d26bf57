//! What the crate promises, from outside.
#![cfg(test)]
#![expect(clippy::needless_pass_by_value, reason = "json literals read better by value")]

mod checks;
mod conditions;
mod defaults;
mod definitions;
mod health;
mod histories;
mod life;
mod support;
mod teams;
