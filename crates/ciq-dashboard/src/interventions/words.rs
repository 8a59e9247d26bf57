//! The figures that showed that something has to be done, in words.

use ciq_store::EvidenceView;
use serde_json::Value;

use crate::format::{grouped, words};

/// Writes all figures: `Error rate 18.2 % (over 10 %), 240 API calls`.
pub(super) fn evidence(evidence: &[EvidenceView]) -> String {
    let all = evidence.iter().map(one).collect::<Vec<_>>().join(", ");
    let mut letters = all.chars();
    let first = letters.next().map(char::to_uppercase);
    first.into_iter().flatten().chain(letters).collect()
}

/// Writes a figure, and what it was compared with.
fn one(evidence: &EvidenceView) -> String {
    let EvidenceView { field, value, op, threshold } = evidence;
    let said = said(field, value);
    let limit = written(field, threshold);
    match op.as_str() {
        "gt" => format!("{said} (over {limit})"),
        "ge" => format!("{said} ({limit} or more)"),
        "lt" => format!("{said} (under {limit})"),
        "le" => format!("{said} ({limit} or less)"),
        "ne" | "not_in" => format!("{said} (not {limit})"),
        _ => said,
    }
}

fn said(field: &str, value: &Value) -> String {
    let shown = written(field, value);
    if value.is_null() {
        return format!("{} unknown", plain(field));
    }
    match field {
        "total_api_calls" => format!("{shown} API calls"),
        "negative_tickets" => format!("{shown} negative tickets"),
        "account_age_hours" => format!("account {shown} old"),
        "hours_since_last_api_call" => format!("last call {shown} ago"),
        "churn" => format!("likely to leave {shown}"),
        "strength" => format!("profile strength {shown}"),
        "health_score" => format!("health {shown}"),
        _ => format!("{} {shown}", plain(field)),
    }
}

fn plain(field: &str) -> String {
    words(field).to_lowercase()
}

/// Writes a value in the unit of its field.
fn written(field: &str, value: &Value) -> String {
    match (value, field) {
        (Value::Array(list), _) => {
            list.iter().map(|one| written(field, one)).collect::<Vec<_>>().join(" or ")
        }
        (Value::String(text), _) => words(text).to_lowercase(),
        (Value::Number(number), _) => amount(field, number.as_f64().unwrap_or_default()),
        (Value::Bool(flag), _) => if *flag { "yes" } else { "no" }.to_owned(),
        (Value::Null | Value::Object(_), _) => "unknown".to_owned(),
    }
}

fn amount(field: &str, number: f64) -> String {
    match field {
        "error_rate" | "churn" => format!("{} %", short(100.0 * number, 1)),
        "strength" => format!("{} %", short(number, 0)),
        "account_age_hours" | "hours_since_last_api_call" => span(number),
        "lifetime_value" => short(number, 2),
        _ => short(number, 1),
    }
}

/// Writes hours as people say them.
fn span(hours: f64) -> String {
    if hours < 48.0 {
        format!("{} h", short(hours, 0))
    } else {
        format!("{} d", short(hours / 24.0, 1))
    }
}

/// Writes a number with at most some decimals, and none that are zero.
fn short(number: f64, decimals: usize) -> String {
    let text = format!("{number:.decimals$}");
    let text =
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    grouped(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(field: &str, value: Value, op: &str, threshold: Value, shown: &str) {
        let view = EvidenceView { field: field.to_owned(), value, op: op.to_owned(), threshold };
        assert_eq!(one(&view), shown);
    }

    #[test]
    fn figures_are_said_in_words() {
        check("error_rate", json!(0.182), "gt", json!(0.1), "error rate 18.2 % (over 10 %)");
        check("total_api_calls", json!(1240), "ge", json!(1), "1,240 API calls (1 or more)");
        check("usage_trend", json!("declining"), "eq", json!("declining"), "usage trend declining");
        check("account_age_hours", json!(73.5), "gt", json!(24), "account 3.1 d old (over 24 h)");
        check(
            "hours_since_last_api_call",
            json!(9),
            "gt",
            json!(8),
            "last call 9 h ago (over 8 h)",
        );
        check("tier", json!("pro"), "in", json!(["pro", "enterprise"]), "tier pro");
        check(
            "integration_status",
            json!(null),
            "ne",
            json!("active"),
            "integration status unknown (not active)",
        );
    }

    #[test]
    fn all_figures_are_one_sentence() {
        let view = |field: &str, value: Value| EvidenceView {
            field: field.to_owned(),
            value,
            op: "eq".to_owned(),
            threshold: json!(0),
        };
        let all = [view("total_api_calls", json!(0)), view("stage", json!("trial_created"))];
        assert_eq!(evidence(&all), "0 API calls, stage trial created");
    }
}
