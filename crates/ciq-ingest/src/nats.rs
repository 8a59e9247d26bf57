//! From NATS into the brands' files, and what changed back to NATS.
//!
//! A message is settled after the commit that stores it, never before (E-2). One task receives, one
//! thread parses and folds, each brand's own thread writes, one task tells what is stored. Where
//! events are sorted into partitions, one more keeps this worker's share of them.

mod arrival;
mod gathering;
mod outbox;
mod partitions;
mod worker;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ciq_event::Brand;
use ciq_nats::{
    Delivery, Guarantee, Link, Member, Nats, NatsError, NatsOptions, Registry, Settlement, Source,
    SourceOptions,
};
use futures_util::StreamExt as _;
use futures_util::stream::BoxStream;
use tokio::sync::{mpsc, watch};
use tokio::task::{AbortHandle, JoinError, JoinHandle};

use gathering::Gathering;
use partitions::{Order, Shares, publish_while_first};
use worker::{Held, Tell, Told, Work, Worker, chain};

use crate::{Brands, Clock, IngestError};

pub use arrival::entry_of;
pub use partitions::PartitionSettings;

/// Batches that may wait for the thread that folds. Further messages wait at the server.
const BATCHES_WAITING_MAX: usize = 1;

/// Batches whose settlements may wait to be told.
const TOLD_WAITING_MAX: usize = 16;

/// How long to wait before what failed is tried again.
const RETRY_AFTER: Duration = Duration::from_secs(2);

/// How long to go on telling the server what became of messages once the service is to stop.
const TELL_WITHIN: Duration = Duration::from_secs(10);

/// How often members of a group look who else is there.
const ROLL_CALL_EVERY: Duration = Duration::from_secs(30);

/// What the service is to do.
#[derive(Debug, Clone)]
pub struct NatsSettings {
    /// How to reach the servers.
    pub nats: NatsOptions,
    /// What to receive, and how.
    pub source: SourceOptions,
    /// Whose messages are that name no brand.
    pub default_brand: Brand,
    /// Whether what changed is published.
    pub is_publishing: bool,
    /// Names this process and the machine that it runs on, for other members of the group.
    pub instance: String,
    /// The machine.
    pub host: String,
}

/// The service: from NATS into the brands' files, until told to stop.
#[derive(Debug)]
pub struct NatsIngest {
    settings: NatsSettings,
    partitions: Option<PartitionSettings>,
    brands: Arc<Brands>,
    clock: Arc<dyn Clock>,
    trouble: watch::Sender<Option<String>>,
    stop: watch::Receiver<bool>,
}

/// Why a run of the service ended.
enum Ended {
    /// It was told to.
    Stopped,
    /// Something is in the way; it is tried again after a while.
    InTheWay(String),
}

impl NatsIngest {
    /// Makes the service. `stop` turns true when it is to end. The second value tells why nothing
    /// can be taken in, while nothing can.
    #[must_use]
    pub fn new(
        settings: NatsSettings,
        brands: Arc<Brands>,
        clock: Arc<dyn Clock>,
        stop: watch::Receiver<bool>,
    ) -> (Self, watch::Receiver<Option<String>>) {
        let waiting = format!("waiting for {}", settings.nats.servers);
        let (trouble, seen) = watch::channel(Some(waiting));
        (Self { settings, partitions: None, brands, clock, trouble, stop }, seen)
    }

    /// Reads a share of partitions instead of subjects.
    #[must_use]
    pub fn with_partitions(self, partitions: Option<PartitionSettings>) -> Self {
        Self { partitions, ..self }
    }

    /// Receives until told to stop. What was taken by then is stored and settled first.
    pub async fn run(mut self) -> Result<(), NatsError> {
        let servers = &self.settings.nats.servers;
        tracing::info!(target: "nats", "[NATS] Starting NATS subscriber service...");
        tracing::info!(target: "nats", "[NATS] Connecting to NATS server(s): {servers}");
        let nats = Nats::connect_when_there(&self.settings.nats).await?;
        let mut last = String::new();
        loop {
            match self.attempt(&nats).await {
                Ended::Stopped => break,
                Ended::InTheWay(reason) => {
                    if reason != last {
                        tracing::error!(target: "nats", "[NATS] {reason}");
                    }
                    self.trouble.send_replace(Some(reason.clone()));
                    last = reason;
                }
            }
            tokio::select! {
                () = tokio::time::sleep(RETRY_AFTER) => {}
                () = stopped(&mut self.stop) => break,
            }
        }
        nats.close().await
    }

