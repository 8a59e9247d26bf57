//! Carries a run plan out: month by month, step by step, each step once.

mod adopt;
mod advance;
mod change;
mod cleanup;
mod create;
mod error;
mod month;
mod prices;
mod progress;
mod status;
mod work;

use std::fmt;
use std::future::Future;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream;
use jiff::Timestamp;
use jiff::civil::Date;
use tokio::sync::watch;

use crate::caller::{CallError, Caller, Step};
use crate::files::Files;
use crate::journal::Journal;
use crate::plan::RunPlan;
use crate::{RunFile, Server};
pub use cleanup::{CleanupReport, Scope};
pub(crate) use create::NUMBER_FIELD;
pub use error::{ErrorKind, PriceMistake, RunError};
pub use prices::PriceReport;
pub use progress::Progress;
pub use status::StatusReport;
use work::Work;

/// How long a clock may take to advance by default.
pub const CLOCK_TIMEOUT: Duration = Duration::from_secs(300);

/// How many clocks are worked on at the same time by default.
pub const WORKERS: usize = 10;

/// What a runner works with.
pub struct RunnerSettings {
    /// Makes its calls.
    pub caller: Caller,
    /// Where its files are.
    pub files: Files,
    /// How the run's file names the server.
    pub server: Server,
    /// How many clocks are worked on at the same time.
    pub workers: usize,
    /// How long a clock may take to advance.
    pub clock_timeout: Duration,
    /// Tells the time.
    pub now: fn() -> Timestamp,
    /// Hears of every step.
    pub progress: Box<dyn Fn(Progress) + Send + Sync>,
    /// Turns true when everything is to stop.
    pub cancel: watch::Receiver<bool>,
}

/// Carries run plans out.
#[derive(Debug)]
pub struct Runner {
    settings: RunnerSettings,
}

/// A run that is to begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewRun {
    /// Its name, as clocks bear it.
    pub name: String,
    /// Fresh for each run: with an old one, Stripe would repeat what it answered then.
    pub run_id: String,
    /// The first day of month 0.
    pub start: Date,
    /// What to do.
    pub plan: RunPlan,
}

impl fmt::Debug for RunnerSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RunnerSettings")
            .field("caller", &self.caller)
            .field("files", &self.files)
            .field("server", &self.server)
            .finish_non_exhaustive()
    }
}

impl Runner {
    /// Makes a runner. Nothing happens yet.
    pub fn new(settings: RunnerSettings) -> Self {
        Self { settings }
    }

    /// Begins a run and carries it out. Clocks of an earlier run of the same name are deleted.
    ///
    /// Nothing is written, here or there, before the server has answered and its prices are
    /// checked. Fails if the folder holds a run that is not finished: that one can be resumed.
    pub async fn generate(&self, new: &NewRun) -> Result<RunFile, RunError> {
        let begun = self.guarded(async {
            if let Some(run) = self.settings.files.run()?.filter(|run| run.finished_at.is_none()) {
                return Err(RunError::Unfinished { run: run.run });
            }
            let catalog = self.check_prices().await?;
            let scope = Scope::Run(new.name.clone());
            let old_clocks = self.find_clocks(&scope).await?;
            self.settings.files.make_dir()?;
            let journal = Journal::open(&self.settings.files.journal()).await?;
            self.delete_clocks(&old_clocks).await?;
            journal.clear()?;
            self.settings.files.remove_results()?;
            let run = self.begin(new);
            self.settings.files.write_run(&run)?;
            let work = Work::new(self, &new.plan, run, journal);
            work.carry_out(catalog).await.map_err(RunError::or_stopped)
        });
        self.or_interrupted(begun.await)
    }

    /// Goes on with the folder's run where it stopped. The plan has to be the one of its settings.
    ///
    /// A run that is finished is left as it is.
    pub async fn resume(&self, plan: &RunPlan) -> Result<RunFile, RunError> {
        let resumed = self.guarded(async {
            let dir = || self.settings.files.dir().to_owned();
            let run = self.settings.files.run()?;
            let run = run.ok_or_else(|| RunError::NothingToResume { dir: dir() })?;
            if run.server != self.settings.server {
                return Err(RunError::OtherServer { run: run.run });
            }
            if run.settings != plan.settings {
                return Err(RunError::OtherPlan { run: run.run });
            }
            if run.finished_at.is_some() {
                return Ok(run);
            }
            let catalog = self.check_prices().await?;
            let journal = Journal::open(&self.settings.files.journal()).await?;
            let (name, month) = (&run.run, run.months_done);
            self.tell(Progress::Note(format!("the run `{name}` goes on with month {month}")));
            let work = Work::new(self, plan, run, journal).resumed();
            work.carry_out(catalog).await.map_err(RunError::or_stopped)
        });
        self.or_interrupted(resumed.await)
    }

