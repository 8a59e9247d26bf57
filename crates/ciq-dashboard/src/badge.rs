//! Marks that say something in a word, a shape and a colour at once.

use maud::{Markup, html};

use crate::format::words;

/// Shows how severe something is, by its name: `low`, `medium`, `high`, `critical`.
pub(crate) fn severity(name: &str) -> Markup {
    let (tone, shape) = match name {
        "critical" => ("worst", "\u{25c6}"),
        "high" => ("bad", "\u{25b2}"),
        "medium" => ("warn", "\u{25cf}"),
        _ => ("plain", "\u{25cb}"),
    };
    mark(tone, shape, name)
}

/// Shows a band of health, by its name: `healthy`, `watch`, `at_risk`.
pub(crate) fn band(name: &str) -> Markup {
    let (tone, shape) = match name {
        "healthy" => ("good", "\u{25cf}"),
        "watch" => ("warn", "\u{25b2}"),
        "at_risk" => ("bad", "\u{25c6}"),
        _ => ("plain", "\u{25cb}"),
    };
    mark(tone, shape, name)
}

/// Shows how a customer pays, by its name: `good`, `past_due`, `cancelled`, `none`.
pub(crate) fn billing(name: &str) -> Markup {
    let (tone, shape) = match name {
        "good" => ("good", "\u{25cf}"),
        "past_due" => ("bad", "\u{25c6}"),
        _ => ("plain", "\u{25cb}"),
    };
    mark(tone, shape, name)
}

fn mark(tone: &str, shape: &str, name: &str) -> Markup {
    html! { span.tag.(tone) { span.shape aria-hidden="true" { (shape) } (words(name)) } }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_says_its_word() {
        for (shown, word) in [
            (severity("critical"), "Critical"),
            (band("at_risk"), "At risk"),
            (billing("past_due"), "Past due"),
        ] {
            assert!(shown.into_string().contains(&format!("</span>{word}</span>")));
        }
        assert!(severity("<b>").into_string().contains("&lt;b&gt;"));
    }
}