    async fn attempt(&mut self, nats: &Nats) -> Ended {
        tokio::select! {
            () = nats.wait_until_up() => {}
            () = stopped(&mut self.stop) => return Ended::Stopped,
        }
        // A request waits for the server for as long as it takes.
        let mut stop = self.stop.clone();
        let opened = tokio::select! {
            opened = self.open(nats) => opened,
            () = stopped(&mut stop) => return Ended::Stopped,
        };
        let (registry, mut answering, intake) = match opened {
            Ok(opened) => opened,
            Err(reason) => return Ended::InTheWay(reason),
        };
        tracing::info!(target: "nats", "[NATS] Service started successfully");
        self.trouble.send_replace(None);
        tokio::select! {
            ended = self.receive(nats, intake, &registry) => ended,
            () = async { while answering.next().await.is_some() {} } => {
                Ended::InTheWay("the group can no longer hear this member".to_owned())
            }
        }
    }

    /// Joins the group, and opens what is read.
    async fn open(&self, nats: &Nats) -> Result<(Registry, Answers, Intake), String> {
        let registry = self.join(nats).await?;
        let answering = registry.answer().await.map_err(|error| chain(&error))?;
        let intake = self.intake(nats).await.map_err(|error| chain(&error))?;
        Ok((registry, answering, intake))
    }

    async fn intake(&self, nats: &Nats) -> Result<Intake, NatsError> {
        let options = &self.settings.source;
        if let Some(partitions) = &self.partitions {
            let (source, shares) = Shares::open(nats, options, partitions, &self.clock).await?;
            return Ok(Intake { source, shares: Some(shares) });
        }
        let source = Source::open(nats, options).await?;
        if source.guarantee() == Guarantee::AtMostOnce {
            tracing::warn!(
                target: "nats",
                "[NATS] without JetStream events are delivered at most once: what is published \
                 while this service is away is lost"
            );
        }
        Ok(Intake { source, shares: None })
    }

    /// Makes sure that no other member of the group keeps its customers in another file.
    async fn join(&self, nats: &Nats) -> Result<Registry, String> {
        let member = self.member().await?;
        let registry = Registry::new(nats, &self.settings.source.queue_group, member);
        self.check_members(&registry).await?;
        Ok(registry)
    }

    async fn check_members(&self, registry: &Registry) -> Result<(), String> {
        let others = registry.roll_call().await.map_err(|error| chain(&error))?;
        let group = &self.settings.source.queue_group;
        match registry.member().gives_way_to(&others) {
            None => Ok(()),
            Some(other) => Err(format!(
                "another member of group {group} ({}) keeps its customers in another file, and a \
                 customer's events would be split over both: stop one, let both use one file on \
                 one machine (SQLITE_PATH), or give this one a NATS_QUEUE_GROUP and NATS_SUBJECTS \
                 of its own",
                other.instance
            )),
        }
    }

    async fn member(&self) -> Result<Member, String> {
        let (brands, brand) = (Arc::clone(&self.brands), self.settings.default_brand.clone());
        let reading = tokio::task::spawn_blocking(move || {
            let handle = brands.open(&brand).map_err(|error| chain(&error))?;
            handle.readers().read(ciq_store::Reader::file_id).map_err(|error| chain(&error))
        });
        let file_id = reading.await.map_err(|error| error.to_string())??;
        // A file of one name on two machines is two files; a server's database is one for all.
        let location = self.brands.location_of(&self.settings.default_brand);
        let host = location.file().map(|_| self.settings.host.clone()).unwrap_or_default();
        Ok(Member {
            instance: self.settings.instance.clone(),
            host,
            file_id,
            started_at_ms: self.clock.now().as_millisecond(),
        })
    }

