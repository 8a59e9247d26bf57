//! The way in, against real files.
#![cfg(test)]

mod import;
mod nats;
mod undo;
