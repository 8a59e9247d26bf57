//! What automations did: written once, claimed once, gone with the customer.

use ciq_engine::Action;
use ciq_event::CustomerId;
use ciq_identity::CustomerKey;
use ciq_store::{
    Delivery, DeliveryChange, DueDelivery, ExecutionFilter, NewDelivery, NewExecution, PageRequest,
    PassChanges,
};
use jiff::Timestamp;

use crate::shelf::{Shelf, at, purchase};

const DEFINITION: &str = r#"{"id":"win-back","name":"Win back","enabled":true,
    "trigger":{"type":"churn_risk"},"actions":[]}"#;

fn execution(customer: CustomerKey, id: u8, channels: &[&str]) -> NewExecution {
    let deliveries = channels.iter().map(|channel| NewDelivery {
        channel: (*channel).to_owned(),
        idempotency_key: format!("{id}-{channel}"),
    });
    NewExecution {
        id: [id; 16],
        automation_id: "win-back".to_owned(),
        automation_name: "Win back".to_owned(),
        trigger_type: "churn_risk".to_owned(),
        customer,
        occasion: "now".to_owned(),
        triggered_at: at(100),
        due_at: at(160),
        evidence: "{}".to_owned(),
        deliveries: deliveries.collect(),
    }
}

fn add(shelf: &mut Shelf, executions: Vec<NewExecution>) -> u64 {
    let changes = PassChanges { executions, ..PassChanges::default() };
    shelf.writer.write_pass(&changes).unwrap()
}

/// A change of a due action to a status.
fn change(due: &DueDelivery, status: &str, lease_until: Option<Timestamp>) -> DeliveryChange {
    DeliveryChange {
        key: due.key,
        execution_key: due.execution_key,
        delivery: Delivery {
            status: status.to_owned(),
            lease_until,
            provider_id: (status == "sent").then(|| "SM1".to_owned()),
            ..due.delivery.clone()
        },
        message: Some((Some("+15550123".to_owned()), None, Some("We miss you".to_owned()))),
        at: at(170),
        task: None,
        segment: None,
    }
}

fn shelf() -> (Shelf, CustomerKey, CustomerId) {
    let mut shelf = Shelf::new();
    let id = shelf.one(purchase(10, "ord_1", "10.00", "ann@example.com"));
    let key = shelf.reader().roots_after(CustomerKey(0), 1).unwrap()[0];
    let definition = ("win-back".to_owned(), DEFINITION.to_owned());
    assert!(shelf.writer.put_automations(&[definition], at(50), true).unwrap());
    (shelf, key, id)
}

fn statuses(shelf: &Shelf) -> Vec<String> {
    let all = ExecutionFilter::default();
    let (executions, _) = shelf.reader().executions(&all, &PageRequest::default()).unwrap();
    executions.into_iter().map(|execution| execution.status).collect()
}

#[test]
fn definitions_are_kept_changed_and_deleted() {
    let (mut shelf, _, _) = shelf();
    let again = ("win-back".to_owned(), DEFINITION.replace("Win back", "Come back"));
    let another = ("other".to_owned(), DEFINITION.to_owned());
    let both = [another.clone(), again.clone()];
    assert!(!shelf.writer.put_automations(&both, at(60), true).unwrap(), "one is there already");
    assert!(shelf.reader().automation("other").unwrap().is_none(), "all or none");
    assert!(shelf.writer.put_automations(&both, at(60), false).unwrap());
    let stored = shelf.reader().automation("win-back").unwrap().unwrap();
    assert!(stored.definition.get().contains("Come back"));
    assert_eq!(stored.created_at, Some(at(50).to_string()));
    assert_eq!(stored.updated_at, Some(at(60).to_string()));
    let sql = "SELECT name || trigger_type || enabled FROM automation WHERE id = 'win-back'";
    assert_eq!(shelf.one_value(sql), "Come backchurn_risk1");
    assert!(shelf.writer.delete_automation("other").unwrap());
    assert!(!shelf.writer.delete_automation("other").unwrap());
}

