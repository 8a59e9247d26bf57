//! What events tell of accounts.

use crate::{AccountStage, AccountUpdate, ErrorRate, Event, Payload, Rejection, Tier, UsageTrend};

use super::mapping::Terms;
use super::object::Object;

/// Fills an event of an account with what its data says.
pub(super) fn fill(event: &mut Event, data: &Object<'_>, terms: Terms) -> Result<(), Rejection> {
    let api_call_count = data.integer("api_calls")?.unwrap_or(0);
    if api_call_count < 0 {
        return Err(data.rejection("api_calls", "must not be negative: send the calls since"));
    }
    event.profile.name = data.first_text(&["name", "customer_name"])?;
    event.profile.status.clone_from(&event.status);
    event.payload = Payload::Account(AccountUpdate {
        stage: word(data, "stage", AccountStage::parse, AccountStage::ALL)?,
        tier: word(data, "tier", Tier::parse, Tier::ALL)?,
        error_rate: error_rate(data)?,
        usage_trend: word(data, "usage_trend", UsageTrend::parse, UsageTrend::ALL)?,
        integration_status: data.first_text(&["integration_status"])?,
        signed_up_at: data.time("signed_up_at", terms.received_at)?,
        api_call_count,
    });
    Ok(())
}

fn error_rate(data: &Object<'_>) -> Result<Option<ErrorRate>, Rejection> {
    let Some(text) = data.text("error_rate")? else { return Ok(None) };
    let rate = ErrorRate::parse(&text);
    rate.map(Some)
        .ok_or_else(|| data.rejection("error_rate", "must be a fraction from 0 to 1, such as 0.15"))
}

fn word<T: Copy + std::fmt::Display>(
    data: &Object<'_>,
    key: &str,
    parse: impl Fn(&str) -> Option<T>,
    all: &[T],
) -> Result<Option<T>, Rejection> {
    let Some(text) = data.text(key)? else { return Ok(None) };
    parse(&text).map(Some).ok_or_else(|| {
        let names: Vec<_> = all.iter().map(ToString::to_string).collect();
        data.rejection(key, format!("must be one of {}", names.join(", ")))
    })
}
