//! Following a brand's feed: page after page, and then whatever comes.

use std::time::Duration;

use ciq_event::Brand;
use ciq_store::{FeedItem, FeedKind, FeedPage, FeedPosition};
use tokio::sync::{OwnedSemaphorePermit, watch};

use crate::query::Start;
use crate::{AppState, Problem};

/// Rows of each table on a page. The next page is read when this one was taken, so this bounds
/// what a slow reader holds.
const PAGE_ROWS: u32 = 200;

/// How often the feed is asked without a sign of a change: another process may write to it.
const ASK_EVERY: Duration = Duration::from_secs(1);

/// Waits for a brand's tables to change.
#[derive(Debug)]
pub struct Changes {
    state: AppState,
    brand: Brand,
    changed: Option<watch::Receiver<u64>>,
}

impl Changes {
    /// Makes one for a brand, which need not have tables yet.
    #[must_use]
    pub fn of(state: AppState, brand: Brand) -> Self {
        Self { state, brand, changed: None }
    }

    /// Takes note that the tables are about to be read: what is written from here on is a change.
    pub async fn note(&mut self) -> Result<(), Problem> {
        if self.changed.is_none() {
            self.changed = self.state.changed(&self.brand).await?;
        }
        if let Some(changed) = &mut self.changed {
            changed.mark_unchanged();
        }
        Ok(())
    }

    /// Waits until there may be a change, which is a second at most: another process may write.
    /// `None` where the brand was closed.
    pub async fn next(&mut self) -> Option<()> {
        let changed = async {
            match &mut self.changed {
                Some(changed) => changed.changed().await.ok(),
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            signal = changed => signal,
            () = tokio::time::sleep(ASK_EVERY) => Some(()),
        }
    }
}

/// Follows one brand's feed from a position on.
#[derive(Debug)]
pub(crate) struct Follower {
    state: AppState,
    brand: Brand,
    kinds: Vec<FeedKind>,
    at: FeedPosition,
    page: std::vec::IntoIter<FeedItem>,
    changes: Changes,
    /// A place among the open streams, held until the end.
    _place: OwnedSemaphorePermit,
}

impl Follower {
    /// Takes a place among the streams and finds out where to begin. A brand without a file begins
    /// with its first change; none is made for it.
    pub(crate) async fn begin(
        state: AppState,
        brand: Brand,
        kinds: Vec<FeedKind>,
        start: Start,
    ) -> Result<Self, Problem> {
        let place = state.stream_place()?;
        let at = match start {
            Start::After(position) => position,
            Start::Now => {
                let end = state.read(&brand, ciq_store::Reader::feed_end).await?;
                end.unwrap_or_default()
            }
        };
        let page = Vec::new().into_iter();
        let changes = Changes::of(state.clone(), brand.clone());
        Ok(Self { state, brand, kinds, at, page, changes, _place: place })
    }

    /// Returns how far the feed was read.
    pub(crate) fn position(&self) -> FeedPosition {
        self.at
    }

    /// Waits for the next change. `None` where the feed can no longer be read; the log tells why.
    pub(crate) async fn next(&mut self) -> Option<FeedItem> {
        loop {
            let kinds = &self.kinds;
            if let Some(item) = self.page.find(|item| kinds.contains(&item.kind)) {
                return Some(item);
            }
            let page = self.read().await.ok()?;
            if page.next == self.at {
                self.changes.next().await?;
            }
            self.at = page.next;
            self.page = page.items.into_iter();
        }
    }

    async fn read(&mut self) -> Result<FeedPage, Problem> {
        self.changes.note().await?;
        let at = self.at;
        let read = move |reader: &ciq_store::Reader| reader.feed(at, PAGE_ROWS);
        let page = self.state.read(&self.brand, read).await?;
        Ok(page.unwrap_or(FeedPage { items: Vec::new(), next: at }))
    }
}
