//! The pages over a real file, as a browser asks for them.
#![cfg(test)]

mod access;
mod assets;
mod automations;
mod customer;
mod decisions;
mod house;
mod insight;
mod interventions;
mod list;
mod live;
mod now;
mod reviews;
mod system;
