//! The service through its router and the pacer by itself.
#![cfg(test)]

mod document;
mod pacing;
mod sinking;
mod world;
