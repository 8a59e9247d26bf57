//! The way in, against real files, or a real PostgreSQL server.
#![cfg(test)]

mod ground;
mod import;
mod lanes;
mod nats;
mod undo;
