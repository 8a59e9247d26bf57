//! What every request works on: the users, the stream, the backfills, the sink.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex as StdMutex, PoisonError};
use std::time::Duration;

use ciq_sink::{Batch, Message, Sink, SinkReport, SinkState};
use ciq_synth::Seed;
use ciq_synth::saas::{Consent, Payload, Population, Region, user_id, user_index};
use jiff::Timestamp;
use tokio::sync::Mutex;

use crate::asked::{NewStream, NewUsers};
use crate::jobs::Jobs;
use crate::problem::{Problem, ProblemKind};
use crate::stream::Stream;
use crate::wire::{Emit, Emitted, EventBody, Seeded, SinkBody, Status, StreamBody};

/// Drawn seeds are below this, so that JavaScript can read them.
const DRAWN_SEED_BITS: u32 = 53;

/// What users are like unless they are asked for otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Defaults {
    /// Where half of them live.
    pub region: Region,
    /// Whether they agreed to text messages.
    pub sms_consent: bool,
    /// Whether they agreed to mail.
    pub email_consent: bool,
}

impl Default for Defaults {
    fn default() -> Self {
        Self { region: Region::In, sms_consent: true, email_consent: true }
    }
}

/// What a service is told from outside.
#[derive(Debug, Clone)]
pub struct ServiceOptions {
    /// What users are like unless they are asked for otherwise.
    pub defaults: Defaults,
    /// Where events go, in words without secrets.
    pub sink_name: String,
    /// The clock.
    pub clock: fn() -> Timestamp,
}

/// What every request works on. Clones are the same service.
#[derive(Debug, Clone)]
pub struct Service(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    sink: Sink,
    options: ServiceOptions,
    begun: Timestamp,
    /// Names manual events; the time in microseconds, or one more than the last.
    emitted_last: AtomicU64,
    world: StdMutex<Option<World>>,
    /// Held while a stream starts or stops.
    stream: Mutex<StreamPlace>,
    jobs: Jobs,
}

/// The users, and what was told about them.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) population: Population,
    seeded: Seeded,
}

/// The stream that runs, and what the last one did.
#[derive(Debug, Default)]
struct StreamPlace {
    running: Option<Stream>,
    last: Option<StreamBody>,
    next_number: u64,
}

impl Service {
    /// Makes a service without users.
    #[must_use]
    pub fn new(sink: Sink, options: ServiceOptions) -> Self {
        Self(Arc::new(Inner {
            sink,
            begun: (options.clock)(),
            options,
            emitted_last: AtomicU64::new(0),
            world: StdMutex::default(),
            stream: Mutex::default(),
            jobs: Jobs::default(),
        }))
    }

    /// Ends the stream and the backfills, and closes the sink, which gets some time to deliver what
    /// waits.
    pub async fn close(self, limit: Duration) -> SinkReport {
        if self.stop_stream().await.is_none() {
            tracing::debug!("no stream ran at the end");
        }
        self.0.jobs.end().await;
        self.0.sink.clone().close(limit).await
    }

    /// Returns the time.
    pub(crate) fn now(&self) -> Timestamp {
        (self.0.options.clock)()
    }

    /// Returns the clock.
    pub(crate) fn clock(&self) -> fn() -> Timestamp {
        self.0.options.clock
    }

    /// Returns the sink.
    pub(crate) fn sink(&self) -> &Sink {
        &self.0.sink
    }

    /// Returns the backfills.
    pub(crate) fn jobs(&self) -> &Jobs {
        &self.0.jobs
    }

    /// Returns the users; a problem that says what to do where there are none.
    pub(crate) fn world(&self) -> Result<World, Problem> {
        self.world_if_any().ok_or_else(|| {
            let detail = "there are no users yet: make some with POST /seed-users first";
            Problem::new(ProblemKind::Conflict, detail)
        })
    }

