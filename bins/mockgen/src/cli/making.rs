//! The flags of commands that make a history, or tell about one.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::SinkArgs;

/// Who, and over which time.
#[derive(Debug, Clone, Args)]
pub(crate) struct PeopleArgs {
    /// How many users, 1 to 1,000,000.
    #[arg(long, default_value_t = 5_000, value_name = "N")]
    pub(crate) users: u32,
    /// From which all else follows.
    #[arg(long, default_value_t = 42, value_name = "S")]
    pub(crate) seed: u64,
    /// How many days, 1 to 730.
    #[arg(long, default_value_t = 60, value_name = "D")]
    pub(crate) days: u32,
    /// The shares of power, casual and at-risk users.
    #[arg(long, default_value = "0.2,0.6,0.2", value_name = "P,C,R")]
    pub(crate) mix: String,
    /// When it begins: a date, or a time such as 2026-01-01T00:00:00Z.
    #[arg(long, default_value = "2026-01-01", value_name = "DATE")]
    pub(crate) start: String,
    /// Where half of the users live.
    #[arg(long, env = "DEFAULT_REGION", value_name = "REGION")]
    pub(crate) region: Option<String>,
}

/// `generate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) people: PeopleArgs,
    /// Events a day of all users together, on average; as such users would do without it.
    #[arg(long, value_name = "X", conflicts_with = "per_user_density")]
    pub(crate) density: Option<u64>,
    /// Events a day of each user, on average.
    #[arg(long, value_name = "X")]
    pub(crate) per_user_density: Option<f64>,
    /// Of product, billing, ticket and profile.
    #[arg(long, default_value = "product,billing,ticket", value_delimiter = ',')]
    #[arg(value_name = "MODES")]
    pub(crate) modes: Vec<String>,
    /// How events are written: mockgen, customeriq, segment, cloudevents, shopify or csv.
    #[arg(long, default_value = "mockgen", value_name = "FORMAT")]
    pub(crate) format: String,
    /// Where to: a file (.gz and .zst are compressed), `-` for standard output, or a URL of http,
    /// redis or nats.
    #[arg(long, short, default_value = "-", value_name = "FILE|-|URL")]
    pub(crate) out: String,
    /// Threads; the bytes are the same with any number. [default: as many as the machine has]
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// Only the users of part I of N; all parts, merged by time, are the whole.
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<String>,
    /// With the faults of real data. Shares may be given: typos=0.01,late=0.02,duplicates=0.01,
    /// missing=0.01,shared-devices=0.02.
    #[arg(long, value_name = "SHARES", num_args = 0..=1, require_equals = true)]
    #[arg(default_missing_value = "")]
    pub(crate) dirty: Option<String>,
    /// Also write who is who, and what is wrong with which event, as NDJSON.
    #[arg(long, value_name = "FILE")]
    pub(crate) truth: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) sink: SinkArgs,
}

/// `replay`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayArgs {
    /// The file, NDJSON, also .gz or .zst; `-` for standard input.
    pub(crate) file: PathBuf,
    /// How many times as fast, such as 60x; `max` for no gaps at all.
    #[arg(long, default_value = "1x", value_name = "SPEED")]
    pub(crate) speed: String,
    #[command(flatten)]
    pub(crate) sink: SinkArgs,
}

/// `truth`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TruthArgs {
    #[command(flatten)]
    pub(crate) people: PeopleArgs,
    /// How it is written.
    #[arg(long, default_value = "ndjson")]
    pub(crate) format: TruthFormat,
}

/// How the truth is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TruthFormat {
    /// One JSON object per line.
    Ndjson,
    /// Comma-separated values.
    Csv,
}
