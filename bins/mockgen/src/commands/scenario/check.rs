//! What is expected, and what is there.

use serde::Serialize;
use serde_json::Value;

/// One figure: what it should be, what it is, and whether that will do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Check {
    check: String,
    expected: String,
    actual: String,
    pub(super) passed: bool,
}

/// How far a number may be from the one that is expected.
#[derive(Debug, Clone, Copy)]
pub(super) enum Tolerance {
    /// By so much.
    By(f64),
    /// By so many percent of it.
    Percent(f64),
}

impl Check {
    /// Compares with a value that has to be met exactly. Numbers are compared as numbers.
    pub(super) fn exact(check: &str, expected: &Value, actual: &Value) -> Self {
        let numbers = (expected.as_f64(), actual.as_f64());
        let passed = match numbers {
            // Both are decimals of a few digits, read by the same parser.
            (Some(expected), Some(actual)) => (expected - actual).abs() < f64::EPSILON,
            _ => expected == actual,
        };
        Self { check: check.to_owned(), expected: shown(expected), actual: shown(actual), passed }
    }

    /// Compares with a number that has to be met roughly.
    pub(super) fn rough(check: &str, expected: f64, tolerance: Tolerance, actual: &Value) -> Self {
        let (most, told) = match tolerance {
            Tolerance::By(most) => (most, format!("{expected} ± {most}")),
            Tolerance::Percent(share) => {
                (expected.abs() * share / 100.0, format!("{expected} ± {share} %"))
            }
        };
        let number = actual.as_f64();
        let passed = number.is_some_and(|number| (number - expected).abs() <= most);
        let actual = number.map_or_else(|| shown(actual), rounded);
        Self { check: check.to_owned(), expected: told, actual, passed }
    }
}

/// The widest column, in characters. What is longer pushes the rest of its line to the right.
const COLUMN_WIDTH_MAX: usize = 48;

/// Writes checks as a table, a line each.
pub(super) fn table(checks: &[Check]) -> String {
    let width = |text: fn(&Check) -> &str| {
        let widths = checks.iter().map(|check| text(check).chars().count());
        widths.max().unwrap_or_default().min(COLUMN_WIDTH_MAX)
    };
    let (check_width, expected_width) =
        (width(|check| &check.check), width(|check| &check.expected));
    let line = |check: &Check| {
        let Check { check, expected, actual, passed } = check;
        let sign = if *passed { '✓' } else { '✗' };
        format!("  {sign} {check:check_width$}  {expected:expected_width$}  {actual}\n")
    };
    let head = format!("    {:check_width$}  {:expected_width$}  actual\n", "", "expected");
    std::iter::once(head).chain(checks.iter().map(line)).collect()
}

/// Writes a number with four decimals at most.
fn rounded(number: f64) -> String {
    let text = format!("{number:.4}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// What is shown comes from a service: it must not move the cursor.
fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(list) => {
            let items: Vec<String> = list.iter().map(shown).collect();
            items.join(", ")
        }
        Value::Number(number) => number.as_f64().map_or_else(|| number.to_string(), rounded),
        Value::Bool(_) | Value::Object(_) => value.to_string(),
    };
    text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_compared_as_numbers() {
        assert!(Check::exact("", &json!(450), &json!(450.00)).passed);
        assert!(!Check::exact("", &json!(450), &json!(449.99)).passed);
        assert!(!Check::exact("", &json!(450), &json!("450")).passed);
        assert!(!Check::exact("", &json!(0), &Value::Null).passed);
    }

    #[test]
    fn a_tolerance_counts_to_both_sides() {
        let passed = |tolerance, actual| Check::rough("", 0.15, tolerance, &actual).passed;
        assert!(passed(Tolerance::By(0.05), json!(0.11)));
        assert!(!passed(Tolerance::By(0.05), json!(0.21)));
        assert!(passed(Tolerance::Percent(15.0), json!(0.17)));
        assert!(!passed(Tolerance::Percent(15.0), json!(0.12)));
        assert!(!passed(Tolerance::By(1.0), Value::Null));
    }

    #[test]
    fn a_table_has_a_line_for_each_check() {
        let checks = [
            Check::exact("orders", &json!(2), &json!(2)),
            Check::rough("lifetime value", 450.0, Tolerance::Percent(15.0), &json!(300.5)),
        ];
        let expected = "                    expected    actual\n  ✓ orders          2           2\n  \
                        ✗ lifetime value  450 ± 15 %  300.5\n";
        assert_eq!(table(&checks), expected);
    }
}
