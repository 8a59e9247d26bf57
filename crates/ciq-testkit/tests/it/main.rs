//! The kit itself, against a real server.
#![cfg(test)]

mod browser;
mod nats;
mod proxy;
mod support;
