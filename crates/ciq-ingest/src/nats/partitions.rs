//! The partitions of a worker: claimed, read, and given up again when others come and go.
//!
//! One task keeps the leases. Messages of all partitions that are held go the same way, in one
//! source; a partition is given up when what came of it is stored and told.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use ciq_nats::{
    LeaseBook, Link, Moves, Nats, NatsError, PartitionHold, PartitionMessages, PartitionReader,
    Partitions, Source, SourceOptions,
};
use futures_util::future::BoxFuture;
use futures_util::stream::{BoxStream, FuturesUnordered};
use futures_util::{FutureExt as _, StreamExt as _};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};

use super::stopped;
use super::worker::chain;
use crate::Clock;

/// Orders that may wait to be carried out.
const ORDERS_WAITING_MAX: usize = 16;

/// Consumers that are made or looked at together.
const OPEN_AT_ONCE: usize = 16;

/// How long a worker may take to give everything up when it ends.
const LEAVE_LIMIT: Duration = Duration::from_secs(5);

/// Which partitions there are, and who takes part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartitionSettings {
    /// The partitions.
    pub partitions: Partitions,
    /// What the worker is called: letters, digits, `-` and `_`.
    pub worker: String,
}

/// What whoever receives is to do.
pub(super) enum Order {
    /// Read these messages too.
    Read(PartitionMessages),
    /// Tell when all that came until now is stored and told.
    Mark(oneshot::Sender<()>),
}

/// What this worker has of the partitions, while it lasts. Dropped, it is as if the worker died.
pub(super) struct Shares {
    orders: mpsc::Receiver<Order>,
    leave: oneshot::Sender<()>,
    is_first: watch::Receiver<bool>,
    keeping: JoinHandle<()>,
}

impl Shares {
    /// Joins the workers that are there. The source has no partition yet.
    pub(super) async fn open(
        nats: &Nats,
        options: &SourceOptions,
        settings: &PartitionSettings,
        clock: &Arc<dyn Clock>,
    ) -> Result<(Source, Self), NatsError> {
        let options = options.clone().sorted(settings.partitions)?;
        let reader = PartitionReader::open(nats, &options, settings.partitions).await?;
        // A worker that comes back is another one: what the last one had may still be under way.
        let me = format!("{}-{:x}", settings.worker, clock.now().as_millisecond());
        let book = LeaseBook::open(nats, &options, &me).await?;
        let changes = book.changes().await?;
        let source = Source::of_requests(nats, &options).await?;
        let (order, orders) = mpsc::channel(ORDERS_WAITING_MAX);
        let (leave, left) = oneshot::channel();
        let (first, is_first) = watch::channel(false);
        let keeper = Keeper {
            link: nats.link(),
            reader,
            partitions: settings.partitions,
            worker_count: 1,
            held: BTreeMap::new(),
            told: BTreeSet::new(),
            draining: FuturesUnordered::new(),
            orders: order,
            first,
            book,
        };
        let keeping = tokio::spawn(keeper.run(changes, left));
        Ok((source, Self { orders, leave, is_first, keeping }))
    }

    /// Waits for the next thing to do; `None` when nobody gives orders any more.
    pub(super) async fn next_order(&mut self) -> Option<Order> {
        self.orders.recv().await
    }

    /// Tells whether this worker reads the first partition.
    pub(super) fn is_first(&self) -> watch::Receiver<bool> {
        self.is_first.clone()
    }

    /// Takes no partition from now on. What is held stays held until [`Leaving::finish`].
    pub(super) fn close(self) -> Leaving {
        Leaving { leave: self.leave, keeping: self.keeping }
    }
}

/// A worker that goes, and still has what it had.
pub(super) struct Leaving {
    leave: oneshot::Sender<()>,
    keeping: JoinHandle<()>,
}

impl Leaving {
    /// Gives everything up, so that others need not wait for it to run out.
    pub(super) async fn finish(self) {
        if self.leave.send(()).is_ok() {
            // A task that panicked has said so.
            drop(self.keeping.await);
        }
    }
}

/// Publishes for as long as this worker reads the first partition: of all workers one does.
pub(super) async fn publish_while_first<F: Future<Output = ()>>(
    mut is_first: watch::Receiver<bool>,
    mut stop: watch::Receiver<bool>,
    publish: impl Fn(watch::Receiver<bool>) -> F,
) {
    loop {
        tokio::select! {
            is_held = is_first.wait_for(|is_first| *is_first) => {
                if is_held.is_err() {
                    return;
                }
            }
            () = stopped(&mut stop) => return,
        }
        let (end, ended) = watch::channel(false);
        let watching = async {
            tokio::select! {
                // An error is an end too: nobody holds anything any more.
                _ = is_first.wait_for(|is_first| !*is_first) => {}
                () = stopped(&mut stop) => {}
            }
            end.send_replace(true);
        };
        tokio::join!(publish(ended), watching);
    }
}