    /// Receives until told to stop, or until something is in the way.
    async fn receive(&mut self, nats: &Nats, mut intake: Intake, registry: &Registry) -> Ended {
        let (deliver, deliveries) = mpsc::channel(BATCHES_WAITING_MAX);
        let mut crew = self.crew(nats, deliveries, intake.shares.as_ref());
        let mut link = nats.link();
        let mut roll_calls = tokio::time::interval(ROLL_CALL_EVERY);
        roll_calls.reset();
        let mut gathering = Gathering::default();
        let mut worked = None;
        let ended = loop {
            tokio::select! {
                biased;
                () = stopped(&mut self.stop) => break Ended::Stopped,
                result = &mut crew.working => {
                    worked = Some(result);
                    break Ended::Stopped;
                }
                _ = roll_calls.tick() => {
                    let mut stop = self.stop.clone();
                    tokio::select! {
                        checked = self.check_members(registry) => if let Err(reason) = checked {
                            break Ended::InTheWay(reason);
                        },
                        () = stopped(&mut stop) => break Ended::Stopped,
                    }
                }
                changed = link.changed() => {
                    if changed.is_ok() {
                        self.hear(*link.borrow_and_update());
                    }
                }
                order = next_order(&mut intake.shares) => match order {
                    Some(Order::Read(messages)) => intake.source.add(messages),
                    Some(Order::Mark(waiting)) => gathering.mark(waiting),
                    None => break Ended::InTheWay("nobody keeps the partitions".to_owned()),
                },
                // A batch is gathered when there is room for it: until then its messages wait at
                // the server, not here.
                work = async {
                    let room = deliver.reserve().await.ok()?;
                    Some((room, gathering.next(&mut intake.source).await))
                } => {
                    let Some((room, work)) = work else { break Ended::Stopped };
                    if let Work::Batch(batch) = &work {
                        note(batch, &crew.backlog, &*self.clock);
                    }
                    room.send(work);
                }
            }
        };
        // No more comes in. What came is stored and told; where that fails, it comes again.
        let Intake { source, shares } = intake;
        drop(source);
        let leaving = shares.map(Shares::close);
        let patience = tokio::spawn(give_up(crew.telling()));
        drop(deliver.send(Work::Batch(gathering.rest())).await);
        drop(deliver);
        let ended = crew.finish(worked, ended).await;
        patience.abort();
        if let Some(leaving) = leaving {
            leaving.finish().await;
        }
        ended
    }

    /// Starts those who work on what is received.
    fn crew(&self, nats: &Nats, deliveries: mpsc::Receiver<Work>, shares: Option<&Shares>) -> Crew {
        let held = Held::default();
        let (tell, told) = mpsc::channel(TOLD_WAITING_MAX);
        let worker = Worker {
            brands: Arc::clone(&self.brands),
            default_brand: self.settings.default_brand.clone(),
            clock: Arc::clone(&self.clock),
            is_sharing_out: shares.is_some(),
            told: tell,
            held: held.clone(),
            trouble: self.trouble.clone(),
            stop: self.stop.clone(),
        };
        let keep_alive_every = self.settings.source.ack_wait / 3;
        let backlog = Arc::new(AtomicU64::new(0));
        let is_first = shares.map(Shares::is_first);
        let publishing = self.settings.is_publishing.then(|| {
            let (nats, brands) = (nats.clone(), Arc::clone(&self.brands));
            let (backlog, stop) = (Arc::clone(&backlog), self.stop.clone());
            let publish = move |stop| {
                outbox::run(nats.clone(), Arc::clone(&brands), Arc::clone(&backlog), stop)
            };
            match is_first {
                None => tokio::spawn(publish(stop)),
                Some(is_first) => tokio::spawn(publish_while_first(is_first, stop, publish)),
            }
        });
        Crew {
            working: tokio::task::spawn_blocking(move || worker.run(deliveries)),
            settling: tokio::spawn(settle(nats.clone(), told, held, keep_alive_every)),
            publishing,
            backlog,
        }
    }

    fn hear(&self, link: Link) {
        let servers = &self.settings.nats.servers;
        self.trouble.send_if_modified(|trouble| {
            let is_up = link == Link::Up;
            let was_away = trouble.as_ref().is_some_and(|held| held.starts_with(AWAY));
            match (is_up, was_away, &trouble) {
                (true, true, _) => *trouble = None,
                (false, _, None) => *trouble = Some(format!("{AWAY} {servers}")),
                _ => return false,
            }
            true
        });
    }
}

/// Asks of other members, answered one by one.
type Answers = BoxStream<'static, ()>;

/// What is received.
struct Intake {
    source: Source,
    /// What this worker has of the partitions, where there are some.
    shares: Option<Shares>,
}

/// Waits for an order, for ever where nobody gives any.
async fn next_order(shares: &mut Option<Shares>) -> Option<Order> {
    match shares {
        Some(shares) => shares.next_order().await,
        None => std::future::pending().await,
    }
}

/// Those who work on what is received.
struct Crew {
    /// The thread that parses and folds.
    working: JoinHandle<Result<(), IngestError>>,
    /// The task that tells what is stored.
    settling: JoinHandle<()>,
    /// The task that publishes what changed.
    publishing: Option<JoinHandle<()>>,
    /// Messages of the stream that were not delivered yet.
    backlog: Arc<AtomicU64>,
}

impl Crew {
    /// Returns the tasks that wait while the server is away.
    fn telling(&self) -> Vec<AbortHandle> {
        let tasks = [Some(&self.settling), self.publishing.as_ref()];
        tasks.into_iter().flatten().map(JoinHandle::abort_handle).collect()
    }

