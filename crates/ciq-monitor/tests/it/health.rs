//! How well an account goes, and why.

use ciq_event::{Account, AccountStage, ErrorRate, Tier, UsageTrend};
use ciq_monitor::{Band, Health, Subject, health};
use jiff::SignedDuration;
use proptest::prelude::*;
use serde_json::json;

use crate::support::{content, failing, hours, now, seconds};

/// Nothing was told of this account.
fn blank() -> Subject {
    Subject::of(Account {
        stage: AccountStage::New,
        tier: Tier::None,
        error_rate: ErrorRate::default(),
        usage_trend: UsageTrend::Stable,
        integration_status: None,
        signed_up_at: None,
        api_call_count: 0,
        last_api_call_at: None,
    })
}

#[track_caller]
fn check(subject: &Subject, part: &str, points: u8, reason: &str) {
    let health = health(subject, now());
    let found = health.parts.iter().find(|found| found.name == part).unwrap();
    assert_eq!((found.points, found.reason.as_str()), (points, reason));
}

fn points(health: &Health) -> Vec<(&'static str, u8, u8)> {
    health.parts.iter().map(|part| (part.name, part.points, part.points_max)).collect()
}

#[test]
fn a_content_customer_is_healthy() {
    let health = health(&Subject { churn: Some(0.2), ..content() }, now());
    let expected = [
        ("errors", 30, 30),
        ("usage", 20, 30),
        ("progress", 10, 10),
        ("engagement", 10, 10),
        ("support", 8, 8),
        ("churn", 10, 12),
    ];
    assert_eq!(points(&health), expected);
    assert_eq!((health.score, health.band), (88, Band::Healthy));
}

#[test]
fn what_is_not_known_counts_half_and_says_so() {
    let health = health(&blank(), now());
    let half = health.parts.iter().filter(|part| part.name != "support");
    for part in half {
        assert_eq!(part.points * 2, part.points_max, "{}", part.name);
        assert!(part.reason.starts_with("not known: "), "{}", part.reason);
        assert!(part.reason.ends_with("; counts half"), "{}", part.reason);
    }
    assert_eq!((health.score, health.band), (54, Band::Watch));
}

#[test]
fn errors_cost_in_a_straight_line() {
    for (millionths, points) in
        [(0, 30), (10_000, 27), (50_000, 15), (99_000, 0), (100_000, 0), (1_000_000, 0)]
    {
        let mut subject = content();
        subject.account.error_rate = ErrorRate::from_millionths(millionths);
        let reason = format!("{} of the calls fail", subject.account.error_rate);
        check(&subject, "errors", points, &reason);
    }
    check(&failing(), "errors", 0, "15.0 % of the calls fail");
}

#[test]
fn few_calls_and_long_silence_say_nothing_of_errors() {
    let mut subject = failing();
    subject.account.api_call_count = 10;
    check(&subject, "errors", 15, "not known: 10 calls are too few to judge; counts half");
    subject.account.api_call_count = 1;
    check(&subject, "errors", 15, "not known: 1 call is too few to judge; counts half");
    subject.account.api_call_count = 11;
    check(&subject, "errors", 0, "15.0 % of the calls fail");
    subject.account.last_api_call_at = Some(now() - hours(31 * 24));
    check(&subject, "errors", 15, "not known: no calls for 31 days; counts half");
}

#[test]
fn use_counts_by_its_trend_while_there_is_any() {
    for (trend, points, reason) in [
        (UsageTrend::Increasing, 30, "use increases"),
        (UsageTrend::Stable, 20, "use is stable"),
        (UsageTrend::Declining, 0, "use declines"),
    ] {
        let mut subject = content();
        subject.account.usage_trend = trend;
        check(&subject, "usage", points, reason);
        subject.account.last_api_call_at = Some(now() - hours(30 * 24));
        check(&subject, "usage", points, reason);
        subject.account.last_api_call_at = Some(now() - hours(30 * 24) - seconds(1));
        check(&subject, "usage", 0, "no calls for 30 days");
    }
}

#[test]
fn progress_counts_by_the_stage_save_for_the_young() {
    for (index, stage) in AccountStage::ALL.iter().enumerate() {
        let mut subject = content();
        subject.account.stage = *stage;
        let points = u8::try_from(index * 2).unwrap();
        let reason = format!("{stage}: {index} of 5 steps after the first");
        check(&subject, "progress", points, &reason);
        subject.account.signed_up_at = Some(now() - hours(3));
        let young = format!("{stage}, and too early to tell after 3 hours; counts half");
        let (points, reason) = if points < 5 { (5, &young) } else { (points, &reason) };
        check(&subject, "progress", points, reason);
    }
}

