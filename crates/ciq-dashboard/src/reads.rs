//! What each page reads. Blocking: run these off the async threads.

use std::collections::{BTreeMap, BTreeSet};

use ciq_event::CustomerId;
use ciq_store::{
    CustomerPage, CustomerSort, CustomerSummary, ExecutionFilter, PageRequest, Reader, SearchHit,
    SearchHitKind, Stats, StoreError,
};

use crate::automations_page::AutomationsView;
use crate::customer_page::CustomerView;
use crate::link::Sort;
use crate::list_page::{ListView, Shown};
use crate::merges_page::{Merge, MergesView};
use crate::reviews_page::{Review, ReviewFilter, ReviewsView};

/// Customers on a page of the list.
const CUSTOMERS_PER_PAGE: u32 = 50;

/// Events on a page of a timeline.
const EVENTS_PER_PAGE: u32 = 25;

/// Merges on a page of the history.
const MERGES_PER_PAGE: u32 = 50;

/// Executions shown, and messages.
const EXECUTIONS_SHOWN: u32 = 25;

/// Messages shown of a customer.
const MESSAGES_SHOWN: u32 = 5;

/// Reviews shown at once. Who settles them sees the next.
const REVIEWS_SHOWN_MAX: u32 = 50;

/// Customers of one review that are shown.
const CUSTOMERS_PER_REVIEW_MAX: usize = 20;

/// Hits of each kind that a search shows.
const HITS_MAX: u32 = 25;

/// Most characters of a search that are looked at.
const TYPED_LENGTH_MAX: usize = 200;

/// What the address of the list asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ListRequest {
    /// What was typed into the search field.
    pub(crate) typed: Option<String>,
    /// In which order.
    pub(crate) sort: Sort,
    /// After whom.
    pub(crate) cursor: Option<String>,
}

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

/// Reads the list of customers, or searches it.
pub(crate) fn list(reader: &Reader, request: &ListRequest) -> Result<ListView, StoreError> {
    let typed: Option<String> = request
        .typed
        .as_deref()
        .map(|typed| typed.trim().chars().take(TYPED_LENGTH_MAX).collect())
        .filter(|typed: &String| !typed.is_empty());
    let shown = match typed {
        Some(typed) => found(reader, typed)?,
        None => listed(reader, request)?,
    };
    Ok(ListView { stats: reader.stats()?, shown })
}

/// Returns what the list shows of a brand that has no file yet.
pub(crate) fn list_of_nothing() -> ListView {
    let page = CustomerPage { data: Vec::new(), next_cursor: None };
    let shown = Shown::List { sort: Sort::default(), is_later_page: false, page };
    ListView { stats: no_stats(), shown }
}

fn no_stats() -> Stats {
    Stats {
        customer_count: 0,
        event_count: 0,
        purchase_count: 0,
        knowledge_count: 0,
        work_order_count: 0,
        store_visit_count: 0,
        identifier_count: 0,
        merge_count: 0,
        undone_merge_count: 0,
        pending_review_count: 0,
        dead_letter_count: 0,
        events_by_type: BTreeMap::new(),
        lifetime_values: BTreeMap::new(),
        last_event_at: None,
    }
}

fn listed(reader: &Reader, request: &ListRequest) -> Result<Shown, StoreError> {
    let sort = match request.sort {
        Sort::Newest => CustomerSort::Newest,
        Sort::Value => CustomerSort::LifetimeValue,
    };
    let page = reader.customers(&page(request.cursor.clone(), CUSTOMERS_PER_PAGE), sort)?;
    Ok(Shown::List { sort: request.sort, is_later_page: request.cursor.is_some(), page })
}

fn found(reader: &Reader, typed: String) -> Result<Shown, StoreError> {
    let (people, mentions): (Vec<SearchHit>, Vec<SearchHit>) = reader
        .search(&typed, HITS_MAX)?
        .into_iter()
        .partition(|hit| hit.kind == SearchHitKind::Customer);
    let customers = summaries(reader, people.into_iter().map(|hit| hit.customer_id))?;
    Ok(Shown::Found { typed, customers, mentions })
}

/// Reads customers by their ids, each once, those that are gone left out.
fn summaries(
    reader: &Reader,
    ids: impl Iterator<Item = String>,
) -> Result<Vec<CustomerSummary>, StoreError> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for id in ids {
        if let Some(customer) = reader.customer(&CustomerId::from_raw(id))?
            && seen.insert(customer.summary.id.clone())
        {
            found.push(customer.summary);
        }
    }
    Ok(found)
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
    Ok(Found::Here(Box::new(CustomerView {
        profile,
        detail,
        events,
        is_later_page,
        purchases: reader.purchases(id)?,
        work_orders: reader.work_orders(id)?,
        notes: reader.knowledge(id)?,
        visits: reader.store_visits(id)?,
        insight: reader.insight(id)?,
        messages: reader.campaigns(&of_customer, &page(None, MESSAGES_SHOWN))?.0,
        explanation,
        done: None,
    })))
}

/// Reads the review queue.
pub(crate) fn reviews(reader: &Reader, filter: ReviewFilter) -> Result<ReviewsView, StoreError> {
    let mut reviews = Vec::new();
    for review in reader.reviews(Some(filter.status()), &page(None, REVIEWS_SHOWN_MAX))? {
        let ids = review.profile_ids.iter().take(CUSTOMERS_PER_REVIEW_MAX).cloned();
        let customers = summaries(reader, ids)?;
        reviews.push(Review { review, customers });
    }
    Ok(ReviewsView { filter, reviews, done: None })
}

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

/// Reads the automations, and what they did last.
pub(crate) fn automations(reader: &Reader) -> Result<AutomationsView, StoreError> {
    let (of_all, latest) = (ExecutionFilter::default(), page(None, EXECUTIONS_SHOWN));
    let (executions, _) = reader.executions(&of_all, &latest)?;
    let (campaigns, _) = reader.campaigns(&of_all, &latest)?;
    let ids = executions.iter().map(|one| &one.customer_id);
    let ids = ids.chain(campaigns.iter().map(|one| &one.customer_id)).cloned();
    let named = summaries(reader, ids)?.into_iter().map(|customer| (customer.id, customer.name));
    let names = named.collect();
    Ok(AutomationsView { automations: reader.automations()?, executions, campaigns, names })
}

fn page(cursor: Option<String>, limit: u32) -> PageRequest {
    PageRequest { cursor, limit: Some(limit) }
}
