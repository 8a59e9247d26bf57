//! What was just done about an intervention.

use maud::{Markup, html};

/// Shows what was just done, where an address says something was.
pub(crate) fn notice(done: Option<&str>) -> Markup {
    let said = match done {
        Some("acknowledged") => "Acknowledged: everyone sees that somebody looks after it.",
        Some("snoozed") => "Snoozed: it comes back by itself.",
        Some("assigned") => "Assigned.",
        Some("resolved") => "Resolved. It can be opened again at any time.",
        Some("reopened") => "Open again.",
        Some("commented") => "The comment is written down.",
        Some(_) | None => return html! {},
    };
    html! { p.notice role="status" { (said) } }
}
