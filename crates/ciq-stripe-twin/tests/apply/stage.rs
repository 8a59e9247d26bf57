//! A twin that listens, and runners that work with it.

use std::future::IntoFuture as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use ciq_stripe::plan::{PhaseCounts, Proration, RunPlan, RunSettings};
use ciq_stripe::{
    Caller, Endpoint, Files, Limits, Meter, NewRun, Progress, RetrySettings, RunError, RunFile,
    Runner, RunnerSettings, SecretKey, Server, Transport,
};
use ciq_stripe_twin::{Twin, TwinSettings};
use jiff::Timestamp;
use jiff::civil::date;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The name of the runs.
pub(crate) const RUN: &str = "demo";

/// Returns a time that does not pass.
pub(crate) fn now() -> Timestamp {
    "2026-11-22T00:00:00Z".parse().unwrap()
}

/// Tries of a runner that meets many faults: soon and often.
pub(crate) const PATIENT: RetrySettings = RetrySettings {
    attempts: 60,
    base: Duration::from_millis(1),
    cap: Duration::from_millis(4),
    asked_max: Duration::from_millis(4),
    clock_wait: Duration::from_secs(20),
};

/// A twin behind an address, and a folder for a run's files.
pub(crate) struct Stage {
    pub(crate) twin: Twin,
    pub(crate) folder: TempDir,
    address: SocketAddr,
    counter: Arc<Counter>,
    serving: JoinHandle<()>,
}

/// Counts requests and calls a stop at one of them.
#[derive(Default)]
struct Counter {
    seen: AtomicU64,
    stop_at: AtomicU64,
    stop: watch::Sender<bool>,
}

/// What a runner is made with.
#[derive(Clone, Copy)]
pub(crate) struct Setup {
    pub(crate) limits: Limits,
    pub(crate) retry: RetrySettings,
    pub(crate) clock_timeout: Duration,
}

impl Default for Setup {
    fn default() -> Self {
        Self { limits: Limits::NONE, retry: PATIENT, clock_timeout: Duration::from_secs(20) }
    }
}

impl Stage {
    pub(crate) async fn open(settings: TwinSettings) -> Self {
        let twin = Twin::open(settings).unwrap();
        let counter = Arc::new(Counter::default());
        let layer = from_fn_with_state(Arc::clone(&counter), count);
        let (address, serving) = serve(twin.router().layer(layer)).await;
        let folder = tempfile::tempdir().unwrap();
        Self { twin, folder, address, counter, serving }
    }

    /// A twin without limits and faults.
    pub(crate) async fn plain() -> Self {
        Self::open(TwinSettings::new(now)).await
    }

    pub(crate) fn files(&self) -> Files {
        Files::new(self.folder.path())
    }

    pub(crate) fn runner(&self) -> Runner {
        self.runner_with(Setup::default()).0
    }

    pub(crate) fn runner_with(&self, setup: Setup) -> (Runner, Arc<Meter>) {
        // Whoever was stopped before does not stop those who come later.
        self.counter.stop.send_replace(false);
        let cancel = self.counter.stop.subscribe();
        runner(&format!("http://{}", self.address), self.files(), setup, cancel)
    }

    /// Lets the runner be stopped while the n-th request from now is on its way.
    pub(crate) fn stop_at(&self, request: u64) {
        let seen = self.counter.seen.load(Ordering::SeqCst);
        self.counter.stop_at.store(seen + request, Ordering::SeqCst);
    }

    /// Returns how many requests came.
    pub(crate) fn requests(&self) -> u64 {
        self.counter.seen.load(Ordering::SeqCst)
    }

    /// Carries a plan out, from its beginning to its end.
    pub(crate) async fn generate(&self, plan: &RunPlan) -> Result<RunFile, RunError> {
        self.runner().generate(&new_run(plan, "run-1")).await
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn count(State(counter): State<Arc<Counter>>, request: Request, next: Next) -> Response {
    let seen = counter.seen.fetch_add(1, Ordering::SeqCst) + 1;
    let response = next.run(request).await;
    if seen == counter.stop_at.load(Ordering::SeqCst) {
        counter.stop.send_replace(true);
    }
    response
}

/// Serves until the task is aborted.
pub(crate) async fn serve(router: Router) -> (SocketAddr, JoinHandle<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let serving = axum::serve(listener, router).into_future();
    let task = tokio::spawn(async move { serving.await.unwrap() });
    (address, task)
}

/// Makes a runner for an address.
pub(crate) fn runner(
    address: &str,
    files: Files,
    setup: Setup,
    cancel: watch::Receiver<bool>,
) -> (Runner, Arc<Meter>) {
    let Setup { limits, retry, clock_timeout } = setup;
    let key = SecretKey::parse("sk_test_stage").unwrap();
    let endpoint = Endpoint::parse(address).unwrap();
    let transport = Transport::new(endpoint, &key, Duration::from_secs(20)).unwrap();
    let caller = Caller::new(transport, limits, retry, 7);
    let meter = caller.meter();
    let settings = RunnerSettings {
        caller,
        files,
        server: Server::Twin,
        workers: 10,
        clock_timeout,
        now,
        progress: Box::new(|_: Progress| {}),
        cancel,
    };
    (Runner::new(settings), meter)
}

/// A run that begins six months back.
pub(crate) fn new_run(plan: &RunPlan, run_id: &str) -> NewRun {
    let start = date(2026, 5, 1);
    NewRun { name: RUN.to_owned(), run_id: run_id.to_owned(), start, plan: plan.clone() }
}

/// The plan of the standard run.
pub(crate) fn standard_plan() -> RunPlan {
    RunPlan::new(&RunSettings::standard(1)).unwrap()
}

/// Nine customers, three months, and every kind of change.
pub(crate) fn small_plan() -> RunPlan {
    let totals = PhaseCounts { upgrades: 3, downgrades: 1, cancellations: 2, past_due: 2 };
    let customers = [2, 2, 2, 2, 1];
    let proration = Proration::CreateProrations;
    let settings = RunSettings::new(1, 3, customers, Some(totals), proration).unwrap();
    RunPlan::new(&settings).unwrap()
}
