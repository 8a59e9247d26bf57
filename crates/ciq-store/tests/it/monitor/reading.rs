//! Accounts and interventions read: whole, filtered, page by page.

use std::collections::BTreeMap;

use ciq_event::{Account, AccountStage, CustomerId, ErrorRate, Severity, Tier, UsageTrend};
use ciq_identity::CustomerKey;
use ciq_store::{
    AccountFilter, EvidenceView, InterventionFilter, InterventionView, OpenedRow, PageRequest,
};
use serde_json::json;

use super::{DEBUGGING, OUTREACH, account, key, monitored, monitored_one, open, opened, take};
use crate::shelf::{Shelf, at, envelope, purchase};

/// Nine accounts, each with two interventions; severities and people take turns.
fn many() -> Shelf {
    let mut shelf = Shelf::new();
    for index in 0..9 {
        account(&mut shelf, index, &format!("c{index}"));
    }
    let rows = monitored(&shelf).into_iter().zip(0_i64..).flat_map(|(one, index)| {
        [DEBUGGING, OUTREACH].map(|kind| OpenedRow {
            severity: Severity::ALL[usize::try_from(index % 4).unwrap()],
            assignee: (index % 3 > 0).then(|| format!("person {}", index % 3)),
            ..opened(one.customer, kind, 100 + index)
        })
    });
    let rows = rows.collect();
    assert_eq!(open(&mut shelf, rows), 18);
    shelf
}

fn read(shelf: &Shelf, filter: &InterventionFilter, size: u32) -> Vec<InterventionView> {
    let (mut all, mut cursor) = (Vec::new(), None);
    loop {
        let filter = InterventionFilter { cursor, limit: Some(size), ..filter.clone() };
        let page = shelf.reader().interventions(&filter).unwrap();
        assert!(page.data.len() <= size as usize);
        all.extend(page.data);
        cursor = page.next_cursor;
        if cursor.is_none() {
            return all;
        }
    }
}

fn all() -> InterventionFilter {
    InterventionFilter::default()
}

#[test]
fn the_most_severe_come_first_whatever_the_size_of_a_page() {
    let mut shelf = many();
    let whole = read(&shelf, &all(), 100);
    assert_eq!(whole.len(), 18);
    let place = |view: &InterventionView| {
        let severity = Severity::parse(&view.severity).unwrap();
        (std::cmp::Reverse(severity), view.opened_at.clone())
    };
    assert!(whole.is_sorted_by_key(place));
    for size in 1..19 {
        assert_eq!(read(&shelf, &all(), size), whole, "{size}");
    }
    // A page goes on where it was, also when what it ended with is gone.
    let filter = InterventionFilter { limit: Some(5), ..all() };
    let first = shelf.reader().interventions(&filter).unwrap();
    take(&mut shelf, first.data[4].id.parse().unwrap(), 900, "resolved", "resolved");
    let filter = InterventionFilter { cursor: first.next_cursor, ..filter };
    assert_eq!(shelf.reader().interventions(&filter).unwrap().data, whole[5..10]);
}

#[test]
fn interventions_are_found_by_what_they_are() {
    let mut shelf = many();
    let whole = read(&shelf, &all(), 100);
    let check = |shelf: &Shelf,
                 filter: InterventionFilter,
                 is_wanted: &dyn Fn(&InterventionView) -> bool| {
        let wanted: Vec<_> = whole.iter().filter(|view| is_wanted(view)).cloned().collect();
        assert!(!wanted.is_empty());
        for size in [1, 3, 100] {
            assert_eq!(read(shelf, &filter, size), wanted, "{filter:?}");
        }
    };
    let severity = Some(Severity::High);
    check(&shelf, InterventionFilter { severity, ..all() }, &|view| view.severity == "high");
    let kind = Some(OUTREACH.to_owned());
    check(&shelf, InterventionFilter { kind, ..all() }, &|view| view.kind == OUTREACH);
    let assignee = Some("person 2".to_owned());
    let is_theirs = |view: &InterventionView| view.assignee.as_deref() == Some("person 2");
    check(&shelf, InterventionFilter { assignee, ..all() }, &is_theirs);
    let customer = Some(CustomerId::from_raw("c3"));
    check(&shelf, InterventionFilter { customer, ..all() }, &|view| view.customer_id == "c3");
    let customer = Some(CustomerId::from_raw("nobody"));
    assert_eq!(read(&shelf, &InterventionFilter { customer, ..all() }, 9), []);
    take(&mut shelf, whole[0].id.parse().unwrap(), 900, "acknowledged", "acknowledged");
    take(&mut shelf, whole[1].id.parse().unwrap(), 901, "resolved", "resolved");
    let of = |statuses: &[&str]| {
        let status = Some(statuses.iter().map(|&status| status.to_owned()).collect());
        read(&shelf, &InterventionFilter { status, ..all() }, 4)
    };
    assert_eq!(of(&["acknowledged"])[0].id, whole[0].id);
    assert_eq!(of(&["acknowledged", "open"]).len(), 17);
    assert_eq!(of(&["resolved"]).iter().map(|view| &view.id).collect::<Vec<_>>(), [&whole[1].id]);
    let latest = of(&["open", "acknowledged", "snoozed", "resolved"]);
    assert_eq!(latest.len(), 18);
    assert!(latest.is_sorted_by(|one, other| one.opened_at >= other.opened_at), "{latest:?}");
    assert_eq!(of(&[]).len(), 17, "no status is every one but resolved");
}

