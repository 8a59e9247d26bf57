//! The flags of commands that read and write files.

use std::path::PathBuf;

use ciq_event::WireForm;
use clap::builder::PossibleValuesParser;
use clap::{Args, ValueEnum};

use crate::environment::Secret;

/// `import`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportArgs {
    /// Files to read; `-` is standard input.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The form of every record: envelope, domain, shopify:TOPIC, twilio, twilio-form, pos or stripe.
    ///
    /// Without it, each record tells or shows its own.
    #[arg(long, value_name = "FORM")]
    pub(crate) form: Option<WireForm>,
    /// Where to keep refused records [default: FILE.rejected.ndjson].
    #[arg(long, value_name = "FILE")]
    pub(crate) rejected: Option<PathBuf>,
    /// Give up with exit code 75 when the database is busy, full or away, instead of waiting.
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

/// `rebuild`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RebuildArgs {
    /// Put the new file in the place of the old one, which is kept as FILE.bak; so with a schema.
    #[arg(long)]
    pub(crate) replace: bool,
}

/// `backup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupArgs {
    /// Where to; nothing may be there yet.
    #[arg(value_name = "FILE")]
    pub(crate) to: PathBuf,
}

/// `restore`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RestoreArgs {
    /// The backup, which stays as it is.
    #[arg(value_name = "FILE")]
    pub(crate) from: PathBuf,
    /// Put it in the place of the file that is there, which is kept as FILE.bak.
    #[arg(long)]
    pub(crate) replace: bool,
}

/// `migrate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Places:
  sqlite:FILE       the brand's own file
  postgres:         the brand's schema in the database that DATABASE_URL names
  postgres://...    the same; but a command line shows in lists of processes, with its password

Example: DATABASE_URL=postgres://... customeriq migrate --from sqlite:shop.db --to postgres:

Nothing else may write to the brand meanwhile. What was cut off goes on where it was when the same
is run again. The copy takes its place when the dumps of both are the same.")]
pub(crate) struct MigrateArgs {
    /// Where the brand is, which stays as it is.
    #[arg(long, value_name = "PLACE")]
    pub(crate) from: Secret,
    /// Where it goes; no data may be there.
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: Secret,
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
