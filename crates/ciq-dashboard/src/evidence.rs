//! Why customers were joined, in words.

use maud::{Markup, html};
use serde_json::Value;

use crate::format::words;

/// Writes a merge's reason and what showed it.
pub(crate) fn evidence(reason: &str, evidence: &Value) -> Markup {
    let shared = shared_identifiers(evidence);
    html! {
        @match reason {
            "identifier_match" => "One event carried identifiers of both",
            "manual_review" => "A person approved it in the review queue",
            other => (other),
        }
        @if !shared.is_empty() {
            ": "
            @for (at, (kind, value)) in shared.iter().enumerate() {
                @if at > 0 { ", " }
                (words(kind).to_lowercase()) " " strong { (value) }
            }
        }
    }
}

fn shared_identifiers(evidence: &Value) -> Vec<(&str, &str)> {
    let list = evidence.get("identifiers").and_then(Value::as_array);
    let pairs = list
        .into_iter()
        .flatten()
        .filter_map(|one| Some((one.get("kind")?.as_str()?, one.get("value")?.as_str()?)));
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn shared_identifiers_are_named() {
        let shown = evidence(
            "identifier_match",
            &json!({"event_id": "evt_1", "identifiers": [{"kind": "email", "value": "a@b.c"}]}),
        );
        assert_eq!(
            shown.into_string(),
            "One event carried identifiers of both: email <strong>a@b.c</strong>"
        );
    }

    #[test]
    fn a_persons_words_are_escaped() {
        let shown = evidence("<b>same</b>", &json!({"decision_id": "dec_1"}));
        assert_eq!(shown.into_string(), "&lt;b&gt;same&lt;/b&gt;");
    }
}
