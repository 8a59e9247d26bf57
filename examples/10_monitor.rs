//! A rule that calls a person, and the life of what it opens.
//!
//! You will see the calls of an account begin to fail, an intervention open and close with them, a
//! day of rest before anybody is called again, and what a person may do in between.
#![expect(clippy::print_stdout, reason = "an example shows")]

use std::error::Error;

use ciq_event::{Account, AccountStage, CustomerId, ErrorRate, InterventionId, Tier, UsageTrend};
use ciq_monitor::{Action, Change, CloseReason, Held, Rules, Status, Subject, act, check, health};
use jiff::Timestamp;

const RULES: &str = r#"
    [[rule]]
    kind = "calls_fail"
    title = "Calls fail"
    severity = "high"
    when = [{ field = "error_rate", op = "gt", value = 0.1 }]
    cool_down = "24h"
"#;

/// The share of calls that fail, as of some times.
const STORY: [(&str, &str); 5] = [
    ("2026-01-10T09:00:00Z", "0.01"),
    ("2026-01-10T10:00:00Z", "0.25"),
    ("2026-01-10T12:00:00Z", "0.02"),
    ("2026-01-10T13:00:00Z", "0.30"),
    ("2026-01-11T12:00:00Z", "0.30"),
];

fn subject(error_rate: &str, as_of: Timestamp) -> Result<Subject, Box<dyn Error>> {
    Ok(Subject::of(Account {
        stage: AccountStage::ProductionReady,
        tier: Tier::Pro,
        error_rate: ErrorRate::parse(error_rate).ok_or("no rate")?,
        usage_trend: UsageTrend::Stable,
        integration_status: None,
        signed_up_at: Some("2025-11-01T00:00:00Z".parse()?),
        api_call_count: 5_000,
        last_api_call_at: Some(as_of),
    }))
}

/// Makes the changes of a check to what the customer has, and returns them in words.
fn told(changes: &[Change], held: &mut Vec<Held>) -> Vec<String> {
    let customer = CustomerId::from_raw("acme");
    let mut words = Vec::new();
    for change in changes {
        match change {
            Change::Open(new) => {
                words.push(format!("opens {} ({})", new.kind, new.severity));
                held.push(Held {
                    id: InterventionId::of_opening(&customer, &new.kind, new.opened_at),
                    kind: new.kind.clone(),
                    status: Status::Open,
                    severity: new.severity,
                    opened_at: new.opened_at,
                    snoozed_until: None,
                    closed_at: None,
                    evidence: new.evidence.clone(),
                });
            }
            Change::Close { id, at, reason } => {
                words.push(format!("closes it: {}", reason.name()));
                for held in held.iter_mut().filter(|held| held.id == *id) {
                    held.status = Status::Resolved;
                    held.closed_at = Some(*at);
                }
            }
            Change::Wake { .. } => words.push("wakes it".to_owned()),
            Change::Update { severity, .. } => words.push(format!("has news: {severity}")),
        }
    }
    words
}

/// What a check finds at each time of the story.
fn checks() -> Result<Vec<String>, Box<dyn Error>> {
    let rules = Rules::parse_toml(RULES)?;
    let mut held = Vec::new();
    let mut lines = Vec::new();
    for (time, error_rate) in STORY {
        let as_of: Timestamp = time.parse()?;
        let subject = subject(error_rate, as_of)?;
        let score = health(&subject, as_of).score;
        let words = told(&check(&rules, &subject, &held, as_of), &mut held);
        let words = if words.is_empty() { "nothing".to_owned() } else { words.join(", ") };
        lines.push(format!("{time}: error rate {error_rate}, health {score}: {words}"));
    }
    Ok(lines)
}

/// What a person may do with one that is resolved.
fn refusal() -> Result<String, Box<dyn Error>> {
    let now = "2026-01-10T12:30:00Z".parse()?;
    let refused = act(Status::Resolved, None, &Action::Acknowledge, now);
    Ok(refused.err().ok_or("it was taken")?.to_string())
}

fn main() -> Result<(), Box<dyn Error>> {
    checks()?.iter().for_each(|line| println!("{line}"));
    println!("{}", refusal()?);
    println!("closed by a check: {}", CloseReason::ALL.map(CloseReason::name).join(", "));
    Ok(())
}

#[cfg(test)]
#[test]
fn runs() {
    main().unwrap();
    let checks = checks().unwrap();
    let found: Vec<_> =
        checks.iter().map(|line| line.rsplit_once(", health ").unwrap().1).collect();
    let found: Vec<_> = found.iter().map(|line| line.split_once(": ").unwrap().1).collect();
    let opens = "opens calls_fail (high)";
    assert_eq!(found, ["nothing", opens, "closes it: cleared", "nothing", opens]);
    assert!(refusal().unwrap().contains("reopen"));
}
