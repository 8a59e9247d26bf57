//! Copies of a file that others write to.

use std::fmt::Write as _;

use ciq_store::{CopyProgress, Reader, StoreError, backup};
use serde_json::json;

use super::path_of;
use crate::ground::Ground;
use crate::shelf::{Shelf, at, envelope};

/// A message of about half a megabyte that no two rows share.
fn bulky(second: i64) -> ciq_event::Message {
    let mut note = String::new();
    for word in 0..60_000_i64 {
        write!(note, "{:08x}", (second * 60_000 + word) * 2_654_435_761 % 4_294_967_296).unwrap();
    }
    let customer = format!("c{second}");
    envelope("contact", second, Some(&customer), json!({"blob": note}))
}

#[test]
fn a_copy_is_of_the_moment_at_which_it_began_and_does_not_begin_anew() {
    let mut shelf = Shelf::on(Ground::files());
    for second in 0..40 {
        shelf.one(bulky(second));
    }
    let before = shelf.dump();
    let to = path_of(&shelf).with_extension("copy");
    let mut steps: Vec<CopyProgress> = Vec::new();
    let from = path_of(&shelf);
    backup(&from, &to, &mut |progress| {
        assert!(steps.len() < 100, "it began anew: {progress:?}");
        // Somebody writes after every step.
        shelf.one(bulky(100 + i64::try_from(steps.len()).unwrap()));
        steps.push(progress);
    })
    .unwrap();
    assert!(steps.len() > 1, "the file is larger than a step: {steps:?}");
    assert!(steps.is_sorted_by(|a, b| a.done < b.done && a.total == b.total), "{steps:?}");
    let mut copied = Vec::new();
    let copy = Reader::open(&to).unwrap();
    copy.dump(&mut copied).unwrap().unwrap();
    assert!(copied == before.into_bytes(), "the copy says what the file said when it began");
    assert_eq!(copy.last_received_at().unwrap(), Some(at(5_000_000)));
    assert_eq!(
        shelf.reader().stats().unwrap().event_count,
        40 + i64::try_from(steps.len()).unwrap()
    );
}

#[test]
fn a_copy_overwrites_nothing() {
    let shelf = Shelf::on(Ground::files());
    let found = backup(&path_of(&shelf), &path_of(&shelf), &mut |_| {});
    assert!(matches!(found, Err(StoreError::NotEmpty(_))));
}
