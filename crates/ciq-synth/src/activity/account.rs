//! An account as it is now.

use ciq_event::{AccountStage, ErrorRate, Tier, UsageTrend};
use jiff::Timestamp;

use super::Change;
use super::company::slug;

/// A customer's account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// The customer's id, such as `startup-inc`.
    pub id: String,
    /// The company.
    pub company: String,
    /// How far it has come.
    pub stage: AccountStage,
    /// What it pays for.
    pub tier: Tier,
    /// All calls that it made.
    pub total_api_calls: i64,
    /// The share of its calls that fail.
    pub error_rate: ErrorRate,
    /// Which way its use goes.
    pub usage_trend: UsageTrend,
    /// When it signed up, where that is known.
    pub signed_up_at: Option<Timestamp>,
    /// Since when it stands at its stage; none where that is long ago or not known. A service does
    /// not tell it: the sign-up is the earliest that it can be.
    pub stage_since: Option<Timestamp>,
}

impl Account {
    /// Makes the account of a company that signs up now: new, and without a subscription.
    #[must_use]
    pub fn new(company: &str, at: Timestamp) -> Self {
        Self {
            id: slug(company),
            company: company.to_owned(),
            stage: AccountStage::New,
            tier: Tier::None,
            total_api_calls: 0,
            error_rate: ErrorRate::default(),
            usage_trend: UsageTrend::Stable,
            signed_up_at: Some(at),
            stage_since: Some(at),
        }
    }

    /// Tells whether it uses its keys: calls, errors and trends are only of those who do.
    #[must_use]
    pub fn is_calling(&self) -> bool {
        self.stage >= AccountStage::FirstApiCall
    }

    /// Returns the state of its integration, in the words that go with its stage.
    #[must_use]
    pub fn integration_status(&self) -> &'static str {
        integration_status(self.stage)
    }

    /// Returns its address, at a reserved domain.
    pub(super) fn email(&self) -> String {
        format!("{}@example.com", self.id)
    }

    /// Changes it.
    pub(super) fn apply(&mut self, change: &Change, at: Timestamp) {
        match change {
            Change::Created(account) => account.as_ref().clone_into(self),
            Change::Stage { after, .. } => {
                self.stage = *after;
                self.stage_since = Some(at);
            }
            Change::Tier { after, .. } => self.tier = *after,
            Change::Calls { after, .. } => self.total_api_calls = *after,
            Change::ErrorRate { after, .. } => self.error_rate = *after,
            Change::UsageTrend { after, .. } => self.usage_trend = *after,
        }
    }
}

/// Returns the state of an integration at a stage.
pub(super) fn integration_status(stage: AccountStage) -> &'static str {
    match stage {
        AccountStage::New | AccountStage::TrialCreated => "none",
        AccountStage::ApiKeysGenerated => "pending",
        AccountStage::FirstApiCall => "testing",
        AccountStage::IntegrationValidated => "validated",
        AccountStage::ProductionReady => "active",
    }
}