#[test]
fn an_execution_is_written_once_and_due_in_its_time() {
    let (mut shelf, key, _) = shelf();
    assert_eq!(add(&mut shelf, vec![execution(key, 1, &["whatsapp"])]), 1);
    assert_eq!(add(&mut shelf, vec![execution(key, 1, &["whatsapp"])]), 0);
    assert_eq!(statuses(&shelf), ["triggered"]);
    assert_eq!(shelf.reader().due_deliveries(at(159), 9).unwrap(), []);
    assert_eq!(shelf.reader().due_deliveries(at(160), 9).unwrap().len(), 1);
}

#[test]
fn of_two_workers_one_gets_the_claim() {
    let (mut shelf, key, id) = shelf();
    add(&mut shelf, vec![execution(key, 1, &["whatsapp"])]);
    let due = shelf.reader().due_deliveries(at(160), 9).unwrap().remove(0);
    let claimed = change(&due, "sending", Some(at(400)));
    assert!(shelf.writer.change_delivery(&claimed).unwrap());
    assert!(!shelf.writer.change_delivery(&claimed).unwrap(), "the other worker's");
    assert_eq!(shelf.reader().due_deliveries(at(399), 9).unwrap(), []);
    let dead = shelf.reader().due_deliveries(at(400), 9).unwrap().remove(0);
    assert_eq!(dead.body.as_deref(), Some("We miss you"));
    assert!(shelf.writer.change_delivery(&change(&dead, "sent", None)).unwrap());
    assert_eq!(statuses(&shelf), ["executed"]);
    let (sent, _) =
        shelf.reader().campaigns(&ExecutionFilter::default(), &PageRequest::default()).unwrap();
    assert_eq!((sent[0].status.as_str(), sent[0].provider_id.as_deref()), ("sent", Some("SM1")));
    let facts = shelf.reader().customer_facts(&[key], at(0)).unwrap().remove(&key).unwrap();
    assert_eq!((facts.id.as_str(), facts.sent.len(), facts.past.len()), (id.as_str(), 1, 1));
}

#[test]
fn an_execution_ends_with_its_last_action_and_as_its_actions_did() {
    let (mut shelf, key, _) = shelf();
    for (id, ends, expected) in [
        (1, ["sent", "failed"], "executed"),
        (2, ["suppressed", "failed"], "failed"),
        (3, ["suppressed", "suppressed"], "suppressed"),
    ] {
        add(&mut shelf, vec![execution(key, id, &["email", "task"])]);
        let due = shelf.reader().due_deliveries(at(160), 9).unwrap();
        assert!(shelf.writer.change_delivery(&change(&due[0], ends[0], None)).unwrap());
        assert_eq!(statuses(&shelf)[0], "triggered");
        let mut last = change(&due[1], ends[1], None);
        last.task = Some(([id; 16], "Call".to_owned(), None));
        last.segment = Some("vip".to_owned());
        assert!(shelf.writer.change_delivery(&last).unwrap());
        assert_eq!(statuses(&shelf)[0], expected);
    }
    let (tasks, _) =
        shelf.reader().tasks(&ExecutionFilter::default(), &PageRequest::default()).unwrap();
    assert_eq!(tasks.len(), 3);
    let facts = shelf.reader().customer_facts(&[key], at(0)).unwrap().remove(&key).unwrap();
    assert_eq!(facts.memberships, ["vip"]);
}

#[test]
fn what_was_done_survives_a_rebuild_and_a_merge_and_goes_with_the_customer() {
    let (mut shelf, key, ann) = shelf();
    add(&mut shelf, vec![execution(key, 1, &["whatsapp"]), execution(key, 2, &["task"])]);
    let due = shelf.reader().due_deliveries(at(160), 9).unwrap().remove(0);
    assert!(shelf.writer.change_delivery(&change(&due, "sent", None)).unwrap());
    assert_eq!(shelf.rebuilt_dump(), shelf.dump());
    let bob = shelf.one(purchase(5, "ord_2", "20.00", "bob@example.com"));
    shelf.merge(&[&bob, &ann]);
    let of_bob = ExecutionFilter { customer: Some(bob.clone()), ..ExecutionFilter::default() };
    let (executions, _) = shelf.reader().executions(&of_bob, &PageRequest::default()).unwrap();
    assert_eq!(executions.len(), 2, "a merged customer's past is the whole customer's");
    shelf.decide(Action::Erase { customer: bob }).unwrap();
    assert!(statuses(&shelf).is_empty());
    assert!(!shelf.dump().contains("We miss you"));
}
