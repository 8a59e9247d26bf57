//! Something that happened, as a service takes it and as people read it.

use ciq_event::ErrorRate;
use jiff::Timestamp;

use super::account::integration_status;
use super::{Account, Change};
use crate::json::Object;

/// Who tells of it.
const SOURCE: &str = "simulator";

/// Something that happened to an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityEvent {
    /// Its id: telling it twice is telling it once.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// Whose account it is.
    pub customer_id: String,
    /// The company.
    pub company: String,
    /// What changed.
    pub change: Change,
}

impl ActivityEvent {
    /// Returns the type: `account_created`, `account_updated` or `api_usage`.
    #[must_use]
    pub fn event_type(&self) -> &'static str {
        self.change.event_type()
    }

    /// Returns the envelope as JSON.
    #[must_use]
    pub fn envelope(&self) -> Vec<u8> {
        let data = Object::new().text("title", &self.change.to_string());
        let data = match &self.change {
            Change::Created(account) => created(data, account),
            Change::Stage { after, .. } => data
                .text("stage", after.name())
                .text("integration_status", integration_status(*after)),
            Change::Tier { after, .. } => data.text("tier", after.name()),
            Change::Calls { count, .. } => data.number("api_calls", i64::from(*count)),
            Change::ErrorRate { after, .. } => data.raw("error_rate", fraction(*after).as_bytes()),
            Change::UsageTrend { after, .. } => data.text("usage_trend", after.name()),
        };
        let envelope = Object::new()
            .text("event_id", &self.id)
            .text("customer_id", &self.customer_id)
            .text("event_type", self.event_type())
            .text("timestamp", &self.at.to_string())
            .text("source_service", SOURCE);
        envelope.object("data", data).finish()
    }

    /// Returns the line for people, such as `📞 Startup Inc: +23 API calls (total: 23)`.
    #[must_use]
    pub fn line(&self) -> String {
        format!("{} {}: {}", self.change.sign(), self.company, self.change)
    }
}

fn created(data: Object, account: &Account) -> Object {
    let data = data
        .text("name", &account.company)
        .text("company", &account.company)
        .text("email", &account.email())
        .text("stage", account.stage.name())
        .text("tier", account.tier.name())
        .raw("error_rate", fraction(account.error_rate).as_bytes())
        .text("usage_trend", account.usage_trend.name())
        .text("integration_status", account.integration_status());
    let signed_up_at = account.signed_up_at.map(|at| at.to_string());
    let data = data.text_if("signed_up_at", signed_up_at.as_deref());
    match account.total_api_calls {
        0 => data,
        count => data.number("api_calls", count),
    }
}

/// Writes a rate as a fraction, exact to its millionth.
fn fraction(rate: ErrorRate) -> String {
    const WHOLE: u32 = 1_000_000;
    let millionths = rate.millionths();
    let digits = format!("{}.{:06}", millionths / WHOLE, millionths % WHOLE);
    digits.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_fraction_without_idle_zeros() {
        for (millionths, text) in [(0, "0"), (20_000, "0.02"), (182_000, "0.182"), (1_000_000, "1")]
        {
            assert_eq!(fraction(ErrorRate::from_millionths(millionths)), text);
        }
    }
}
