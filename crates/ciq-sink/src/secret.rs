//! Texts of others, made fit to be shown.

/// What replaces a secret.
const MASK: &str = "***";

/// Most bytes of a text that is kept.
const TEXT_BYTES_MAX: usize = 500;

/// Replaces the secrets in a text, and cuts it where it is long.
pub(crate) fn masked(text: &str, secrets: &[String]) -> String {
    let hide = |text: String, secret: &String| match secret.as_str() {
        "" => text,
        secret => text.replace(secret, MASK),
    };
    let mut text = secrets.iter().fold(text.to_owned(), hide);
    let is_end = |end: &usize| text.is_char_boundary(*end);
    let end = (0..=text.len().min(TEXT_BYTES_MAX)).rev().find(is_end).unwrap_or_default();
    text.truncate(end);
    text
}

/// Returns what percent escapes mean.
pub(crate) fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let escaped = digits.and_then(|digits| u8::from_str_radix(digits, 16).ok());
        if let (b'%', Some(byte)) = (first, escaped) {
            bytes.push(byte);
            rest = &after[2..];
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Returns an error and its causes in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let words = error.to_string();
        // Some errors repeat their cause.
        if !text.contains(&words) {
            text.push_str(": ");
            text.push_str(&words);
        }
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_replaced_wherever_they_stand() {
        let secrets = ["hush".to_owned(), String::new()];
        assert_eq!(masked("a hush, a :hush@", &secrets), "a ***, a :***@");
        assert_eq!(masked(&"ä".repeat(400), &secrets).len(), 500);
    }

    #[test]
    fn escapes_are_undone() {
        assert_eq!(unescaped("p%40ss%2f%"), "p@ss/%");
        assert_eq!(unescaped("100%zz"), "100%zz");
    }
}
