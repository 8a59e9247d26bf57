//! Every command, flag and variable. The comments here are the help that people read.

mod automations;
mod bus;
mod decisions;
mod engine;
mod files;
mod lists;
mod models;
mod moment;
mod monitor;
mod serving;
mod worker;

use std::path::PathBuf;

use ciq_event::Brand;
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub(crate) use self::automations::{
    AutomationsArgs, AutomationsCommand, CampaignsArgs, ExecutionsArgs,
};
pub(crate) use self::bus::{
    PublishArgs, Rate, ReplayArgs, ReplayCommand, ReplayLogArgs, ReplayStreamArgs,
};
pub(crate) use self::decisions::{ActorArgs, EraseArgs, MergesArgs, MergesCommand};
pub(crate) use self::engine::EngineArgs;
pub(crate) use self::files::{
    BackupArgs, DemoArgs, ExportArgs, ExportFormat, ImportArgs, MigrateArgs, RebuildArgs,
    RestoreArgs,
};
pub(crate) use self::lists::{
    CustomersArgs, DeadLettersArgs, DeadLettersCommand, IdArgs, PageArgs, SearchArgs, TimelineArgs,
};
pub(crate) use self::models::{
    EvaluateArgs, LessonArgs, ModelsArgs, ModelsCommand, PredictArgs, SCORECARD,
};
pub(crate) use self::moment::{Every, timeout};
pub(crate) use self::monitor::{
    InterventionListArgs, InterventionsArgs, InterventionsCommand, MonitorArgs, MonitorCommand,
    RestArgs,
};
pub(crate) use self::serving::{DoctorArgs, ServeArgs};
pub(crate) use self::worker::WorkerArgs;

/// What to do after reading the short help.
pub(crate) const NEXT_STEPS: &str = "\
Where to begin:
  customeriq demo             see it all at work on made-up people: no account, no key, no set-up
  customeriq import FILE      bring your events in: NDJSON, a JSON array, or one object; also .gz
  customeriq serve            the API and the pages at http://127.0.0.1:3000

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 some records refused, 4 not found, 75 try again later";

/// Customers from events: in SQLite files or PostgreSQL, with an API and pages.
#[derive(Debug, Parser)]
#[command(name = "customeriq", version, max_term_width = 100, after_help = NEXT_STEPS)]
#[command(disable_help_subcommand = true)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) common: CommonArgs,
    #[command(flatten)]
    pub(crate) engine: EngineArgs,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Flags of every command.
#[derive(Debug, Clone, Args)]
pub(crate) struct CommonArgs {
    /// The file of the default brand; others are in `brands/` beside it.
    ///
    /// Wins over `DATABASE_URL`, which puts all brands into PostgreSQL:
    /// postgres://USER:PASSWORD@HOST:PORT/DATABASE
    ///
    /// [env: `SQLITE_PATH`] [default: ~/.customeriq/customeriq.db]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Whose data: each brand has a file or a schema of its own.
    #[arg(long, global = true, value_name = "NAME", default_value = "default")]
    #[arg(env = "CUSTOMERIQ_BRAND", value_parser = Brand::parse)]
    pub(crate) brand: Brand,
    /// Write JSON to standard output.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours; `NO_COLOR` is respected.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: ColorChoice,
    /// Tell more on standard error; twice for still more.
    #[arg(short, long, global = true, action = ArgAction::Count)]
    pub(crate) verbose: u8,
    /// Tell only errors on standard error.
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub(crate) quiet: bool,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Show it all at work on made-up people: no server, no key, no account.
    Demo(DemoArgs),
    /// Bring events in from files: NDJSON, a JSON array, or one object; also gzipped.
    Import(ImportArgs),
    /// Serve the API and the pages.
    Serve(ServeArgs),
    /// Store a share of the events of NATS, beside other workers.
    Worker(WorkerArgs),
    /// List customers.
    Customers(CustomersArgs),
    /// Show everything about a customer.
    Show(IdArgs),
    /// Show what a customer did, the latest first.
    Timeline(TimelineArgs),
    /// Find customers, notes and events by anything that people type.
    Search(SearchArgs),
    /// Show figures about the brand.
    Stats,
    /// List merges; undo, review, explain and make them.
    Merges(MergesArgs),
    /// List messages that could not become events, with reasons; show, retry and drop them.
    DeadLetters(DeadLettersArgs),
    /// Learn from the brand's own history who will leave, and predict by that from now on.
    Train(LessonArgs),
    /// Judge all models on the brand's own history. Changes nothing.
    Evaluate(EvaluateArgs),
    /// Compute what everyone's history means: segment, risk, value, stage, wishes.
    Predict(PredictArgs),
    /// List the trained models; choose the one that predicts.
    Models(ModelsArgs),
    /// Rules that act by themselves: list, show, add, switch and remove them; let them act now.
    Automations(AutomationsArgs),
    /// List what was triggered, for whom and why, the latest first.
    Executions(ExecutionsArgs),
    /// List what was sent, or was not, and why, the latest first.
    Campaigns(CampaignsArgs),
    /// Check how accounts do by rules: list, change and reset the rules; check everyone now.
    Monitor(MonitorArgs),
    /// List what a person should do about customers, the most severe first; show and act.
    Interventions(InterventionsArgs),
    /// Publish events to NATS: samples, or those of a file.
    Publish(PublishArgs),
    /// Read events again: from a stream into the tables, or out of the log.
    Replay(ReplayArgs),
    /// Erase everything about a customer. It does not come back when events are sent again.
    Erase(EraseArgs),
    /// Fold the log of raw messages again and compare the outcome with the tables.
    Rebuild(RebuildArgs),
    /// Copy the brand's file as it is now, also while a service writes to it.
    Backup(BackupArgs),
    /// Put a backup in the place of the brand's file.
    Restore(RestoreArgs),
    /// Carry the brand over from an SQLite file to PostgreSQL, or back.
    Migrate(MigrateArgs),
    /// Write the whole meaning of the tables as sorted text, to compare two of them.
    Dump,
    /// Write a table as CSV or NDJSON.
    Export(ExportArgs),
    /// Check the tables and the surroundings, and say what to do.
    Doctor(DoctorArgs),
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

#[cfg(test)]
mod tests {
    use ciq_ingest::EngineOptions;
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn flags_without_values_say_the_defaults_of_the_engine() {
        let cli = Cli::parse_from(["customeriq", "stats"]);
        assert_eq!(cli.engine.options(), EngineOptions::default());
    }
}
