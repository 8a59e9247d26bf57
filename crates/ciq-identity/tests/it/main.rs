//! What ciq-identity promises, by its public interface.

#![cfg(test)]

mod decide;
mod laws;
mod link;
mod normalise;
mod phone;
mod primary;
mod registry;
mod strength;
