//! What the page of a customer reads.

use ciq_event::{CustomerId, EventId};
use ciq_store::{ExecutionFilter, InterventionFilter, Reader, StoreError};

use super::page;
use crate::customer_page::CustomerView;

/// Events on a page of a timeline.
const EVENTS_PER_PAGE: u32 = 25;

/// Messages shown of a customer.
const MESSAGES_SHOWN: u32 = 5;

/// Notes shown of a customer, and how much of each.
const NOTES_SHOWN: u32 = 20;

/// Most characters of a note.
const NOTE_LENGTH_MAX: u32 = 600;

/// What an id of a customer leads to.
#[derive(Debug)]
pub(crate) enum Found {
    /// The customer.
    Here(Box<CustomerView>),
    /// The customer has another id now.
    Moved(CustomerId),
    /// Nobody has the id.
    Nobody,
}

/// Reads everything about a customer.
pub(crate) fn customer(
    reader: &Reader,
    id: &CustomerId,
    cursor: Option<String>,
) -> Result<Found, StoreError> {
    let Some(current) = reader.resolve(id)? else { return Ok(Found::Nobody) };
    if current != *id {
        return Ok(Found::Moved(current));
    }
    let is_later_page = cursor.is_some();
    let (Some(profile), Some(detail), Some(events), Some(explanation)) = (
        reader.profile(id)?,
        reader.customer(id)?,
        reader.timeline(id, &page(cursor, EVENTS_PER_PAGE))?,
        reader.explain(id, None)?,
    ) else {
        return Ok(Found::Nobody);
    };
    let of_customer = ExecutionFilter { customer: Some(id.clone()), ..ExecutionFilter::default() };
    let open = InterventionFilter { customer: Some(id.clone()), ..InterventionFilter::default() };
    Ok(Found::Here(Box::new(CustomerView {
        profile,
        detail,
        events,
        is_later_page,
        purchases: reader.purchases(id)?,
        work_orders: reader.work_orders(id)?,
        notes: reader.notes_in_short(id, NOTES_SHOWN, NOTE_LENGTH_MAX)?,
        visits: reader.store_visits(id)?,
        account: reader.account(id)?,
        health: reader.health(id)?,
        billing: reader.billing(id)?,
        interventions: reader.interventions(&open)?.data,
        insight: reader.insight(id)?,
        messages: reader.campaigns(&of_customer, &page(None, MESSAGES_SHOWN))?.0,
        explanation,
        done: None,
    })))
}

/// Reads the whole text of an event of a customer.
pub(crate) fn text(
    reader: &Reader,
    id: &CustomerId,
    event: &str,
) -> Result<Option<String>, StoreError> {
    match event.parse::<EventId>() {
        Ok(event) => reader.whole_text(id, event),
        Err(_) => Ok(None),
    }
}
