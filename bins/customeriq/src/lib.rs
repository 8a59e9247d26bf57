//! The `customeriq` program, in reading order:
//!
//! - [`run`]: reads `.env`, parses the command line, runs one command, reports, returns the exit
//!   code;
//! - `cli`: every command, flag and variable;
//! - `nats`: NATS as the command line and the variables say it;
//! - `nats_service`: the service that takes events from NATS, beside the API;
//! - `outreach`: who sends messages, as the variables say it;
//! - `clockwork_service`: what happens when time passes, beside the API;
//! - `session`: what a command works with: the brand's file or schema, the clock, the output;
//! - `commands`: one module per command;
//! - `output`: the only place that prints: data on standard output, all else on standard error;
//! - `exit`: why a command failed, what to do next, and the exit code.

mod cli;
mod clockwork_service;
mod commands;
mod environment;
mod exit;
mod file;
mod nats;
mod nats_service;
mod output;
mod outreach;
mod program;
mod session;
mod table;

pub use program::run;