#[test]
fn interventions_are_counted() {
    let mut shelf = many();
    let id = read(&shelf, &all(), 1)[0].id.parse().unwrap();
    take(&mut shelf, id, 900, "resolved", "resolved");
    let counts = shelf.reader().intervention_counts().unwrap();
    let expected =
        [(Severity::Low, 6), (Severity::Medium, 4), (Severity::High, 4), (Severity::Critical, 3)];
    assert_eq!(counts, BTreeMap::from(expected));
    let empty = Shelf::new().reader().intervention_counts().unwrap();
    assert_eq!(empty.values().sum::<u64>(), 0);
    assert_eq!(empty.len(), 4);
    let loads = shelf.reader().intervention_loads().unwrap();
    let expected = [("person 1", 6), ("person 2", 6)].map(|(name, count)| (name.to_owned(), count));
    assert_eq!(loads, BTreeMap::from(expected));
}

#[test]
fn an_intervention_shows_whom_and_what_is_at_stake() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    shelf.take(&[purchase(2, "ord_1", "120.50", "acme@example.com")]);
    let row = opened(key(&shelf, "acme"), DEBUGGING, 100);
    open(&mut shelf, vec![row.clone()]);
    let view = shelf.reader().intervention(row.id).unwrap().unwrap().view;
    assert_eq!((view.customer_id.as_str(), view.customer_name.as_str()), ("acme", "acme Ltd"));
    assert_eq!((view.value_at_risk.0.minor, view.currency.as_str()), (12_050, "USD"));
    assert_eq!(view.due_at.as_deref(), Some(at(3_700).to_string().as_str()));
    let evidence = EvidenceView {
        field: "error_rate".to_owned(),
        value: json!(0.15),
        op: "gt".to_owned(),
        threshold: json!(0.1),
    };
    assert_eq!(view.evidence, [evidence]);
    assert_eq!(serde_json::to_value(&view).unwrap()["value_at_risk"], json!(120.5));
}

#[test]
fn an_account_is_monitored_with_all_that_a_check_needs() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    shelf.one(envelope("api_usage", 50, Some("acme"), json!({"api_calls": 7})));
    shelf.one(purchase(2, "ord_1", "10.00", "acme@example.com"));
    shelf.one(purchase(3, "ord_2", "10.00", "nobody@example.com"));
    let one = monitored_one(&shelf, "acme");
    let expected = Account {
        stage: AccountStage::ProductionReady,
        tier: Tier::Pro,
        error_rate: ErrorRate::from_millionths(150_000),
        usage_trend: UsageTrend::Declining,
        integration_status: Some("active".to_owned()),
        signed_up_at: Some(at(-1_000)),
        api_call_count: 30,
        last_api_call_at: Some(at(50)),
    };
    assert_eq!(one.account, expected);
    assert_eq!((one.customer_since, one.lifetime_value_minor), (Some(at(1)), 1_000));
    assert_eq!((one.churn, one.segment, one.health), (None, None, None));
    assert!(one.strength > 0);
    assert_eq!(monitored(&shelf).len(), 1, "who has no account is not monitored");
}

