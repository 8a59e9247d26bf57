//! The kit itself, against a real server.
#![cfg(test)]

mod nats;
mod proxy;
mod support;
