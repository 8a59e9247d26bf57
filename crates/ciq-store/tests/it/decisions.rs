//! Merges, reviews and pins.

use ciq_engine::{Action, DecisionError};
use ciq_event::CustomerId;
use ciq_store::{CustomerSort, PageRequest};
use serde_json::json;

use crate::shelf::{Shelf, envelope, message, purchase};

/// Four customers with one identifier each, and an event that carries all four.
fn four_and_a_bridge(shelf: &mut Shelf) -> Vec<CustomerId> {
    let ids = [
        json!({"email": "four@example.com"}),
        json!({"phone": "+1-555-1111"}),
        json!({"loyalty_id": "LOY-1111"}),
        json!({"upi": "four@bank"}),
    ]
    .into_iter()
    .zip(1..)
    .map(|(data, second)| shelf.one(envelope("login", second, None, data)))
    .collect();
    let all = json!({"email": "four@example.com", "phone": "+1-555-1111",
        "loyalty_id": "LOY-1111", "upi": "four@bank"});
    shelf.one(envelope("login", 9, None, all));
    ids
}

fn the_review(shelf: &Shelf) -> ciq_store::ReviewView {
    let mut reviews = shelf.reader().reviews(None, &PageRequest::default()).unwrap();
    assert_eq!(reviews.len(), 1, "{reviews:?}");
    reviews.remove(0)
}

#[test]
fn the_story_of_three_channels_ends_in_one_customer() {
    let mut shelf = Shelf::new();
    let order = r#"{"id": 12345, "email": "sarah.johnson@email.com", "total_spent": "89.99",
        "items": [{"product_name": "Summer Collection T-Shirt", "price": "89.99"}]}"#;
    let shopper = shelf.one(message("shopify:orders/create", order));
    let asked = r#"{"From": "whatsapp:+15550123", "Body": "When will my order ship?",
        "MessageStatus": "received"}"#;
    let asker = shelf.one(message("twilio", asked));
    shelf.merge(&[&shopper, &asker]);
    let visit = r#"{"store_id": "STORE-001", "loyalty_id": "LOY-789456", "phone": "+1-555-0123",
        "total": 125.50, "check_in_at": "2024-01-17T11:00:00Z"}"#;
    let visitor = shelf.one(message("pos", visit));
    let profile = shelf.reader().profile(&visitor).unwrap().unwrap();
    assert_eq!(profile.summary.profile_strength, 85);
    assert_eq!(profile.summary.lifetime_value.0.minor, 21_549);
    assert_eq!(profile.summary.total_orders, 2);
    assert_eq!(profile.merged_profiles, 2);
    assert_eq!(profile.identifiers["email"], "sarah.johnson@email.com");
    assert_eq!(profile.identifiers["phone"], "15550123");
    assert_eq!(profile.identifiers["whatsapp"], "+15550123");
    assert_eq!(
        shelf
            .reader()
            .customers(&PageRequest::default(), CustomerSort::default())
            .unwrap()
            .data
            .len(),
        1
    );
    shelf.check();
}

#[test]
fn more_than_three_wait_for_a_person_and_queue_once() {
    let mut shelf = Shelf::new();
    let ids = four_and_a_bridge(&mut shelf);
    let again = json!({"email": "four@example.com", "phone": "+1-555-1111",
        "loyalty_id": "LOY-1111", "upi": "four@bank", "title": "again"});
    shelf.one(envelope("login", 10, None, again));
    let review = the_review(&shelf);
    assert_eq!(review.reason, "Auto-merge blocked: 4 profiles exceed threshold of 3");
    assert_eq!((review.status.as_str(), review.evidence_count), ("pending", 2));
    let id = review.id.parse().unwrap();
    shelf.decide(Action::Approve { review: id }).unwrap();
    assert_eq!(the_review(&shelf).status, "merged");
    let roots: Vec<_> = ids.iter().map(|id| shelf.reader().resolve(id).unwrap().unwrap()).collect();
    assert!(roots.iter().all(|root| *root == roots[0]), "{roots:?}");
    assert_eq!(
        shelf.decide(Action::Approve { review: id }),
        Err(DecisionError::AlreadySettled(id))
    );
    shelf.check();
    assert_eq!(shelf.dump(), shelf.rebuilt_dump());
}

