//! The flags of commands that publish to NATS and read events again.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::str::FromStr;

use ciq_nats::Partitions;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Subcommand};
use jiff::Timestamp;

use crate::nats::NatsArgs;

/// `publish`.
#[derive(Debug, Clone, Args)]
#[command(group = clap::ArgGroup::new("what").required(true).args(["event", "all", "file"]))]
#[command(after_help = "Examples:
  customeriq publish --event purchase
  customeriq publish --all --customer cust_002
  customeriq publish --event contact --count 1000 --rate 100/s
  customeriq publish --file events.ndjson
  customeriq publish --all --partitions 8      straight to the partitions of workers
  customeriq publish --event note --request    wait for what the service says")]
pub(crate) struct PublishArgs {
    /// A sample of this type: purchase, `support_ticket`, repair, `work_order`, contact,
    /// `profile_update`, note, observation, or a word of your own.
    #[arg(long, value_name = "TYPE", value_parser = NonEmptyStringValueParser::new())]
    pub(crate) event: Option<String>,
    /// A sample of each type.
    #[arg(long)]
    pub(crate) all: bool,
    /// The records of a file, one JSON object per line; `-` is standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Whose samples.
    #[arg(long, value_name = "ID", default_value = "cust_001", conflicts_with = "file")]
    #[arg(value_parser = NonEmptyStringValueParser::new())]
    pub(crate) customer: String,
    /// How many samples; with --all, how many of each type.
    #[arg(long, value_name = "N", default_value_t = 1, conflicts_with = "file")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) count: u64,
    /// At most so many per second, such as 100/s.
    #[arg(long, value_name = "N/s")]
    pub(crate) rate: Option<Rate>,
    /// How subjects begin; the customer and the type follow.
    #[arg(long, value_name = "WORDS", default_value = "customer.events")]
    pub(crate) subject_prefix: String,
    /// Straight to their partitions, of which there are so many, where `customeriq worker` takes
    /// them.
    #[arg(long, value_name = "N", conflicts_with_all = ["subject_prefix", "request"])]
    pub(crate) partitions: Option<Partitions>,
    /// Send one event as a request to the service, and print its answer.
    #[arg(long, conflicts_with_all = ["all", "file", "count", "rate", "subject_prefix"])]
    pub(crate) request: bool,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}

/// How many there may be in a second.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Rate {
    /// So many.
    pub(crate) per_second: NonZeroU32,
}

/// Why a text is no rate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("write how many per second, such as 100/s")]
pub(crate) struct RateError;

impl FromStr for Rate {
    type Err = RateError;

    fn from_str(text: &str) -> Result<Self, RateError> {
        let number = text.trim().strip_suffix("/s").unwrap_or(text).trim();
        Ok(Self { per_second: number.parse().map_err(|_| RateError)? })
    }
}

/// `replay`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayArgs {
    /// From where.
    #[command(subcommand)]
    pub(crate) command: ReplayCommand,
}

/// From where events are read again.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum ReplayCommand {
    /// Read a stream of NATS into the tables, until there is no more. What is stored stays as it is.
    Stream(ReplayStreamArgs),
    /// Write the messages in the log, as they came, for `import` or to NATS.
    Log(ReplayLogArgs),
}

/// `replay stream`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayStreamArgs {
    /// The first message by its number in the stream; 1 without this and --from-time.
    #[arg(long, value_name = "N", conflicts_with = "from_time")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) from_sequence: Option<u64>,
    /// The first message by the time at which the stream took it, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) from_time: Option<Timestamp>,
    /// Read the stream of events that are sorted into so many partitions.
    #[arg(long, value_name = "N")]
    pub(crate) partitions: Option<Partitions>,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}

/// `replay log`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ReplayLogArgs {
    /// Only what arrived then or later, such as 2026-01-31T00:00:00Z.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<Timestamp>,
    /// Only what arrived before.
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<Timestamp>,
    /// Where to write records that `import` reads; `-`, or nothing, is standard output.
    #[arg(long, value_name = "FILE", conflicts_with = "to_nats")]
    pub(crate) out: Option<PathBuf>,
    /// Publish them to NATS instead, each on the subject on which it came.
    #[arg(long)]
    pub(crate) to_nats: bool,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_per_second() {
        for (text, expected) in
            [("100/s", Some(100)), (" 5 ", Some(5)), ("1 /s", Some(1)), ("0/s", None), ("x", None)]
        {
            let rate = text.parse::<Rate>().ok().map(|rate| rate.per_second.get());
            assert_eq!(rate, expected, "{text}");
        }
    }
}
