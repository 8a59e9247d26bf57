//! The kit itself, against a real server.
#![cfg(test)]

mod browser;
mod nats;
mod nats_cluster;
mod postgres;
mod proxy;
mod support;
