//! What changed, published after the commit: late after a crash, never not at all.
//!
//! The tables themselves are the outbox. A cursor in the file says how far they were published; it
//! moves after the server has what was sent, so that a crash sends some again, each under the same
//! message id.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ciq_event::Brand;
use ciq_nats::{Nats, NatsError, Outgoing, Publisher, SubjectFilter};
use ciq_store::{FeedItem, FeedKind, FeedPage, FeedPosition, StoreError};
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::stopped;
use super::worker::chain;
use crate::{BrandHandle, Brands, IngestError};

/// The name of the cursor in the file.
const CURSOR: &str = "nats";

/// Events of a page: the more, the fewer customers are told more than once. Bounds the memory.
const PAGE: u32 = 1_000;

/// The same while giving way: a page is then the least that goes on.
const PAGE_GIVING_WAY: u32 = 200;

/// How often to look for brands that came into being, and for what other processes wrote.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// After how many looks to search for brands that other processes write, and this one has not
/// opened yet.
const LOOKS_PER_SEARCH: u64 = 60;

/// Messages in the stream from which on publishing gives way to taking in.
const BACKLOG_FROM: u64 = 2_000;

/// How long it gives way after each page.
const GIVE_WAY: Duration = Duration::from_secs(1);

/// Pages after which the cursor is saved, at the latest. A crash sends these again.
const PAGES_PER_SAVE: u32 = 10;

/// Items of a pass from which on it takes a rest, so that the next one finds more at once: a
/// customer that ten events touched is told once.
const REST_FROM: usize = 50;

/// How long it rests.
const REST: Duration = Duration::from_millis(500);

/// How long to wait before what failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// Failures in a row from which on one in each doubling is told: about a minute after the first.
const TOLD_AGAIN_FROM: u32 = 32;

/// Publishes what changed in every brand, until told to stop.
pub(super) async fn run(
    nats: Nats,
    brands: Arc<Brands>,
    backlog: Arc<AtomicU64>,
    mut stop: watch::Receiver<bool>,
) {
    // Dropped with this task, and the tasks in it end too.
    let mut tasks = JoinSet::new();
    let mut begun = BTreeSet::new();
    for look in 0_u64.. {
        if look.is_multiple_of(LOOKS_PER_SEARCH) {
            open_those_behind(&brands).await;
        }
        for (brand, handle) in brands.open_brands() {
            if begun.insert(brand.clone()) {
                let outbox = Outbox { nats: nats.clone(), brand, handle };
                tasks.spawn(outbox.run(Arc::clone(&backlog), stop.clone()));
            }
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK_EVERY) => {}
            () = stopped(&mut stop) => break,
        }
    }
    // A task that panicked has said so.
    while tasks.join_next().await.is_some() {}
}

/// Opens the brands of which something was not published: when the last process ended, or because
/// only others write them.
async fn open_those_behind(brands: &Arc<Brands>) {
    let brands = Arc::clone(brands);
    let opening = tokio::task::spawn_blocking(move || {
        for brand in brands.known_brands().unwrap_or_default() {
            let Ok(reader) = ciq_store::Reader::open(brands.location_of(&brand)) else { continue };
            let is_behind = match (reader.feed_cursor(CURSOR), reader.feed_end()) {
                (Ok(cursor), Ok(end)) => cursor.unwrap_or_default() != end,
                _ => true,
            };
            if is_behind && let Err(error) = brands.open(&brand) {
                let error = chain(&error);
                tracing::warn!(target: "nats", error, "could not open a brand to publish from it");
            }
        }
    });
    drop(opening.await);
}

/// The outbox of one brand.
struct Outbox {
    nats: Nats,
    brand: Brand,
    handle: Arc<BrandHandle>,
}

