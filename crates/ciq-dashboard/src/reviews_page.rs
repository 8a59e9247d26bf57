//! The queue of customers that a person should look at: a list beside the one that is open.

mod actions;
mod address;
mod compare;
mod told;

use ciq_store::{ProfileDetail, ReviewNeighbours, ReviewView};
use maud::{Markup, html};

use crate::format::{counted, cut, time};
use crate::layout::{Tab, page};
use crate::parts::{paging, state};
use crate::visitor::Visitor;

pub(crate) use address::ReviewsAddress;
pub(crate) use compare::Carried;
pub(crate) use told::Told;

/// Most characters of a name in the list.
const NAME_LENGTH_MAX: usize = 60;

/// Which reviews are shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum ReviewFilter {
    /// Those that wait.
    #[default]
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

/// What was just done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Done {
    /// All became one.
    Approved,
    /// Some became one.
    Split,
    /// All stay apart.
    Rejected,
    /// A merge was taken back.
    Undone,
    /// Nothing: too few were ticked.
    TooFew,
}

impl Done {
    const ALL: [Self; 5] =
        [Self::Approved, Self::Split, Self::Rejected, Self::Undone, Self::TooFew];

    /// Reads what an address says.
    pub(crate) fn parse(text: Option<&str>) -> Option<Self> {
        Self::ALL.into_iter().find(|done| text == Some(done.word()))
    }

    /// Returns what an address says.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::Split => "split",
            Self::Rejected => "rejected",
            Self::Undone => "undone",
            Self::TooFew => "too_few",
        }
    }
}

/// A review in the list.
#[derive(Debug)]
pub(crate) struct Listed {
    /// The entry of the queue.
    pub(crate) review: ReviewView,
    /// What its customers are called, as many as are shown.
    pub(crate) names: Vec<String>,
}

/// The review that is open.
#[derive(Debug)]
pub(crate) struct Open {
    /// The entry of the queue.
    pub(crate) review: ReviewView,
    /// The customers, as many as are shown.
    pub(crate) customers: Vec<ProfileDetail>,
    /// The latest events that show why.
    pub(crate) told: Vec<Told>,
    /// What stands above and below it.
    pub(crate) neighbours: ReviewNeighbours,
}

impl Open {
    fn is_pending(&self) -> bool {
        self.review.status == ReviewFilter::Pending.status()
    }

    /// Two are one or they are not; of three, two may be.
    fn may_be_split(&self) -> bool {
        self.customers.len() > 2
    }
}

/// What the page shows.
#[derive(Debug, Default)]
pub(crate) struct ReviewsView {
    /// Which reviews.
    pub(crate) filter: ReviewFilter,
    /// After which one the list begins.
    pub(crate) cursor: Option<String>,
    /// A page of them, the latest first.
    pub(crate) listed: Vec<Listed>,
    /// The cursor of the next page.
    pub(crate) next_cursor: Option<String>,
    /// The one that is open.
    pub(crate) open: Option<Open>,
    /// What was just done.
    pub(crate) done: Option<Done>,
    /// The merge that it came to.
    pub(crate) merge: Option<String>,
}

/// Makes the page.
pub(crate) fn reviews_page(visitor: &Visitor, view: &ReviewsView) -> Markup {
    let body = html! {
        div.bar { h1 { "Reviews" } (tabs(visitor, view.filter)) }
        (actions::notice(visitor, view))
        @if view.listed.is_empty() && view.open.is_none() { (none(view.filter)) }
        @else {
            div.worklist {
                (list(visitor, view))
                div {
                    @match &view.open {
                        Some(open) => (opened(visitor, view, open)),
                        None => p.muted { "Choose a review." },
                    }
                }
            }
        }
    };
    page(visitor, Tab::Reviews, "Reviews", &body)
}

fn tabs(visitor: &Visitor, filter: ReviewFilter) -> Markup {
    let all = [
        (ReviewFilter::Pending, "Waiting"),
        (ReviewFilter::Merged, "Approved"),
        (ReviewFilter::Rejected, "Rejected"),
    ];
    html! {
        nav.tabs aria-label="Which reviews" {
            ul {
                @for (of, name) in all {
                    @let address = ReviewsAddress { filter: of, ..ReviewsAddress::default() };
                    li {
                        a href=(address.write(&visitor.links))
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

fn list(visitor: &Visitor, view: &ReviewsView) -> Markup {
    let links = &visitor.links;
    let cursor = view.cursor.as_deref();
    let to = |review: Option<&str>, cursor: Option<&str>| {
        ReviewsAddress { filter: view.filter, cursor, review, ..Default::default() }.write(links)
    };
    let open_id = view.open.as_ref().map(|open| open.review.id.as_str());
    let first = cursor.map(|_| to(None, None));
    let next = view.next_cursor.as_deref().map(|next| to(None, Some(next)));
    html! {
        nav.card aria-label="Reviews" {
            ol {
                @for Listed { review, names } in &view.listed {
                    @let is_open = open_id == Some(review.id.as_str());
                    li {
                        a href=(to(Some(&review.id), cursor)) aria-current=[is_open.then_some("true")] {
                            (names_of(names, review.profile_ids.len()))
                            span.sub { (review.reason) }
                            span.sub { (time(review.created_at.as_deref())) }
                        }
                    }
                }
            }
            (paging(first.as_deref(), next.as_deref()))
        }
    }
}

fn names_of(names: &[String], how_many: usize) -> Markup {
    html! {
        @for (place, name) in names.iter().enumerate() {
            @if place > 0 { ", " }
            (cut(name, NAME_LENGTH_MAX))
        }
        @if how_many > names.len() { " and " (how_many - names.len()) " more" }
    }
}

fn opened(visitor: &Visitor, view: &ReviewsView, open: &Open) -> Markup {
    let Open { review, customers, told, .. } = open;
    let carried: Carried = told.iter().flat_map(|one| one.carried.iter().cloned()).collect();
    let may_settle = open.is_pending() && visitor.may_decide();
    let split_form = (may_settle && open.may_be_split()).then_some(actions::SPLIT_FORM);
    html! {
        section.card aria-labelledby="review" {
            h2 #review { (review.reason) }
            p.small.muted {
                (state(&review.status)) " " (time(review.created_at.as_deref())) " \u{b7} "
                (counted(review.evidence_count, "event")) " as evidence"
            }
            (actions::actions(visitor, view, open))
            @if open.is_pending() && !visitor.may_decide() {
                p.small.muted { "Someone with administrator rights can settle this." }
            }
            @if customers.len() < 2 { p.muted { "Fewer than two of its customers are left." } }
            @if review.profile_ids.len() > customers.len() {
                p.muted { (customers.len()) " of " (review.profile_ids.len()) " customers are shown." }
            }
            (compare::table(visitor, customers, &carried, split_form))
        }
        (told::evidence(told, review.evidence_count, customers))
    }
}