#[test]
fn engagement_counts_by_the_latest_call() {
    let days = |count: i64| hours(24 * count);
    for (idle, points, words) in [
        (seconds(0), 10, "less than an hour"),
        (hours(1), 10, "1 hour"),
        (hours(24), 10, "24 hours"),
        (hours(24) + seconds(1), 8, "24 hours"),
        (days(3), 8, "3 days"),
        (days(7), 6, "7 days"),
        (days(14), 4, "14 days"),
        (days(30), 2, "30 days"),
        (days(31), 0, "31 days"),
        (hours(-5), 10, "less than an hour"),
    ] {
        let mut subject = content();
        subject.account.last_api_call_at = Some(now() - idle);
        check(&subject, "engagement", points, &format!("the latest call was {words} ago"));
    }
}

#[test]
fn who_never_called_is_not_engaged_after_a_day() {
    let never = |age: SignedDuration| {
        let mut subject = content();
        subject.account.api_call_count = 0;
        subject.account.last_api_call_at = None;
        subject.account.signed_up_at = Some(now() - age);
        subject
    };
    check(&never(hours(23)), "engagement", 5, "not known: no calls yet; counts half");
    check(&never(hours(24)), "engagement", 0, "no calls in 24 hours");
    check(&never(hours(72)), "engagement", 0, "no calls in 3 days");
    let customer = Subject { customer_since: Some(now() - hours(500)), ..blank() };
    check(&customer, "engagement", 5, "not known: no calls yet; counts half");
    let mut timeless = content();
    timeless.account.last_api_call_at = None;
    check(&timeless, "engagement", 5, "not known: no call has a time; counts half");
}

#[test]
fn tickets_and_the_chance_of_leaving_cost() {
    for (count, points, reason) in [
        (0, 8, "no negative ticket in the last 30 days"),
        (1, 4, "1 negative ticket in the last 30 days"),
        (2, 0, "2 negative tickets in the last 30 days"),
        (900, 0, "900 negative tickets in the last 30 days"),
    ] {
        let subject = Subject { negative_ticket_count: count, ..content() };
        check(&subject, "support", points, reason);
    }
    for (churn, points, reason) in [
        (0.0, 12, "the chance of leaving is 0 %"),
        (0.25, 9, "the chance of leaving is 25 %"),
        (0.71, 3, "the chance of leaving is 71 %"),
        (7.0, 0, "the chance of leaving is 100 %"),
        (f64::NAN, 6, "not known: no prediction of leaving; counts half"),
    ] {
        check(&Subject { churn: Some(churn), ..content() }, "churn", points, reason);
    }
}

#[test]
fn errors_with_less_use_are_a_risk_and_silence_is_one_too() {
    let mut subject = failing();
    subject.account.usage_trend = UsageTrend::Declining;
    let health = health(&subject, now());
    assert_eq!((health.score, health.band), (34, Band::AtRisk));
    let mut gone = content();
    gone.account.last_api_call_at = Some(now() - hours(40 * 24));
    assert_eq!(gone.health_score(now()), 15 + 10 + 8 + 6);
}

#[test]
fn bands_begin_where_they_say() {
    for (score, band) in [
        (0, Band::AtRisk),
        (39, Band::AtRisk),
        (40, Band::Watch),
        (69, Band::Watch),
        (70, Band::Healthy),
        (100, Band::Healthy),
    ] {
        assert_eq!(Band::of(score), band);
        assert_eq!(Band::parse(band.name()), Some(band));
    }
}

#[test]
fn it_is_written_as_it_is_read_over_http() {
    let value = serde_json::to_value(health(&failing(), now())).unwrap();
    assert_eq!(value["band"], "watch");
    let errors = json!({
        "name": "errors",
        "points": 0,
        "points_max": 30,
        "reason": "15.0 % of the calls fail",
    });
    assert_eq!(value["parts"][0], errors);
}

proptest! {
    #[test]
    fn the_parts_are_the_score(
        stage in prop::sample::select(AccountStage::ALL),
        trend in prop::sample::select(UsageTrend::ALL),
        (millionths, calls) in (0_u32..1_000_000, 0_i64..50),
        idle in prop::option::of(-50_i64..2_000),
        age in prop::option::of(-50_i64..2_000),
        churn in prop::option::of(prop::num::f64::ANY),
        negative_ticket_count: u32,
    ) {
        let mut subject = Subject { churn, negative_ticket_count, ..content() };
        subject.account = Account {
            stage,
            usage_trend: trend,
            error_rate: ErrorRate::from_millionths(millionths),
            api_call_count: calls,
            signed_up_at: age.map(|age| now() - hours(age)),
            last_api_call_at: idle.map(|idle| now() - hours(idle)),
            ..subject.account
        };
        let health = health(&subject, now());
        let sum: u32 = health.parts.iter().map(|part| u32::from(part.points)).sum();
        let max: u32 = health.parts.iter().map(|part| u32::from(part.points_max)).sum();
        prop_assert_eq!((sum, max), (u32::from(health.score), 100));
        prop_assert_eq!(subject.health_score(now()), health.score);
        prop_assert_eq!(health.band, Band::of(health.score));
        prop_assert!(health.parts.iter().all(|part| part.points <= part.points_max));
        prop_assert!(health.parts.iter().all(|part| !part.reason.is_empty()));
    }
}
