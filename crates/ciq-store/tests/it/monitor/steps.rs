//! What is written, and what is not because somebody was quicker.

use std::collections::BTreeMap;

use ciq_event::{InterventionId, Severity};
use ciq_store::{
    ClosedRow, HealthRow, InterventionView, MonitorChanges, MonitorWritten, StoreError, UpdatedRow,
    WokenRow,
};

use super::{DEBUGGING, OUTREACH, account, held, key, open, opened, step, take, write};
use crate::shelf::{Shelf, at};

fn close(shelf: &mut Shelf, key: i64, revision: i64) -> u64 {
    let closed = vec![ClosedRow { key, revision, at: at(500), reason: "cleared".to_owned() }];
    write(shelf, &MonitorChanges { closed, ..MonitorChanges::default() }).closed
}

fn wake(shelf: &mut Shelf, key: i64, revision: i64) -> u64 {
    let woken = vec![WokenRow { key, revision, at: at(500) }];
    write(shelf, &MonitorChanges { woken, ..MonitorChanges::default() }).woken
}

fn update(shelf: &mut Shelf, key: i64, revision: i64) -> u64 {
    let (severity, evidence) = (Severity::Critical, "[]".to_owned());
    let updated = vec![UpdatedRow { key, revision, at: at(500), severity, evidence }];
    write(shelf, &MonitorChanges { updated, ..MonitorChanges::default() }).updated
}

#[test]
fn what_a_check_opens_is_open_once() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    let row = opened(acme, DEBUGGING, 100);
    assert_eq!(open(&mut shelf, vec![row.clone(), row.clone()]), 1);
    assert_eq!(open(&mut shelf, vec![row.clone()]), 0);
    assert_eq!(open(&mut shelf, vec![opened(acme, DEBUGGING, 101)]), 0, "one of the kind is open");
    assert_eq!(open(&mut shelf, vec![opened(acme, OUTREACH, 101)]), 1);
    let first = held(&shelf, "acme").remove(0);
    assert_eq!((first.id, first.revision, first.status.as_str()), (row.id, 0, "open"));
    assert_eq!(close(&mut shelf, first.key, 0), 1);
    assert_eq!(open(&mut shelf, vec![row]), 0, "a check that is repeated opens nothing again");
    assert_eq!(open(&mut shelf, vec![opened(acme, DEBUGGING, 600)]), 1);
}

#[test]
fn a_check_makes_room_before_it_opens() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    open(&mut shelf, vec![opened(acme, DEBUGGING, 100)]);
    let key = held(&shelf, "acme")[0].key;
    let changes = MonitorChanges {
        opened: vec![opened(acme, DEBUGGING, 200)],
        closed: vec![ClosedRow { key, revision: 0, at: at(200), reason: "cleared".to_owned() }],
        turns: BTreeMap::from([(DEBUGGING.to_owned(), 1)]),
        ..MonitorChanges::default()
    };
    let written = write(&mut shelf, &changes);
    assert_eq!(written, MonitorWritten { opened: 1, closed: 1, ..MonitorWritten::default() });
    write(&mut shelf, &MonitorChanges { turns: changes.turns, ..MonitorChanges::default() });
    let turns = shelf.reader().monitor_turns().unwrap();
    assert_eq!(turns, BTreeMap::from([(DEBUGGING.to_owned(), 2)]));
}

#[test]
fn a_check_that_a_person_overtook_changes_nothing() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    open(&mut shelf, vec![opened(acme, DEBUGGING, 100)]);
    let read = held(&shelf, "acme").remove(0);
    take(&mut shelf, read.id, 200, "acknowledged", "acknowledged");
    assert_eq!(close(&mut shelf, read.key, read.revision), 0);
    assert_eq!(update(&mut shelf, read.key, read.revision), 0);
    assert_eq!(wake(&mut shelf, read.key, read.revision), 0);
    let now = held(&shelf, "acme").remove(0);
    assert_eq!((now.status.as_str(), now.revision), ("acknowledged", 1));
    assert_eq!(wake(&mut shelf, now.key, now.revision), 0, "it does not rest");
    assert_eq!(update(&mut shelf, now.key, now.revision), 1);
    let now = held(&shelf, "acme").remove(0);
    assert_eq!((now.status.as_str(), now.severity), ("acknowledged", Severity::Critical));
    assert_eq!(close(&mut shelf, now.key, now.revision), 1);
    let now = held(&shelf, "acme").remove(0);
    assert_eq!((now.status.as_str(), now.closed_at), ("resolved", Some(at(500))));
    assert_eq!(close(&mut shelf, now.key, now.revision), 0, "it is closed");
    assert_eq!(update(&mut shelf, now.key, now.revision), 0);
    assert_eq!(update(&mut shelf, 7_777, 0), 0, "there is none");
}

#[test]
fn what_rests_is_woken_once() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    open(&mut shelf, vec![opened(acme, DEBUGGING, 100)]);
    let id = held(&shelf, "acme")[0].id;
    let rest = |view: &InterventionView| {
        let rest = step(view, 200, "snoozed", "snoozed");
        Some(ciq_store::InterventionStep { snoozed_until: Some(at(400)), ..rest })
    };
    shelf.writer.change_intervention(id, rest).unwrap().unwrap();
    let now = held(&shelf, "acme").remove(0);
    assert_eq!((now.status.as_str(), now.snoozed_until), ("snoozed", Some(at(400))));
    assert_eq!(wake(&mut shelf, now.key, now.revision), 1);
    assert_eq!(wake(&mut shelf, now.key, now.revision), 0);
    let now = held(&shelf, "acme").remove(0);
    assert_eq!((now.status.as_str(), now.snoozed_until), ("open", None));
}

