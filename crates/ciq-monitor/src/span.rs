//! Spans of time as people write them: `2h`, `7d`, `1h30m`, `0s`.

use jiff::SignedDuration;

/// The units, the longest first, and their seconds.
const UNITS: [(char, i64); 5] = [('w', 604_800), ('d', 86_400), ('h', 3_600), ('m', 60), ('s', 1)];

/// Reads a span: whole numbers, each with a unit of `w`, `d`, `h`, `m` or `s`.
pub(crate) fn parse(text: &str) -> Option<SignedDuration> {
    let mut total: i64 = 0;
    let mut rest = text.trim();
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits_len = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: i64 = rest.get(..digits_len)?.parse().ok()?;
        let unit = rest.get(digits_len..)?.chars().next()?;
        let (_, seconds) = UNITS.into_iter().find(|(letter, _)| *letter == unit)?;
        total = total.checked_add(number.checked_mul(seconds)?)?;
        rest = rest.get(digits_len + 1..)?.trim_start();
    }
    Some(SignedDuration::from_secs(total))
}

/// Writes a span with the longest unit that leaves no remainder; weeks as days.
pub(crate) fn format(span: SignedDuration) -> String {
    let seconds = span.as_secs();
    let fits = |(_, unit): &(char, i64)| seconds != 0 && seconds % unit == 0;
    let (letter, unit) = UNITS.into_iter().skip(1).find(fits).unwrap_or(('s', 1));
    format!("{}{letter}", seconds / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: Option<i64>, canonical: &str) {
        let span = parse(text);
        assert_eq!(span.map(|span| span.as_secs()), seconds, "{text}");
        if let Some(span) = span {
            assert_eq!(format(span), canonical);
        }
    }

    #[test]
    fn spans_are_read_and_written() {
        check("0s", Some(0), "0s");
        check("2h", Some(7_200), "2h");
        check("90m", Some(5_400), "90m");
        check("1h30m", Some(5_400), "90m");
        check("1h 30m", Some(5_400), "90m");
        check("1w", Some(604_800), "7d");
        check("24h", Some(86_400), "1d");
    }

    #[test]
    fn what_is_no_span_is_refused() {
        for text in ["", "h", "2", "-2h", "2 h", "1.5h", "2x", "99999999999999999999h", "2hé"] {
            check(text, None, "");
        }
    }
}
