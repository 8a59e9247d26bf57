//! Reviews: what shows them, what stands around them, and settling them in part.

use ciq_engine::{Action, DecisionError, DecisionOutcome, ReviewId};
use ciq_event::CustomerId;
use ciq_store::{PageRequest, ReviewNeighbours};
use serde_json::json;

use crate::shelf::{Shelf, envelope};

/// Four customers with one identifier each and an event that carries all four; then the same with
/// four others.
fn two_reviews(shelf: &mut Shelf) -> Vec<CustomerId> {
    let mut ids = Vec::new();
    for round in 0..2_i64 {
        let all = json!({
            "email": format!("four{round}@example.com"), "phone": format!("+1-555-111{round}"),
            "loyalty_id": format!("LOY-{round}"), "upi": format!("four{round}@bank"),
        });
        for (second, (kind, value)) in (10 * round + 1..).zip(all.as_object().unwrap()) {
            ids.push(shelf.one(envelope("login", second, None, json!({ kind: value }))));
        }
        shelf.one(envelope("login", 10 * round + 9, None, all));
    }
    ids
}

fn review_ids(shelf: &Shelf) -> Vec<ReviewId> {
    let reviews = shelf.reader().reviews(Some("pending"), &PageRequest::default()).unwrap();
    reviews.into_iter().map(|review| review.id.parse().unwrap()).collect()
}

fn roots(shelf: &Shelf, ids: &[CustomerId]) -> Vec<CustomerId> {
    ids.iter().map(|id| shelf.reader().resolve(id).unwrap().unwrap()).collect()
}

#[test]
fn a_review_has_its_evidence_and_its_neighbours() {
    let mut shelf = Shelf::new();
    two_reviews(&mut shelf);
    let reader = shelf.reader();
    let [later, earlier] = review_ids(&shelf)[..] else { panic!("two reviews") };
    assert_eq!(reader.review(earlier).unwrap().unwrap().id, earlier.to_string());
    assert_eq!(reader.review(ReviewId::from_raw([0; 16])).unwrap(), None);
    let around = |id, status| reader.review_neighbours(id, status).unwrap();
    let below = ReviewNeighbours { before: None, after: Some(earlier.to_string()) };
    assert_eq!(around(later, "pending"), below);
    let above = ReviewNeighbours { before: Some(later.to_string()), after: None };
    assert_eq!(around(earlier, "pending"), above);
    assert_eq!(around(later, "merged"), ReviewNeighbours::default());
    let evidence = reader.review_evidence(later, 10).unwrap();
    assert_eq!(evidence.len(), 1);
    let body = &evidence[0].message.as_ref().unwrap().body;
    assert!(String::from_utf8_lossy(body).contains("four1@bank"));
    assert_eq!(reader.review_evidence(later, 0).unwrap().len(), 0);
}

#[test]
fn a_page_of_reviews_begins_after_its_cursor() {
    let mut shelf = Shelf::new();
    two_reviews(&mut shelf);
    let [later, earlier] = review_ids(&shelf)[..] else { panic!("two reviews") };
    let page = PageRequest { cursor: Some(later.to_string()), limit: Some(10) };
    let after = shelf.reader().reviews(Some("pending"), &page).unwrap();
    assert_eq!(after.len(), 1);
    assert_eq!(after[0].id, earlier.to_string());
}

#[test]
fn a_split_makes_some_one_and_keeps_the_others_apart_for_ever() {
    let mut shelf = Shelf::new();
    let ids = two_reviews(&mut shelf);
    let review = review_ids(&shelf)[1];
    let customers = vec![ids[0].clone(), ids[2].clone()];
    let outcome = shelf.decide(Action::Split { review, customers }).unwrap();
    let DecisionOutcome::Merged { merge: Some(merge), .. } = outcome else { panic!("{outcome:?}") };
    let now = roots(&shelf, &ids[..4]);
    assert_eq!(now[0], now[2]);
    assert!(now[1] != now[0] && now[3] != now[0] && now[1] != now[3], "{now:?}");
    assert_eq!(shelf.reader().review(review).unwrap().unwrap().status, "merged");
    shelf.check();
    assert_eq!(shelf.dump(), shelf.rebuilt_dump());
    // The same evidence joins nobody any more, and asks nobody.
    let again = json!({"email": "four0@example.com", "phone": "+1-555-1110", "title": "again"});
    shelf.one(envelope("login", 50, None, again));
    let others = json!({"phone": "+1-555-1110", "upi": "four0@bank", "title": "others"});
    shelf.one(envelope("login", 51, None, others));
    assert_eq!(roots(&shelf, &ids[..4]), now);
    assert_eq!(review_ids(&shelf).len(), 1);
    // Undone, all are apart.
    shelf.undo(merge);
    let mut apart = roots(&shelf, &ids[..4]);
    apart.sort();
    apart.dedup();
    assert_eq!(apart.len(), 4);
    shelf.check();
    assert_eq!(shelf.dump(), shelf.rebuilt_dump());
}

#[test]
fn a_split_of_all_is_an_approval() {
    let mut shelf = Shelf::new();
    let ids = two_reviews(&mut shelf);
    let review = review_ids(&shelf)[1];
    let customers = ids[..4].to_vec();
    shelf.decide(Action::Split { review, customers }).unwrap();
    let now = roots(&shelf, &ids[..4]);
    assert!(now.iter().all(|root| *root == now[0]), "{now:?}");
    assert!(!shelf.dump().contains("\npins\t"), "{}", shelf.dump());
}

#[test]
fn a_split_that_makes_no_sense_is_refused_and_changes_nothing() {
    let mut shelf = Shelf::new();
    let ids = two_reviews(&mut shelf);
    let review = review_ids(&shelf)[1];
    let stranger = ids[5].clone();
    let nobody = CustomerId::from_raw("nobody");
    let before = shelf.dump();
    let refused = [
        (vec![ids[0].clone()], DecisionError::OneCustomer),
        (vec![ids[0].clone(), ids[0].clone()], DecisionError::OneCustomer),
        (vec![ids[0].clone(), stranger.clone()], DecisionError::NotInReview(stranger)),
        (vec![ids[0].clone(), nobody.clone()], DecisionError::UnknownCustomer(nobody)),
    ];
    for (customers, error) in refused {
        assert_eq!(shelf.decide(Action::Split { review, customers }), Err(error));
    }
    assert_eq!(shelf.dump(), before);
    shelf.decide(Action::Reject { review }).unwrap();
    let late = Action::Split { review, customers: ids[..2].to_vec() };
    assert_eq!(shelf.decide(late), Err(DecisionError::AlreadySettled(review)));
}
