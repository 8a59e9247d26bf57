//! Which Stripe it is, and the way to it; the twin where it runs in here.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use ciq_stripe::{
    ATTEMPT_TIMEOUT, Caller, Endpoint, Files, Limits, Meter, RetrySettings, RunFile, Runner,
    RunnerSettings, SecretKey, Server, Transport,
};
use ciq_stripe_twin::{Twin, TwinError, TwinSettings};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::cli::ServerArgs;
use crate::commands::Surroundings;
use crate::environment::Environment;
use crate::exit::Failure;
use crate::progress::Board;
use crate::runtime;
use crate::settings::Pace;

/// What opens a twin in here: it takes any key of test mode.
const TWIN_KEY: &str = "sk_test_twin";

/// Returns the server that a new run is to use.
pub(crate) fn wanted(args: &ServerArgs, environment: &Environment) -> Result<Server, Failure> {
    if args.twin {
        return Ok(Server::Twin);
    }
    match args.api_base.as_deref().or(environment.api_base()) {
        Some(address) => Ok(Endpoint::parse(address)?.server()),
        None => Ok(Server::Stripe),
    }
}

/// Returns the server of a run that is there: its own, unless a flag says otherwise.
pub(crate) fn of_run(
    args: &ServerArgs,
    environment: &Environment,
    run: Option<&RunFile>,
) -> Result<Server, Failure> {
    match run {
        Some(run) if !args.twin && args.api_base.is_none() => Ok(run.server.clone()),
        _ => wanted(args, environment),
    }
}

/// Says where a server is.
pub(crate) fn name(server: &Server) -> &str {
    match server {
        Server::Stripe => "Stripe",
        Server::At { url } => url,
        Server::Twin => "the twin within",
    }
}

/// The way to a server, open.
#[derive(Debug)]
pub(crate) struct Session {
    /// What does the work.
    pub(crate) runner: Runner,
    /// What counts the calls.
    pub(crate) meter: Arc<Meter>,
    /// How far it is.
    pub(crate) board: Arc<Board>,
    twin: Option<OwnTwin>,
}

impl Session {
    /// Opens the way. Nothing is called yet.
    pub(crate) async fn open(
        at: &Surroundings,
        server: Server,
        pace: &Pace,
    ) -> Result<Self, Failure> {
        let files = at.files();
        let is_own_twin = server == Server::Twin;
        let (endpoint, key, twin) = match &server {
            Server::Twin => {
                let twin = OwnTwin::start(&files).await?;
                (Endpoint::parse(&twin.url)?, SecretKey::parse(TWIN_KEY)?, Some(twin))
            }
            Server::At { url } => (Endpoint::parse(url)?, key(&at.environment)?, None),
            Server::Stripe => (Endpoint::stripe(), key(&at.environment)?, None),
        };
        let transport = Transport::new(endpoint, &key, ATTEMPT_TIMEOUT)?;
        let limits = Limits::of_rate(pace.rate(is_own_twin).unwrap_or(0));
        let caller =
            Caller::new(transport, limits, RetrySettings::default(), runtime::jitter_seed());
        let meter = caller.meter();
        let board = Arc::new(Board::new(at.output, Arc::clone(&meter)));
        let shown = Arc::clone(&board);
        let runner = Runner::new(RunnerSettings {
            caller,
            files,
            server,
            workers: pace.workers,
            clock_timeout: pace.clock_timeout,
            now: runtime::now,
            progress: Box::new(move |progress| shown.show(progress)),
            cancel: cancelling()?,
        });
        Ok(Self { runner, meter, board, twin })
    }

    /// Ends it; a twin in here is told to stop, and has written everything by then.
    pub(crate) async fn close(self) -> Result<(), Failure> {
        self.board.finish();
        match self.twin {
            Some(twin) => twin.stop().await,
            None => Ok(()),
        }
    }
}

fn key(environment: &Environment) -> Result<SecretKey, Failure> {
    Ok(SecretKey::parse(environment.key().unwrap_or_default())?)
}

/// Returns what says when to stop: at the first signal.
fn cancelling() -> Result<watch::Receiver<bool>, Failure> {
    let signal = runtime::stop_signal().map_err(Failure::system("listen for signals"))?;
    let (cancel, cancelled) = watch::channel(false);
    // It ends with the runtime.
    tokio::spawn(async move {
        signal.await;
        cancel.send_replace(true);
        // A receiver whose sender is gone could take that for a reason to stop.
        std::future::pending::<()>().await;
    });
    Ok(cancelled)
}

/// A twin in here.
#[derive(Debug)]
struct OwnTwin {
    url: String,
    stop: watch::Sender<bool>,
    task: JoinHandle<Result<(), TwinError>>,
}

impl OwnTwin {
    /// Starts a twin at a free port of this machine; what it knows stays in the folder.
    async fn start(files: &Files) -> Result<Self, Failure> {
        std::fs::create_dir_all(files.dir())
            .map_err(Failure::file("make the folder", files.dir()))?;
        let settings =
            TwinSettings { log: Some(files.twin_log()), ..TwinSettings::new(runtime::now) };
        let twin = Twin::open(settings)?;
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await;
        let listener = listener.map_err(Failure::system("listen at a port of this machine"))?;
        let address = listener.local_addr().map_err(Failure::system("use the port"))?;
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            // An error means that the sender is gone, which is an end too.
            twin.serve(listener, async move { drop(stopped.wait_for(|stop| *stop).await) }).await
        });
        Ok(Self { url: format!("http://{address}"), stop, task })
    }

    async fn stop(self) -> Result<(), Failure> {
        self.stop.send_replace(true);
        let ended = self.task.await.map_err(std::io::Error::other);
        Ok(ended.map_err(Failure::system("end the twin"))??)
    }
}
