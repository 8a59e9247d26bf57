//! What the list of customers reads.

use ciq_store::{ListedPage, Reader, StoreError};

use super::page;
use crate::list_page::{ListAsked, ListView, Shown};

/// Customers on a page of the list.
const CUSTOMERS_PER_PAGE: u32 = 50;

/// Hits of each kind that a search shows.
const HITS_MAX: u32 = 25;

/// From how many letters (of one byte) on notes and events are searched: fewer begin a word in
/// nearly all of them.
const LETTERS_MIN: usize = 3;

/// Reads the list of customers, or searches it.
pub(crate) fn list(reader: &Reader, asked: ListAsked) -> Result<ListView, StoreError> {
    let shown = if let Some(typed) = &asked.typed {
        let customers = reader.search_customers(typed, &asked.filter, HITS_MAX)?;
        // A condition is about customers: what mentions others is of no interest then.
        let is_told = asked.filter.is_empty() && typed.len() >= LETTERS_MIN;
        let mentions = if is_told { reader.mentions(typed, HITS_MAX)? } else { Vec::new() };
        Shown::Found { customers, mentions }
    } else {
        let wanted = page(asked.cursor.clone(), CUSTOMERS_PER_PAGE);
        Shown::List(reader.listed(&asked.filter, asked.sort, &wanted)?)
    };
    Ok(ListView { asked, shown })
}

/// Returns what a brand without a file shows.
pub(crate) fn list_of_nothing(asked: ListAsked) -> ListView {
    ListView { asked, shown: Shown::List(ListedPage { data: Vec::new(), next_cursor: None }) }
}
