//! The flags of commands that read what a run left, or clear it away.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{PaceArgs, ServerArgs};

/// `verify`.
#[derive(Debug, Clone, Args)]
pub(crate) struct VerifyArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
}

/// `mrr`.
#[derive(Debug, Clone, Args)]
pub(crate) struct MrrArgs {
    /// How it is written. [default: table, or json with --json]
    #[arg(long, value_name = "FORMAT")]
    pub(crate) format: Option<MrrFormat>,
    /// Write to a file instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub(crate) out_file: Option<PathBuf>,
}

/// How recurring revenue is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum MrrFormat {
    /// Columns for people.
    Table,
    /// Comma-separated values, in cents.
    Csv,
    /// One JSON object.
    Json,
    /// A picture.
    Svg,
}

/// `cleanup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CleanupArgs {
    /// The run whose clocks go. [default: the run in the folder, or demo]
    #[arg(long, value_name = "NAME", conflicts_with = "all")]
    pub(crate) run: Option<String>,
    /// The clocks of every run of this tool; asks first.
    #[arg(long)]
    pub(crate) all: bool,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
}

/// `events`.
#[derive(Debug, Clone, Args)]
pub(crate) struct EventsArgs {
    /// Where to: a file (.gz and .zst are compressed), `-` for standard output, or a URL of http,
    /// redis or nats, such as `http://127.0.0.1:3000/events`.
    #[arg(long, default_value = "-", value_name = "FILE|-|URL")]
    pub(crate) to: String,
    /// Read invoices back from the server instead of from the file.
    #[arg(long)]
    pub(crate) live: bool,
    #[command(flatten)]
    pub(crate) sink: SinkArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
}

/// What a sink needs beside its address. They stay texts here: an empty variable counts as unset.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct SinkArgs {
    /// What to send as `Authorization: Bearer TOKEN`; better as a variable than as a flag.
    #[arg(long, env = "HTTP_SINK_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) http_sink_token: Option<String>,
    /// The stream in Redis. [default: domain.events]
    #[arg(long, env = "REDIS_STREAM_KEY", value_name = "KEY")]
    pub(crate) redis_stream_key: Option<String>,
    /// About how many events the stream in Redis keeps; all of them without it.
    #[arg(long, env = "REDIS_MAXLEN", value_name = "COUNT")]
    pub(crate) redis_maxlen: Option<String>,
    /// Whether a stream of NATS confirms each event: jetstream or core. [default: jetstream]
    #[arg(long, env = "NATS_MODE", value_name = "MODE")]
    pub(crate) nats_mode: Option<String>,
}
