//! Interventions of customers that are merged, taken apart, erased, or folded again.

use ciq_engine::Action;
use ciq_event::{Brand, CustomerId};
use ciq_store::{
    HealthRow, InterventionFilter, InterventionView, MonitorChanges, Reader, StoreError, Writer,
};
use jiff::Timestamp;

use super::{DEBUGGING, OUTREACH, account, held, key, monitored, open, opened, step, take, write};
use crate::ground::dump_of;
use crate::shelf::{Shelf, at};

/// Two accounts, each with one of a kind, merged.
fn merged() -> (Shelf, CustomerId, ciq_event::MergeId) {
    let mut shelf = Shelf::new();
    let acme = account(&mut shelf, 1, "acme");
    let beta = account(&mut shelf, 2, "beta");
    let rows = vec![
        opened(key(&shelf, "acme"), DEBUGGING, 100),
        opened(key(&shelf, "beta"), DEBUGGING, 200),
        opened(key(&shelf, "beta"), OUTREACH, 300),
    ];
    assert_eq!(open(&mut shelf, rows), 3);
    let merge = shelf.merge(&[&acme, &beta]);
    let root = shelf.reader().resolve(&beta).unwrap().unwrap();
    (shelf, root, merge)
}

#[test]
fn a_merged_customer_has_the_interventions_of_both() {
    let (mut shelf, root, merge) = merged();
    let all = monitored(&shelf);
    assert_eq!(all.len(), 1);
    let times: Vec<Timestamp> = all[0].held.iter().map(|held| held.opened_at).collect();
    assert_eq!(times, [at(100), at(200), at(300)]);
    assert_eq!(shelf.reader().monitored_of(&[all[0].customer]).unwrap(), all);
    assert_eq!(open(&mut shelf, vec![opened(all[0].customer, DEBUGGING, 400)]), 0);
    assert_eq!(open(&mut shelf, vec![opened(all[0].customer, OUTREACH, 400)]), 0);
    for id in ["acme", "beta"] {
        let customer = Some(CustomerId::from_raw(id));
        let filter = InterventionFilter { customer, ..InterventionFilter::default() };
        let page = shelf.reader().interventions(&filter).unwrap();
        assert_eq!(page.data.len(), 3);
        assert!(page.data.iter().all(|view| view.customer_id == root.as_str()));
    }
    shelf.undo(merge);
    assert_eq!((held(&shelf, "acme").len(), held(&shelf, "beta").len()), (1, 2));
    shelf.check();
}

#[test]
fn nothing_is_opened_for_a_customer_that_was_merged_meanwhile() {
    let mut shelf = Shelf::new();
    let (acme, beta) = (account(&mut shelf, 1, "acme"), account(&mut shelf, 2, "beta"));
    let keys = [key(&shelf, "acme"), key(&shelf, "beta")];
    shelf.merge(&[&acme, &beta]);
    let rows = keys.map(|key| opened(key, DEBUGGING, 100));
    assert_eq!(open(&mut shelf, rows.to_vec()), 1, "for the one that stayed");
    assert_eq!(open(&mut shelf, vec![opened(ciq_identity::CustomerKey(99), DEBUGGING, 1)]), 0);
}

#[test]
fn reopening_gives_way_to_the_one_of_another_part_of_the_customer() {
    let (mut shelf, _, _) = merged();
    let ids: Vec<_> = monitored(&shelf)[0].held.iter().map(|held| held.id).collect();
    take(&mut shelf, ids[0], 500, "resolved", "resolved");
    let reopen = |view: &InterventionView| Some(step(view, 600, "reopened", "open"));
    let refused = shelf.writer.change_intervention(ids[0], reopen);
    assert!(matches!(refused, Err(StoreError::InterventionOpen { .. })));
    take(&mut shelf, ids[1], 700, "resolved", "resolved");
    let held = &monitored(&shelf)[0].held;
    let standing: Vec<_> = held.iter().map(|held| (held.id, held.status.as_str())).collect();
    assert_eq!(standing, [(ids[1], "resolved"), (ids[2], "open")], "the one resolved last counts");
}

