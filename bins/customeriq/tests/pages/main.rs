//! The pages in a real browser, served by the real binary.
#![cfg(test)]

mod hostile;
mod house;
mod keyboard;
mod live;
mod look;
mod reading;
mod sign_in;
mod visitor;
mod world;

#[expect(dead_code, reason = "the tests of commands use the rest")]
#[path = "../it/service.rs"]
mod service;
#[expect(dead_code, reason = "the tests of commands use the rest")]
#[path = "../it/support.rs"]
mod support;
