//! The rules to begin with, and their edges.

use ciq_event::{AccountStage, ErrorRate, Severity, Tier, UsageTrend};
use ciq_monitor::{DEFAULTS_TOML, Rules, Subject, check};
use jiff::SignedDuration;

use crate::support::{content, hours, now, opened, seconds};

const GONE: [&str; 4] = ["cancelled", "canceled", "churned", "closed"];

/// Checks which of the default rules open for a subject.
#[track_caller]
fn check_kinds(subject: &Subject, expected: &[(&str, Severity)]) {
    let changes = check(&Rules::default_set(), subject, &[], now());
    let found: Vec<_> =
        opened(&changes).iter().map(|new| (new.kind.as_str(), new.severity)).collect();
    assert_eq!(found, expected, "{subject:?}");
    assert_eq!(changes.len(), expected.len());
}

fn waiting(age: SignedDuration) -> Subject {
    let mut subject = content();
    subject.account.stage = AccountStage::ApiKeysGenerated;
    subject.account.tier = Tier::Trial;
    subject.account.api_call_count = 0;
    subject.account.last_api_call_at = None;
    subject.account.signed_up_at = Some(now() - age);
    subject
}

fn failing(millionths: u32, api_call_count: i64) -> Subject {
    let mut subject = content();
    subject.account.error_rate = ErrorRate::from_millionths(millionths);
    subject.account.api_call_count = api_call_count;
    subject
}

fn using(usage_trend: UsageTrend, tier: Tier, api_call_count: i64) -> Subject {
    let mut subject = content();
    subject.account.usage_trend = usage_trend;
    subject.account.tier = tier;
    subject.account.api_call_count = api_call_count;
    subject
}

#[test]
fn the_default_set_is_what_its_text_says() {
    let rules = Rules::default_set();
    assert_eq!(Ok(&rules), Rules::parse_toml(DEFAULTS_TOML).as_ref());
    let kinds: Vec<_> = rules.rules().iter().map(|rule| rule.kind.as_str()).collect();
    let expected =
        ["onboarding_check_in", "error_debugging", "retention_outreach", "upsell_suggestion"];
    assert_eq!(kinds, expected);
    for rule in rules.rules() {
        assert!(rule.is_enabled && rule.due_in.is_some() && rule.playbook.len() >= 3);
        assert_eq!(rule.cool_down, hours(24));
        assert!(rule.action.ends_with('.') && rule.action != rule.title);
    }
}

#[test]
fn a_content_customer_is_left_alone() {
    check_kinds(&content(), &[]);
}

#[test]
fn who_has_keys_for_more_than_a_day_and_has_not_called_is_asked() {
    let open = [("onboarding_check_in", Severity::Medium)];
    check_kinds(&waiting(hours(24)), &[]);
    check_kinds(&waiting(hours(24) + seconds(1)), &open);
    check_kinds(&waiting(hours(24) + SignedDuration::from_nanos(1)), &open);
    check_kinds(&waiting(hours(23)), &[]);
    for stage in AccountStage::ALL {
        let mut subject = waiting(hours(30));
        subject.account.stage = *stage;
        let expected = if *stage == AccountStage::ApiKeysGenerated { &open[..] } else { &[] };
        check_kinds(&subject, expected);
    }
    let mut called = waiting(hours(30));
    called.account.api_call_count = 1;
    check_kinds(&called, &[]);
}

#[test]
fn who_signed_up_at_an_unknown_time_counts_as_a_customer_since() {
    let mut subject = waiting(hours(30));
    subject.account.signed_up_at = None;
    check_kinds(&subject, &[]);
    subject.customer_since = Some(now() - hours(25));
    check_kinds(&subject, &[("onboarding_check_in", Severity::Medium)]);
}

#[test]
fn more_than_a_tenth_of_more_than_ten_calls_is_looked_into() {
    let open = [("error_debugging", Severity::High)];
    check_kinds(&failing(100_000, 11), &[]);
    check_kinds(&failing(100_001, 11), &open);
    check_kinds(&failing(150_000, 10), &[]);
    check_kinds(&failing(150_000, 11), &open);
    check_kinds(&failing(1_000_000, 0), &[]);
    for status in GONE {
        let gone = Subject { status: Some(status.to_owned()), ..failing(150_000, 11) };
        check_kinds(&gone, &open);
    }
}

#[test]
fn who_pays_and_uses_less_is_called() {
    let (high, medium) = (Severity::High, Severity::Medium);
    for (tier, severity) in [
        (Tier::None, None),
        (Tier::Trial, None),
        (Tier::Starter, Some(medium)),
        (Tier::Pro, Some(high)),
        (Tier::Enterprise, Some(high)),
    ] {
        let expected: Vec<_> = severity.map(|it| ("retention_outreach", it)).into_iter().collect();
        check_kinds(&using(UsageTrend::Declining, tier, 23), &expected);
        check_kinds(&using(UsageTrend::Stable, tier, 23), &[]);
    }
    for status in GONE {
        let subject = using(UsageTrend::Declining, Tier::Pro, 23);
        check_kinds(&Subject { status: Some(status.to_owned()), ..subject }, &[]);
    }
}

#[test]
fn who_outgrows_a_small_plan_is_shown_the_next() {
    let open = [("upsell_suggestion", Severity::Medium)];
    check_kinds(&using(UsageTrend::Increasing, Tier::Trial, 1_000), &[]);
    check_kinds(&using(UsageTrend::Increasing, Tier::Trial, 1_001), &open);
    check_kinds(&using(UsageTrend::Increasing, Tier::Starter, 5_000), &open);
    check_kinds(&using(UsageTrend::Stable, Tier::Starter, 5_000), &[]);
    for tier in [Tier::None, Tier::Pro, Tier::Enterprise] {
        check_kinds(&using(UsageTrend::Increasing, tier, 5_000), &[]);
    }
    let active = using(UsageTrend::Increasing, Tier::Starter, 5_000);
    check_kinds(&Subject { status: Some("active".to_owned()), ..active.clone() }, &open);
    for status in GONE {
        check_kinds(&Subject { status: Some(status.to_owned()), ..active.clone() }, &[]);
    }
}

#[test]
fn a_customer_may_need_several_things() {
    let mut subject = using(UsageTrend::Declining, Tier::Starter, 23);
    subject.account.error_rate = ErrorRate::from_millionths(182_000);
    let expected = [("error_debugging", Severity::High), ("retention_outreach", Severity::Medium)];
    check_kinds(&subject, &expected);
}
