//! The `simulator` program, in reading order:
//!
//! - [`run`]: reads `.env`, parses the command line, runs, reports, returns the exit code;
//! - `cli`: every flag; `environment`: the variables that are no flags;
//! - `settings`: from texts of flags and variables to values, with errors that name them;
//! - `simulation`: from the state of the service to the last cycle; `tally`: what came of it;
//! - `pace`: when cycles happen, and how fast;
//! - `target`: where events go, over HTTP or NATS; `state`: the accounts that are there already;
//! - `reach`: patience with a target that is down;
//! - `output`: the only place that prints; `report`: changes, cycles and the end as lines;
//! - `runtime`: threads and signals;
//! - `exit`: why it failed, what to do next, and the exit code.

mod cli;
mod environment;
mod exit;
mod output;
mod pace;
mod program;
mod reach;
mod report;
mod runtime;
mod settings;
mod simulation;
mod state;
mod tally;
mod target;

pub use program::run;
