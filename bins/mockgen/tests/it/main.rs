//! The real binary, command by command.
#![cfg(test)]

mod docs;
mod formats;
mod generate;
mod papers;
mod replay;
mod requests;
mod scenario;
mod served;
mod service;
mod settings;
mod sinks;
mod streaming;
mod support;
