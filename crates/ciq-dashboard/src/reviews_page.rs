//! The queue of customers that a person should look at.

use ciq_store::{CustomerSummary, ReviewView};
use maud::{Markup, html};

use crate::format::{counted, time};
use crate::layout::{Tab, page};
use crate::parts::{ButtonForm, button, customer_card, notice, state};
use crate::visitor::Visitor;

/// Which reviews are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReviewFilter {
    /// Those that wait.
    Pending,
    /// Those that were approved.
    Merged,
    /// Those that were rejected.
    Rejected,
}

impl ReviewFilter {
    /// Reads what an address says; anything else is those that wait.
    pub(crate) fn parse(text: Option<&str>) -> Self {
        match text {
            Some("merged") => Self::Merged,
            Some("rejected") => Self::Rejected,
            Some(_) | None => Self::Pending,
        }
    }

    /// Returns the status that the store knows.
    pub(crate) fn status(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Merged => "merged",
            Self::Rejected => "rejected",
        }
    }
}

/// A review and the customers that it is about.
#[derive(Debug)]
pub(crate) struct Review {
    /// The entry of the queue.
    pub(crate) review: ReviewView,
    /// The customers.
    pub(crate) customers: Vec<CustomerSummary>,
}

/// What the page shows.
#[derive(Debug)]
pub(crate) struct ReviewsView {
    /// Which reviews.
    pub(crate) filter: ReviewFilter,
    /// The reviews, the latest first.
    pub(crate) reviews: Vec<Review>,
    /// What was just done, as the address says it.
    pub(crate) done: Option<String>,
}

/// Makes the page.
pub(crate) fn reviews_page(visitor: &Visitor, view: &ReviewsView) -> Markup {
    let body = html! {
        div.bar { h1 { "Reviews" } (tabs(visitor, view.filter)) }
        (notice(view.done.as_deref()))
        @if view.reviews.is_empty() { (none(view.filter)) }
        @for review in &view.reviews { (one(visitor, review)) }
    };
    page(visitor, Tab::Reviews, "Reviews", &body)
}

fn tabs(visitor: &Visitor, filter: ReviewFilter) -> Markup {
    let all = [
        (ReviewFilter::Pending, "Waiting", None),
        (ReviewFilter::Merged, "Approved", Some("merged")),
        (ReviewFilter::Rejected, "Rejected", Some("rejected")),
    ];
    html! {
        nav.tabs aria-label="Which reviews" {
            ul {
                @for (of, name, status) in all {
                    li {
                        a href=(visitor.links.reviews(status))
                            aria-current=[(of == filter).then_some("true")] { (name) }
                    }
                }
            }
        }
    }
}

fn none(filter: ReviewFilter) -> Markup {
    let (title, said) = match filter {
        ReviewFilter::Pending => (
            "Nothing waits for you",
            "When an event points at customers that must not be joined without a person, such as \
             two with different customer ids, they appear here to be approved or rejected.",
        ),
        ReviewFilter::Merged => ("Nothing was approved yet", "Approved reviews are kept here."),
        ReviewFilter::Rejected => ("Nothing was rejected yet", "Rejected reviews are kept here."),
    };
    html! { section.card.empty { h2 { (title) } p.muted { (said) } } }
}

fn one(visitor: &Visitor, Review { review, customers }: &Review) -> Markup {
    html! {
        section.card {
            div.event { h2 { (review.reason) } (state(&review.status)) }
            p.small.muted {
                (time(review.created_at.as_deref())) " \u{b7} "
                (counted(review.evidence_count, "event")) " as evidence"
            }
            ul.set {
                @for customer in customers { li { (customer_card(&visitor.links, customer)) } }
            }
            @if review.status == "pending" {
                @if visitor.may_decide() { (settle(visitor, &review.id, customers)) }
                @else { p.small.muted { "Someone with administrator rights can settle this." } }
            }
        }
    }
}

fn settle(visitor: &Visitor, id: &str, customers: &[CustomerSummary]) -> Markup {
    let names: Vec<_> = customers.iter().map(|customer| customer.name.as_str()).collect();
    let about = format!(": {}", names.join(", "));
    let form = |verb: &str, label: &str, class: &str| {
        let address = visitor.links.settle_review(id, verb);
        button(&ButtonForm { address: &address, label, about: &about, class, back_to: None })
    };
    html! {
        div.actions {
            (form("approve", "Approve: one customer", "plain"))
            (form("reject", "Reject: keep apart", "quiet"))
        }
    }
}
