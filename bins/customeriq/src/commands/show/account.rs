//! How a customer's account goes, and what a person should do about it.

use ciq_store::{AccountView, InterventionView};

use super::heading;
use crate::commands::interventions::table_of;
use crate::exit::Failure;
use crate::output::{Output, visible};
use crate::table::{count, minute, or_nothing};

/// Writes an account and its interventions, where there are any.
pub(super) fn write(
    output: &mut Output,
    account: Option<&AccountView>,
    interventions: Vec<InterventionView>,
) -> Result<(), Failure> {
    if let Some(account) = account {
        heading(output, "account")?;
        write_account(output, account)?;
    }
    if interventions.is_empty() {
        return Ok(());
    }
    heading(output, "interventions, the most severe first")?;
    table_of(interventions).write(output)
}

fn write_account(output: &mut Output, account: &AccountView) -> Result<(), Failure> {
    let called = minute(account.last_api_call.as_deref());
    let health = match (account.health_score, &account.health_band) {
        (Some(score), Some(band)) => format!("{score} of 100, {band}"),
        _ => "not checked yet: `customeriq monitor check`".to_owned(),
    };
    let lines = [
        ("stage", account.stage.clone()),
        ("tier", account.tier.clone()),
        ("calls", format!("{}, the latest {called} UTC", count(account.total_api_calls))),
        ("errors", format!("{:.1} %", account.error_rate * 100.0)),
        ("use", account.usage_trend.clone()),
        ("integration", or_nothing(account.integration_status.as_deref())),
        ("health", health),
    ];
    for (name, value) in lines {
        output.line(visible(&format!("{name:<12}  {value}")))?;
    }
    Ok(())
}
