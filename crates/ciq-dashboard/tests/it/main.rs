//! The pages over a real file, as a browser asks for them.
#![cfg(test)]

mod access;
mod automations;
mod customer;
mod decisions;
mod house;
mod list;
