//! Values as people read them: money, times, counts.

use std::borrow::Cow;

use ciq_event::Money;
use jiff::Timestamp;
use maud::{Markup, html};

/// What stands where there is nothing to show.
pub(crate) const NOTHING: &str = "\u{2013}";

/// Writes an amount exactly, with its currency: `1,299.99 USD`.
pub(crate) fn money(money: Money) -> String {
    format!("{} {}", grouped(&money.to_string()), money.currency)
}

/// Writes a count: `12,345`.
pub(crate) fn count(count: i64) -> String {
    grouped(&count.to_string())
}

/// Writes a count and what is counted: `1 order`, `2 orders`.
pub(crate) fn counted(how_many: i64, singular: &str) -> String {
    let plural = if how_many == 1 { "" } else { "s" };
    format!("{} {singular}{plural}", count(how_many))
}

/// Writes a time of the store (RFC 3339) as `2 Jan 2024, 15:04 UTC`, with the exact one for
/// machines.
pub(crate) fn time(at: Option<&str>) -> Markup {
    let Some(at) = at else { return html! { (NOTHING) } };
    let Ok(parsed) = at.parse::<Timestamp>() else { return html! { (at) } };
    html! { time datetime=(at) { (parsed.strftime("%-d %b %Y, %H:%M UTC").to_string()) } }
}

/// Writes the day of a time of the store, with the exact time for machines and for who points at it.
pub(crate) fn day(at: Option<&str>) -> Markup {
    let Some(at) = at else { return html! { (NOTHING) } };
    let Ok(parsed) = at.parse::<Timestamp>() else { return html! { (at) } };
    let exact = parsed.strftime("%-d %b %Y, %H:%M UTC").to_string();
    html! { time datetime=(at) title=(exact) { (parsed.strftime("%-d %b %Y").to_string()) } }
}

/// Writes a time in seconds since 1970 as [`time`] does.
pub(crate) fn moment(seconds: i64) -> Markup {
    let at = Timestamp::from_second(seconds).ok().map(|at| at.to_string());
    time(at.as_deref())
}

/// Returns a share, 0 to 1, in whole percent.
pub(crate) fn percent(share: f64) -> u8 {
    // By its text: no number of ours can be too large for one.
    format!("{:.0}", 100.0 * share.clamp(0.0, 1.0)).parse().unwrap_or_default()
}

/// Writes a text, or that there is none.
pub(crate) fn text(text: Option<&str>) -> &str {
    text.filter(|text| !text.is_empty()).unwrap_or(NOTHING)
}

/// Writes the beginning of a text that may be very long.
pub(crate) fn cut(text: &str, length_max: usize) -> Cow<'_, str> {
    match text.char_indices().nth(length_max) {
        None => Cow::Borrowed(text),
        Some((end, _)) => Cow::Owned(format!("{}\u{2026}", text[..end].trim_end())),
    }
}

/// Writes a kind of identifier for people.
pub(crate) fn kind_words(kind: &str) -> String {
    match kind {
        "customer_id" => "Customer id".to_owned(),
        "email" => "E-mail".to_owned(),
        "whatsapp" => "WhatsApp".to_owned(),
        "upi" => "UPI".to_owned(),
        "qr_id" => "QR id".to_owned(),
        "card_last4" => "Card ending".to_owned(),
        other => match other.strip_prefix("external:") {
            Some(system) => format!("Id at {system}"),
            None => words(other),
        },
    }
}

/// Writes a name of the machine for people: `support_ticket` becomes `Support ticket`.
pub(crate) fn words(name: &str) -> String {
    let spaced = name.replace(['_', '-', '.'], " ");
    let words = spaced.split(' ').map(|word| if word == "api" { "API" } else { word });
    let spaced = words.collect::<Vec<_>>().join(" ");
    let mut characters = spaced.chars();
    let Some(first) = characters.next() else { return spaced };
    first.to_uppercase().chain(characters).collect()
}

/// Puts commas between groups of three digits before the point.
pub(crate) fn grouped(number: &str) -> String {
    let whole_end = number.find('.').unwrap_or(number.len());
    let mut out = String::with_capacity(number.len() * 4 / 3);
    for (at, c) in number.char_indices() {
        let is_boundary = at > 0 && at < whole_end && (whole_end - at).is_multiple_of(3);
        if is_boundary && out.ends_with(|c: char| c.is_ascii_digit()) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use ciq_event::Currency;

    #[track_caller]
    fn check_money(amount: &str, code: &str, shown: &str) {
        let currency = Currency::parse(code).unwrap();
        assert_eq!(money(Money::parse(amount, currency).unwrap()), shown);
    }

    #[test]
    fn money_is_written_exactly_with_its_currency() {
        check_money("299.99", "USD", "299.99 USD");
        check_money("0", "EUR", "0.00 EUR");
        check_money("1234567.5", "USD", "1,234,567.50 USD");
        check_money("-1234.5", "USD", "-1,234.50 USD");
        check_money("-123.45", "USD", "-123.45 USD");
        check_money("150000", "JPY", "150,000 JPY");
        check_money("1.234", "KWD", "1.234 KWD");
    }

    #[test]
    fn times_are_readable_and_exact() {
        assert_eq!(
            time(Some("2024-01-02T15:04:05Z")).into_string(),
            r#"<time datetime="2024-01-02T15:04:05Z">2 Jan 2024, 15:04 UTC</time>"#
        );
        assert_eq!(time(None).into_string(), NOTHING);
        assert_eq!(
            day(Some("2024-01-02T15:04:05Z")).into_string(),
            r#"<time datetime="2024-01-02T15:04:05Z" title="2 Jan 2024, 15:04 UTC">2 Jan 2024</time>"#
        );
    }

    #[test]
    fn a_share_is_rounded_to_whole_percent() {
        for (share, shown) in [(0.0, 0), (0.154, 15), (0.999, 100), (1.5, 100), (f64::NAN, 0)] {
            assert_eq!(percent(share), shown);
        }
    }

    #[test]
    fn a_moment_is_a_time() {
        assert_eq!(moment(0).into_string(), time(Some("1970-01-01T00:00:00Z")).into_string());
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(cut("caf\u{e9}s", 5), "caf\u{e9}s");
        assert_eq!(cut("caf\u{e9}s", 4), "caf\u{e9}\u{2026}");
        assert_eq!(cut("a b c", 2), "a\u{2026}");
    }

    #[test]
    fn counts_agree_with_what_is_counted() {
        assert_eq!(counted(1, "order"), "1 order");
        assert_eq!(counted(12_345, "order"), "12,345 orders");
        assert_eq!(words("support_ticket"), "Support ticket");
        assert_eq!(words("first_api_call"), "First API call");
    }
}