    /// Waits until everybody is done. `worked` is what became of the thread, if it ended already.
    async fn finish(
        self,
        worked: Option<Result<Result<(), IngestError>, JoinError>>,
        ended: Ended,
    ) -> Ended {
        let worked = match worked {
            Some(worked) => worked,
            None => self.working.await,
        };
        let ended = failure(worked).map_or(ended, Ended::InTheWay);
        // Tasks that panicked have said so.
        drop(self.settling.await);
        if let Some(publishing) = self.publishing {
            if !matches!(ended, Ended::Stopped) {
                publishing.abort();
            }
            drop(publishing.await);
        }
        ended
    }
}

/// Ends tasks that wait for a server that is away. What they did not tell is delivered again, and
/// found to be stored; what they did not publish is published after the next start.
async fn give_up(telling: Vec<AbortHandle>) {
    tokio::time::sleep(TELL_WITHIN).await;
    let left = telling.iter().filter(|task| !task.is_finished());
    if left.inspect(|task| task.abort()).count() > 0 {
        tracing::warn!(target: "nats", "[NATS] stopping without the server: it delivers again");
    }
}

/// How the trouble begins that ends with the connection's return.
const AWAY: &str = "no connection to";

/// Says why the thread that stores ended before its time, if it did.
fn failure(worked: Result<Result<(), IngestError>, JoinError>) -> Option<String> {
    match worked {
        Ok(Ok(())) => None,
        Ok(Err(error)) => Some(format!("cannot store: {}", chain(&error))),
        Err(_) => Some("the thread that stores ended in a panic".to_owned()),
    }
}

/// Ends when the service is to stop.
async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Whoever could say so may be gone: then nobody wants more either.
    drop(stop.wait_for(|is_stopped| *is_stopped).await);
}

/// Counts a batch, and tells how far behind the stream it is.
fn note(batch: &[Delivery], backlog: &AtomicU64, clock: &dyn Clock) {
    metrics::counter!("customeriq_nats_received_total").increment(batch.len() as u64);
    let Some(place) = batch.first().and_then(|first| first.place) else { return };
    let behind = place.pending_count.saturating_sub(batch.len() as u64);
    backlog.store(behind, Ordering::Relaxed);
    #[expect(clippy::cast_precision_loss, reason = "a gauge is a float")]
    metrics::gauge!("customeriq_nats_pending").set(behind as f64);
    let age = clock.now().duration_since(place.stored_at);
    metrics::histogram!("customeriq_nats_age_seconds").record(age.as_secs_f64());
    if place.delivery_count > 1 {
        metrics::counter!("customeriq_nats_redelivered_batches_total").increment(1);
    }
}

/// Tells what is stored, and meanwhile keeps what is being worked on from being delivered again.
async fn settle(
    nats: Nats,
    mut told: mpsc::Receiver<Tell>,
    held: Held,
    keep_alive_every: Duration,
) {
    let mut ticks = tokio::time::interval(keep_alive_every);
    ticks.reset();
    loop {
        tokio::select! {
            next = told.recv() => {
                let done = match next {
                    Some(Tell::Batch(batch)) => tell(&nats, batch).await,
                    // Whoever waits may have gone.
                    Some(Tell::Mark(waiting)) => {
                        nats.fence().await.map(|()| waiting.send(()).unwrap_or_default())
                    }
                    None => break,
                };
                if let Err(error) = done {
                    tracing::warn!(target: "nats", error = chain(&error), "[NATS] could not settle");
                }
            }
            _ = ticks.tick() => {
                for receipt in held.all().iter().flat_map(|receipts| receipts.iter()) {
                    // What is not told in time is delivered again, and found to be stored.
                    drop(nats.settle(receipt, &Settlement::InProgress).await);
                }
            }
        }
    }
    if let Err(error) = nats.fence().await {
        tracing::warn!(target: "nats", error = chain(&error), "[NATS] the last settlements may be lost");
    }
}

async fn tell(nats: &Nats, batch: Vec<Told>) -> Result<(), NatsError> {
    let mut counts = [0_u64; 2];
    for Told { receipt, settlement, answer } in batch {
        counts[usize::from(settlement == Settlement::Dead)] += 1;
        nats.settle(&receipt, &settlement).await?;
        nats.answer(&receipt, answer).await?;
    }
    for (outcome, count) in ["stored", "dead"].into_iter().zip(counts) {
        metrics::counter!("customeriq_nats_settled_total", "outcome" => outcome).increment(count);
    }
    Ok(())
}
