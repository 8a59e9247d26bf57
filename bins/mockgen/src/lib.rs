//! The `mockgen` program, in reading order:
//!
//! - [`run`]: reads `.env`, parses the command line, runs one command, reports, returns the exit
//!   code;
//! - `cli`: every command, flag and variable;
//! - `settings`: from texts of flags and variables to values, with errors that name them;
//! - `commands`: one module per command;
//! - `target`: where `generate` writes, and what is counted on the way;
//! - `feed`: what goes into a sink, until it has arrived;
//! - `output`: the only place that prints;
//! - `exit`: why a command failed, what to do next, and the exit code.

mod cli;
mod commands;
mod exit;
mod feed;
mod output;
mod program;
mod runtime;
mod settings;
mod target;

pub use program::run;
