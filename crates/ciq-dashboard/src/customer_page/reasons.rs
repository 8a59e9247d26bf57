//! The figures that speak for staying or leaving, in words.

use maud::{Markup, html};
use serde_json::{Map, Value};

use crate::format::counted;

/// From how many orders on they speak for staying.
const HABIT_ORDERS_MIN: u64 = 5;

/// A silence speaks for leaving from this many usual gaps on.
const SILENCE_GAPS: f64 = 1.5;

/// From how many days on having done nothing speaks for leaving.
const IDLE_DAYS_MIN: u64 = 30;

/// Up to how many days ago having done something speaks for staying.
const ACTIVE_DAYS_MAX: u64 = 7;

/// What a figure speaks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    Leaving,
    Staying,
}

/// Shows the figures that matter; nothing where none stands out.
pub(super) fn reasons(features: &Value) -> Markup {
    let Some(features) = features.as_object() else { return html! {} };
    let reasons = reasons_of(features);
    html! {
        @if !reasons.is_empty() {
            h3 { "Figures that matter" }
            ul.plain {
                @for (speaks_for, said) in &reasons {
                    li {
                        @match speaks_for {
                            For::Leaving => span.tag.bad { span.shape aria-hidden="true" { "\u{25b2}" } "Leaving" },
                            For::Staying => span.tag.good { span.shape aria-hidden="true" { "\u{25bc}" } "Staying" },
                        }
                        " " (said)
                    }
                }
            }
        }
    }
}

fn reasons_of(features: &Map<String, Value>) -> Vec<(For, String)> {
    let mut found = Vec::new();
    if features.get("is_cancelled").and_then(Value::as_bool) == Some(true) {
        found.push((For::Leaving, "Cancelled, and has not come back".to_owned()));
    }
    found.extend(silence(features));
    found.extend(habit(features));
    found.extend(troubles(features));
    found.extend(activity(features));
    found
}

fn number(features: &Map<String, Value>, name: &str) -> Option<u64> {
    features.get(name).and_then(Value::as_u64)
}

fn told(features: &Map<String, Value>, name: &str, what: &str) -> Option<String> {
    let count = number(features, name).filter(|count| *count > 0)?;
    Some(counted(i64::try_from(count).unwrap_or(i64::MAX), what))
}

fn days(count: u64) -> String {
    counted(i64::try_from(count).unwrap_or(i64::MAX), "day")
}

fn silence(features: &Map<String, Value>) -> Option<(For, String)> {
    let recency = number(features, "rfm_recency_days")?;
    let gap = features.get("mean_gap_days").and_then(Value::as_f64)?;
    let since = f64::from(u32::try_from(recency).unwrap_or(u32::MAX));
    let said = format!("Last order {} ago; there are {gap:.0} days between orders", days(recency));
    if since > SILENCE_GAPS * gap.max(1.0) {
        Some((For::Leaving, said))
    } else if since <= gap {
        Some((For::Staying, said))
    } else {
        None
    }
}

fn habit(features: &Map<String, Value>) -> Option<(For, String)> {
    match number(features, "rfm_frequency")? {
        1 => Some((For::Leaving, "Has ordered once".to_owned())),
        count if count >= HABIT_ORDERS_MIN => {
            Some((For::Staying, format!("Has ordered {count} times")))
        }
        _ => None,
    }
}

fn troubles(features: &Map<String, Value>) -> Vec<(For, String)> {
    let told = |name, what| told(features, name, what);
    let open = [
        told("open_complaint_count", "complaint").map(|it| format!("{it} since the last order")),
        told("open_billing_issue_count", "billing issue").map(|it| format!("{it} open")),
        told("downgrade_count", "downgrade"),
    ];
    let upgraded = told("upgrade_count", "upgrade").map(|said| (For::Staying, said));
    open.into_iter().flatten().map(|said| (For::Leaving, said)).chain(upgraded).collect()
}

fn activity(features: &Map<String, Value>) -> Vec<(For, String)> {
    let mut found = Vec::new();
    match number(features, "days_since_active") {
        Some(since) if since >= IDLE_DAYS_MIN => {
            found.push((For::Leaving, format!("Nothing done for {}", days(since))));
        }
        Some(since) if since <= ACTIVE_DAYS_MAX => {
            found.push((For::Staying, format!("Did something {} ago", days(since))));
        }
        _ => {}
    }
    for (name, what) in [("session_count_30d", "visit"), ("use_count_30d", "use")] {
        found.extend(
            told(features, name, what)
                .map(|said| (For::Staying, format!("{said} in the last 30 days"))),
        );
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(features: &Value, expect: &[(For, &str)]) {
        let found = reasons_of(features.as_object().unwrap());
        let found: Vec<_> = found.iter().map(|(what, said)| (*what, said.as_str())).collect();
        assert_eq!(found, expect);
    }

    #[test]
    fn a_silence_is_measured_by_the_usual_gap() {
        let said = "Last order 45 days ago; there are 20 days between orders";
        let features = json!({"rfm_recency_days": 45, "mean_gap_days": 20.0});
        check(&features, &[(For::Leaving, said)]);
        let said = "Last order 1 day ago; there are 20 days between orders";
        let features = json!({"rfm_recency_days": 1, "mean_gap_days": 20.0});
        check(&features, &[(For::Staying, said)]);
        check(&json!({"rfm_recency_days": 25, "mean_gap_days": 20.0}), &[]);
    }

    #[test]
    fn troubles_speak_for_leaving_and_use_for_staying() {
        let features = json!({
            "is_cancelled": false, "rfm_frequency": 1, "open_complaint_count": 2,
            "upgrade_count": 1, "days_since_active": 3, "use_count_30d": 12,
        });
        let expect = [
            (For::Leaving, "Has ordered once"),
            (For::Leaving, "2 complaints since the last order"),
            (For::Staying, "1 upgrade"),
            (For::Staying, "Did something 3 days ago"),
            (For::Staying, "12 uses in the last 30 days"),
        ];
        check(&features, &expect);
    }
}