#[test]
fn everyone_is_monitored_once_whatever_the_size_of_a_chunk() {
    let shelf = many();
    let whole = monitored(&shelf);
    assert_eq!(whole.iter().map(|one| one.held.len()).collect::<Vec<_>>(), [2; 9]);
    for size in 1..11 {
        let (mut found, mut after) = (Vec::new(), CustomerKey(0));
        loop {
            let chunk = shelf.reader().monitored(after, size).unwrap();
            let Some(last) = chunk.last() else { break };
            after = last.customer;
            found.extend(chunk);
        }
        assert_eq!(found, whole, "{size}");
    }
    let some = [whole[7].customer, whole[2].customer, CustomerKey(999)];
    let found = shelf.reader().monitored_of(&some).unwrap();
    assert_eq!(found, [whole[2].clone(), whole[7].clone()]);
    assert_eq!(shelf.reader().monitored_of(&[]).unwrap(), []);
}

#[test]
fn of_what_is_resolved_the_latest_of_each_kind_is_held() {
    let mut shelf = Shelf::new();
    account(&mut shelf, 1, "acme");
    let acme = key(&shelf, "acme");
    for (kind, second) in [(DEBUGGING, 100), (DEBUGGING, 300), (OUTREACH, 500), (DEBUGGING, 700)] {
        let row = opened(acme, kind, second);
        open(&mut shelf, vec![row.clone()]);
        if second < 700 {
            take(&mut shelf, row.id, second + 50, "resolved", "resolved");
        }
    }
    let held = monitored(&shelf).remove(0).held;
    let times: Vec<_> = held.iter().map(|one| (one.opened_at, one.closed_at)).collect();
    let expected = [(at(300), Some(at(350))), (at(500), Some(at(550))), (at(700), None)];
    assert_eq!(times, expected);
}

#[test]
fn accounts_are_listed_the_latest_first() {
    let mut shelf = many();
    shelf.one(envelope("account_updated", 60, Some("c4"), json!({"tier": "enterprise"})));
    let read = |filter: &AccountFilter, size: u32| {
        let (mut ids, mut cursor) = (Vec::new(), None);
        loop {
            let page = PageRequest { cursor, limit: Some(size) };
            let page = shelf.reader().accounts(filter, &page).unwrap();
            ids.extend(page.data.into_iter().map(|view| view.customer_id));
            cursor = page.next_cursor;
            if cursor.is_none() {
                return ids;
            }
        }
    };
    let whole = read(&AccountFilter::default(), 100);
    assert_eq!((whole.len(), whole[0].as_str(), whole[8].as_str()), (9, "c8", "c0"));
    for size in 1..10 {
        assert_eq!(read(&AccountFilter::default(), size), whole);
    }
    let tier = Some("enterprise".to_owned());
    assert_eq!(read(&AccountFilter { tier, ..AccountFilter::default() }, 3), ["c4"]);
    let stage = Some("new".to_owned());
    assert_eq!(read(&AccountFilter { stage, ..AccountFilter::default() }, 3), [""; 0]);
    let health_band = Some("watch".to_owned());
    assert_eq!(read(&AccountFilter { health_band, ..AccountFilter::default() }, 3), [""; 0]);
    let view = shelf.reader().account(&CustomerId::from_raw("c4")).unwrap().unwrap();
    assert_eq!((view.tier.as_str(), view.stage.as_str()), ("enterprise", "production_ready"));
    assert_eq!((view.error_rate, view.total_api_calls), (0.15, 23));
    assert_eq!(view.company.as_deref(), Some("c4 Ltd"));
    assert!(shelf.reader().account(&CustomerId::from_raw("nobody")).unwrap().is_none());
}

#[test]
fn rules_replace_the_default_set_in_their_order() {
    let mut shelf = Shelf::new();
    assert!(shelf.reader().monitor_rules().unwrap().is_empty());
    let rule = |kind: &str| (kind.to_owned(), json!({ "kind": kind }).to_string());
    let kinds = |shelf: &Shelf| {
        let rules = shelf.reader().monitor_rules().unwrap();
        rules.into_iter().map(|rule| rule.kind).collect::<Vec<_>>()
    };
    shelf.writer.put_monitor_rules(&[rule("z"), rule("a")], at(1)).unwrap();
    assert_eq!(kinds(&shelf), ["z", "a"]);
    shelf.writer.put_monitor_rules(&[rule("b"), rule("z")], at(2)).unwrap();
    assert_eq!(kinds(&shelf), ["b", "z"]);
    let rules = shelf.reader().monitor_rules().unwrap();
    assert_eq!(rules[0].definition.get(), r#"{"kind":"b"}"#);
    assert_eq!(rules[0].updated_at.as_deref(), Some(at(2).to_string().as_str()));
    shelf.writer.put_monitor_rules(&[], at(3)).unwrap();
    assert!(kinds(&shelf).is_empty());
}
