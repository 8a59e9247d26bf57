//! What the review queue reads.

use std::collections::BTreeSet;

use ciq_engine::{Entry, ReviewId, Settings, prepare};
use ciq_event::CustomerId;
use ciq_store::{EventView, ProfileDetail, Reader, ReviewEvidence, ReviewView, StoreError};

use super::page;
use crate::reviews_page::{Carried, Listed, Open, ReviewFilter, ReviewsView, Told};

/// Reviews in the list at once.
const REVIEWS_PER_PAGE: u32 = 50;

/// Customers of a review that the list names.
const NAMES_MAX: usize = 3;

/// Customers of a review that stand side by side.
const CUSTOMERS_MAX: usize = 20;

/// Events that show why.
const EVIDENCE_MAX: u32 = 5;

/// What an address of the queue asks for.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReviewsRequest {
    /// Which reviews.
    pub(crate) filter: ReviewFilter,
    /// After which one the list begins.
    pub(crate) cursor: Option<String>,
    /// Which one is open; the first without a wish.
    pub(crate) review: Option<ReviewId>,
}

/// Reads a page of the queue, and the review that is open. `settings` say how a message is
/// understood: what it carried is read from it again.
pub(crate) fn reviews(
    reader: &Reader,
    request: ReviewsRequest,
    settings: Option<&Settings>,
) -> Result<ReviewsView, StoreError> {
    let ReviewsRequest { filter, cursor, review } = request;
    let found = reader.reviews(Some(filter.status()), &page(cursor.clone(), REVIEWS_PER_PAGE))?;
    let is_full = found.len() >= REVIEWS_PER_PAGE as usize;
    let next_cursor = found.last().filter(|_| is_full).map(|last| last.id.clone());
    let wished = match review {
        Some(id) => reader.review(id)?,
        None => None,
    };
    let open = match wished.or_else(|| found.first().cloned()) {
        Some(review) => Some(open(reader, review, filter, settings)?),
        None => None,
    };
    let listed: Result<Vec<Listed>, StoreError> =
        found.into_iter().map(|review| listed(reader, review)).collect();
    Ok(ReviewsView { filter, cursor, listed: listed?, next_cursor, open, done: None, merge: None })
}

/// Returns which review to show after one was settled: the next below it, else the one above.
pub(crate) fn next_pending(reader: &Reader, id: ReviewId) -> Result<Option<String>, StoreError> {
    let neighbours = reader.review_neighbours(id, ReviewFilter::Pending.status())?;
    Ok(neighbours.after.or(neighbours.before))
}

fn listed(reader: &Reader, review: ReviewView) -> Result<Listed, StoreError> {
    let mut names = Vec::new();
    for id in review.profile_ids.iter().take(NAMES_MAX) {
        let customer = reader.customer(&CustomerId::from_raw(id.as_str()))?;
        names.extend(customer.map(|customer| customer.summary.name));
    }
    Ok(Listed { review, names })
}

fn open(
    reader: &Reader,
    review: ReviewView,
    filter: ReviewFilter,
    settings: Option<&Settings>,
) -> Result<Open, StoreError> {
    let mut customers: Vec<ProfileDetail> = Vec::new();
    let mut seen = BTreeSet::new();
    for id in review.profile_ids.iter().take(CUSTOMERS_MAX) {
        let profile = reader.profile(&CustomerId::from_raw(id.as_str()))?;
        customers.extend(profile.filter(|profile| seen.insert(profile.summary.id.clone())));
    }
    let (told, neighbours) = match review.id.parse() {
        Ok(id) => (
            reader.review_evidence(id, EVIDENCE_MAX)?,
            reader.review_neighbours(id, filter.status())?,
        ),
        Err(_) => Default::default(),
    };
    let told = told.into_iter().map(|evidence| told_of(evidence, settings)).collect();
    Ok(Open { review, customers, told, neighbours })
}

fn told_of(evidence: ReviewEvidence, settings: Option<&Settings>) -> Told {
    let ReviewEvidence { event, message } = evidence;
    let entry = message.zip(settings).map(|(message, settings)| prepare(message, settings));
    let carried = match entry {
        Some(Entry::Told(prepared)) => carried_by(&prepared.events, &event.id),
        Some(Entry::Rejected { .. }) | None => left_out(&event),
    };
    Told { event, carried }
}

/// A message may tell of several events: what this one carried.
fn carried_by(events: &[ciq_engine::PreparedEvent], id: &str) -> Carried {
    let of_event = events.iter().filter(|prepared| prepared.event.id.to_string() == id);
    of_event
        .flat_map(|prepared| &prepared.identifiers)
        .map(|held| (held.kind().name(), held.value().to_owned()))
        .collect()
}

/// What took no effect stands with the event, also where its message is too long to be read again.
fn left_out(event: &EventView) -> Carried {
    let list = event.left_out.as_ref().and_then(serde_json::Value::as_array);
    let pair = |one: &serde_json::Value| {
        Some((one.get("kind")?.as_str()?.to_owned(), one.get("value")?.as_str()?.to_owned()))
    };
    list.into_iter().flatten().filter_map(pair).collect()
}