#[test]
fn a_rejected_review_is_not_merged_by_what_comes_later() {
    let mut shelf = Shelf::new();
    four_and_a_bridge(&mut shelf);
    let id = the_review(&shelf).id.parse().unwrap();
    shelf.decide(Action::Reject { review: id }).unwrap();
    let two = json!({"email": "four@example.com", "phone": "+1-555-1111"});
    shelf.one(envelope("login", 20, None, two));
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 4);
    assert_eq!(shelf.reader().stats().unwrap().merge_count, 0);
}

#[test]
fn an_undone_merge_is_pinned_and_a_person_may_lift_it() {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let b = shelf.one(envelope("login", 2, None, json!({"phone": "+12025550101"})));
    let bridge = json!({"email": "a@example.com", "phone": "+12025550101"});
    shelf.one(envelope("login", 3, None, bridge.clone()));
    let merge = shelf.standing_merges().remove(0);
    shelf.undo(merge);
    assert_ne!(shelf.reader().resolve(&a).unwrap(), shelf.reader().resolve(&b).unwrap());
    let mut later = bridge;
    later["title"] = "the same evidence".into();
    shelf.one(envelope("login", 4, None, later));
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 2);
    assert_eq!(shelf.reader().stats().unwrap().pending_review_count, 0);
    shelf.merge(&[&a, &b]);
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 1);
    assert_eq!(shelf.decide(Action::Undo { merge }), Err(DecisionError::AlreadyUndone(merge)));
}

#[test]
fn two_customer_ids_are_never_joined_without_a_person() {
    let mut shelf = Shelf::new();
    let data = json!({"email": "shared@example.com"});
    let a = shelf.one(envelope("login", 1, Some("c1"), data.clone()));
    let b = shelf.one(envelope("login", 2, Some("c2"), json!({"phone": "+12025550102"})));
    let both = json!({"email": "shared@example.com", "phone": "+12025550102"});
    shelf.one(envelope("login", 3, None, both));
    assert_eq!((a.as_str(), b.as_str()), ("c1", "c2"));
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 2);
    assert_eq!(the_review(&shelf).profile_ids, ["c1", "c2"]);
}

#[test]
fn it_is_explained_why_two_are_one() {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let b = shelf.one(envelope("login", 2, None, json!({"phone": "+12025550101"})));
    assert!(shelf.reader().explain(&a, Some(&b)).unwrap().is_none());
    let bridge = json!({"email": "a@example.com", "phone": "+12025550101"});
    shelf.one(envelope("login", 3, None, bridge));
    let why = shelf.reader().explain(&a, Some(&b)).unwrap().unwrap();
    assert_eq!(why.origins.len(), 2);
    assert_eq!(why.links.len(), 1);
    assert_eq!(why.links[0].reason, "identifier_match");
    let evidence = why.links[0].evidence.to_string();
    assert!(evidence.contains("a@example.com") && evidence.contains("12025550101"), "{evidence}");
}

#[test]
fn a_decision_about_nobody_is_refused_and_changes_nothing() {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let before = shelf.dump();
    let nobody = CustomerId::from_raw("nobody");
    let refused = [
        Action::Erase { customer: nobody.clone() },
        Action::Merge { customers: vec![a.clone(), nobody], reason: String::new() },
        Action::Merge { customers: vec![a.clone(), a], reason: String::new() },
    ];
    for action in refused {
        assert!(shelf.decide(action).is_err());
    }
    assert_eq!(shelf.dump(), before);
}

#[test]
fn a_merged_id_keeps_resolving_and_takes_events() {
    let mut shelf = Shelf::new();
    let a = shelf.one(purchase(1, "ord_1", "10.00", "a@example.com"));
    let b = shelf.one(envelope("login", 2, None, json!({"phone": "+12025550101"})));
    shelf.merge(&[&a, &b]);
    let outcome = shelf.one(envelope("login", 3, Some(b.as_str()), json!({})));
    assert_eq!(shelf.reader().resolve(&a).unwrap(), shelf.reader().resolve(&outcome).unwrap());
    assert_eq!(shelf.reader().stats().unwrap().customer_count, 1);
    assert!(matches!(
        shelf.decide(Action::Merge { customers: vec![a, b], reason: String::new() }),
        Err(DecisionError::OneCustomer)
    ));
}
