//! The decision: create, attach, merge, or ask a person.

mod limit;
mod matching;
mod words;

use ciq_event::{CustomerId, IdentifierKind};

use crate::decide::matching::Matched;
use crate::{AutoCreate, AutoMerge, Candidate, CustomerKey, Identifier, Policy, base_of};

pub use words::LeftOutReasonError;

/// The customers that matching may ask about.
pub trait Directory {
    /// Returns the roots of the customers that hold an identifier, each once, in order of key.
    fn holders(&self, identifier: &Identifier) -> Vec<CustomerKey>;

    /// Returns a root as matching sees it. Every key that [`Self::holders`] returns has one.
    fn candidate(&self, key: CustomerKey) -> Option<&Candidate>;

    /// Tells whether a person decided that two roots (or origins under them) are different.
    fn is_pinned_apart(&self, a: CustomerKey, b: CustomerKey) -> bool;
}

/// What to do with an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Where the event goes.
    pub outcome: Outcome,
    /// The identifiers of the event that its customer holds from now on, by priority. Of an event
    /// that is refused, those that a new customer would hold.
    pub kept: Vec<Identifier>,
    /// The identifiers of the event that take no effect, by priority, and why. Recorded on the
    /// event. With `kept` these are all of the event's.
    pub left_out: Vec<LeftOut>,
    /// What a person ought to look at.
    pub review: Option<Review>,
}

/// Where an event goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// To a new customer.
    Create,
    /// Nowhere: nobody holds its identifiers and making customers is switched off.
    Refuse,
    /// To this customer.
    Attach(CustomerKey),
    /// To `base`, which takes in the others.
    Merge {
        /// Who survives.
        base: CustomerKey,
        /// Who is taken in, in order of key.
        absorbed: Vec<CustomerKey>,
    },
}

/// An identifier that takes no effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    /// The identifier.
    pub identifier: Identifier,
    /// Why.
    pub reason: LeftOutReason,
}

/// Why an identifier takes no effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeftOutReason {
    /// A customer would hold more values of a kind than allowed.
    Limit,
    /// A device, cookie or session of one known customer may not lead to another.
    SharedDevice,
    /// Another customer holds it, and a person is asked, or has decided, about the two.
    HeldByAnother,
}

/// A set of customers that a person ought to look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Review {
    /// The customers, in order of key.
    pub customers: Vec<CustomerKey>,
    /// Why.
    pub reason: ReviewReason,
}

/// Why a person ought to look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReviewReason {
    /// More customers share identifiers than may be merged without a person.
    TooMany {
        /// How many share.
        count: usize,
        /// How many are allowed.
        threshold: usize,
    },
    /// They have different customer ids.
    DifferentCustomerIds(Vec<CustomerId>),
    /// Merging without a person is switched off.
    AutoMergeOff,
}

/// Decides where an event with `identifiers`, sorted by priority and each once, goes.
///
/// The customers that hold them are matched, but none by the last digits of a card, and no two
/// known ones by a device. As long as attaching or merging would break a limit, the identifier of
/// the lowest priority is left out and the rest is matched again. Who then still matches is
/// merged, unless a person is to decide (a review) or has decided (a pin): then the event goes to
/// the one that would have survived the merge.
pub fn decide(identifiers: &[Identifier], directory: &dyn Directory, policy: &Policy) -> Verdict {
    let usable = identifiers.iter().collect();
    Decision { directory, policy, usable, left_out: Vec::new() }.reach()
}

/// A decision while it is made.
struct Decision<'a> {
    directory: &'a dyn Directory,
    policy: &'a Policy,
    /// The event's identifiers that may take effect, by priority.
    usable: Vec<&'a Identifier>,
    left_out: Vec<LeftOut>,
}

/// Whether several customers become one.
enum Merging {
    Now,
    /// A person is asked.
    InReview(ReviewReason),
    /// It would break a limit, or a person decided that they are different.
    Never,
}

