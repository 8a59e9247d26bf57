//! What every request may use.

use std::sync::Arc;

use ciq_clockwork::{BrandClock, Clocks, MonitorReport, Scope};
use ciq_engine::{Action, Decision, DecisionOutcome, Entry, EntryOutcome, Settings};
use ciq_event::{Brand, InterventionId};
use ciq_ingest::{BrandHandle, Brands, BrandsError, Clock};
use ciq_monitor::{Action as InterventionAction, Rules};
use ciq_outreach::{Outreach, OutreachSettings};
use ciq_store::{InterventionDetail, Reader, StoreError, Writer};
use jiff::Timestamp;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use crate::problem::reason_of;
use crate::{Access, Caller, Problem, ProblemKind, PublicUrl, WebhookSecrets};

/// Streams open at once. Each holds a page of the feed and asks for more once a second.
pub(crate) const STREAMS_MAX: usize = 64;

/// What an operator may set about the API.
#[derive(Debug, Clone, Default)]
pub struct ApiOptions {
    /// Who is let in.
    pub access: Access,
    /// The secrets with which Shopify signs.
    pub shopify_secrets: WebhookSecrets,
    /// The auth tokens with which Twilio signs.
    pub twilio_secrets: WebhookSecrets,
    /// The secrets with which Stripe signs.
    pub stripe_secrets: WebhookSecrets,
    /// Under which URL the outside reaches this service: Twilio signs it.
    pub public_url: Option<PublicUrl>,
}

/// A part of the service that `/readyz` asks.
#[derive(Debug, Clone)]
pub struct Readiness {
    /// What the part is called.
    pub name: &'static str,
    /// Why the part is not ready, in words that anyone may read; `None` while it is.
    pub state: watch::Receiver<Option<String>>,
}

/// What every request may use. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState(Arc<Shared>);

#[derive(Debug, Clone)]
struct Shared {
    brands: Arc<Brands>,
    clocks: Arc<Clocks>,
    clock: Arc<dyn Clock>,
    started_at: Timestamp,
    options: ApiOptions,
    readiness: Vec<Readiness>,
    streams: Arc<Semaphore>,
}

impl AppState {
    /// Makes the state of a service. Messages go to the console until
    /// [`with_clocks`](Self::with_clocks) says otherwise.
    pub fn new(brands: Arc<Brands>, clock: Arc<dyn Clock>, options: ApiOptions) -> Self {
        let streams = Arc::new(Semaphore::new(STREAMS_MAX));
        let outreach = Outreach::new(OutreachSettings::default());
        let clocks = Arc::new(Clocks::new(Arc::clone(&brands), outreach));
        let (started_at, readiness) = (clock.now(), Vec::new());
        Self(Arc::new(Shared { brands, clocks, clock, started_at, options, readiness, streams }))
    }

    /// Takes other brand clocks, which have to be of the same brands: those that the process runs
    /// anyway, with the senders that it has.
    #[must_use]
    pub fn with_clocks(self, clocks: Arc<Clocks>) -> Self {
        Self(Arc::new(Shared { clocks, ..Shared::clone(&self.0) }))
    }

    /// Adds the parts that `/readyz` asks beside the store.
    #[must_use]
    pub fn with_readiness(self, readiness: Vec<Readiness>) -> Self {
        Self(Arc::new(Shared { readiness, ..Shared::clone(&self.0) }))
    }

    /// Returns the brands.
    #[must_use]
    pub fn brands(&self) -> &Arc<Brands> {
        &self.0.brands
    }

