//! What may happen to a brand, one thing after the other.

use ciq_engine::{Action, ReviewId};
use ciq_event::{CustomerId, Message};
use ciq_store::{CustomerSort, PageRequest};
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::json;

use crate::odd::{bridge, odd_messages};
use crate::shelf::{Shelf, envelope};
use crate::story::{Told, messages, told};

/// What happens next.
#[derive(Debug, Clone)]
pub(crate) enum Step {
    Told(Vec<Told>),
    Odd(Vec<Index>),
    Bridge(u8),
    /// Something that others tell of too.
    Shared(u8, i64),
    Merge(Index, Index),
    Undo(Index),
    Approve(Index),
    Reject(Index),
    Split(Index),
    Erase(Index),
    /// Everything that was told so far, in one batch.
    ToldAgain,
}

/// What is to be done about a step.
#[derive(Debug)]
pub(crate) enum Deed {
    Take(Vec<Message>),
    Decide(Action),
    Nothing,
}

pub(crate) fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        4 => prop::collection::vec(told(), 1..12).prop_map(Step::Told),
        2 => prop::collection::vec(index(), 1..12).prop_map(Step::Odd),
        3 => any::<u8>().prop_map(Step::Bridge),
        1 => (index(), index()).prop_map(|(a, b)| Step::Merge(a, b)),
        2 => index().prop_map(Step::Undo),
        1 => index().prop_map(Step::Approve),
        1 => index().prop_map(Step::Reject),
        1 => index().prop_map(Step::Split),
        2 => index().prop_map(Step::Erase),
        1 => Just(Step::ToldAgain),
    ]
}

/// A story of four people who are taken for each other and apart again, until some are erased.
pub(crate) fn story_of_four() -> impl Strategy<Value = Vec<Step>> {
    let index = any::<Index>;
    let bridge = || {
        // Two of the four at least.
        let among = prop::sample::select(&[3_u8, 5, 6, 7, 9, 10, 12, 13, 15, 15][..]);
        (among, 0_u8..16).prop_map(|(among, round)| Step::Bridge(among + round * 16))
    };
    let shared = || (any::<u8>(), 1_i64..100).prop_map(|(what, second)| Step::Shared(what, second));
    let before = prop_oneof![
        4 => bridge(),
        2 => shared(),
        5 => index().prop_map(Step::Undo),
        2 => index().prop_map(Step::Approve),
        1 => index().prop_map(Step::Reject),
        2 => index().prop_map(Step::Split),
    ];
    let after = prop_oneof![
        3 => index().prop_map(Step::Undo),
        2 => index().prop_map(Step::Erase),
        1 => bridge(),
        2 => shared(),
        1 => (index(), index()).prop_map(|(a, b)| Step::Merge(a, b)),
        1 => Just(Step::ToldAgain),
    ];
    let (before, after) =
        (prop::collection::vec(before, 3..16), prop::collection::vec(after, 2..10));
    (before, after).prop_map(|(before, after)| {
        let four = (0..4).map(|who| Step::Shared(who, i64::from(who)));
        four.chain(before).chain(after).collect()
    })
}

/// One of those whom a bridge leads to tells of one of two orders or work orders.
fn shared(what: u8, second: i64) -> Message {
    let mut data = json!({"total": format!("{second}.00")});
    let (kind, value) = [
        ("email", "person0@example.com"),
        ("phone", "+1 202 555 0110"),
        ("loyalty_id", "LOY-2"),
        ("upi", "fourth@bank"),
    ][usize::from(what % 4)];
    data[kind] = value.into();
    let number = what / 4 % 2;
    if what & 8 == 0 {
        data["purchase_id"] = format!("shared {number}").into();
        return envelope("purchase", second, None, data);
    }
    data["work_order_id"] = format!("shared {number}").into();
    data["status"] = format!("as of {second}").into();
    envelope("repair", second, None, data)
}

/// Steps on their way.
#[derive(Debug, Default)]
pub(crate) struct Course {
    told: Vec<Message>,
}

impl Course {
    /// Says what a step comes to, as things stand on a shelf.
    pub(crate) fn deed(&mut self, step: &Step, shelf: &Shelf) -> Deed {
        let taken = match step {
            Step::Told(stream) => messages(stream),
            Step::Odd(indexes) => {
                let all = odd_messages();
                indexes.iter().map(|at| at.get(&all).clone()).collect()
            }
            Step::Bridge(among) => vec![bridge(*among)],
            Step::Shared(what, second) => vec![shared(*what, *second)],
            Step::ToldAgain => return Deed::Take(self.told.clone()),
            decision => return action_of(decision, shelf).map_or(Deed::Nothing, Deed::Decide),
        };
        self.told.extend(taken.clone());
        Deed::Take(taken)
    }

    /// Carries a step out.
    pub(crate) fn carry_out(&mut self, step: &Step, shelf: &mut Shelf) {
        match self.deed(step, shelf) {
            Deed::Take(messages) => drop(shelf.take(&messages)),
            // What makes no sense is refused.
            Deed::Decide(action) => drop(shelf.decide(action)),
            Deed::Nothing => {}
        }
    }
}

/// The decision of a step, if there is anything to decide on.
fn action_of(step: &Step, shelf: &Shelf) -> Option<Action> {
    Some(match step {
        Step::Told(_) | Step::Odd(_) | Step::Bridge(_) | Step::Shared(..) | Step::ToldAgain => {
            return None;
        }
        Step::Merge(a, b) => {
            let customers = customers(shelf);
            let customers = vec![picked(*a, &customers)?, picked(*b, &customers)?];
            Action::Merge { customers, reason: "dasselbe Haus, „grün“".to_owned() }
        }
        Step::Undo(index) => Action::Undo { merge: picked(*index, &shelf.standing_merges())? },
        Step::Approve(index) => Action::Approve { review: picked(*index, &reviews(shelf))? },
        Step::Reject(index) => Action::Reject { review: picked(*index, &reviews(shelf))? },
        Step::Split(index) => {
            let review = picked(*index, &reviews(shelf))?;
            let view = shelf.reader().review(review).unwrap().unwrap();
            let two = view.profile_ids.into_iter().take(2);
            Action::Split { review, customers: two.map(CustomerId::from_raw).collect() }
        }
        Step::Erase(index) => Action::Erase { customer: picked(*index, &customers(shelf))? },
    })
}

fn picked<T: Clone>(index: Index, from: &[T]) -> Option<T> {
    (!from.is_empty()).then(|| index.get(from).clone())
}

/// Everybody, the latest first.
pub(crate) fn customers(shelf: &Shelf) -> Vec<CustomerId> {
    let page = PageRequest { cursor: None, limit: Some(1_000) };
    let found = shelf.reader().customers(&page, CustomerSort::Newest).unwrap().data;
    found.into_iter().map(|customer| CustomerId::from_raw(customer.id)).collect()
}

/// The reviews that wait.
pub(crate) fn reviews(shelf: &Shelf) -> Vec<ReviewId> {
    let found = shelf.reader().reviews(Some("pending"), &PageRequest::default()).unwrap();
    found.into_iter().map(|review| review.id.parse().unwrap()).collect()
}
