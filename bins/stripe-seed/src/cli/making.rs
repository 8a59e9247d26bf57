//! The flags of commands that make something, or say what they would make. They stay texts where
//! a bad value deserves a better word than clap's.

use clap::Args;

use super::ServerArgs;

/// `prices`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PricesArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
}

/// `plan`.
#[derive(Debug, Clone, Args)]
pub(crate) struct PlanArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    /// The calls per second that the estimate counts on.
    #[arg(long, default_value = "25", value_name = "N", allow_negative_numbers = true)]
    pub(crate) rate: String,
}

/// `generate`.
#[derive(Debug, Clone, Args)]
pub(crate) struct GenerateArgs {
    #[command(flatten)]
    pub(crate) run: RunArgs,
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
    /// Show what it would do, as `plan` does, and do nothing.
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Give up a run that was interrupted, delete its clocks, and begin anew.
    #[arg(long)]
    pub(crate) fresh: bool,
}

/// `resume`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ResumeArgs {
    #[command(flatten)]
    pub(crate) server: ServerArgs,
    #[command(flatten)]
    pub(crate) pace: PaceArgs,
}

/// What a run is made of: the same values give the same plan.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    /// The run's name, which its clocks bear.
    #[arg(long, default_value = "demo", value_name = "NAME")]
    pub(crate) run: String,
    /// The number from which all chance follows.
    #[arg(long, default_value = "1", value_name = "N", allow_negative_numbers = true)]
    pub(crate) seed: String,
    /// How many months pass.
    #[arg(long, default_value = "6", value_name = "N", allow_negative_numbers = true)]
    pub(crate) months: String,
    /// The month it begins with. [default: as many months ago as pass]
    #[arg(long, value_name = "YYYY-MM")]
    pub(crate) start: Option<String>,
    /// How many customers, in the usual mix of price plans. [default: 100]
    #[arg(long, value_name = "N", conflicts_with_all = ["free", "standard", "pro_plus", "engage", "enterprise"])]
    pub(crate) customers: Option<String>,
    /// Customers who begin with Free. [default: 25]
    #[arg(long, value_name = "N")]
    pub(crate) free: Option<String>,
    /// Customers who begin with Standard. [default: 18]
    #[arg(long, value_name = "N")]
    pub(crate) standard: Option<String>,
    /// Customers who begin with Pro Plus. [default: 32]
    #[arg(long, value_name = "N")]
    pub(crate) pro_plus: Option<String>,
    /// Customers who begin with Engage. [default: 15]
    #[arg(long, value_name = "N")]
    pub(crate) engage: Option<String>,
    /// Customers who begin with Enterprise. [default: 10]
    #[arg(long, value_name = "N")]
    pub(crate) enterprise: Option<String>,
    /// Upgrades in all. [default: 15 for 100 customers in six months, and in proportion]
    #[arg(long, value_name = "N")]
    pub(crate) upgrades: Option<String>,
    /// Downgrades in all. [default: 2, in proportion]
    #[arg(long, value_name = "N")]
    pub(crate) downgrades: Option<String>,
    /// Cancellations in all. [default: 8, in proportion]
    #[arg(long, value_name = "N")]
    pub(crate) cancellations: Option<String>,
    /// Customers in all whose card fails. [default: 5, in proportion]
    #[arg(long, value_name = "N")]
    pub(crate) past_due: Option<String>,
    /// How a change in the middle of a month is settled: `create_prorations`, `none` or
    /// `always_invoice`.
    #[arg(long, default_value = "create_prorations", value_name = "HOW")]
    pub(crate) proration: String,
}

/// How fast, and how patient.
#[derive(Debug, Clone, Args)]
pub(crate) struct PaceArgs {
    /// Calls per second of the whole program; 0 for as fast as it goes.
    /// [default: 25, which is what Stripe allows; 0 with --twin]
    #[arg(long, value_name = "N", allow_negative_numbers = true)]
    pub(crate) rate: Option<String>,
    /// How many clocks are worked on at once.
    #[arg(long, default_value = "10", value_name = "N", allow_negative_numbers = true)]
    pub(crate) workers: String,
    /// How long a clock may take to advance, such as 90s, 5m or 1h.
    #[arg(long, default_value = "5m", value_name = "TIME")]
    pub(crate) clock_timeout: String,
}
