//! The flags of `scenario`.

use clap::{Args, ValueEnum};

/// `scenario`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ScenarioArgs {
    /// Which story.
    #[arg(value_enum)]
    pub(crate) story: Story,
    /// Where customeriq is. What automations send goes out through its providers: play where none
    /// is configured.
    #[arg(long, default_value = "http://127.0.0.1:3000", value_name = "URL")]
    pub(crate) target: String,
    /// The brand to play in, which must be empty; with `all`, what the four names begin with.
    /// [default: scenario-STORY]
    #[arg(long, value_name = "NAME")]
    pub(crate) brand: Option<String>,
    /// A token of an admin of the brand, where customeriq wants one.
    #[arg(long, env = "SCENARIO_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub(crate) token: Option<String>,
}

/// A story, or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Story {
    /// One person, three channels, a cart left behind.
    Omnichannel,
    /// Five orders in a week make a champion.
    HighValue,
    /// A silence, a message, and a return.
    ChurnRisk,
    /// Five customers who may be one, for a person to decide.
    ManualMerge,
    /// All four, each in a brand of its own.
    All,
}
