//! What a person can do about a review, and what was just done.

use maud::{Markup, html};

use super::address::ReviewsAddress;
use super::{Done, Open, ReviewsView};
use crate::parts::keys;
use crate::visitor::Visitor;

/// The id of the form that the boxes of the comparison belong to.
pub(super) const SPLIT_FORM: &str = "split";

/// Shows the buttons of a review that waits, and the ways to its neighbours.
pub(super) fn actions(visitor: &Visitor, view: &ReviewsView, open: &Open) -> Markup {
    let may_settle = open.is_pending() && visitor.may_decide();
    html! {
        div.actions {
            @if may_settle { (settling(visitor, open)) }
            (neighbours(visitor, view, open))
        }
        @if may_settle && open.may_be_split() {
            (keys(&[("1 2 3", "go to a customer"), ("x", "tick")]))
        }
    }
}

fn settling(visitor: &Visitor, open: &Open) -> Markup {
    let address = |verb: &str| visitor.links.settle_review(&open.review.id, verb);
    html! {
        form method="post" action=(address("approve")) {
            button type="submit" data-key="a" aria-keyshortcuts="a" { "Approve: one customer " kbd { "a" } }
        }
        form method="post" action=(address("reject")) {
            button.quiet type="submit" data-key="r" aria-keyshortcuts="r" { "Reject: keep apart " kbd { "r" } }
        }
        @if open.may_be_split() {
            form method="post" action=(address("split")) id=(SPLIT_FORM) {
                button.quiet type="submit" data-key="s" aria-keyshortcuts="s" {
                    "Split: the ticked ones are one " kbd { "s" }
                }
            }
        }
    }
}

/// Leads to the reviews above and below the open one.
fn neighbours(visitor: &Visitor, view: &ReviewsView, open: &Open) -> Markup {
    let to = |id: &str| {
        let address =
            ReviewsAddress { filter: view.filter, review: Some(id), ..Default::default() };
        address.write(&visitor.links)
    };
    html! {
        @if let Some(id) = &open.neighbours.before {
            a.button.quiet href=(to(id)) rel="prev" data-key="k" aria-keyshortcuts="k" { "Previous " kbd { "k" } }
        }
        @if let Some(id) = &open.neighbours.after {
            a.button.quiet href=(to(id)) rel="next" data-key="j" aria-keyshortcuts="j" { "Next " kbd { "j" } }
        }
    }
}

/// Says what was just done, and lets an approval be taken back.
pub(super) fn notice(visitor: &Visitor, view: &ReviewsView) -> Markup {
    let Some(done) = view.done else { return html! {} };
    let said = match done {
        Done::Approved => "The customers are one now.",
        Done::Split => "The ticked customers are one now; the others stay apart.",
        Done::Rejected => {
            "The customers stay apart. The same evidence will not bring them back here."
        }
        Done::Undone => "The merge is undone. The same evidence will not join the customers again.",
        Done::TooFew => "Tick at least two customers who are one, then split.",
    };
    if done == Done::TooFew {
        return html! { p.notice.bad role="alert" { (said) } };
    }
    html! {
        div.notice role="status" {
            div.actions {
                span { (said) }
                @if let Some(merge) = view.merge.as_deref().filter(|_| visitor.may_decide()) {
                    (undo(visitor, view, merge))
                }
            }
        }
    }
}

fn undo(visitor: &Visitor, view: &ReviewsView, merge: &str) -> Markup {
    html! {
        form method="post" action=(visitor.links.undo_merge(merge)) {
            input type="hidden" name="to" value="reviews";
            @if let Some(open) = &view.open {
                input type="hidden" name="review" value=(open.review.id);
            }
            button.quiet.small type="submit" data-key="u" aria-keyshortcuts="u" { "Undo " kbd { "u" } }
        }
    }
}