    /// Returns the users, if there are any.
    pub(crate) fn world_if_any(&self) -> Option<World> {
        self.0.world.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Makes users in place of those before. A running stream goes on with the new ones.
    pub(crate) async fn seed_users(&self, asked: NewUsers) -> Result<Seeded, Problem> {
        let seed = asked.seed.unwrap_or_else(|| self.draw_seed());
        let Defaults { region, sms_consent: sms, email_consent: email } = self.0.options.defaults;
        let consent = Consent { sms, email, opted_out_per_mille: asked.opted_out_per_mille };
        let population = Population::new(Seed::new(seed), asked.count)
            .map_err(|error| Problem::invalid("/count", error.to_string()))?
            .with_mix(asked.mix)
            .with_region(region)
            .with_consent(consent);
        let seeded = Seeded {
            users: asked.count,
            seed,
            mix: asked.shares,
            region: region.code(),
            sms_consent: sms,
            email_consent: email,
            opt_out: asked.opt_out,
        };
        let world = World { population, seeded: seeded.clone() };
        *self.0.world.lock().unwrap_or_else(PoisonError::into_inner) = Some(world);
        let settings = self.0.stream.lock().await.running.as_ref().map(Stream::settings);
        if let Some(settings) = settings {
            self.start_stream(settings).await?;
        }
        Ok(seeded)
    }

    /// Starts a stream in place of the one that runs.
    pub(crate) async fn start_stream(&self, asked: NewStream) -> Result<StreamBody, Problem> {
        let population = self.world()?.population;
        let mut place = self.0.stream.lock().await;
        place.stop(self.now()).await;
        let sink = self.0.sink.clone();
        let started = Stream::start(asked, population, (self.clock(), place.next_number), sink);
        let stream = started.map_err(|error| {
            tracing::error!(%error, "could not start the thread of a stream");
            Problem::new(ProblemKind::Internal, "the cause is in the service's log")
        })?;
        let body = stream.body(self.now());
        place.running = Some(stream);
        Ok(body)
    }

    /// Stops the stream, if one runs.
    pub(crate) async fn stop_stream(&self) -> Option<StreamBody> {
        self.0.stream.lock().await.stop(self.now()).await
    }

    /// Sends one event.
    pub(crate) fn emit(&self, asked: Emit) -> Result<Emitted, Problem> {
        let ts = asked.check()?.unwrap_or_else(|| self.now());
        let number = self.next_number();
        let world = self.world_if_any();
        let mut warnings = Vec::new();
        let user_id = if let Some(id) = asked.user_id {
            let population = world.as_ref().map(|world| world.population);
            if population.and_then(|population| user_index(&population, &id)).is_none() {
                warnings.push(format!("there is no user {id:?} here"));
            }
            id
        } else {
            let population = self.world()?.population;
            let draw = population.seed().mark("mockgen emit user", number);
            let index = u32::try_from(draw % u64::from(population.users())).unwrap_or(0);
            user_id(&population, index).to_string()
        };
        if !Payload::NAMES.contains(&asked.name.as_str()) {
            warnings.push(format!("no event of ours is called {:?}", asked.name));
        }
        let seed = world.map_or(Seed::new(0), |world| world.population.seed());
        let event = EventBody {
            id: format!("evt_{:016x}", seed.mark("mockgen emit", number)),
            ts: format!("{ts:.3}"),
            user_id,
            name: asked.name,
            props: asked.props.unwrap_or_default(),
        };
        self.offer(&event)?;
        Ok(Emitted { event, warnings })
    }

    /// Tells how the service stands.
    pub(crate) async fn status(&self) -> Status {
        let now = self.now();
        let world = self.world_if_any();
        let place = self.0.stream.lock().await;
        let running = place.running.as_ref().map(|stream| stream.body(now));
        let streaming = running.is_some();
        Status {
            version: env!("CARGO_PKG_VERSION"),
            uptime_seconds: now.duration_since(self.0.begun).as_secs_f64().max(0.0),
            users: world.as_ref().map_or(0, |world| world.seeded.users),
            seed: world.as_ref().map(|world| world.seeded.seed),
            streaming,
            stream: running.or_else(|| place.last.clone()),
            sink: self.sink_body(),
            backfills: self.0.jobs.all(now),
        }
    }

    fn sink_body(&self) -> SinkBody {
        let counters = self.0.sink.counters();
        let state = match counters.state {
            SinkState::Healthy => "healthy",
            SinkState::Failing => "failing",
        };
        SinkBody {
            to: self.0.options.sink_name.clone(),
            state,
            accepted: counters.accepted,
            delivered: counters.delivered,
            refused: counters.refused,
            retried: counters.retried,
            dropped: counters.dropped,
            buffered: counters.buffered,
            last_error: counters.last_error,
        }
    }

    fn offer(&self, event: &EventBody) -> Result<(), Problem> {
        let body = serde_json::to_vec(event).map_err(|error| {
            tracing::error!(%error, "could not write an event");
            Problem::new(ProblemKind::Internal, "the cause is in the service's log")
        })?;
        let mut batch = Batch::new();
        let EventBody { id, user_id, name, .. } = event;
        batch.push(Message { id, user_id, name, body: &body });
        self.0.sink.offer(batch).map_err(|_| {
            let detail = "the sink has no room: it is slower than the stream, or it fails";
            Problem::new(ProblemKind::Unavailable, detail)
        })
    }

    /// Returns a number that no manual event had before.
    fn next_number(&self) -> u64 {
        let now = u64::try_from(self.now().as_microsecond()).unwrap_or(0);
        let later = |last: u64| Some(now.max(last.saturating_add(1)));
        let last = self.0.emitted_last.fetch_update(Ordering::Relaxed, Ordering::Relaxed, later);
        last.map_or(now, |last| now.max(last.saturating_add(1)))
    }

    fn draw_seed(&self) -> u64 {
        let now = u64::try_from(self.now().as_nanosecond()).unwrap_or(0);
        Seed::new(now).mark("mockgen seed", u64::from(std::process::id())) >> (64 - DRAWN_SEED_BITS)
    }
}

impl StreamPlace {
    /// Stops the stream, if one runs, and keeps what it did.
    async fn stop(&mut self, now: Timestamp) -> Option<StreamBody> {
        let (body, next_number) = self.running.take()?.stop(now).await;
        self.next_number = self.next_number.max(next_number);
        self.last = Some(body.clone());
        Some(body)
    }
}