#[test]
fn every_step_is_on_record() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    let assignee = Some("lee".to_owned());
    let row = ciq_store::OpenedRow { assignee, ..opened(acme, DEBUGGING, 100) };
    open(&mut shelf, vec![row.clone()]);
    let first = held(&shelf, "acme")[0].key;
    update(&mut shelf, first, 0);
    take(&mut shelf, row.id, 600, "acknowledged", "acknowledged");
    let resolve = |view: &InterventionView| {
        let step = step(view, 700, "resolved", "resolved");
        let detail = Some("they call us now".to_owned());
        let close_reason = Some("resolved".to_owned());
        Some(ciq_store::InterventionStep { detail, close_reason, ..step })
    };
    let resolved = shelf.writer.change_intervention(row.id, resolve).unwrap().unwrap();
    assert_eq!(resolved.view.close_reason.as_deref(), Some("resolved"));
    assert_eq!(resolved.view.closed_at.as_deref(), Some(at(700).to_string().as_str()));
    take(&mut shelf, row.id, 800, "commented", "resolved");
    let after = shelf.reader().intervention(row.id).unwrap().unwrap();
    assert_eq!(after.view.closed_at, resolved.view.closed_at, "a comment resolves nothing");
    take(&mut shelf, row.id, 900, "reopened", "open");
    let after = shelf.reader().intervention(row.id).unwrap().unwrap();
    assert_eq!((after.view.closed_at, after.view.close_reason), (None, None));
    let history: Vec<_> = after
        .history
        .iter()
        .map(|it| {
            [&it.action, &it.actor, &it.status, it.detail.as_deref().unwrap_or("-")].join(" ")
        })
        .collect();
    let expected = [
        "opened monitor open assigned to lee",
        "updated monitor open high to critical",
        "acknowledged kim acknowledged -",
        "resolved kim resolved they call us now",
        "commented kim resolved -",
        "reopened kim open -",
    ];
    assert_eq!(history, expected);
}

#[test]
fn a_step_that_is_refused_writes_nothing() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    let row = opened(acme, DEBUGGING, 100);
    open(&mut shelf, vec![row.clone()]);
    let before = shelf.dump();
    let mut seen = None;
    let refuse = |view: &InterventionView| {
        seen = Some(view.status.clone());
        None
    };
    let unchanged = shelf.writer.change_intervention(row.id, refuse).unwrap().unwrap();
    assert_eq!((seen.as_deref(), unchanged.history.len()), (Some("open"), 1));
    assert_eq!(shelf.dump(), before);
    let nobody = InterventionId::from_raw([7; 16]);
    let never = |_: &InterventionView| -> Option<ciq_store::InterventionStep> { unreachable!() };
    assert_eq!(shelf.writer.change_intervention(nobody, never).unwrap(), None);
    assert_eq!(shelf.reader().intervention(nobody).unwrap(), None);
}

#[test]
fn reopening_gives_way_to_the_one_that_is_open() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    let (first, second) = (opened(acme, DEBUGGING, 100), opened(acme, DEBUGGING, 300));
    open(&mut shelf, vec![first.clone()]);
    take(&mut shelf, first.id, 200, "resolved", "resolved");
    assert_eq!(open(&mut shelf, vec![second.clone()]), 1);
    let before = shelf.dump();
    let reopen = |view: &InterventionView| Some(step(view, 400, "reopened", "open"));
    let refused = shelf.writer.change_intervention(first.id, reopen).unwrap_err();
    assert!(matches!(&refused, StoreError::InterventionOpen { kind, other }
        if kind == DEBUGGING && *other == second.id.to_string()));
    assert!(refused.to_string().contains(&second.id.to_string()), "{refused}");
    assert_eq!(shelf.dump(), before);
    take(&mut shelf, second.id, 500, "resolved", "resolved");
    take(&mut shelf, first.id, 600, "reopened", "open");
}

#[test]
fn health_is_written_where_it_changed() {
    let mut shelf = Shelf::new();
    let id = account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    assert!(shelf.reader().health(&id).unwrap().is_none());
    let row = |score, second| HealthRow {
        customer: acme,
        score,
        band: "watch".to_owned(),
        parts: "[]".to_owned(),
        as_of: at(second),
    };
    let nobody = HealthRow { customer: ciq_identity::CustomerKey(77), ..row(1, 100) };
    for health in [vec![row(50, 100), nobody], vec![row(50, 200)], vec![row(51, 300)]] {
        write(&mut shelf, &MonitorChanges { health, ..MonitorChanges::default() });
        let held = super::monitored_one(&shelf, "acme").health.unwrap();
        let expected = if held.score == 50 { row(50, 100) } else { row(51, 300) };
        assert_eq!(held, expected);
        assert!(held.finds_the_same(&HealthRow { as_of: at(900), ..expected.clone() }));
        assert!(!held.finds_the_same(&HealthRow { score: 7, ..expected }));
    }
    let health = shelf.reader().health(&id).unwrap().unwrap();
    assert_eq!((health.score, health.band.as_str(), health.parts.get()), (51, "watch", "[]"));
    let view = shelf.reader().account(&id).unwrap().unwrap();
    assert_eq!((view.health_score, view.health_band.as_deref()), (Some(51), Some("watch")));
}
