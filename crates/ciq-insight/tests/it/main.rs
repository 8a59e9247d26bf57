//! What ciq-insight promises, by its public interface.

#![cfg(test)]

mod carts;
mod features;
mod history;
mod intents;
mod laws;
mod peers;
mod scorecard;
mod stories;
mod support;
mod training;
mod training_synth;
