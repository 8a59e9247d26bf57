//! The same story in a file and in a schema: both say the same, byte for byte.

mod odd;

use ciq_engine::{Action, ReviewId};
use ciq_event::{CustomerId, Message};
use ciq_store::{CustomerSort, PageRequest};
use proptest::prelude::*;
use proptest::sample::Index;

use self::odd::{bridge, huge_messages, odd_messages};
use crate::ground::Ground;
use crate::shelf::Shelf;
use crate::story::{Told, differences, messages, told};

/// Two shelves that hear the same.
struct Pair {
    file: Shelf,
    schema: Shelf,
}

impl Pair {
    fn new() -> Self {
        Self { file: Shelf::on(Ground::files()), schema: Shelf::on(Ground::postgres()) }
    }

    #[track_caller]
    fn take(&mut self, messages: &[Message]) {
        let (file, schema) = (self.file.take(messages), self.schema.take(messages));
        assert_eq!(format!("{file:?}"), format!("{schema:?}"));
        self.check();
    }

    #[track_caller]
    fn decide(&mut self, action: &Action) {
        let outcomes = [&mut self.file, &mut self.schema].map(|it| it.decide(action.clone()));
        assert_eq!(outcomes[0], outcomes[1], "{action:?}");
        self.check();
    }

    #[track_caller]
    fn check(&self) {
        self.file.check();
        self.schema.check();
        let (file, schema) = (self.file.dump(), self.schema.dump());
        assert_eq!(differences(&file, &schema), "");
        assert!(file == schema, "the lines are the same, and their order is not");
    }

    /// Also when the logs are folded again.
    #[track_caller]
    fn check_rebuilt(&self) {
        self.check();
        let (file, schema) = (self.file.rebuilt_dump(), self.schema.rebuilt_dump());
        assert_eq!(differences(&file, &schema), "");
        assert!(file == schema, "the lines are the same, and their order is not");
    }

    fn customers(&self) -> Vec<CustomerId> {
        let page = PageRequest { cursor: None, limit: Some(1_000) };
        let found = self.file.reader().customers(&page, CustomerSort::Newest).unwrap().data;
        found.into_iter().map(|customer| CustomerId::from_raw(customer.id)).collect()
    }

    fn reviews(&self) -> Vec<ReviewId> {
        let found = self.file.reader().reviews(Some("pending"), &PageRequest::default()).unwrap();
        found.into_iter().map(|review| review.id.parse().unwrap()).collect()
    }
}

/// What happens next.
#[derive(Debug, Clone)]
enum Step {
    Told(Vec<Told>),
    Odd(Vec<Index>),
    Bridge(u8),
    Merge(Index, Index),
    Undo(Index),
    Approve(Index),
    Reject(Index),
    Erase(Index),
}

fn step() -> impl Strategy<Value = Step> {
    let index = any::<Index>;
    prop_oneof![
        4 => prop::collection::vec(told(), 1..12).prop_map(Step::Told),
        2 => prop::collection::vec(index(), 1..12).prop_map(Step::Odd),
        2 => any::<u8>().prop_map(Step::Bridge),
        1 => (index(), index()).prop_map(|(a, b)| Step::Merge(a, b)),
        1 => index().prop_map(Step::Undo),
        1 => index().prop_map(Step::Approve),
        1 => index().prop_map(Step::Reject),
        1 => index().prop_map(Step::Erase),
    ]
}

fn picked<T: Clone>(index: Index, from: &[T]) -> Option<T> {
    (!from.is_empty()).then(|| index.get(from).clone())
}

/// The decision of a step, if there is anything to decide on.
fn action_of(step: &Step, pair: &Pair) -> Option<Action> {
    Some(match step {
        Step::Told(_) | Step::Odd(_) | Step::Bridge(_) => return None,
        Step::Merge(a, b) => {
            let customers = pair.customers();
            let customers = vec![picked(*a, &customers)?, picked(*b, &customers)?];
            Action::Merge { customers, reason: "dasselbe Haus, „grün“".to_owned() }
        }
        Step::Undo(index) => Action::Undo { merge: picked(*index, &pair.file.standing_merges())? },
        Step::Approve(index) => Action::Approve { review: picked(*index, &pair.reviews())? },
        Step::Reject(index) => Action::Reject { review: picked(*index, &pair.reviews())? },
        Step::Erase(index) => Action::Erase { customer: picked(*index, &pair.customers())? },
    })
}

fn carry_out(step: &Step, pair: &mut Pair) {
    match step {
        Step::Told(stream) => pair.take(&messages(stream)),
        Step::Odd(indexes) => {
            let all = odd_messages();
            let some: Vec<Message> = indexes.iter().map(|at| at.get(&all).clone()).collect();
            pair.take(&some);
        }
        Step::Bridge(among) => pair.take(&[bridge(*among)]),
        decision => {
            if let Some(action) = action_of(decision, pair) {
                pair.decide(&action);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_file_and_a_schema_say_the_same_after_every_step(
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let mut pair = Pair::new();
        for step in &steps {
            carry_out(step, &mut pair);
        }
        pair.check_rebuilt();
    }
}

#[test]
fn whatever_can_be_told_is_the_same_in_a_file_and_in_a_schema() {
    let mut pair = Pair::new();
    let all = odd_messages();
    for batch in all.chunks(all.len() / 8) {
        pair.take(batch);
    }
    pair.take(&all);
    pair.check_rebuilt();
}

#[test]
fn huge_texts_are_the_same_in_a_file_and_in_a_schema() {
    let mut pair = Pair::new();
    pair.take(&huge_messages());
    pair.check_rebuilt();
}

#[test]
fn a_batch_of_everything_is_the_same_in_a_file_and_in_a_schema() {
    let mut pair = Pair::new();
    pair.take(&odd_messages());
    for among in 0..8 {
        pair.take(&[bridge(among)]);
    }
    for review in pair.reviews() {
        pair.decide(&Action::Approve { review });
    }
    for merge in pair.file.standing_merges() {
        pair.decide(&Action::Undo { merge });
    }
    for customer in pair.customers().into_iter().step_by(2) {
        pair.decide(&Action::Erase { customer });
    }
    pair.take(&odd_messages());
    pair.check_rebuilt();
}