impl Decision<'_> {
    fn reach(mut self) -> Verdict {
        let mut matched = self.match_customers();
        // Of all that match at first: those that are in conflict may not match later.
        let conflict = self.review_of_customer_ids(&matched);
        while self.usable.len() > 1 && self.breaks_a_limit(&matched) {
            if let Some(lowest) = self.usable.pop() {
                self.leave_out(lowest, LeftOutReason::Limit);
            }
            matched = self.match_customers();
        }
        let (outcome, review) = self.outcome(&matched);
        self.left_out.sort_by(|a, b| a.identifier.cmp(&b.identifier));
        Verdict {
            outcome,
            kept: self.usable.into_iter().cloned().collect(),
            left_out: self.left_out,
            review: conflict.or(review),
        }
    }

    fn leave_out(&mut self, identifier: &Identifier, reason: LeftOutReason) {
        self.left_out.push(LeftOut { identifier: identifier.clone(), reason });
    }

    fn breaks_a_limit(&self, matched: &Matched<'_>) -> bool {
        limit::is_broken(&self.usable, matched, &self.policy.limits)
    }

    fn outcome(&mut self, matched: &Matched<'_>) -> (Outcome, Option<Review>) {
        let Some(base) = base_of(matched.values().copied()) else {
            return (self.outcome_without_match(), None);
        };
        if matched.len() == 1 {
            return (Outcome::Attach(base), None);
        }
        match self.merging(matched) {
            Merging::Now => {
                let absorbed = matched.keys().copied().filter(|key| *key != base).collect();
                (Outcome::Merge { base, absorbed }, None)
            }
            Merging::InReview(reason) => {
                self.leave_out_what_others_hold(base);
                (Outcome::Attach(base), Some(review(matched, reason)))
            }
            Merging::Never => {
                self.leave_out_what_others_hold(base);
                (Outcome::Attach(base), None)
            }
        }
    }

    fn outcome_without_match(&self) -> Outcome {
        match self.policy.auto_create {
            AutoCreate::On => Outcome::Create,
            AutoCreate::Off => Outcome::Refuse,
        }
    }

    fn merging(&self, several: &Matched<'_>) -> Merging {
        if self.breaks_a_limit(several) || self.is_pinned(several) {
            return Merging::Never;
        }
        let count = several.len();
        match self.policy.auto_merge {
            AutoMerge::Off => Merging::InReview(ReviewReason::AutoMergeOff),
            AutoMerge::UpTo(threshold) if count > threshold => {
                Merging::InReview(ReviewReason::TooMany { count, threshold })
            }
            AutoMerge::UpTo(_) => Merging::Now,
        }
    }

    /// Tells whether a person decided that any two of several customers are different.
    fn is_pinned(&self, several: &Matched<'_>) -> bool {
        several.keys().enumerate().any(|(index, a)| {
            several.keys().skip(index + 1).any(|b| self.directory.is_pinned_apart(*a, *b))
        })
    }

    /// Returns what a person ought to see if the customers have different customer ids. No one
    /// is asked again who has decided already.
    fn review_of_customer_ids(&self, matched: &Matched<'_>) -> Option<Review> {
        let ids = limit::different_customer_ids(matched)?;
        (!self.is_pinned(matched)).then(|| review(matched, ReviewReason::DifferentCustomerIds(ids)))
    }

    /// Leaves out what others than `base` hold, because they are not merged with it. The last
    /// digits of a card may be anybody's.
    fn leave_out_what_others_hold(&mut self, base: CustomerKey) {
        for identifier in std::mem::take(&mut self.usable) {
            let is_free = *identifier.kind() == IdentifierKind::CardLast4
                || self.directory.holders(identifier).iter().all(|holder| *holder == base);
            if is_free {
                self.usable.push(identifier);
            } else {
                self.leave_out(identifier, LeftOutReason::HeldByAnother);
            }
        }
    }
}

fn review(matched: &Matched<'_>, reason: ReviewReason) -> Review {
    Review { customers: matched.keys().copied().collect(), reason }
}
