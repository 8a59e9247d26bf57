//! When nobody is written to.

use proptest::prelude::*;
use serde_json::json;

use crate::support::{at, hours, rule};

fn end_of(from: &str, to: &str, zone: &str, time: &str) -> Option<String> {
    let quiet = json!({"quiet_hours": {"from": from, "to": to, "time_zone": zone}});
    let rule = rule(json!({"type": "churn_risk"}), quiet);
    rule.quiet_hours.unwrap().end_of(at(time)).map(|end| end.to_string())
}

#[track_caller]
fn check(zone: &str, time: &str, expected: Option<&str>) {
    assert_eq!(end_of("21:00", "08:00", zone, time).as_deref(), expected, "{zone} {time}");
}

#[test]
fn hours_past_midnight_end_in_the_morning() {
    check("UTC", "2024-01-20T20:59:59Z", None);
    check("UTC", "2024-01-20T21:00:00Z", Some("2024-01-21T08:00:00Z"));
    check("UTC", "2024-01-21T00:00:00Z", Some("2024-01-21T08:00:00Z"));
    check("UTC", "2024-01-21T07:59:59Z", Some("2024-01-21T08:00:00Z"));
    check("UTC", "2024-01-21T08:00:00Z", None);
}

#[test]
fn hours_within_a_day_end_the_same_day() {
    let lunch = |time| end_of("12:00", "13:30", "UTC", time);
    assert_eq!(lunch("2024-01-20T12:00:00Z").as_deref(), Some("2024-01-20T13:30:00Z"));
    assert_eq!(lunch("2024-01-20T13:30:00Z"), None);
    assert_eq!(lunch("2024-01-20T00:00:00Z"), None);
}

#[test]
fn hours_are_those_of_the_zone() {
    check("+05:30", "2024-01-20T15:29:00Z", None);
    check("+05:30", "2024-01-20T15:30:00Z", Some("2024-01-21T02:30:00Z"));
    check("-08:00", "2024-01-20T07:00:00Z", Some("2024-01-20T16:00:00Z"));
}

#[test]
fn a_posix_rule_knows_summer_time() {
    let berlin = "CET-1CEST,M3.5.0,M10.5.0/3";
    check(berlin, "2024-01-20T20:30:00Z", Some("2024-01-21T07:00:00Z"));
    check(berlin, "2024-07-20T19:30:00Z", Some("2024-07-21T06:00:00Z"));
    // The clocks go forward in the night to the 31st of March: it is an hour shorter.
    check(berlin, "2024-03-30T21:00:00Z", Some("2024-03-31T06:00:00Z"));
}

proptest! {
    #[test]
    fn quiet_hours_end_after_now_and_within_a_day_and_an_hour(
        from in 0_u32..1440,
        length in 1_u32..1440,
        seconds in 0_i64..200_000_000,
    ) {
        let clock = |minutes: u32| format!("{:02}:{:02}", minutes / 60 % 24, minutes % 60);
        let quiet = json!({"quiet_hours": {
            "from": clock(from),
            "to": clock(from + length),
            "time_zone": "EST5EDT,M3.2.0,M11.1.0",
        }});
        let rule = rule(json!({"type": "churn_risk"}), quiet);
        let quiet = rule.quiet_hours.unwrap();
        let now = at("2024-01-01T00:00:00Z") + jiff::SignedDuration::from_secs(seconds);
        if let Some(end) = quiet.end_of(now) {
            prop_assert!(end > now && end <= now + hours(25), "{} {}", now, end);
        }
    }
}
