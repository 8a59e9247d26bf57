//! Accounts and interventions: what a check writes, what people do, and who is quicker.

mod feed;
mod lives;
mod reading;
mod steps;

use ciq_event::{CustomerId, InterventionId, Severity};
use ciq_identity::CustomerKey;
use ciq_store::{
    HeldIntervention, InterventionStep, InterventionView, MonitorChanges, MonitorWritten,
    Monitored, OpenedRow,
};
use serde_json::json;

use crate::shelf::{Shelf, at, envelope};

const DEBUGGING: &str = "error_debugging";
const OUTREACH: &str = "retention_outreach";

const EVIDENCE: &str = r#"[{"field":"error_rate","value":0.15,"op":"gt","threshold":0.1}]"#;

/// Stores what tells of an account.
fn account(shelf: &mut Shelf, second: i64, id: &str) -> CustomerId {
    let data = json!({
        "company": format!("{id} Ltd"),
        "email": format!("{id}@example.com"),
        "stage": "production_ready",
        "tier": "pro",
        "api_calls": 23,
        "error_rate": 0.15,
        "usage_trend": "declining",
        "integration_status": "active",
        "signed_up_at": at(-1_000).to_string(),
    });
    shelf.one(envelope("api_usage", second, Some(id), data))
}

fn monitored(shelf: &Shelf) -> Vec<Monitored> {
    shelf.reader().monitored(CustomerKey(0), 1_000).unwrap()
}

fn monitored_one(shelf: &Shelf, id: &str) -> Monitored {
    let all = monitored(shelf);
    all.into_iter().find(|one| one.customer_id.as_str() == id).unwrap()
}

fn key(shelf: &Shelf, id: &str) -> CustomerKey {
    monitored_one(shelf, id).customer
}

fn held(shelf: &Shelf, id: &str) -> Vec<HeldIntervention> {
    monitored_one(shelf, id).held
}

fn opened(customer: CustomerKey, kind: &str, second: i64) -> OpenedRow {
    let id = CustomerId::from_raw(customer.to_string());
    OpenedRow {
        id: InterventionId::of_opening(&id, kind, at(second)),
        customer,
        kind: kind.to_owned(),
        title: "Calls fail".to_owned(),
        severity: Severity::High,
        opened_at: at(second),
        due_at: Some(at(second + 3_600)),
        assignee: None,
        action: "Look at the errors together".to_owned(),
        evidence: EVIDENCE.to_owned(),
    }
}

fn write(shelf: &mut Shelf, changes: &MonitorChanges) -> MonitorWritten {
    shelf.writer.write_monitor(changes).unwrap()
}

fn open(shelf: &mut Shelf, rows: Vec<OpenedRow>) -> u64 {
    write(shelf, &MonitorChanges { opened: rows, ..MonitorChanges::default() }).opened
}

/// A step of a person that leaves everything but the status as it is.
fn step(view: &InterventionView, second: i64, action: &str, status: &str) -> InterventionStep {
    InterventionStep {
        actor: "kim".to_owned(),
        at: at(second),
        action: action.to_owned(),
        status: status.to_owned(),
        snoozed_until: None,
        assignee: view.assignee.clone(),
        close_reason: None,
        detail: None,
    }
}

/// Has a person take a step.
fn take(shelf: &mut Shelf, id: InterventionId, second: i64, action: &str, status: &str) {
    let decide = |view: &InterventionView| Some(step(view, second, action, status));
    shelf.writer.change_intervention(id, decide).unwrap().unwrap();
}
