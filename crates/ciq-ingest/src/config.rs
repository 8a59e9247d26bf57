//! What an operator may set, as texts from flags and variables.

use ciq_engine::Settings;
use ciq_event::{Brand, Currency, MoneyError, ParseContext};
use ciq_identity::{AutoCreate, AutoMerge, Limits, NormaliseRules, Policy, RegionError};

/// What an operator may set about understanding events, the same for every brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EngineOptions {
    /// The region in which numbers without a country code are read.
    pub region: String,
    /// The currency of amounts that name none.
    pub currency: String,
    /// Values that never identify, beside the built-in ones.
    pub never_identifiers: Vec<String>,
    /// Whether customers may be merged without a person.
    pub is_auto_merge_on: bool,
    /// How many customers may be merged at once without a person.
    pub auto_merge_profiles_max: usize,
    /// Whether an event of nobody known makes a customer.
    pub is_auto_create_on: bool,
    /// Most characters of a description before it is summarised.
    pub summarize_threshold: usize,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            region: "US".to_owned(),
            currency: "USD".to_owned(),
            never_identifiers: Vec::new(),
            is_auto_merge_on: true,
            auto_merge_profiles_max: 3,
            is_auto_create_on: true,
            summarize_threshold: 500,
        }
    }
}

/// Why options make no settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The region is none.
    #[error("default region is unusable")]
    Region(#[from] RegionError),
    /// The currency is none.
    #[error("default currency is unusable")]
    Currency(#[from] MoneyError),
}

impl EngineOptions {
    /// Checks the options and makes a brand's settings of them.
    pub fn settings(&self, brand: Brand) -> Result<Settings, ConfigError> {
        let auto_merge = if self.is_auto_merge_on {
            AutoMerge::UpTo(self.auto_merge_profiles_max)
        } else {
            AutoMerge::Off
        };
        let auto_create = if self.is_auto_create_on { AutoCreate::On } else { AutoCreate::Off };
        Ok(Settings {
            context: ParseContext { brand, currency: Currency::parse(&self.currency)? },
            rules: NormaliseRules::new(&self.region)?.with_never(self.never_identifiers.clone()),
            policy: Policy { limits: Limits::default(), auto_merge, auto_create },
            summary_length_max: self.summarize_threshold,
        })
    }
}
