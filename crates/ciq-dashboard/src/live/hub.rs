//! Renders what watched brands look like now, once for everyone who watches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ciq_event::Brand;
use ciq_http::{AppState, Changes, Problem, ProblemKind};
use ciq_store::{FeedPosition, Reader};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use super::frame::{Frame, Message, Variant};
use crate::link::Links;
use crate::now::{self, NowView};

/// Streams open at once. Each is a connection and next to no memory.
pub(crate) const DASHBOARD_STREAMS_MAX: usize = 1_000;

/// The shortest time between two renderings: nobody reads faster, and everyone who watches is sent
/// each of them.
const RENDER_EVERY: Duration = Duration::from_millis(500);

type Frames = watch::Sender<Option<Frame>>;

/// Renders what watched brands look like now. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Hub(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    state: AppState,
    places: Arc<Semaphore>,
    /// The brands that somebody watches.
    watched: Mutex<BTreeMap<Brand, Arc<Frames>>>,
}

/// One who watches.
#[derive(Debug)]
pub(super) struct Watching {
    frames: watch::Receiver<Option<Frame>>,
    /// A place among the open streams, held until the end.
    _place: OwnedSemaphorePermit,
}

impl Hub {
    /// Makes a hub that renders nothing yet.
    pub(crate) fn new(state: AppState) -> Self {
        let places = Arc::new(Semaphore::new(DASHBOARD_STREAMS_MAX));
        Self(Arc::new(Shared { state, places, watched: Mutex::default() }))
    }

    /// Watches a brand. The first who does sets a task to work, which ends with the last.
    pub(super) fn watch(&self, brand: &Brand) -> Result<Watching, Problem> {
        let place = Arc::clone(&self.0.places).try_acquire_owned().map_err(|_| {
            let detail = format!(
                "{DASHBOARD_STREAMS_MAX} pages are kept up to date, which is all that there may \
                 be; load the page again to see what is new"
            );
            Problem::new(ProblemKind::Unavailable, detail)
        })?;
        let mut watched = self.0.watched();
        if let Some(frames) = watched.get(brand) {
            return Ok(Watching { frames: frames.subscribe(), _place: place });
        }
        let (sender, frames) = watch::channel(None);
        let sender = Arc::new(sender);
        watched.insert(brand.clone(), Arc::clone(&sender));
        let task = Task { shared: Arc::clone(&self.0), brand: brand.clone(), frames: sender };
        // It ends by itself when nobody is left, and those who are left see it end.
        tokio::spawn(task.run());
        Ok(Watching { frames, _place: place })
    }
}

impl Watching {
    /// Returns what there is to see now; `None` before anything was rendered.
    pub(super) fn latest(&mut self, variant: Variant) -> Option<Message> {
        self.frames.borrow_and_update().as_ref().map(|frame| frame.of(variant).clone())
    }

    /// Waits for something new. `None` where nobody renders any more.
    pub(super) async fn changed(&mut self) -> Option<()> {
        self.frames.changed().await.ok()
    }
}

impl Shared {
    fn watched(&self) -> MutexGuard<'_, BTreeMap<Brand, Arc<Frames>>> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a rendering depends on: it is not made again as long as neither moved.
type Moment = (FeedPosition, i64);

/// Renders one brand for as long as somebody watches.
struct Task {
    shared: Arc<Shared>,
    brand: Brand,
    frames: Arc<Frames>,
}

impl Task {
    async fn run(self) {
        let mut changes = Changes::of(self.shared.state.clone(), self.brand.clone());
        let mut shown = None;
        loop {
            // The problem was logged where it came up. Who watches comes back and tries again.
            let Ok(()) = self.render(&mut changes, &mut shown).await else { return };
            let next = async {
                tokio::time::sleep(RENDER_EVERY).await;
                changes.next().await
            };
            tokio::select! {
                () = self.frames.closed() => if self.is_over() { return },
                next = next => if next.is_none() { return },
            }
        }
    }

    /// Renders what there is now, if that may be something else.
    async fn render(
        &self,
        changes: &mut Changes,
        shown: &mut Option<Moment>,
    ) -> Result<(), Problem> {
        changes.note().await?;
        let state = &self.shared.state;
        let now = state.now();
        let (known, minute) = (*shown, now.as_second().div_euclid(60));
        let read = move |reader: &Reader| {
            let moment = (reader.feed_end()?, minute);
            let is_known = known == Some(moment);
            Ok((moment, if is_known { None } else { Some(now::read(reader, now)?) }))
        };
        let nothing = || ((FeedPosition::default(), minute), Some(NowView::empty(now)));
        let (moment, view) = state.read(&self.brand, read).await?.unwrap_or_else(nothing);
        *shown = Some(moment);
        let Some(view) = view else { return Ok(()) };
        let render = |variant: Variant| {
            let brand = variant.names_brand().then(|| self.brand.clone());
            now::panes(&view, &Links::new(brand), variant.may_act())
        };
        let frame = Frame::new(render);
        self.frames.send_if_modified(|last| {
            let is_new = last.as_ref() != Some(&frame);
            *last = Some(frame);
            is_new
        });
        Ok(())
    }

    /// Tells whether nobody watches any more. Who comes from now on sets another task to work.
    fn is_over(&self) -> bool {
        let mut watched = self.shared.watched();
        if self.frames.receiver_count() > 0 {
            return false;
        }
        watched.remove(&self.brand);
        true
    }
}

impl Drop for Task {
    /// However it ends, nobody waits for it.
    fn drop(&mut self) {
        let mut watched = self.shared.watched();
        if watched.get(&self.brand).is_some_and(|frames| Arc::ptr_eq(frames, &self.frames)) {
            watched.remove(&self.brand);
        }
    }
}
