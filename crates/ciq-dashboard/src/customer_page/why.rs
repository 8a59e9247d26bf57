//! Why a customer is one: what it was made of, and the merges that joined it.

use ciq_store::{Explanation, MergedBy};
use maud::{Markup, html};

use crate::evidence::evidence;
use crate::format::{counted, kind_words, time};
use crate::parts::{ButtonForm, button};
use crate::visitor::Visitor;

/// Shows the origins of a customer and the merges between them.
pub(super) fn why(visitor: &Visitor, explanation: &Explanation) -> Markup {
    html! {
        section.card #why {
            h2 { "Why is this one customer?" }
            @if explanation.links.is_empty() {
                p.muted { "Every event of this customer went to the same profile; nothing was merged." }
            } @else {
                p {
                    (counted(count_of(explanation.origins.len()), "profile"))
                    " became one through "
                    (counted(count_of(explanation.links.len()), "link")) "."
                }
                ul.plain { @for link in &explanation.links { (joined(visitor, link, explanation)) } }
                details {
                    summary { "What each profile brought" }
                    (origins(explanation))
                }
            }
        }
    }
}

fn joined(visitor: &Visitor, link: &MergedBy, explanation: &Explanation) -> Markup {
    let address = visitor.links.undo_merge(&link.merge_id);
    let [one, other] = link.between.each_ref().map(|id| short_name(id, explanation));
    let about = format!("the merge of {one} and {other}");
    html! {
        li {
            div { strong { (one) } " and " strong { (other) } }
            div { (evidence(&link.reason, &link.evidence)) }
            div.small.muted { (time(link.merged_at.as_deref())) " \u{b7} by " (link.actor) }
            @if visitor.may_decide() {
                (button(&ButtonForm {
                    address: &address,
                    label: "Undo",
                    about: &about,
                    class: "quiet small",
                    back_to: Some(&explanation.customer_id),
                }))
            }
        }
    }
}

fn origins(explanation: &Explanation) -> Markup {
    html! {
        ul.plain {
            @for origin in &explanation.origins {
                li {
                    div.id { (origin.profile_id) }
                    div.small.muted { (counted(origin.event_count, "event")) }
                    @for identifier in &origin.identifiers {
                        div.small { (kind_words(&identifier.kind)) ": " (identifier.value) }
                    }
                }
            }
        }
    }
}

/// Names an origin by the first identifier that it brought: a minted id tells a person nothing.
fn short_name(profile_id: &str, explanation: &Explanation) -> String {
    let origin = explanation.origins.iter().find(|origin| origin.profile_id == profile_id);
    let first = origin.and_then(|origin| origin.identifiers.first());
    first.map_or_else(|| profile_id.to_owned(), |identifier| identifier.value.clone())
}

fn count_of(length: usize) -> i64 {
    length.try_into().unwrap_or(i64::MAX)
}
