//! The same story in a file and in a schema: both say the same, byte for byte.

use ciq_engine::Action;
use ciq_event::Message;
use proptest::prelude::*;

use crate::ground::Ground;
use crate::odd::{bridge, huge_messages, odd_messages};
use crate::shelf::Shelf;
use crate::steps::{Course, Deed, customers, reviews, step};
use crate::story::differences;

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

    /// Also when the logs are folded again, which changes nothing (S-1).
    #[track_caller]
    fn check_rebuilt(&self) {
        self.check();
        let (file, schema) = (self.file.rebuilt_dump(), self.schema.rebuilt_dump());
        assert_eq!(differences(&file, &schema), "");
        assert!(file == schema, "the lines are the same, and their order is not");
        assert_eq!(differences(&self.file.dump(), &file), "");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn a_file_and_a_schema_say_the_same_after_every_step(
        steps in prop::collection::vec(step(), 1..12),
    ) {
        let mut pair = Pair::new();
        let mut course = Course::default();
        for step in &steps {
            match course.deed(step, &pair.file) {
                Deed::Take(messages) => pair.take(&messages),
                Deed::Decide(action) => pair.decide(&action),
                Deed::Nothing => {}
            }
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
    for review in reviews(&pair.file) {
        pair.decide(&Action::Approve { review });
    }
    for merge in pair.file.standing_merges() {
        pair.decide(&Action::Undo { merge });
    }
    for customer in customers(&pair.file).into_iter().step_by(2) {
        pair.decide(&Action::Erase { customer });
    }
    pair.take(&odd_messages());
    pair.check_rebuilt();
}
