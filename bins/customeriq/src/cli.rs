//! Every command, flag and variable. The comments here are the help that people read.

use std::net::IpAddr;
use std::path::PathBuf;

use ciq_event::{Brand, WireForm};
use ciq_http::PublicUrl;
use ciq_ingest::EngineOptions;
use ciq_store::{CustomerSort, PageRequest};
use clap::builder::{BoolishValueParser, NonEmptyStringValueParser, PossibleValuesParser};
use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

/// What to do after reading the short help.
pub(crate) const NEXT_STEPS: &str = "\
Where to begin:
  customeriq demo             see it all at work on made-up people: no account, no key, no set-up
  customeriq import FILE      bring your events in: NDJSON, a JSON array, or one object; also .gz
  customeriq serve            the API and the pages at http://127.0.0.1:3000

Exit codes: 0 ok, 1 failed, 2 wrong usage, 3 some records refused, 4 not found, 75 try again later";

/// Customers from events: one SQLite file, an API and pages.
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
    /// [env: `SQLITE_PATH`] [default: ~/.customeriq/customeriq.db]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) db: Option<PathBuf>,
    /// Whose data: one brand, one file.
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

/// How events are understood. The same for every command that stores.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "How events are understood")]
pub(crate) struct EngineArgs {
    /// The region in which phone numbers without a country code are read.
    #[arg(long, global = true, env = "CUSTOMERIQ_REGION", default_value = "US")]
    #[arg(value_name = "CODE", hide_short_help = true)]
    region: String,
    /// The currency of amounts that name none.
    #[arg(long, global = true, env = "CUSTOMERIQ_CURRENCY", default_value = "USD")]
    #[arg(value_name = "CODE", hide_short_help = true)]
    currency: String,
    /// Further values that never identify anyone, separated by commas.
    #[arg(long, global = true, env = "CUSTOMERIQ_NEVER_IDENTIFIERS", value_delimiter = ',')]
    #[arg(value_name = "VALUES", hide_short_help = true)]
    never_identifiers: Vec<String>,
    /// Whether an event of nobody known makes a customer.
    #[arg(long, global = true, env = "NATS_AUTO_CREATE_CUSTOMER", default_value = "true")]
    #[arg(value_name = "BOOL", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    #[arg(hide_short_help = true, hide_possible_values = true)]
    auto_create_customer: bool,
    /// Whether customers may be merged without a person.
    #[arg(long, global = true, env = "ENABLE_AUTO_MERGE", default_value = "true")]
    #[arg(value_name = "BOOL", action = ArgAction::Set, value_parser = BoolishValueParser::new())]
    #[arg(hide_short_help = true, hide_possible_values = true)]
    auto_merge: bool,
    /// How many customers may be merged at once without a person.
    #[arg(long, global = true, env = "MAX_AUTO_MERGE_PROFILES", default_value_t = 3)]
    #[arg(value_name = "N", hide_short_help = true)]
    max_auto_merge_profiles: usize,
    /// Most characters of a description before it is summarised.
    #[arg(long, global = true, env = "NATS_SUMMARIZE_THRESHOLD", default_value_t = 500)]
    #[arg(value_name = "CHARACTERS", hide_short_help = true)]
    summarize_threshold: usize,
}

impl EngineArgs {
    /// Returns the options that the flags and variables say.
    pub(crate) fn options(&self) -> EngineOptions {
        let never = self.never_identifiers.iter().map(|value| value.trim().to_owned());
        EngineOptions {
            region: self.region.clone(),
            currency: self.currency.clone(),
            never_identifiers: never.filter(|value| !value.is_empty()).collect(),
            is_auto_merge_on: self.auto_merge,
            auto_merge_profiles_max: self.max_auto_merge_profiles,
            is_auto_create_on: self.auto_create_customer,
            summarize_threshold: self.summarize_threshold,
        }
    }
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
    /// List messages that could not become events, with reasons.
    DeadLetters(PageArgs),
    /// Erase everything about a customer. It does not come back when events are sent again.
    Erase(EraseArgs),
    /// Fold the log of raw messages again and compare the outcome with the file.
    Rebuild(RebuildArgs),
    /// Write the whole meaning of the file as sorted text, to compare two files.
    Dump,
    /// Write a table as CSV or NDJSON.
    Export(ExportArgs),
    /// Check the file and the surroundings, and say what to do.
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

/// Where to listen.
#[derive(Debug, Clone, Args)]
pub(crate) struct ListenArgs {
    /// The address to listen at. Beyond this machine, tokens are needed (`CUSTOMERIQ_TOKENS`).
    #[arg(long, env = "CUSTOMERIQ_LISTEN", default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) listen: IpAddr,
    /// The port to listen at; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 3000)]
    pub(crate) port: u16,
}

/// `serve`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Secrets come from the environment or .env only:
  CUSTOMERIQ_TOKENS         tokens that may use the API: TOKEN=BRAND:ROLE, ...
  SHOPIFY_WEBHOOK_SECRET    checks what Shopify sends
  TWILIO_AUTH_TOKEN         checks what Twilio sends")]
pub(crate) struct ServeArgs {
    #[command(flatten)]
    pub(crate) at: ListenArgs,
    /// The address under which the outside reaches this service; Twilio signs it.
    #[arg(long, env = "CUSTOMERIQ_PUBLIC_URL", value_name = "URL", value_parser = PublicUrl::parse)]
    pub(crate) public_url: Option<PublicUrl>,
}

/// `import`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportArgs {
    /// Files to read; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The form of every record: envelope, domain, shopify:TOPIC, twilio, twilio-form or pos.
    ///
    /// Without it, each record tells or shows its own.
    #[arg(long, value_name = "FORM")]
    pub(crate) form: Option<WireForm>,
    /// Where to keep refused records [default: FILE.rejected.ndjson].
    #[arg(long, value_name = "FILE")]
    pub(crate) rejected: Option<PathBuf>,
    /// Give up with exit code 75 when the file is busy or the disk is full, instead of waiting.
    #[arg(long)]
    pub(crate) no_wait: bool,
}

