//! The accounts that a service knows already.

use ciq_event::{AccountStage, ErrorRate, Tier, UsageTrend};
use ciq_synth::activity::Account;
use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Number;

/// Whose status is one of these has left, and does nothing any more.
const GONE: [&str; 5] = ["cancelled", "churned", "closed", "deleted", "inactive"];

/// A page of accounts.
#[derive(Debug, Deserialize)]
pub(crate) struct AccountPage {
    data: Vec<AccountLine>,
    /// The cursor of the next page; none on the last.
    pub(crate) next_cursor: Option<String>,
}

/// An account as the service shows it.
#[derive(Debug, Deserialize)]
struct AccountLine {
    customer_id: String,
    name: Option<String>,
    company: Option<String>,
    status: Option<String>,
    stage: String,
    tier: String,
    total_api_calls: i64,
    error_rate: Number,
    usage_trend: String,
    signed_up_at: Option<String>,
}

impl AccountPage {
    /// Returns the accounts of those who have not left; an error names the field.
    pub(crate) fn accounts(&self) -> Result<Vec<Account>, String> {
        self.data.iter().filter(|line| !line.is_gone()).map(AccountLine::account).collect()
    }
}

impl AccountLine {
    fn is_gone(&self) -> bool {
        self.status.as_deref().is_some_and(|status| GONE.contains(&status))
    }

    fn account(&self) -> Result<Account, String> {
        let told = |name: &str, text: &str| format!("{name} is {text:?}");
        let error_rate = self.error_rate.to_string();
        let signed_up_at = self
            .signed_up_at
            .as_deref()
            .map(|text| text.parse::<Timestamp>().map_err(|_| told("signed_up_at", text)));
        let names = [&self.company, &self.name].into_iter().flatten();
        let name = names.map(|name| name.trim()).find(|name| !name.is_empty());
        Ok(Account {
            id: self.customer_id.clone(),
            company: name.unwrap_or(&self.customer_id).to_owned(),
            stage: AccountStage::parse(&self.stage).ok_or_else(|| told("stage", &self.stage))?,
            tier: Tier::parse(&self.tier).ok_or_else(|| told("tier", &self.tier))?,
            total_api_calls: self.total_api_calls,
            error_rate: ErrorRate::parse(&error_rate)
                .ok_or_else(|| told("error_rate", &error_rate))?,
            usage_trend: UsageTrend::parse(&self.usage_trend)
                .ok_or_else(|| told("usage_trend", &self.usage_trend))?,
            signed_up_at: signed_up_at.transpose()?,
            stage_since: None,
        })
    }
}

/// Figures of a service.
#[derive(Debug, Deserialize)]
pub(crate) struct Stats {
    /// When the latest event happened.
    last_event_at: Option<String>,
}

impl Stats {
    /// Returns when the latest event happened.
    pub(crate) fn latest_event_at(&self) -> Option<Timestamp> {
        self.last_event_at.as_deref().and_then(|text| text.parse().ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(line: &str) -> Result<Vec<Account>, String> {
        let page: AccountPage =
            serde_json::from_str(&format!(r#"{{"data":[{line}],"next_cursor":null}}"#)).unwrap();
        page.accounts()
    }

    const LINE: &str = r#"{"customer_id":"acme","name":"Acme","company":null,"status":"active",
        "stage":"production_ready","tier":"pro","total_api_calls":23,"last_api_call":null,
        "error_rate":0.182,"usage_trend":"declining","integration_status":"active",
        "signed_up_at":"2026-01-01T00:00:00Z"}"#;

    #[test]
    fn an_account_is_read_as_it_is_shown() {
        let account = page(LINE).unwrap().remove(0);
        assert_eq!((account.id.as_str(), account.company.as_str()), ("acme", "Acme"));
        assert_eq!((account.stage, account.tier), (AccountStage::ProductionReady, Tier::Pro));
        assert_eq!((account.total_api_calls, account.error_rate.millionths()), (23, 182_000));
        assert_eq!(account.usage_trend, UsageTrend::Declining);
        assert_eq!(account.signed_up_at.unwrap().to_string(), "2026-01-01T00:00:00Z");
    }

    #[test]
    fn whoever_has_left_is_left_alone() {
        assert_eq!(page(&LINE.replace("active\",\n", "churned\",\n")), Ok(Vec::new()));
    }

    #[test]
    fn an_unknown_word_is_named() {
        let error = page(&LINE.replace("declining", "sideways")).unwrap_err();
        assert_eq!(error, "usage_trend is \"sideways\"");
    }
}
