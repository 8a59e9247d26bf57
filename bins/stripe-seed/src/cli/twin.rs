//! The flags of `twin`.

use std::path::PathBuf;

use clap::Args;

/// `twin`.
#[derive(Debug, Clone, Args)]
pub(crate) struct TwinArgs {
    /// The port on this machine; 0 takes a free one.
    #[arg(long, default_value = "12111", value_name = "N")]
    pub(crate) port: String,
    /// Calls per second before it answers 429; none is refused without it.
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) rate: Option<String>,
    /// How many in a hundred answers are 429, too many requests.
    #[arg(long, default_value = "0", value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) fault_429: String,
    /// How many in a hundred answers are 500, half of them after the work was done.
    #[arg(long, default_value = "0", value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) fault_500: String,
    /// How many in a hundred answers are lost after the work was done.
    #[arg(long, default_value = "0", value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) fault_lost: String,
    /// How many in a hundred answers are a page of HTML with 502.
    #[arg(long, default_value = "0", value_name = "PERCENT", allow_negative_numbers = true)]
    pub(crate) fault_html: String,
    /// How many milliseconds a clock takes to advance.
    #[arg(long, default_value = "0", value_name = "MS", allow_negative_numbers = true)]
    pub(crate) advance_ms: String,
    /// What becomes of a subscription that is not paid: `past-due`, cancel or unpaid.
    #[arg(long, default_value = "past-due", value_name = "HOW")]
    pub(crate) dunning: String,
    /// Clocks whose name contains this end in `internal_failure` when they advance.
    #[arg(long, value_name = "TEXT")]
    pub(crate) failing_clock: Option<String>,
    /// Keep what it knows in this file; without it, all is forgotten at the end.
    #[arg(long, value_name = "FILE")]
    pub(crate) log: Option<PathBuf>,
    /// Write every request as it came to this file, a line of JSON each.
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<PathBuf>,
    /// Send events to this address, signed with `STRIPE_WEBHOOK_SECRET`.
    #[arg(long, value_name = "URL")]
    pub(crate) webhook: Option<String>,
    /// The number from which all faults follow.
    #[arg(long, default_value = "1", value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: String,
}