/// `demo`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DemoArgs {
    /// How many people to make up.
    #[arg(long, default_value_t = 2000)]
    pub(crate) people: u32,
    /// How many days of their lives.
    #[arg(long, default_value_t = 90)]
    pub(crate) days: u32,
    /// The same seed makes the same people.
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// The port to serve at afterwards; 0 takes a free one.
    #[arg(long, env = "PORT", default_value_t = 3000)]
    pub(crate) port: u16,
    /// Stop after the report.
    #[arg(long)]
    pub(crate) no_serve: bool,
    /// Threads that make people up; 0 takes as many as there are.
    #[arg(long, default_value_t = 0)]
    pub(crate) threads: usize,
}

/// A page of a list.
#[derive(Debug, Clone, Args)]
pub(crate) struct PageArgs {
    /// Rows at most (1 to 1000).
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    /// Where the page before ended.
    #[arg(long)]
    pub(crate) cursor: Option<String>,
}

impl PageArgs {
    /// Returns the page that is asked for.
    pub(crate) fn request(&self) -> PageRequest {
        PageRequest { cursor: self.cursor.clone(), limit: Some(self.limit) }
    }
}

/// `customers`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CustomersArgs {
    #[command(flatten)]
    pub(crate) page: PageArgs,
    /// In which order.
    #[arg(long, default_value = "newest")]
    pub(crate) sort: Sort,
}

/// In which order customers are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Sort {
    /// The latest to come into being first.
    Newest,
    /// The largest lifetime value first.
    LifetimeValue,
}

impl From<Sort> for CustomerSort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest,
            Sort::LifetimeValue => Self::LifetimeValue,
        }
    }
}

/// A customer.
#[derive(Debug, Clone, Args)]
pub(crate) struct IdArgs {
    /// The customer's id, or any id that ever named it.
    pub(crate) id: String,
}

/// `timeline`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TimelineArgs {
    /// The customer's id, or any id that ever named it.
    pub(crate) id: String,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

/// `search`.
#[derive(Debug, Clone, Args)]
pub(crate) struct SearchArgs {
    /// Words, the beginning of a word, an e-mail address, a number in any form, an id.
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    /// Hits of each kind at most (1 to 200).
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=200))]
    pub(crate) limit: u32,
}

/// `merges`.
#[derive(Debug, Clone, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct MergesArgs {
    /// What to do; without it, merges are listed.
    #[command(subcommand)]
    pub(crate) command: Option<MergesCommand>,
    #[command(flatten)]
    pub(crate) page: PageArgs,
}

/// Who decides.
#[derive(Debug, Clone, Args)]
pub(crate) struct ActorArgs {
    /// Who decides: kept in the history.
    #[arg(long, default_value = "operator", value_name = "NAME")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) actor: String,
}

/// What to do with merges.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum MergesCommand {
    /// Take a merge apart. The same evidence does not merge these customers again.
    Undo {
        /// The merge, as `merges` lists it.
        id: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// List what waits for a person.
    Queue(PageArgs),
    /// Say that the customers of a review are one.
    Approve {
        /// The review, as `merges queue` lists it.
        id: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Say that the customers of a review are different.
    Reject {
        /// The review, as `merges queue` lists it.
        id: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Say that customers are one.
    Join {
        /// The customers; at least two.
        #[arg(required = true, num_args = 2.., value_name = "ID")]
        ids: Vec<String>,
        /// Why.
        #[arg(long, value_parser = NonEmptyStringValueParser::new())]
        reason: String,
        #[command(flatten)]
        actor: ActorArgs,
    },
    /// Show why a customer is one, or why two ids name one customer.
    Explain {
        /// The customer.
        id: String,
        /// Another id.
        other: Option<String>,
    },
}

/// `erase`.
#[derive(Debug, Clone, Args)]
pub(crate) struct EraseArgs {
    /// The customer's id, or any id that ever named it.
    pub(crate) id: String,
    /// Do not ask.
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) actor: ActorArgs,
}

/// `rebuild`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RebuildArgs {
    /// Put the new file in the place of the old one, which is kept as FILE.bak.
    #[arg(long)]
    pub(crate) replace: bool,
}

/// How a table is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ExportFormat {
    /// Comma-separated values with a header.
    Csv,
    /// One JSON object per line.
    Ndjson,
}

/// `export`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ExportArgs {
    /// The table.
    #[arg(value_parser = PossibleValuesParser::new(ciq_store::Reader::exportable()))]
    pub(crate) table: String,
    /// How.
    #[arg(long, default_value = "csv")]
    pub(crate) format: ExportFormat,
    /// Where to; standard output without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
}

/// `doctor`.
#[derive(Debug, Clone, Args)]
pub(crate) struct DoctorArgs {
    #[command(flatten)]
    pub(crate) at: ListenArgs,
}

#[cfg(test)]
mod tests {
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
