//! What each page reads. Blocking: run these off the async threads.

mod customer;
mod list;
mod reviews;

use ciq_event::CustomerId;
use ciq_store::{PageRequest, Reader, StoreError};

use crate::merges_page::{Merge, MergesView};

pub(crate) use customer::{Found, customer, text};
pub(crate) use list::{list, list_of_nothing};
pub(crate) use reviews::{ReviewsRequest, next_pending, reviews};

/// Merges on a page of the history.
const MERGES_PER_PAGE: u32 = 50;

/// Reads a page of merges.
pub(crate) fn merges(reader: &Reader, cursor: Option<String>) -> Result<MergesView, StoreError> {
    let is_later_page = cursor.is_some();
    let (found, next_cursor) = reader.merges(&page(cursor, MERGES_PER_PAGE))?;
    let mut merges = Vec::with_capacity(found.len());
    for merge in found {
        let customer = match &merge.customer_id {
            Some(id) => reader.customer(&CustomerId::from_raw(id.as_str()))?,
            None => None,
        };
        merges.push(Merge { merge, name: customer.map(|customer| customer.summary.name) });
    }
    Ok(MergesView { merges, next_cursor, is_later_page, done: None })
}

fn page(cursor: Option<String>, limit: u32) -> PageRequest {
    PageRequest { cursor, limit: Some(limit) }
}
