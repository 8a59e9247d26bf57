//! What became of interventions, told in order.

use ciq_event::InterventionId;
use ciq_store::{FeedItem, FeedKind, FeedPosition, OpenIntervention};
use serde_json::json;

use super::{DEBUGGING, EVIDENCE, OUTREACH, account, key, open, opened, take};
use crate::shelf::{Shelf, at};

/// An account with five steps of two interventions.
fn eventful() -> (Shelf, [InterventionId; 2]) {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    let rows = [opened(acme, DEBUGGING, 100), opened(acme, OUTREACH, 200)];
    let ids = [rows[0].id, rows[1].id];
    open(&mut shelf, rows.to_vec());
    take(&mut shelf, ids[0], 300, "acknowledged", "acknowledged");
    take(&mut shelf, ids[0], 400, "resolved", "resolved");
    take(&mut shelf, ids[0], 500, "commented", "resolved");
    (shelf, ids)
}

fn steps_after(shelf: &Shelf, position: FeedPosition, size: u32) -> Vec<FeedItem> {
    let (reader, mut at, mut items) = (shelf.reader(), position, Vec::new());
    loop {
        let page = reader.feed(at, size).unwrap();
        if page.next == at {
            return items;
        }
        at = page.next;
        items
            .extend(page.items.into_iter().filter(|it| it.kind.name().starts_with("intervention")));
    }
}

#[test]
fn the_feed_tells_what_became_of_interventions() {
    let (shelf, ids) = eventful();
    let all = steps_after(&shelf, FeedPosition::default(), 100);
    let kinds: Vec<_> = all.iter().map(|item| item.kind).collect();
    let expected = [
        FeedKind::InterventionOpened,
        FeedKind::InterventionOpened,
        FeedKind::InterventionChanged,
        FeedKind::InterventionClosed,
        FeedKind::InterventionChanged,
    ];
    assert_eq!(kinds, expected);
    let closed = json!({
        "intervention_id": ids[0].to_string(),
        "customer_id": "acme",
        "kind": DEBUGGING,
        "title": "Calls fail",
        "severity": "high",
        "status": "resolved",
        "action": "resolved",
        "actor": "kim",
        "at": at(400).to_string(),
        "detail": null,
        "assignee": null,
        "evidence": serde_json::from_str::<serde_json::Value>(EVIDENCE).unwrap(),
    });
    assert_eq!(all[3].body, closed);
    assert_eq!(all[3].to_json()["type"], "intervention.closed");
    assert_eq!(all[0].body["actor"], "monitor");
    assert_eq!(all[0].body["status"], "open", "the status of then");
    let ids: std::collections::BTreeSet<_> = all.iter().map(|item| &item.id).collect();
    assert_eq!(ids.len(), 5);
    assert!(all.iter().all(|item| item.id.is_ascii() && !item.id.contains(' ')));
}

#[test]
fn going_on_after_any_step_repeats_nothing_and_skips_nothing() {
    let (shelf, _) = eventful();
    let all = steps_after(&shelf, FeedPosition::default(), 100);
    assert_eq!(all.last().unwrap().position, shelf.reader().feed_end().unwrap());
    for size in [1, 2, 100] {
        for (index, item) in all.iter().enumerate() {
            let rest = steps_after(&shelf, item.position, size);
            assert_eq!(rest, all[index + 1..], "{size} after {}", item.position);
        }
    }
}

#[test]
fn a_position_of_before_there_were_interventions_hears_of_them_all() {
    let (shelf, _) = eventful();
    let end = shelf.reader().feed_end().unwrap();
    let before = FeedPosition { intervention_key: 0, ..end };
    let text = before.to_string();
    let four = text.strip_suffix("-0").unwrap();
    assert_eq!(four.parse(), Ok(before));
    let page = shelf.reader().feed(four.parse().unwrap(), 100).unwrap();
    assert_eq!((page.items.len(), page.next), (5, end));
    assert!(page.items.iter().all(|item| item.kind.name().starts_with("intervention.")));
}

#[test]
fn a_customer_with_a_new_step_is_looked_at_again() {
    let (mut shelf, ids) = eventful();
    let acme = key(&shelf, "acme");
    let end = shelf.reader().feed_end().unwrap();
    let touched = shelf.reader().touched_since(end, 100).unwrap();
    assert_eq!((touched.roots.as_slice(), touched.until), (&[][..], end));
    take(&mut shelf, ids[1], 600, "acknowledged", "acknowledged");
    let touched = shelf.reader().touched_since(end, 100).unwrap();
    assert_eq!((touched.roots.as_slice(), touched.is_more), (&[acme][..], false));
    assert_eq!(touched.until, shelf.reader().feed_end().unwrap());
    assert!(shelf.reader().touched_since(end, 1).unwrap().is_more);
}

#[test]
fn automations_know_what_is_not_resolved() {
    let (mut shelf, ids) = eventful();
    let acme = key(&shelf, "acme");
    let facts = shelf.reader().customer_facts(&[acme], at(0)).unwrap();
    let expected = OpenIntervention {
        kind: OUTREACH.to_owned(),
        severity: ciq_event::Severity::High,
        opened_at: at(200),
    };
    assert_eq!(facts[&acme].interventions, [expected]);
    take(&mut shelf, ids[1], 600, "resolved", "resolved");
    let facts = shelf.reader().customer_facts(&[acme], at(0)).unwrap();
    assert_eq!(facts[&acme].interventions, []);
}
