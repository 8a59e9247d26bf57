//! The way in, against real files, or a real PostgreSQL server.
#![cfg(test)]

mod ground;
mod import;
mod nats;
mod undo;
