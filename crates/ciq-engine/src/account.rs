//! Accounts in a customer's state: stamped fields and sums.

use ciq_event::{Account, AccountStage, AccountUpdate, ErrorRate, Tier, UsageTrend};
use jiff::Timestamp;

use crate::State;

const STAGE: &str = "account.stage";
const TIER: &str = "account.tier";
const ERROR_RATE: &str = "account.error_rate";
const USAGE_TREND: &str = "account.usage_trend";
const INTEGRATION_STATUS: &str = "account.integration_status";
const SIGNED_UP_AT: &str = "account.signed_up_at";

/// Adds what an event of a time tells.
pub(crate) fn add(state: &mut State, update: &AccountUpdate, at: Timestamp) {
    let AccountUpdate {
        stage,
        tier,
        error_rate,
        usage_trend,
        integration_status,
        signed_up_at,
        api_call_count,
    } = update;
    let fields = &mut state.fields;
    fields.set_text(STAGE, stage.map(AccountStage::name), at);
    fields.set_text(TIER, tier.map(Tier::name), at);
    fields.set_text(USAGE_TREND, usage_trend.map(UsageTrend::name), at);
    fields.set_text(INTEGRATION_STATUS, integration_status.as_deref(), at);
    if let Some(rate) = error_rate {
        fields.set(ERROR_RATE, rate.millionths().to_string(), at);
    }
    if let Some(signed_up_at) = signed_up_at {
        fields.set(SIGNED_UP_AT, signed_up_at.as_millisecond().to_string(), at);
    }
    if *api_call_count > 0 {
        state.api_call_count = state.api_call_count.saturating_add(*api_call_count);
        state.last_api_call_at = state.last_api_call_at.max(Some(at));
    }
}

/// Returns the account that a state tells of. What no event told is where an account begins.
pub(crate) fn of(state: &State) -> Option<Account> {
    let State { fields, api_call_count, last_api_call_at, .. } = state;
    let names = [STAGE, TIER, ERROR_RATE, USAGE_TREND, INTEGRATION_STATUS, SIGNED_UP_AT];
    if *api_call_count == 0 && !names.iter().any(|name| fields.holds(name)) {
        return None;
    }
    let text = |name| fields.text(name);
    let signed_up_at = fields.number(SIGNED_UP_AT);
    Some(Account {
        stage: text(STAGE).and_then(|name| AccountStage::parse(&name)).unwrap_or(AccountStage::New),
        tier: text(TIER).and_then(|name| Tier::parse(&name)).unwrap_or(Tier::None),
        error_rate: fields
            .number(ERROR_RATE)
            .and_then(|rate| u32::try_from(rate).ok())
            .map(ErrorRate::from_millionths)
            .unwrap_or_default(),
        usage_trend: text(USAGE_TREND)
            .and_then(|name| UsageTrend::parse(&name))
            .unwrap_or(UsageTrend::Stable),
        integration_status: text(INTEGRATION_STATUS),
        signed_up_at: signed_up_at.and_then(|at| Timestamp::from_millisecond(at).ok()),
        api_call_count: *api_call_count,
        last_api_call_at: *last_api_call_at,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    #[test]
    fn calls_add_up_and_words_follow_event_time_in_any_order() {
        let early = AccountUpdate {
            stage: Some(AccountStage::ApiKeysGenerated),
            tier: Some(Tier::Trial),
            signed_up_at: Some(at(5)),
            ..AccountUpdate::default()
        };
        let late = AccountUpdate {
            stage: Some(AccountStage::FirstApiCall),
            error_rate: ErrorRate::parse("0.25"),
            usage_trend: Some(UsageTrend::Declining),
            api_call_count: 23,
            ..AccountUpdate::default()
        };
        let more = AccountUpdate { api_call_count: 7, ..AccountUpdate::default() };
        let mut forward = State::default();
        let mut backward = State::default();
        let told = [(&early, at(10)), (&late, at(20)), (&more, at(15))];
        for (update, when) in told {
            add(&mut forward, update, when);
        }
        for (update, when) in told.into_iter().rev() {
            add(&mut backward, update, when);
        }
        assert_eq!(forward, backward);
        let account = of(&forward).unwrap();
        assert_eq!(account.stage, AccountStage::FirstApiCall);
        assert_eq!((account.tier, account.usage_trend), (Tier::Trial, UsageTrend::Declining));
        assert_eq!((account.api_call_count, account.last_api_call_at), (30, Some(at(20))));
        assert_eq!(account.signed_up_at, Some(at(5)));
    }

    #[test]
    fn a_customer_of_whom_no_event_told_an_account_has_none() {
        assert_eq!(of(&State::default()), None);
    }
}
