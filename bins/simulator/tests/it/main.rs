//! The real binary against the real service.
#![cfg(test)]

mod docs;
mod flags;
mod lines;
mod nats;
mod service;
mod story;
mod support;
mod trouble;
