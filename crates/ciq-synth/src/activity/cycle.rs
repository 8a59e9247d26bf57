//! What a cycle does to an account.

use ciq_event::{AccountStage, Tier, UsageTrend};
use jiff::Timestamp;

use super::change::rate_of_percent;
use super::dice::Dice;
use super::rates::{
    CALLS_MAX, CALLS_PERCENT, ERROR_PERCENT, ERROR_RATES_PERCENT, FIRST_CALL_AFTER,
    FIRST_CALL_PERCENT, KEYS_PERCENT, NEW_CUSTOMER_PERCENT, PRODUCTION_PERCENT, SUBSCRIBE_PERCENT,
    TREND_PERCENT, TRIAL_PERCENT, VALIDATED_PERCENT,
};
use super::{Account, Change, demo};
use crate::chance::{between, pick};

/// All three trends.
const TRENDS: [UsageTrend; 3] = [UsageTrend::Increasing, UsageTrend::Stable, UsageTrend::Declining];

/// Tells whether somebody new comes.
pub(super) fn is_somebody_new(dice: Dice) -> bool {
    dice.falls("newcomer", "", NEW_CUSTOMER_PERCENT).is_some()
}

/// Draws what happens to an account. What is drawn as it was is no change.
pub(super) fn changes(dice: Dice, account: &Account, at: Timestamp) -> Vec<Change> {
    let mut changes = Vec::new();
    if account.is_calling() {
        changes.extend(calls(dice, account));
        changes.extend(error_rate(dice, account));
        changes.extend(usage_trend(dice, account));
    }
    changes.extend(onboarding(dice, account, at));
    changes.extend(subscription(dice, account));
    changes
}

fn calls(dice: Dice, account: &Account) -> Option<Change> {
    let mut rng = dice.falls("calls", &account.id, CALLS_PERCENT)?;
    calls_of(account, between(&mut rng, 0, i64::from(CALLS_MAX)))
}

fn calls_of(account: &Account, count: i64) -> Option<Change> {
    let count = u32::try_from(count).ok().filter(|count| *count > 0)?;
    let before = account.total_api_calls;
    Some(Change::Calls { count, before, after: before.saturating_add(i64::from(count)) })
}

fn error_rate(dice: Dice, account: &Account) -> Option<Change> {
    let mut rng = dice.falls("error_rate", &account.id, ERROR_PERCENT)?;
    let before = account.error_rate;
    let after = rate_of_percent(pick(&mut rng, &ERROR_RATES_PERCENT));
    (before != after).then_some(Change::ErrorRate { before, after })
}

fn usage_trend(dice: Dice, account: &Account) -> Option<Change> {
    let mut rng = dice.falls("usage_trend", &account.id, TREND_PERCENT)?;
    let (before, after) = (account.usage_trend, pick(&mut rng, &TRENDS));
    (before != after).then_some(Change::UsageTrend { before, after })
}

/// Somebody who comes further may bring a subscription, or calls, with the step.
fn onboarding(dice: Dice, account: &Account, at: Timestamp) -> Vec<Change> {
    let before = account.stage;
    let (after, percent) = match before {
        AccountStage::New => (AccountStage::TrialCreated, TRIAL_PERCENT),
        AccountStage::TrialCreated => (AccountStage::ApiKeysGenerated, KEYS_PERCENT),
        AccountStage::ApiKeysGenerated if is_idle(account, at) => {
            (AccountStage::FirstApiCall, FIRST_CALL_PERCENT)
        }
        AccountStage::FirstApiCall => (AccountStage::IntegrationValidated, VALIDATED_PERCENT),
        AccountStage::IntegrationValidated => (AccountStage::ProductionReady, PRODUCTION_PERCENT),
        AccountStage::ApiKeysGenerated | AccountStage::ProductionReady => return Vec::new(),
    };
    let Some(mut rng) = dice.falls("onboarding", &account.id, percent) else { return Vec::new() };
    let mut changes = vec![Change::Stage { before, after }];
    if after == AccountStage::TrialCreated && account.tier == Tier::None {
        changes.push(Change::Tier { before: Tier::None, after: Tier::Trial });
    }
    if after == AccountStage::FirstApiCall {
        // Whoever makes the first call makes one at least.
        changes.extend(calls_of(account, between(&mut rng, 1, i64::from(CALLS_MAX))));
    }
    changes
}

/// Tells whether keys have lain for long.
fn is_idle(account: &Account, at: Timestamp) -> bool {
    let since = account.stage_since.or(account.signed_up_at);
    since.is_none_or(|since| at.duration_since(since) > FIRST_CALL_AFTER)
}

fn subscription(dice: Dice, account: &Account) -> Option<Change> {
    if account.stage != AccountStage::ProductionReady || account.tier != Tier::Trial {
        return None;
    }
    let mut rng = dice.falls("subscription", &account.id, SUBSCRIBE_PERCENT)?;
    Some(Change::Tier { before: Tier::Trial, after: demo::plan(&mut rng) })
}
