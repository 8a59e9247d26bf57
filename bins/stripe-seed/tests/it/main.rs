//! The real binary against the twin.
#![cfg(test)]

mod cleanup;
mod docs;
mod events;
mod faults;
mod flags;
mod http;
mod kills;
mod pace;
mod papers;
mod planning;
mod secrets;
mod service;
mod spec;
mod standard;
mod support;
mod trouble;
mod world;
