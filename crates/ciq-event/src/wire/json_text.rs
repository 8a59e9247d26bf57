//! JSON as text: taking out the whitespace that means nothing, and judging its depth.

use std::borrow::Cow;

/// Deepest nesting that a message may have. Readers downstream stop somewhere (`serde_json` at 128,
/// SQLite at 1000), and no honest event comes near.
pub(super) const DEPTH_MAX: usize = 128;

/// Bytes whose brackets are counted at once: no more than a byte counts.
const PIECE_LENGTH: usize = 128;

/// Returns JSON text without insignificant whitespace; borrowed where there was none.
pub(super) fn minified(json: &[u8]) -> Cow<'_, [u8]> {
    let mut kept = Vec::new();
    let mut run_start = 0;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => at = string_end(json, at),
            b' ' | b'\n' | b'\r' | b'\t' => {
                if kept.capacity() == 0 {
                    kept.reserve(json.len());
                }
                kept.extend_from_slice(&json[run_start..at]);
                at += 1;
                run_start = at;
            }
            _ => at += 1,
        }
    }
    if run_start == 0 {
        return Cow::Borrowed(json);
    }
    kept.extend_from_slice(&json[run_start..]);
    Cow::Owned(kept)
}

/// Tells whether JSON text nests deeper than [`DEPTH_MAX`].
pub(super) fn is_too_deep(json: &[u8]) -> bool {
    // Text with few brackets cannot be deep, and counting them (`{` and `[` differ in one bit) is
    // much cheaper than following them. By pieces, so that the count fits a byte and the compiler counts many at once.
    let in_piece = |piece: &[u8]| piece.iter().map(|b| u8::from(b & !0x20 == b'[')).sum::<u8>();
    if json.chunks(PIECE_LENGTH).map(|piece| usize::from(in_piece(piece))).sum::<usize>()
        <= DEPTH_MAX
    {
        return false;
    }
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => {
                at = string_end(json, at);
                continue;
            }
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEPTH_MAX {
            return true;
        }
        at += 1;
    }
    false
}

/// Tells whether valid JSON text has a `\u` escape that is half a character. Readers downstream
/// would refuse the text then, even where nobody reads that field here.
pub(super) fn has_lone_surrogate(json: &str) -> bool {
    if !json.contains("\\ud") && !json.contains("\\uD") {
        return false;
    }
    let mut rest = json;
    while let Some(place) = rest.find('\\') {
        let escape = &rest[place..];
        let len = match escaped_unit(escape) {
            None => 2,
            Some(0xD800..=0xDBFF) => match escape.get(6..).and_then(escaped_unit) {
                Some(0xDC00..=0xDFFF) => 12,
                _ => return true,
            },
            Some(0xDC00..=0xDFFF) => return true,
            Some(_) => 6,
        };
        rest = escape.get(len..).unwrap_or_default();
    }
    false
}

/// Returns the UTF-16 unit that a `\u` escape at the start of a text stands for.
fn escaped_unit(text: &str) -> Option<u16> {
    u16::from_str_radix(text.strip_prefix("\\u")?.get(..4)?, 16).ok()
}

/// Returns the place after the string that begins at `start`.
fn string_end(json: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while let Some(rest) = json.get(at..) {
        match rest.iter().position(|byte| matches!(byte, b'"' | b'\\')) {
            None => break,
            Some(place) if rest[place] == b'"' => return at + place + 1,
            Some(place) => at += place + 2,
        }
    }
    json.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(json: &str, expected: &str) {
        assert_eq!(minified(json.as_bytes()), expected.as_bytes());
    }

    #[test]
    fn whitespace_goes_except_within_strings() {
        check("{\"a\":1}", "{\"a\":1}");
        check(" {\n\t\"a b\" : [ 1 ,\r\n 2 ] } ", "{\"a b\":[1,2]}");
        check(r#"{"a" : "x \" y \\" , "b": " "}"#, r#"{"a":"x \" y \\","b":" "}"#);
    }

    #[test]
    fn what_is_no_json_is_walked_to_its_end() {
        check("\"open ", "\"open ");
        check("\"\\", "\"\\");
        check(" ", "");
        check("", "");
    }

    #[test]
    fn half_characters_are_found() {
        assert!(has_lone_surrogate(r#""\ud83d""#));
        assert!(has_lone_surrogate(r#""\uD83D\n\uDE00""#));
        assert!(has_lone_surrogate(r#""\ude00\ud83d""#));
        assert!(!has_lone_surrogate(r#""\ud83d\ude00 \u00e9 \\ud83d""#));
        assert!(has_lone_surrogate(r#""\\\ud83d é""#));
    }

    #[test]
    fn depth_counts_brackets_outside_strings() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(!is_too_deep(nested(DEPTH_MAX).as_bytes()));
        assert!(is_too_deep(nested(DEPTH_MAX + 1).as_bytes()));
        assert!(is_too_deep("[".repeat(100_000).as_bytes()));
        assert!(!is_too_deep(format!("[\"{}\"]", "[".repeat(1_000)).as_bytes()));
        assert!(!is_too_deep(format!("[{}]", "[],".repeat(1_000)).as_bytes()));
    }
}