/// Why a pass over the outbox failed.
#[derive(Debug, thiserror::Error)]
enum OutboxError {
    #[error("could not publish what changed")]
    Nats(#[from] NatsError),
    #[error("could not read what changed")]
    Store(#[from] StoreError),
    #[error("could not keep how far it was published")]
    Save(#[from] IngestError),
    #[error("the thread that reads ended in a panic")]
    Panic(#[from] tokio::task::JoinError),
}

impl Outbox {
    async fn run(self, backlog: Arc<AtomicU64>, mut stop: watch::Receiver<bool>) {
        let mut changed = self.handle.changed();
        let mut failure_count = 0;
        loop {
            changed.mark_unchanged();
            let drained = self.drain(&backlog, &stop).await;
            self.note(&drained, &mut failure_count);
            let pause = match drained {
                Ok(count) if count >= REST_FROM => {
                    tokio::time::sleep(REST).await;
                    continue;
                }
                Ok(_) => LOOK_EVERY,
                Err(_) => RETRY_AFTER,
            };
            if *stop.borrow() {
                return;
            }
            tokio::select! {
                () = stopped(&mut stop) => {}
                () = tokio::time::sleep(pause) => {}
                heard = changed.changed(), if pause == LOOK_EVERY => {
                    if heard.is_err() {
                        return;
                    }
                }
            }
        }
    }

    /// Logs that publishing fails: at once, then ever more seldom, and when it is over.
    fn note(&self, drained: &Result<usize, OutboxError>, failure_count: &mut u32) {
        let brand = &self.brand;
        let Err(error) = drained else {
            if std::mem::take(failure_count) > 0 {
                tracing::info!(target: "nats", brand = %brand, "[NATS] publishing works again");
            }
            return;
        };
        *failure_count = failure_count.saturating_add(1);
        if is_told(*failure_count) {
            let error = chain(error);
            tracing::warn!(target: "nats", brand = %brand, error, "[NATS] could not publish, yet");
        }
    }

    /// Publishes until nothing is left, or the service is to stop. Returns how much it was.
    async fn drain(
        &self,
        backlog: &AtomicU64,
        stop: &watch::Receiver<bool>,
    ) -> Result<usize, OutboxError> {
        let mut count = 0;
        let mut cursor = self.cursor().await?;
        let mut publishers: BTreeMap<String, Publisher> = BTreeMap::new();
        let mut unsaved = 0;
        loop {
            let gives_way = backlog.load(Ordering::Relaxed) > BACKLOG_FROM;
            let limit = if gives_way { PAGE_GIVING_WAY } else { PAGE };
            let FeedPage { items, next } = self.page(cursor, limit).await?;
            if next == cursor || *stop.borrow() {
                break;
            }
            count += items.len();
            for item in items {
                self.publish(&mut publishers, item).await?;
            }
            for publisher in publishers.values_mut() {
                publisher.finish().await?;
            }
            cursor = next;
            unsaved += 1;
            if unsaved >= PAGES_PER_SAVE {
                self.save(cursor).await?;
                unsaved = 0;
            }
            if gives_way {
                tokio::time::sleep(GIVE_WAY).await;
            }
        }
        if unsaved > 0 {
            self.save(cursor).await?;
        }
        Ok(count)
    }

    async fn publish(
        &self,
        publishers: &mut BTreeMap<String, Publisher>,
        item: FeedItem,
    ) -> Result<(), OutboxError> {
        let kind = item.kind;
        let message = match kind {
            FeedKind::DeadLettered => self.dead_letter(&item).await?,
            FeedKind::EventNormalized
            | FeedKind::ProfileUpdated
            | FeedKind::ProfileMerged
            | FeedKind::InterventionOpened
            | FeedKind::InterventionClosed
            | FeedKind::InterventionChanged => Some(Outgoing {
                subject: format!("customeriq.{}.{}", self.brand, words(kind)),
                headers: vec![("Nats-Msg-Id".to_owned(), item.id.clone())],
                body: item.body.to_string().into_bytes(),
            }),
        };
        // A dead letter that was retried or dropped meanwhile is none any more.
        let Some(message) = message else { return Ok(()) };
        let subject = message.subject.clone();
        if !publishers.contains_key(&subject) {
            let filter = SubjectFilter::parse(&subject)?;
            publishers.insert(subject.clone(), Publisher::new(&self.nats, &filter).await?);
        }
        if let Some(publisher) = publishers.get_mut(&subject) {
            publisher.publish(message).await?;
            metrics::counter!("customeriq_nats_published_total", "kind" => kind.name())
                .increment(1);
        }
        Ok(())
    }

    /// Makes the message of a dead letter: its body as it came, its headers, and why.
    async fn dead_letter(&self, item: &FeedItem) -> Result<Option<Outgoing>, OutboxError> {
        let (handle, id) = (Arc::clone(&self.handle), item.id.clone());
        let found = tokio::task::spawn_blocking(move || {
            handle.readers().read(|reader| reader.dead_letter(&id))
        });
        let Some(letter) = found.await?? else { return Ok(None) };
        let mut headers = letter.headers;
        // The stream of dead letters knows them by their own id; the first one is kept beside it.
        for (name, _) in &mut headers {
            if name.eq_ignore_ascii_case("Nats-Msg-Id") {
                "Customeriq-Original-Msg-Id".clone_into(name);
            }
        }
        headers.push(("Nats-Msg-Id".to_owned(), letter.id.clone()));
        headers.push(("Customeriq-Field".to_owned(), letter.field.clone()));
        headers.push(("Customeriq-Reason".to_owned(), letter.reason));
        headers.extend(letter.subject.map(|at| ("Customeriq-Subject".to_owned(), at)));
        let subject = format!("customer.dead.{}.{}", self.brand, word(&letter.field));
        Ok(Some(Outgoing { subject, headers, body: letter.payload }))
    }

    async fn cursor(&self) -> Result<FeedPosition, OutboxError> {
        let handle = Arc::clone(&self.handle);
        let reading = tokio::task::spawn_blocking(move || {
            handle.readers().read(|reader| reader.feed_cursor(CURSOR))
        });
        Ok(reading.await??.unwrap_or_default())
    }

    async fn page(&self, after: FeedPosition, limit: u32) -> Result<FeedPage, OutboxError> {
        let handle = Arc::clone(&self.handle);
        let reading = tokio::task::spawn_blocking(move || {
            handle.readers().read(|reader| reader.feed(after, limit))
        });
        Ok(reading.await??)
    }

    async fn save(&self, position: FeedPosition) -> Result<(), OutboxError> {
        Ok(self.handle.write(move |writer| writer.save_feed_cursor(CURSOR, position)).await?)
    }
}

/// Tells whether a failure in a row of them is told.
fn is_told(number: u32) -> bool {
    number == 1 || number >= TOLD_AGAIN_FROM && number.is_power_of_two()
}

/// Returns the words of a subject after the brand: the first says what of in the plural.
fn words(kind: FeedKind) -> &'static str {
    match kind {
        FeedKind::InterventionOpened => "interventions.opened",
        FeedKind::InterventionClosed => "interventions.closed",
        FeedKind::InterventionChanged => "interventions.changed",
        FeedKind::EventNormalized
        | FeedKind::ProfileUpdated
        | FeedKind::ProfileMerged
        | FeedKind::DeadLettered => kind.name(),
    }
}

/// Makes one word of a subject of a field's path.
fn word(field: &str) -> String {
    let sign = |sign: char| if sign.is_ascii_alphanumeric() || sign == '-' { sign } else { '_' };
    field.chars().take(64).map(sign).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_on_and_on_is_told_ever_more_seldom() {
        let told: Vec<u32> = (1..200).filter(|number| is_told(*number)).collect();
        assert_eq!(told, [1, 32, 64, 128]);
    }

    #[test]
    fn every_subject_is_of_many() {
        for kind in FeedKind::ALL {
            let (what, _) = words(kind).split_once('.').unwrap();
            assert!(what.ends_with('s'), "{what}");
        }
    }

    #[test]
    fn a_path_becomes_one_word() {
        assert_eq!(word("data.total"), "data_total");
        assert_eq!(word("x-brand-id"), "x-brand-id");
    }
}
