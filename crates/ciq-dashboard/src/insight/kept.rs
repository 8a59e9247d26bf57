//! Figures of everyone, kept: to compute them reads the whole file.
//!
//! No view waits for that. It shows what there is, and has it computed again beside it where that is
//! older than a minute; the first view of a brand says that they are being computed. The figures of
//! a small brand take no time: they are computed for each view.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use ciq_event::Brand;
use ciq_http::{AppState, Problem, ProblemKind};
use ciq_store::{Figures, Reader};
use jiff::{SignedDuration, Timestamp};

/// How old figures may be before they are computed again.
const AGE_MAX: SignedDuration = SignedDuration::from_secs(60);

/// Up to how many events a brand is small: a few milliseconds' work.
const SMALL_EVENTS_MAX: i64 = 10_000;

/// Figures, and when they were computed.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// The figures.
    pub(super) figures: Arc<Figures>,
    /// When.
    pub(super) computed_at: Timestamp,
}

/// What there is to show of a brand.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// The brand has no file.
    Nothing,
    /// Its figures are being computed for the first time.
    Counting,
    /// Its figures.
    Held(Held),
}

/// The figures of the brands that somebody looked at.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    brands: Arc<Mutex<BTreeMap<Brand, Arc<OfBrand>>>>,
    small_events_max: i64,
}

/// The figures of one brand.
#[derive(Debug, Default)]
struct OfBrand {
    held: Mutex<Option<Held>>,
    /// Held while they are computed.
    turn: Arc<tokio::sync::Mutex<()>>,
}

impl Default for Kept {
    fn default() -> Self {
        Self { brands: Arc::default(), small_events_max: SMALL_EVENTS_MAX }
    }
}

impl Kept {
    /// Returns the figures of a brand.
    pub(super) async fn figures(&self, state: &AppState, brand: &Brand) -> Result<Found, Problem> {
        let Some(end) = state.read(brand, Reader::feed_end).await? else {
            return Ok(Found::Nothing);
        };
        let (of_brand, now) = (self.of(brand), state.now());
        if end.event_seq > self.small_events_max {
            let held = of_brand.held();
            let age = |held: &Held| now.duration_since(held.computed_at);
            if held.as_ref().is_none_or(|held| age(held) >= AGE_MAX) {
                of_brand.refresh(state, brand);
            }
            return Ok(held.map_or(Found::Counting, Found::Held));
        }
        // A visitor who goes away leaves the figures to the next one.
        let (state, brand) = (state.clone(), brand.clone());
        let computing = tokio::spawn(async move {
            let _turn = of_brand.turn.lock().await;
            match of_brand.held().filter(|held| held.computed_at >= now) {
                Some(held) => Ok(Some(held)),
                None => of_brand.compute(state, brand).await,
            }
        });
        let held = computing.await.unwrap_or_else(|_| Err(broken()))?;
        Ok(held.map_or(Found::Nothing, Found::Held))
    }

    fn of(&self, brand: &Brand) -> Arc<OfBrand> {
        let mut brands = self.brands.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(brands.entry(brand.clone()).or_default())
    }
}

impl OfBrand {
    fn held(&self) -> Option<Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Has the figures computed again, unless that is under way.
    fn refresh(self: &Arc<Self>, state: &AppState, brand: &Brand) {
        let Ok(turn) = Arc::clone(&self.turn).try_lock_owned() else { return };
        let (of_brand, state, brand) = (Arc::clone(self), state.clone(), brand.clone());
        tokio::spawn(async move {
            // What fails is logged, and tried again at the next view.
            drop(of_brand.compute(state, brand).await);
            drop(turn);
        });
    }

    async fn compute(&self, state: AppState, brand: Brand) -> Result<Option<Held>, Problem> {
        let computed_at = state.now();
        let computing = tokio::task::spawn_blocking(move || {
            let Some(handle) = state.brands().find(&brand)? else { return Ok(None) };
            Ok::<_, Problem>(Some(handle.readers().for_everything()?.figures(computed_at)?))
        });
        let Some(figures) = computing.await.map_err(|_| broken())?? else { return Ok(None) };
        let held = Held { figures: Arc::new(figures), computed_at };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = Some(held.clone());
        Ok(Some(held))
    }
}

/// The panic itself was printed by the hook.
fn broken() -> Problem {
    Problem::new(ProblemKind::Internal, "the cause is in the service's log")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicI64, Ordering};

    use ciq_engine::prepare;
    use ciq_event::{Message, WireForm};
    use ciq_http::ApiOptions;
    use ciq_ingest::{Brands, Clock, EngineOptions};

    use super::*;

    /// A clock that stands until it is set.
    #[derive(Debug, Default)]
    struct Standing(AtomicI64);

    impl Clock for Standing {
        fn now(&self) -> Timestamp {
            Timestamp::from_second(1_704_200_000 + self.0.load(Ordering::SeqCst)).unwrap()
        }
    }

    struct Place {
        state: AppState,
        clock: Arc<Standing>,
        kept: Kept,
        _folder: tempfile::TempDir,
    }

    impl Place {
        fn new(small_events_max: i64) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("customeriq.db");
            let brands = Brands::new(path, EngineOptions::default()).unwrap();
            let clock = Arc::new(Standing::default());
            let of_state = Arc::<Standing>::clone(&clock);
            let state = AppState::new(Arc::new(brands), of_state, ApiOptions::default());
            let kept = Kept { small_events_max, ..Kept::default() };
            Self { state, clock, kept, _folder: folder }
        }

        async fn tell(&self, id: &str) {
            let handle = self.state.brands().open(&Brand::default()).unwrap();
            let body = format!(
                r#"{{"id":"{id}","ts":"2024-01-02T10:00:00Z","userId":"{id}","name":"login","props":{{}}}}"#
            );
            let message = Message::new(WireForm::Domain, body, self.state.now());
            let entry = prepare(message, handle.settings());
            handle.ingest(vec![entry]).await.unwrap();
        }

        async fn event_count(&self) -> Option<i64> {
            match self.kept.figures(&self.state, &Brand::default()).await.unwrap() {
                Found::Held(held) => Some(held.figures.event_count),
                Found::Nothing | Found::Counting => None,
            }
        }

        /// Waits until nothing is being computed.
        async fn settle(&self) {
            let of_brand = self.kept.of(&Brand::default());
            drop(of_brand.turn.lock().await);
        }
    }

    #[tokio::test]
    async fn a_small_brand_is_counted_at_each_view() {
        let place = Place::new(100);
        assert_eq!(place.event_count().await, None);
        place.tell("a").await;
        assert_eq!(place.event_count().await, Some(1));
        place.clock.0.fetch_add(1, Ordering::SeqCst);
        place.tell("b").await;
        assert_eq!(place.event_count().await, Some(2));
    }

    #[tokio::test]
    async fn a_large_brand_is_counted_once_a_minute_beside_the_view() {
        let place = Place::new(0);
        place.tell("a").await;
        assert_eq!(place.event_count().await, None, "nobody waits for it");
        place.settle().await;
        assert_eq!(place.event_count().await, Some(1));
        place.tell("b").await;
        place.clock.0.fetch_add(59, Ordering::SeqCst);
        assert_eq!(place.event_count().await, Some(1));
        place.settle().await;
        assert_eq!(place.event_count().await, Some(1), "too soon");
        place.clock.0.fetch_add(1, Ordering::SeqCst);
        assert_eq!(place.event_count().await, Some(1), "what there is is shown at once");
        place.settle().await;
        assert_eq!(place.event_count().await, Some(2));
    }
}
