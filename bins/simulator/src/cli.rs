//! Every flag. The comments here are the help that people read.

use clap::{ArgAction, Parser};

/// What to do after reading the short help.
const NEXT_STEPS: &str = "\
Where to begin:
  customeriq serve                                  in one terminal
  simulator                                         in another: a cycle every 30 seconds
  simulator --speed 60x --cycles 120                an hour in a minute

CUSTOMERIQ_TOKEN is the token of a writer, where customeriq wants one. NO_COLOR is respected.

Exit codes: 0 ok, 1 failed, 2 wrong usage or a bad value, 3 some events refused,
75 some events did not arrive";

/// Customers who call an API, run into errors, move on and sign up, told to a running customeriq.
#[derive(Debug, Clone, Parser)]
#[command(name = "simulator", version, max_term_width = 100, after_help = NEXT_STEPS)]
pub(crate) struct Cli {
    /// The time between two cycles, such as 500ms, 30s, 5m or 1h.
    #[arg(long, default_value = "30s", value_name = "TIME")]
    pub(crate) interval: String,
    /// Where events go: `http://HOST:PORT` of customeriq, or `nats://HOST:PORT` of the NATS that it
    /// listens to.
    #[arg(long, default_value = "http://127.0.0.1:3000", value_name = "URL")]
    pub(crate) target: String,
    /// With a NATS target, the `http://HOST:PORT` of customeriq to take its accounts from. Without
    /// it, the simulator begins as if there were none.
    #[arg(long, value_name = "URL")]
    pub(crate) state_from: Option<String>,
    /// How many customers there are at least: the four of every demonstration, then made-up ones.
    #[arg(long, default_value = "4", value_name = "N", allow_negative_numbers = true)]
    pub(crate) customers: String,
    /// The number from which all chance follows.
    #[arg(long, default_value = "1", value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: String,
    /// How many times as fast as the clock, such as 60x. Beyond 1x events begin in the past and
    /// catch up with the clock.
    #[arg(long, default_value = "1x", value_name = "SPEED")]
    pub(crate) speed: String,
    /// How many cycles; 0 goes on until told to stop.
    #[arg(long, default_value = "0", value_name = "N", allow_negative_numbers = true)]
    pub(crate) cycles: String,
    /// Whose customers they are.
    #[arg(long, default_value = "default", value_name = "NAME")]
    pub(crate) brand: String,
    /// Write a JSON object per change and per cycle instead of lines for people.
    #[arg(long)]
    pub(crate) json: bool,
    /// Tell more on standard error; twice for still more.
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Tell only errors on standard error.
    #[arg(short, long, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