/// Keeps the leases of one worker.
struct Keeper {
    book: LeaseBook,
    reader: PartitionReader,
    partitions: Partitions,
    link: watch::Receiver<Link>,
    /// The workers that were there at the last look.
    worker_count: usize,
    held: BTreeMap<u32, Held>,
    /// The partitions that the log told of last.
    told: BTreeSet<u32>,
    /// Those that are given up when what came of them is stored.
    draining: FuturesUnordered<BoxFuture<'static, Vec<u32>>>,
    orders: mpsc::Sender<Order>,
    first: watch::Sender<bool>,
}

/// A partition that is held.
struct Held {
    revision: u64,
    /// When its lease was asked for: by the server's clock it begins later.
    renewed_at: Instant,
    state: State,
}

enum State {
    /// Nobody reads it yet.
    Claimed,
    Reading(PartitionHold),
    /// It is not read any more, and what came of it is under way.
    Draining,
}

impl Keeper {
    async fn run(mut self, mut changes: BoxStream<'static, ()>, mut left: oneshot::Receiver<()>) {
        let mut ticks = interval(self.book.lease() / 3);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Skip);
        self.link.mark_unchanged();
        self.come().await;
        loop {
            tokio::select! {
                biased;
                told = &mut left => {
                    if told.is_ok() {
                        drop(timeout(LEAVE_LIMIT, self.leave()).await);
                    }
                    return;
                }
                changed = self.link.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    self.forget();
                    ticks.reset_immediately();
                }
                _ = ticks.tick() => self.tick().await,
                Some(partitions) = self.draining.next() => self.release(&partitions).await,
                Some(()) = changes.next() => {
                    while let Some(Some(())) = changes.next().now_or_never() {}
                    self.look_about().await;
                }
            }
            self.tell();
        }
    }

    /// How long anything may take that must not keep leases from being renewed.
    fn limit(&self) -> Duration {
        self.book.lease() / 4
    }

    /// Comes, and has the others look.
    async fn come(&mut self) {
        let coming = async {
            self.book.show().await?;
            self.book.tell().await
        };
        if let Ok(Err(error)) = timeout(self.limit(), coming).await {
            warn("could not tell the other workers of this one", &error);
        }
    }

    async fn tick(&mut self) {
        if *self.link.borrow() != Link::Up {
            return;
        }
        drop(timeout(self.limit(), self.renew()).await);
        // Of what was not renewed this time, the next time may be too late.
        let lease = self.book.lease();
        let is_safe = |held: &Held| held.renewed_at.elapsed() < lease / 2;
        let before = self.held.len();
        self.held.retain(|_, held| is_safe(held));
        if self.held.len() < before {
            tracing::warn!(target: "nats", "[NATS] leases could not be renewed in time");
        }
        self.look_about().await;
    }

    /// Shows that this worker is there, and renews what it holds.
    async fn renew(&mut self) {
        let asked_at = Instant::now();
        let renewing = self.held.iter().map(|(partition, held)| {
            let (book, partition, revision) = (self.book.clone(), *partition, held.revision);
            async move { (partition, book.hold(partition, revision).await) }
        });
        let mut renewing: FuturesUnordered<_> = renewing.collect();
        let book = self.book.clone();
        let renewing = async {
            while let Some((partition, renewed)) = renewing.next().await {
                self.note(partition, asked_at, renewed);
            }
        };
        let (shown, ()) = tokio::join!(book.show(), renewing);
        if let Err(error) = shown {
            warn("could not show that this worker is there", &error);
        }
    }

    fn note(&mut self, partition: u32, asked_at: Instant, renewed: Result<Option<u64>, NatsError>) {
        match renewed {
            Ok(Some(revision)) => {
                self.held.entry(partition).and_modify(|held| {
                    held.revision = revision;
                    held.renewed_at = asked_at;
                });
            }
            Ok(None) => {
                tracing::warn!(target: "nats", "[NATS] partition {partition} was lost");
                self.held.remove(&partition);
            }
            Err(error) => warn("could not renew a lease", &error),
        }
    }

    /// Looks who is there, and comes to this worker's share.
    async fn look_about(&mut self) {
        // Whoever receives is gone: this worker is about to leave.
        if self.orders.is_closed() {
            return;
        }
        let limit = self.limit();
        match timeout(limit, self.share()).await {
            Ok(Err(error)) => warn("could not look who reads what", &error),
            Err(_) => tracing::warn!(target: "nats", "[NATS] looking who reads what took too long"),
            Ok(Ok(())) => {}
        }
    }

    async fn share(&mut self) -> Result<(), NatsError> {
        let view = self.book.view().await?;
        self.worker_count = view.workers.len().max(1);
        let held = self.held.keys().copied().collect();
        let Moves { take, give } = view.moves(self.book.me(), &held, self.partitions);
        self.give(give).await;
        self.take(take).await;
        self.read().await;
        Ok(())
    }

    /// Stops reading partitions, and gives them up once what came of them is stored.
    async fn give(&mut self, mut give: Vec<u32>) {
        give.retain(|partition| {
            let held = self.held.get_mut(partition);
            let held = held.filter(|held| !matches!(held.state, State::Draining));
            held.map(|held| held.state = State::Draining).is_some()
        });
        if give.is_empty() {
            return;
        }
        let (waiting, done) = oneshot::channel();
        let lease = self.book.lease();
        // Where it cannot be stored, somebody else may try: what is stored twice counts once.
        let drained = async move {
            drop(timeout(lease, done).await);
            give
        };
        self.draining.push(drained.boxed());
        // Where nobody takes the order, nobody waits.
        drop(self.orders.send(Order::Mark(waiting)).await);
    }

    async fn take(&mut self, take: Vec<(u32, u64)>) {
        let renewed_at = Instant::now();
        let taking = take.into_iter().map(|(partition, revision)| {
            let book = self.book.clone();
            async move { (partition, book.hold(partition, revision).await) }
        });
        let mut taking: FuturesUnordered<_> = taking.collect();
        while let Some((partition, taken)) = taking.next().await {
            match taken {
                Ok(Some(revision)) => {
                    let held = Held { revision, renewed_at, state: State::Claimed };
                    self.held.insert(partition, held);
                }
                // Somebody else was faster.
                Ok(None) => {}
                Err(error) => warn("could not take a partition", &error),
            }
        }
    }

    /// Reads what is held and not read, or not any more.
    async fn read(&mut self) {
        let is_unread = |held: &Held| match &held.state {
            State::Claimed => true,
            State::Reading(hold) => hold.is_over(),
            State::Draining => false,
        };
        let unread = self.held.iter().filter(|(_, held)| is_unread(held));
        let unread: Vec<u32> = unread.map(|(partition, _)| *partition).collect();
        let reader = self.reader.clone();
        let opening = unread.into_iter().map(|partition| {
            let reader = reader.clone();
            async move { (partition, reader.read(partition).await) }
        });
        let mut opening = futures_util::stream::iter(opening).buffer_unordered(OPEN_AT_ONCE);
        while let Some((partition, opened)) = opening.next().await {
            match (opened, self.held.get_mut(&partition)) {
                (Ok((messages, hold)), Some(held)) => {
                    if self.orders.send(Order::Read(messages)).await.is_ok() {
                        held.state = State::Reading(hold);
                    }
                }
                (Ok(_), None) => {}
                (Err(error), _) => warn("could not read a partition, yet", &error),
            }
        }
    }

    /// Gives up partitions of which everything is stored.
    async fn release(&mut self, partitions: &[u32]) {
        for partition in partitions {
            let Some(held) = self.held.remove(partition) else { continue };
            if let Ok(Err(error)) = timeout(self.limit(), self.book.release(held.revision)).await {
                warn("could not release a partition", &error);
            }
        }
        drop(timeout(self.limit(), self.book.tell()).await);
    }

    /// Stops reading at once. The leases run out, unless they are taken up again.
    fn forget(&mut self) {
        self.held.clear();
        // Marks in it come to nothing.
        self.draining.clear();
    }

    async fn leave(&mut self) {
        for (_, held) in std::mem::take(&mut self.held) {
            if let Err(error) = self.book.release(held.revision).await {
                warn("could not release a partition", &error);
            }
        }
        if let Err(error) = self.book.leave().await {
            warn("could not leave the other workers", &error);
        }
        tracing::info!(target: "nats", "[NATS] worker {} left", self.book.me());
    }

    /// Tells what is read, where that has changed.
    fn tell(&mut self) {
        let is_read = |held: &Held| matches!(held.state, State::Reading(_));
        let read = self.held.iter().filter(|(_, held)| is_read(held));
        let read: BTreeSet<u32> = read.map(|(partition, _)| *partition).collect();
        if read == self.told {
            return;
        }
        let (me, all, workers) = (self.book.me(), self.partitions, self.worker_count);
        let list: Vec<String> = read.iter().map(ToString::to_string).collect();
        let list = if list.is_empty() { "none".to_owned() } else { list.join(", ") };
        tracing::info!(
            target: "nats",
            "[NATS] worker {me} reads partitions: {list} (of {all}, workers: {workers})"
        );
        let count = u32::try_from(read.len()).unwrap_or(u32::MAX);
        metrics::gauge!("customeriq_nats_partitions").set(f64::from(count));
        self.first.send_replace(read.contains(&0));
        self.told = read;
    }
}

fn warn(doing: &str, error: &NatsError) {
    tracing::warn!(target: "nats", error = chain(error), "[NATS] {doing}");
}