#[test]
fn an_erased_customer_leaves_no_intervention() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let before = shelf.dump();
    let gone = account(&mut shelf, 2, "gone");
    let customer = key(&shelf, "gone");
    let row = opened(customer, DEBUGGING, 100);
    open(&mut shelf, vec![row.clone()]);
    let (band, parts) = ("watch".to_owned(), "[]".to_owned());
    let health = vec![HealthRow { customer, score: 50, band, parts, as_of: at(100) }];
    write(&mut shelf, &MonitorChanges { health, ..MonitorChanges::default() });
    let stale = held(&shelf, "gone").remove(0);
    let end = shelf.reader().feed_end().unwrap();
    shelf.decide(Action::Erase { customer: gone.clone() }).unwrap();
    assert_eq!(shelf.dump(), before);
    assert_eq!(shelf.reader().intervention(row.id).unwrap(), None);
    assert!(shelf.reader().health(&gone).unwrap().is_none());
    assert_eq!(monitored(&shelf).len(), 1);
    // Its number is not given again, so a check that was overtaken closes nobody else's.
    let next = opened(key(&shelf, "acme"), DEBUGGING, 200);
    open(&mut shelf, vec![next]);
    assert!(held(&shelf, "acme")[0].key > stale.key);
    let told = shelf.reader().feed(end, 100).unwrap().items;
    assert!(told.iter().any(|item| item.kind.name() == "intervention.opened"), "{told:?}");
    assert_eq!(shelf.rebuilt_dump(), shelf.dump());
}

#[test]
fn a_rebuilt_file_holds_the_same_interventions() {
    let (mut shelf, _, _) = merged();
    let ids: Vec<_> = monitored(&shelf)[0].held.iter().map(|held| held.id).collect();
    take(&mut shelf, ids[0], 500, "resolved", "resolved");
    let definitions = [(DEBUGGING.to_owned(), r#"{"kind":"error_debugging"}"#.to_owned())];
    shelf.writer.put_monitor_rules(&definitions, at(600)).unwrap();
    let turns = [(DEBUGGING.to_owned(), 3)].into_iter().collect();
    write(&mut shelf, &MonitorChanges { turns, ..MonitorChanges::default() });
    let gone = account(&mut shelf, 3, "gone");
    let last = opened(key(&shelf, "gone"), DEBUGGING, 700);
    open(&mut shelf, vec![last]);
    shelf.decide(Action::Erase { customer: gone }).unwrap();
    let end = shelf.reader().feed_end().unwrap();
    shelf.writer.save_feed_cursor("bus", end).unwrap();
    let place = shelf.rebuilt();
    let rebuilt = Reader::open(&place).unwrap();
    assert_eq!(dump_of(&rebuilt), shelf.dump());
    assert_eq!(rebuilt.monitor_turns().unwrap()[DEBUGGING], 3);
    assert_eq!(rebuilt.intervention(ids[0]).unwrap(), shelf.reader().intervention(ids[0]).unwrap());
    let cursor = rebuilt.feed_cursor("bus").unwrap().unwrap();
    assert_eq!(cursor.intervention_key, end.intervention_key);
    // What comes next is told to those who had read everything.
    let mut other = Shelf::new();
    other.writer = Writer::open(&place, &Brand::default()).unwrap();
    let root = rebuilt.monitored(ciq_identity::CustomerKey(0), 10).unwrap().remove(0).customer;
    assert_eq!(other.writer.write_monitor(&upsell(root)).unwrap().opened, 1);
    assert_eq!(rebuilt.feed(cursor, 100).unwrap().items.len(), 1);
}

fn upsell(customer: ciq_identity::CustomerKey) -> MonitorChanges {
    let opened = vec![opened(customer, "upsell_suggestion", 900)];
    MonitorChanges { opened, ..MonitorChanges::default() }
}
