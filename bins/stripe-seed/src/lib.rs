//! The `stripe-seed` program, in reading order:
//!
//! - [`run`]: reads `.env`, parses the command line, runs one command, reports, returns the exit
//!   code;
//! - `cli`: every command and flag; `environment`: the variables that are no flags;
//! - `settings`: from texts of flags and variables to values, with errors that name them;
//! - `server`: which Stripe it is, and the way to it; the twin where it runs in here;
//! - `commands`: one module per command;
//! - `progress`: how far a run is, for a terminal and for a file;
//! - `feed`: what goes into a sink, until it has arrived;
//! - `output`: the only place that prints;
//! - `runtime`: threads, the clock, chance and signals;
//! - `exit`: why a command failed, what to do next, and the exit code.

mod cli;
mod commands;
mod environment;
mod exit;
mod feed;
mod output;
mod program;
mod progress;
mod runtime;
mod server;
mod settings;

pub use program::run;
