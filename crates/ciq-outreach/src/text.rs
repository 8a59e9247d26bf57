//! Texts as providers want them.

use hyper::header::HeaderValue;

/// Tells whether a text is a number in E.164 form: a plus and 7 to 15 digits, of which the first
/// is not 0.
pub(crate) fn is_e164(text: &str) -> bool {
    let Some(digits) = text.strip_prefix('+') else { return false };
    (7..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0')
}

/// Writes bytes as digits, two for each.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// Writes a key as a header has it: what is not printable ASCII is escaped, as is `%`.
pub(crate) fn key_header(key: &str) -> Option<HeaderValue> {
    let mut text = String::with_capacity(key.len());
    for byte in key.bytes() {
        if byte.is_ascii_graphic() && byte != b'%' {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&hex(&[byte]));
        }
    }
    HeaderValue::from_str(&text).ok()
}

fn digit(half: u8) -> char {
    char::from_digit(u32::from(half), 16).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_escaped_where_a_header_needs_it() {
        let written = |key| key_header(key).unwrap().to_str().unwrap().to_owned();
        assert_eq!(written("a-1:b/2"), "a-1:b/2");
        assert_eq!(written("a b%\u{fc}"), "a%20b%25%c3%bc");
    }

    #[test]
    fn a_number_has_a_plus_and_its_country() {
        for text in ["+4915112345678", "+14155550100"] {
            assert!(is_e164(text), "{text}");
        }
        for text in
            ["", "+", "4915112345678", "+04915112345", "+49 151 1234567", "+1234567890123456"]
        {
            assert!(!is_e164(text), "{text}");
        }
    }
}