    /// Returns who is let in.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.0.options.access
    }

    /// Returns what the operator set.
    #[must_use]
    pub fn options(&self) -> &ApiOptions {
        &self.0.options
    }

    /// Returns the time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.0.clock.now()
    }

    /// Returns when the service began.
    #[must_use]
    pub fn started_at(&self) -> Timestamp {
        self.0.started_at
    }

    /// Runs a query on a brand's tables, off the async threads. `None` for a brand without any:
    /// reading makes no brand.
    pub async fn read<T: Send + 'static>(
        &self,
        brand: &Brand,
        query: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, Problem> {
        let (brands, brand) = (Arc::clone(&self.0.brands), brand.clone());
        off_thread(move || match brands.find(&brand)? {
            Some(handle) => Ok(Some(handle.readers().read(query)?)),
            None => Ok(None),
        })
        .await?
    }

    /// Carries out a small write on the thread that writes to a brand's tables; nothing else of this
    /// process comes between what the readers of the handle show there and the write. `None` for a
    /// brand without tables.
    pub(crate) async fn write<T: Send + 'static>(
        &self,
        brand: &Brand,
        work: impl FnOnce(&mut Writer, &BrandHandle) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<Option<T>, Problem> {
        let (brands, brand) = (Arc::clone(&self.0.brands), brand.clone());
        let Some(handle) = off_thread(move || brands.find(&brand)).await?? else {
            return Ok(None);
        };
        let of_work = Arc::clone(&handle);
        Ok(Some(handle.write(move |writer| work(writer, &of_work)).await?))
    }

    /// Returns a brand's clock. Makes the brand.
    pub(crate) async fn brand_clock(&self, brand: &Brand) -> Result<Arc<BrandClock>, Problem> {
        let (clocks, brand) = (Arc::clone(&self.0.clocks), brand.clone());
        Ok(off_thread(move || clocks.open(&brand)).await??)
    }

    /// Returns the clock of a brand; `None` for one without tables: asking makes no brand.
    pub(crate) async fn existing_clock(
        &self,
        brand: &Brand,
    ) -> Result<Option<Arc<BrandClock>>, Problem> {
        let (brands, clocks) = (Arc::clone(&self.0.brands), Arc::clone(&self.0.clocks));
        let brand = brand.clone();
        off_thread(move || match brands.find(&brand)? {
            Some(_) => Ok(Some(clocks.open(&brand)?)),
            None => Ok(None),
        })
        .await?
    }

    /// Checks everyone of a caller's brand by the rules of the monitor, as of now. Makes the brand.
    pub async fn check_everyone(&self, caller: &Caller) -> Result<MonitorReport, Problem> {
        let (clock, now) = (self.brand_clock(&caller.brand).await?, self.now());
        Ok(off_thread(move || clock.monitor(Scope::All, now)).await??)
    }

    /// Returns the rules of the monitor: the brand's own, else the default set. Makes no brand.
    pub async fn monitor_rules(&self, brand: &Brand) -> Result<Rules, Problem> {
        match self.existing_clock(brand).await? {
            Some(clock) => Ok(off_thread(move || clock.monitor_rules()).await??),
            None => Ok(Rules::default_set()),
        }
    }

    /// Carries out what a caller does about an intervention, in the name of `actor`.
    pub async fn act_on_intervention(
        &self,
        caller: &Caller,
        id: InterventionId,
        actor: String,
        action: InterventionAction,
    ) -> Result<InterventionDetail, Problem> {
        let unknown = || Problem::not_found("intervention");
        let clock = self.existing_clock(&caller.brand).await?.ok_or_else(unknown)?;
        let at = self.now();
        let acted = off_thread(move || clock.act_on_intervention(id, &actor, &action, at));
        acted.await??.ok_or_else(unknown)
    }

    /// Makes the brand where it has no file yet.
    pub(crate) async fn open(&self, brand: &Brand) -> Result<(), Problem> {
        let (brands, brand) = (Arc::clone(&self.0.brands), brand.clone());
        off_thread(move || brands.open(&brand).map(drop)).await??;
        Ok(())
    }

    /// Carries out what a caller decided. A brand without a file has nothing to decide on.
    pub async fn decide(
        &self,
        caller: &Caller,
        action: Action,
    ) -> Result<DecisionOutcome, Problem> {
        let (brands, brand) = (Arc::clone(&self.0.brands), caller.brand.clone());
        let Some(handle) = off_thread(move || brands.find(&brand)).await?? else {
            return Err(Problem::not_found(subject_of(&action)));
        };
        let decision = Decision::new(self.now(), caller.role.as_str(), action);
        Ok(handle.decide(decision).await?)
    }

    /// Prepares entries off the async threads and stores them, all or none. Makes the brand.
    pub(crate) async fn ingest(
        &self,
        brand: Brand,
        prepare: impl FnOnce(&Settings) -> Vec<Entry> + Send + 'static,
    ) -> Result<Vec<EntryOutcome>, Problem> {
        let brands = Arc::clone(&self.0.brands);
        let open_and_prepare = move || {
            let handle = brands.open(&brand)?;
            let entries = prepare(handle.settings());
            Ok::<_, BrandsError>((handle, entries))
        };
        let (handle, entries) = off_thread(open_and_prepare).await??;
        Ok(handle.ingest(entries).await?)
    }

    /// Returns the signal that tells of a brand's writes in this process; `None` for a brand
    /// without a file.
    pub(crate) async fn changed(
        &self,
        brand: &Brand,
    ) -> Result<Option<watch::Receiver<u64>>, Problem> {
        let (brands, brand) = (Arc::clone(&self.0.brands), brand.clone());
        let handle = off_thread(move || brands.find(&brand)).await??;
        Ok(handle.map(|handle| handle.changed()))
    }

    /// Takes a place among the open streams. It is free again when the permit is dropped.
    pub(crate) fn stream_place(&self) -> Result<OwnedSemaphorePermit, Problem> {
        Arc::clone(&self.0.streams).try_acquire_owned().map_err(|_| {
            let detail = format!(
                "{STREAMS_MAX} streams are open, which is all that there may be: close one, or let \
                 several readers share one"
            );
            Problem::new(ProblemKind::Unavailable, detail)
        })
    }

    /// Returns the parts that `/readyz` asks beside the store, each with the reason why it is not
    /// ready; `None` while it is.
    #[must_use]
    pub fn parts(&self) -> Vec<(&'static str, Option<String>)> {
        let parts = self.0.readiness.iter();
        parts.map(|part| (part.name, part.state.borrow().clone())).collect()
    }

    /// Names the parts that are not ready, each with its reason.
    pub(crate) fn unready(&self) -> Vec<String> {
        let parts = self.parts().into_iter();
        parts.filter_map(|(name, reason)| Some(format!("{name}: {}", reason?))).collect()
    }

    /// Opens the default brand and reads from it. Where that fails, tells why in words that anyone
    /// may read.
    pub(crate) async fn check_store(&self) -> Result<(), String> {
        let brands = Arc::clone(&self.0.brands);
        let looked = off_thread(move || look(&brands)).await;
        looked.unwrap_or_else(|problem| Err(problem.detail().to_owned()))
    }
}

fn look(brands: &Brands) -> Result<(), String> {
    let nobody = ciq_event::CustomerId::from_raw("readyz");
    let handle = brands.open(&Brand::default()).map_err(|error| match error {
        BrandsError::Store { source, .. } => reason_of(&source),
        error => error.to_string(),
    })?;
    let read = handle.readers().read(|reader| reader.resolve(&nobody));
    read.map(drop).map_err(|error| reason_of(&error))
}

/// Names what an action is about.
fn subject_of(action: &Action) -> &'static str {
    match action {
        Action::Merge { .. } | Action::Erase { .. } => "customer",
        Action::Undo { .. } => "merge",
        Action::Approve { .. } | Action::Reject { .. } | Action::Split { .. } => "review",
    }
}

/// Runs work that blocks or takes long on a thread of its own.
pub(crate) async fn off_thread<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Problem> {
    let done = tokio::task::spawn_blocking(work).await;
    // The panic itself was printed by the hook; its text may hold a value.
    done.map_err(|_| Problem::internal("work off the async threads", "it panicked"))
}
