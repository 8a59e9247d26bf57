//! The history of merges.

use ciq_store::MergeView;
use maud::{Markup, html};

use crate::evidence::evidence;
use crate::format::{counted, time};
use crate::layout::{Tab, page};
use crate::parts::{ButtonForm, button, folded_json, notice, paging};
use crate::visitor::Visitor;

/// A merge, and what the customer is called now.
#[derive(Debug)]
pub(crate) struct Merge {
    /// The merge.
    pub(crate) merge: MergeView,
    /// The name; `None` where the customer is gone.
    pub(crate) name: Option<String>,
}

/// What the page shows.
#[derive(Debug)]
pub(crate) struct MergesView {
    /// A page of merges, the latest first.
    pub(crate) merges: Vec<Merge>,
    /// The cursor of the next page.
    pub(crate) next_cursor: Option<String>,
    /// Whether pages come before this one.
    pub(crate) is_later_page: bool,
    /// What was just done, as the address says it.
    pub(crate) done: Option<String>,
}

impl MergesView {
    /// Returns what a brand without a file shows.
    pub(crate) fn empty() -> Self {
        Self { merges: Vec::new(), next_cursor: None, is_later_page: false, done: None }
    }
}

/// Makes the page.
pub(crate) fn merges_page(visitor: &Visitor, view: &MergesView) -> Markup {
    let links = &visitor.links;
    let first = view.is_later_page.then(|| links.merges(None));
    let next = view.next_cursor.as_deref().map(|cursor| links.merges(Some(cursor)));
    let body = html! {
        div.bar { h1 { "Merges" } }
        (notice(view.done.as_deref()))
        @if view.merges.is_empty() { (none()) }
        @else { section.card aria-label="Merges" { (table(visitor, &view.merges)) } }
        (paging(first.as_deref(), next.as_deref()))
    };
    page(visitor, Tab::Merges, "Merges", &body)
}

fn none() -> Markup {
    html! {
        section.card.empty {
            h2 { "No merges yet" }
            p.muted {
                "When an event carries identifiers of two customers, they become one and the \
                 merge is kept here, with what showed it. Every merge can be undone."
            }
        }
    }
}

fn table(visitor: &Visitor, merges: &[Merge]) -> Markup {
    html! {
        div.wide role="region" aria-label="Merges" tabindex="0" {
            table {
                thead {
                    tr {
                        th scope="col" { "Customer" }
                        th scope="col" { "Why" }
                        th scope="col" { "When" }
                        th scope="col" { "By" }
                        th scope="col" { "State" }
                    }
                }
                tbody { @for merge in merges { (row(visitor, merge)) } }
            }
        }
    }
}

fn row(visitor: &Visitor, Merge { merge, name }: &Merge) -> Markup {
    let id = merge.customer_id.as_deref().unwrap_or(&merge.base_profile_id);
    let shown = name.as_deref().unwrap_or(id);
    let absorbed = i64::try_from(merge.merged_profile_ids.len()).unwrap_or(i64::MAX);
    html! {
        tr {
            th.name scope="row" {
                @if name.is_some() { a href=(visitor.links.customer(id)) { (shown) } }
                @else { span.id { (shown) } span.sub { "erased" } }
                span.sub { "took in " (counted(absorbed, "profile")) }
            }
            td.name {
                (evidence(&merge.reason, &merge.evidence))
                (folded_json("Before", &merge.before_snapshot))
                (folded_json("After", &merge.after_snapshot))
            }
            td { (time(merge.merged_at.as_deref())) }
            td { (merge.actor) }
            td { (standing(visitor, merge, shown)) }
        }
    }
}

/// Shows that a merge was undone, or lets the visitor undo it.
fn standing(visitor: &Visitor, merge: &MergeView, shown: &str) -> Markup {
    if merge.undone_at.is_some() {
        return html! {
            span.tag.warn { "Undone" } span.sub { (time(merge.undone_at.as_deref())) }
        };
    }
    let address = visitor.links.undo_merge(&merge.id);
    let about = format!("the merge of {shown}");
    html! {
        @if visitor.may_decide() {
            (button(&ButtonForm {
                address: &address,
                label: "Undo",
                about: &about,
                class: "quiet small",
                back_to: None,
            }))
        } @else { span.tag.good { "Stands" } }
    }
}