    /// Adds that the run can be resumed, if it was stopped after it had begun.
    fn or_interrupted(&self, run: Result<RunFile, RunError>) -> Result<RunFile, RunError> {
        let has_begun = || matches!(self.settings.files.run(), Ok(Some(_)));
        match run {
            Err(RunError::Cancelled) if has_begun() => Err(RunError::Interrupted),
            run => run,
        }
    }

    fn begin(&self, new: &NewRun) -> RunFile {
        RunFile {
            version: RunFile::VERSION,
            run: new.name.clone(),
            run_id: new.run_id.clone(),
            server: self.settings.server.clone(),
            start: new.start,
            settings: new.plan.settings.clone(),
            started_at: (self.settings.now)(),
            finished_at: None,
            months_done: 0,
            clock_ids: Vec::new(),
            customer_ids: Vec::new(),
        }
    }

    /// Does something until it is done or cancelled.
    pub(crate) async fn guarded<T>(
        &self,
        work: impl Future<Output = Result<T, RunError>>,
    ) -> Result<T, RunError> {
        let mut cancel = self.settings.cancel.clone();
        let cancelled = async {
            if cancel.wait_for(|is_cancelled| *is_cancelled).await.is_err() {
                // Nobody is left who could cancel.
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            biased;
            () = cancelled => Err(RunError::Cancelled),
            done = work => done,
        }
    }

    /// Does several things, as many at a time as there are workers. The first failure ends it.
    pub(crate) fn all<T, F>(
        &self,
        jobs: impl IntoIterator<Item = F>,
    ) -> impl Future<Output = Result<Vec<T>, RunError>>
    where
        F: Future<Output = Result<T, RunError>>,
    {
        // Collected here: what lends to the jobs is not part of the future then.
        let jobs: Vec<F> = jobs.into_iter().collect();
        let workers = self.settings.workers.max(1);
        async move {
            let mut running = stream::iter(jobs).buffer_unordered(workers);
            let mut results = Vec::new();
            while let Some(done) = running.next().await {
                results.push(done?);
            }
            Ok(results)
        }
    }

    pub(crate) fn caller(&self) -> &Caller {
        &self.settings.caller
    }

    pub(crate) fn phase(&self, name: impl Into<String>, total: usize) {
        let total = u64::try_from(total).unwrap_or(u64::MAX);
        self.tell(Progress::Phase { name: name.into(), total });
    }

    fn clocks_ready(&self, ready: usize, total: usize) {
        let count = |count| u64::try_from(count).unwrap_or(u64::MAX);
        self.tell(Progress::Clocks { ready: count(ready), total: count(total) });
    }

    pub(crate) fn step_done(&self) {
        self.tell(Progress::Step);
    }

    fn tell(&self, progress: Progress) {
        (self.settings.progress)(progress);
    }
}

/// Returns the step of a read, which has no key.
pub(crate) fn read(name: &str) -> Step<'_> {
    Step { run_id: "", name, generation: 0 }
}

/// Most keys that one step uses up.
const GENERATIONS_MAX: u32 = 5;

/// Makes a call under ever new keys while the server only repeats an old failure, which may
/// have taken effect: so it looks first whether the thing is there.
async fn settle<T, C, F>(call: impl Fn(u32) -> C, find: impl Fn() -> F) -> Result<T, RunError>
where
    C: Future<Output = Result<T, CallError>>,
    F: Future<Output = Result<Option<T>, RunError>>,
{
    let mut generation = 0;
    loop {
        match call(generation).await {
            Err(error) if error.is_stored() && generation < GENERATIONS_MAX => {
                if let Some(found) = find().await? {
                    return Ok(found);
                }
                generation += 1;
            }
            done => return Ok(done?),
        }
    }
}
