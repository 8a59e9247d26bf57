//! Rows that follow from an event by itself.

use ciq_event::{Event, Purchase, WorkOrder};
use ciq_identity::{CustomerKey, LeftOut};
use serde_json::json;

use crate::fields::json_text;
use crate::{EventRow, Fields, PurchaseRow, WorkOrderRow, summarise};

/// Where an event row goes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) seq: i64,
    pub(crate) message_seq: i64,
    pub(crate) origin: CustomerKey,
}

pub(crate) fn event_row(
    event: &Event,
    place: Place,
    left_out: &[LeftOut],
    summary_length_max: usize,
) -> EventRow {
    let full = event.description.as_deref();
    let summary = full.map(|text| summarise(text, summary_length_max));
    let is_shortened = summary.as_deref() != full;
    EventRow {
        seq: place.seq,
        id: event.id,
        message_seq: place.message_seq,
        origin: place.origin,
        event_type: event.event_type.clone(),
        source: event.source.clone(),
        occurred_at: event.occurred_at,
        title: event.title.clone(),
        full_text: if is_shortened { event.description.clone() } else { None },
        description: summary,
        amount: event.amount,
        status: event.status.clone(),
        agent_notes: event.agent_notes.clone(),
        sentiment: event.sentiment,
        line_items: event.line_items.clone(),
        left_out: left_out_json(left_out),
    }
}

fn left_out_json(left_out: &[LeftOut]) -> Option<String> {
    if left_out.is_empty() {
        return None;
    }
    let list = left_out.iter().map(|item| {
        json!({
            "kind": item.identifier.kind().name(),
            "value": item.identifier.value(),
            "reason": item.reason.to_string(),
        })
    });
    Some(list.collect::<serde_json::Value>().to_string())
}

pub(crate) fn purchase_row(event: &Event, purchase: &Purchase, place: Place) -> PurchaseRow {
    PurchaseRow {
        event_seq: place.seq,
        event_id: event.id,
        origin: place.origin,
        product_name: purchase.product_name.clone(),
        product_sku: purchase.product_sku.clone(),
        quantity: purchase.quantity,
        price: purchase.price,
        total: purchase.total,
        purchased_at: event.occurred_at,
        warranty_expires_at: purchase.warranty_expires_at,
    }
}

/// The row of a work order as one event tells it.
pub(crate) fn work_order_row(event: &Event, order: &WorkOrder, place: Place) -> WorkOrderRow {
    let mut fields = Fields::default();
    let at = event.occurred_at;
    fields.set_text("order_type", Some(&order.order_type), at);
    fields.set_text("issue_description", order.issue_description.as_deref(), at);
    fields.set_text("resolution", order.resolution.as_deref(), at);
    fields.set_text("status", order.status.as_deref(), at);
    fields.set_text("priority", order.priority.as_deref(), at);
    fields.set_text("assigned_to", order.assigned_to.as_deref(), at);
    if let Some(completed_at) = order.completed_at {
        fields.set("completed_date", completed_at.as_second().to_string(), at);
    }
    if let Some(cost) = order.cost {
        let money = format!("[{},{}]", cost.minor, json_text(cost.currency.as_str()));
        fields.set("cost", money, at);
    }
    let Place { seq: event_seq, message_seq: _, origin } = place;
    WorkOrderRow { event_seq, opened_by: event.id, opened_at: at, origin, fields }
}

/// Adds another telling of a work order: it belongs to whoever opened it first, and each field
/// follows its latest word.
pub(crate) fn merge_work_order(held: &mut WorkOrderRow, told: WorkOrderRow) {
    if (told.opened_at, told.opened_by) < (held.opened_at, held.opened_by) {
        held.event_seq = told.event_seq;
        held.opened_at = told.opened_at;
        held.opened_by = told.opened_by;
        held.origin = told.origin;
    }
    held.fields.merge(told.fields);
}
