//! `merges`: listed, explained, undone, reviewed and made.

use serde_json::json;

use crate::support::{Place, event};

/// Two people who turn out to be one.
fn merged() -> Place {
    let place = Place::new();
    place.import(&event(1, &json!({"email": "ann@x.org"})));
    place.import(&event(2, &json!({"phone": "+12025550199"})));
    place.import(&event(3, &json!({"email": "ann@x.org", "phone": "+12025550199"})));
    place
}

/// Returns the id of the customer that a query finds.
fn found(place: &Place, query: &str) -> String {
    let hits = place.run(&["search", query, "--json"]).expect(0).json();
    hits["data"][0]["customer_id"].as_str().unwrap().to_owned()
}

#[test]
fn a_merge_is_listed_explained_and_undone() {
    let place = merged();
    let list = place.run(&["merges", "--json"]).expect(0).json();
    let merge = &list["data"][0];
    assert_eq!(merge["reason"], "identifier_match");
    let (id, base) = (merge["id"].as_str().unwrap(), merge["customer_id"].as_str().unwrap());
    let other = merge["merged_profile_ids"][0].as_str().unwrap();
    assert_eq!(found(&place, "ann@x.org"), found(&place, "+12025550199"));
    let why = place.run(&["merges", "explain", base, other]).expect(0).out;
    assert!(why.contains("2 profiles") && why.contains("identifier_match"), "{why}");
    let json = place.run(&["merges", "explain", base, "--json"]).expect(0).json();
    assert_eq!(json["links"][0]["merge_id"], id);

    place.run(&["merges", "undo", id, "--actor", "ann"]).expect(0);
    assert_ne!(found(&place, "ann@x.org"), found(&place, "+12025550199"));
    let ran = place.run(&["merges", "undo", id]).expect(1);
    assert!(ran.err.contains("undone already"), "{}", ran.err);
    place.run(&["merges", "explain", base, other]).expect(4);
    place.run(&["merges", "explain", "cust_404"]).expect(4);
    place.run(&["merges", "undo", &id.replace(|c: char| c.is_ascii_digit(), "0")]).expect(4);
    place.run(&["merges", "undo", "mrg_?"]).expect(2);
}

/// Two customers with ids of their own who share an event: a person must look.
fn in_question() -> (Place, String) {
    let place = Place::new();
    for (second, id, email) in [(1, "c1", "one@x.org"), (2, "c2", "two@x.org")] {
        place.import(&event(second, &json!({"customer_id": id, "email": email})));
    }
    place.import(&event(3, &json!({"email": "one@x.org", "phone": "+12025550111"})));
    place.import(&event(4, &json!({"email": "two@x.org", "loyalty_id": "L-77"})));
    place.import(&event(5, &json!({"phone": "+12025550111", "loyalty_id": "L-77"})));
    let queue = place.run(&["merges", "queue", "--json"]).expect(0).json();
    let id = queue["data"][0]["id"].as_str().unwrap_or_else(|| panic!("{queue}")).to_owned();
    (place, id)
}

#[test]
fn a_review_is_approved_once() {
    let (place, id) = in_question();
    assert!(place.run(&["merges", "queue"]).expect(0).out.contains(&id));
    let merged = place.run(&["merges", "approve", &id, "--json"]).expect(0).json();
    assert_eq!(merged["outcome"], "merged");
    assert_eq!(found(&place, "one@x.org"), found(&place, "two@x.org"));
    place.run(&["merges", "approve", &id]).expect(1);
    place.run(&["merges", "reject", "nonsense"]).expect(2);
}

#[test]
fn a_review_is_rejected() {
    let (place, id) = in_question();
    place.run(&["merges", "reject", &id]).expect(0);
    assert_ne!(found(&place, "one@x.org"), found(&place, "two@x.org"));
    let queue = place.run(&["merges", "queue", "--json"]).expect(0).json();
    assert_eq!(queue["data"], json!([]));
}

#[test]
fn a_person_may_join_customers() {
    let place = Place::new();
    place.import(&event(1, &json!({"email": "a@x.org"})));
    place.import(&event(2, &json!({"email": "b@x.org"})));
    let (a, b) = (found(&place, "a@x.org"), found(&place, "b@x.org"));
    place.run(&["merges", "join", &a, &b]).expect(2);
    place.run(&["merges", "join", &a, &b, "--reason", "same person"]).expect(0);
    assert_eq!(found(&place, "a@x.org"), found(&place, "b@x.org"));
    let again = place.run(&["merges", "join", &a, &b, "--reason", "same person"]).expect(1);
    assert!(again.err.contains("different customers"), "{}", again.err);
    place.run(&["merges", "join", &a, "cust_404", "--reason", "?"]).expect(4);
    assert!(place.run(&["merges"]).expect(0).out.contains("same person"));
}
