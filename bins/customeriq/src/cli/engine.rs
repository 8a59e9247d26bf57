//! How events are understood: the flags of every command that stores.

use ciq_ingest::EngineOptions;
use clap::builder::BoolishValueParser;
use clap::{ArgAction, Args};

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
