//! Every command and flag. The comments here are the help that people read.

mod making;
mod reading;
mod twin;

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

pub(crate) use self::making::{GenerateArgs, PaceArgs, PlanArgs, PricesArgs, ResumeArgs, RunArgs};
pub(crate) use self::reading::{CleanupArgs, EventsArgs, MrrArgs, MrrFormat, VerifyArgs};
pub(crate) use self::twin::TwinArgs;

/// What to do after reading the short help.
const NEXT_STEPS: &str = "\
Where to begin:
  stripe-seed plan                     what a run would do; nothing is called
  stripe-seed generate --twin          six months in seconds, without a key
  stripe-seed mrr                      recurring revenue, month by month
  STRIPE_SECRET_KEY=sk_test_... stripe-seed generate
                                       the same in Stripe's test mode

STRIPE_SECRET_KEY is a key of test mode (sk_test_ or rk_test_); live keys are refused.
STRIPE_API_BASE names another server than Stripe. Both may stand in .env.

Exit codes: 0 ok, 1 failed or different, 2 wrong usage or a bad value, 3 some events refused,
4 not found, 75 try again later";

/// Months of subscriptions in Stripe's test mode, or in a twin of it on this machine.
#[derive(Debug, Parser)]
#[command(name = "stripe-seed", version, max_term_width = 100, after_help = NEXT_STEPS)]
#[command(disable_help_subcommand = true)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Options of every command")]
pub(crate) struct CommonArgs {
    /// The folder of a run's files.
    #[arg(long, global = true, default_value = "config", value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Write the answer as JSON to standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Tell more on standard error; twice for still more.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Tell only errors on standard error.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Find the five prices, or make those that are missing.
    Prices(PricesArgs),
    /// Make customers and let months pass: the whole run, from the prices to the check.
    Generate(Box<GenerateArgs>),
    /// Show what a run would do. Nothing is called, no key is needed.
    Plan(PlanArgs),
    /// Go on with a run that was interrupted.
    Resume(ResumeArgs),
    /// Show how far a run is, by its files.
    Status,
    /// Read everything back and compare it with the plan and the files.
    Verify(VerifyArgs),
    /// Show recurring revenue, month by month.
    Mrr(MrrArgs),
    /// Delete the clocks of a run, and with them its customers. Prices stay.
    Cleanup(CleanupArgs),
    /// Write what happened as events of customeriq, or send them.
    Events(EventsArgs),
    /// Serve a Stripe of your own at a port, until told to stop.
    Twin(Box<TwinArgs>),
    /// Write completions for a shell to standard output.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Write the manual page to standard output, or all of them into a folder.
    Man {
        /// The folder.
        dir: Option<PathBuf>,
    },
}

/// Which Stripe.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ServerArgs {
    /// Use a Stripe within this program, without a key; what it knows stays in the folder.
    #[arg(long)]
    pub(crate) twin: bool,
    /// The address of another server than Stripe; without it, that in `STRIPE_API_BASE`.
    #[arg(long, value_name = "URL", conflicts_with = "twin")]
    pub(crate) api_base: Option<String>,
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
