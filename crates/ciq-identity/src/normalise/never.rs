//! Values that never identify: one of these in a million events makes a customer of everybody.

use std::collections::BTreeSet;

/// Texts that programs send where a value is missing, in lower case and in order.
const NEVER: [&str; 16] = [
    "-1",
    "[object object]",
    "anonymous",
    "distinct_id",
    "distinctid",
    "email",
    "false",
    "guest",
    "id",
    "nan",
    "none",
    "not_authenticated",
    "null",
    "true",
    "undefined",
    "unknown",
];

/// Addresses that people and forms put where one is required, in order. A domain for examples
/// is not enough: the documents' own customer is `customer@example.com`.
const PLACEHOLDER_EMAILS: [&str; 24] = [
    "a@a.com",
    "a@b.com",
    "admin@example.com",
    "anonymous@example.com",
    "email@email.com",
    "email@example.com",
    "example@example.com",
    "foo@bar.com",
    "guest@example.com",
    "guest@guest.com",
    "name@example.com",
    "no-reply@example.com",
    "noemail@noemail.com",
    "none@none.com",
    "noreply@example.com",
    "null@null.com",
    "test@example.com",
    "test@example.net",
    "test@example.org",
    "test@test.com",
    "unknown@unknown.com",
    "user@domain.com",
    "user@example.com",
    "you@example.com",
];

/// Numbers that people type where one is required.
const PLACEHOLDER_PHONES: [&str; 2] = ["0123456789", "1234567890"];

/// Tells whether a trimmed value identifies nobody in any kind: a known one or the operator's,
/// bare or in quotes, in any case.
pub(super) fn is_never(sent: &str, operators: &BTreeSet<String>) -> bool {
    let bare = unquoted(sent);
    if bare.bytes().all(|byte| matches!(byte, b'0' | b'-')) {
        return true;
    }
    let lower = bare.to_lowercase();
    NEVER.binary_search(&lower.as_str()).is_ok()
        || operators.contains(&lower)
        || (bare.len() < sent.len() && operators.contains(&sent.to_lowercase()))
}

/// Tells whether an address in lower case is one of those that nobody reads.
pub(super) fn is_placeholder_email(address: &str) -> bool {
    PLACEHOLDER_EMAILS.binary_search(&address).is_ok()
}

/// Tells whether digits are a number that nobody has: one digit throughout or a count, with or
/// without North America's country code.
pub(super) fn is_placeholder_phone(digits: &str) -> bool {
    is_made_up(digits) || digits.strip_prefix('1').is_some_and(is_made_up)
}

fn is_made_up(digits: &str) -> bool {
    let mut bytes = digits.bytes();
    let first = bytes.next();
    bytes.all(|byte| Some(byte) == first) || PLACEHOLDER_PHONES.contains(&digits)
}

/// Returns what stands between a pair of equal quotes, or else the whole.
fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .into_iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .map_or(text, str::trim)
}
