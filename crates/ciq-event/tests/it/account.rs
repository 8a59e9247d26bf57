//! Events of accounts.

use ciq_event::{AccountStage, AccountUpdate, ErrorRate, Payload, Tier, UsageTrend};

use crate::story::{check_refused, event};

fn envelope(event_type: &str, data: &str) -> String {
    format!(
        r#"{{"customer_id":"acme","event_type":"{event_type}","timestamp":1734134400,"data":{data}}}"#
    )
}

fn update(event_type: &str, data: &str) -> AccountUpdate {
    match event("envelope", envelope(event_type, data)).payload {
        Payload::Account(update) => update,
        other => panic!("not an account: {other:?}"),
    }
}

#[test]
fn an_account_is_told_in_words_and_figures() {
    let data = r#"{"company":"Acme","stage":"production_ready","tier":"pro","api_calls":"23",
        "error_rate":0.182,"usage_trend":"declining","integration_status":"active",
        "signed_up_at":1734000000,"status":"active"}"#;
    for event_type in ["account_created", "account_updated", "api_usage"] {
        let told = event("envelope", envelope(event_type, data));
        assert_eq!(told.profile.company.as_deref(), Some("Acme"));
        assert_eq!(told.profile.status.as_deref(), Some("active"));
        let expected = AccountUpdate {
            stage: Some(AccountStage::ProductionReady),
            tier: Some(Tier::Pro),
            error_rate: Some(ErrorRate::from_millionths(182_000)),
            usage_trend: Some(UsageTrend::Declining),
            integration_status: Some("active".to_owned()),
            signed_up_at: Some("2024-12-12T10:40:00Z".parse().unwrap()),
            api_call_count: 23,
        };
        assert_eq!(told.payload, Payload::Account(expected));
    }
}

#[test]
fn what_is_not_told_stays_as_it_was() {
    assert_eq!(update("api_usage", "{}"), AccountUpdate::default());
    let domain = r#"{"id":"1","ts":"2025-01-15T10:00:00Z","userId":"acme","name":"api_usage",
        "props":{"api_calls":5}}"#;
    let Payload::Account(update) = event("domain", domain).payload else { panic!("no account") };
    assert_eq!(update.api_call_count, 5);
}

#[test]
fn words_and_figures_that_cannot_be_are_refused_with_what_may_be() {
    let refused =
        |data: &str, field: &str| check_refused("envelope", envelope("api_usage", data), field);
    let reason = refused(r#"{"error_rate":15}"#, "data.error_rate");
    assert!(reason.contains("0.15"), "{reason}");
    let reason = refused(r#"{"stage":"started"}"#, "data.stage");
    assert!(reason.contains("api_keys_generated"), "{reason}");
    let reason = refused(r#"{"tier":"gold"}"#, "data.tier");
    assert!(reason.contains("enterprise"), "{reason}");
    refused(r#"{"usage_trend":"up"}"#, "data.usage_trend");
    refused(r#"{"api_calls":-1}"#, "data.api_calls");
    refused(r#"{"api_calls":"many"}"#, "data.api_calls");
    refused(r#"{"signed_up_at":0}"#, "data.signed_up_at");
}
