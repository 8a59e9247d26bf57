//! Cents as text.

/// Returns an amount in dollars with two decimals, such as `-1234.50`.
pub(crate) fn decimal(cents: i64) -> String {
    let sign = if cents < 0 { "-" } else { "" };
    let cents = cents.unsigned_abs();
    format!("{sign}{}.{:02}", cents / 100, cents % 100)
}

/// Returns an amount in dollars for people, such as `-1,234.50`.
#[must_use]
pub fn dollars(cents: i64) -> String {
    let plain = decimal(cents);
    let (sign, digits) = match plain.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", plain.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "00"));
    let mut grouped = String::new();
    for (place, digit) in whole.char_indices() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    format!("{sign}{grouped}.{fraction}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cents_become_dollars() {
        let check = |cents, plain: &str, grouped: &str| {
            assert_eq!([decimal(cents).as_str(), &dollars(cents)], [plain, grouped]);
        };
        check(0, "0.00", "0.00");
        check(5, "0.05", "0.05");
        check(-5, "-0.05", "-0.05");
        check(99_999, "999.99", "999.99");
        check(100_000, "1000.00", "1,000.00");
        check(-123_456_789, "-1234567.89", "-1,234,567.89");
        check(i64::MIN, "-92233720368547758.08", "-92,233,720,368,547,758.08");
    }
}
