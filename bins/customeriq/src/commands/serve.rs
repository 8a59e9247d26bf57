//! `serve`: the API and the pages, until told to stop.

use std::net::{IpAddr, SocketAddr, TcpListener};
use std::sync::Arc;

use ciq_clockwork::Clocks;
use ciq_http::{Access, ApiOptions, AppState, PublicUrl, Readiness, WebhookSecrets};
use ciq_ingest::{Brands, SystemClock};
use ciq_outreach::{Outreach, OutreachSettings};
use tokio::sync::watch;

use super::stage::{Stage, Stop, system};
use crate::cli::{Every, ServeArgs};
use crate::clockwork_service::ClockworkService;
use crate::environment::{Environment, Secret};
use crate::exit::{Exit, Failure, chain};
use crate::nats_service::{self, NatsService, NatsWork};
use crate::output::{Style, Voice};
use crate::outreach;
use crate::session::Session;

/// What is served beside the pages.
pub(super) struct Serving {
    /// What the variables say about the API.
    pub(super) options: ApiOptions,
    /// What is taken from NATS, if anything.
    pub(super) nats: Option<NatsWork>,
    /// Who sends messages.
    pub(super) outreach: OutreachSettings,
    /// How often to look at whom time alone has changed.
    pub(super) every: Every,
}

/// What runs beside the API.
struct Services {
    nats: Option<NatsService>,
    clockwork: Option<ClockworkService>,
}

/// Serves until told to stop.
pub(super) fn run(session: &mut Session, args: &ServeArgs) -> Result<Exit, Failure> {
    let mut stage = Stage::open()?;
    let options = options(&session.environment, args.public_url.clone())?;
    let outreach = session.outreach()?;
    let listener = bind((args.at.listen, args.at.port), &options.access)?;
    // A file that cannot be used is found now, not with the first request.
    let Some(opened) = stage.before_blocking(session.opening()) else {
        return Ok(stopped_early(session.output.voice(), stage));
    };
    drop(opened?);
    let nats = if args.nats || session.environment.is_nats_enabled() {
        let environment = &session.environment;
        let settings = nats_service::settings(&args.nats_settings, environment, &session.brand)?;
        let name = args.nats_worker.as_deref();
        let partitions = args.nats_partitions.map(|it| nats_service::sharing(it, name));
        Some(NatsWork::new(settings, partitions)?)
    } else {
        None
    };
    let serving = Serving { options, nats, outreach, every: args.every };
    serve(session.output.voice(), &session.brands, serving, listener, stage)
}

/// Ends where the sign to stop came before anything was served.
pub(super) fn stopped_early(voice: Voice, stage: Stage) -> Exit {
    stage.leave();
    voice.note("stopped before it began");
    Exit::Done
}

/// Returns what the variables say about the API.
pub(super) fn options(
    environment: &Environment,
    public_url: Option<PublicUrl>,
) -> Result<ApiOptions, Failure> {
    let text = |secret: &Option<Secret>| -> String {
        secret.as_ref().and_then(Secret::expose).unwrap_or_default().to_owned()
    };
    // The errors name an entry by its number and never show any part of it.
    let tokens = text(&environment.tokens);
    let access = if tokens.is_empty() { Ok(Access::default()) } else { Access::parse(&tokens) };
    let access = access.map_err(|error| unusable("CUSTOMERIQ_TOKENS", &error))?;
    let shopify_secrets = WebhookSecrets::parse(&text(&environment.shopify_webhook_secret))
        .map_err(|error| unusable("SHOPIFY_WEBHOOK_SECRET", &error))?;
    let twilio_secrets = WebhookSecrets::parse(&text(&environment.twilio_auth_token))
        .map_err(|error| unusable("TWILIO_AUTH_TOKEN", &error))?;
    let stripe_secrets = WebhookSecrets::parse(&text(&environment.stripe_webhook_secret))
        .map_err(|error| unusable("STRIPE_WEBHOOK_SECRET", &error))?;
    Ok(ApiOptions { access, shopify_secrets, twilio_secrets, stripe_secrets, public_url })
}

fn unusable(variable: &str, error: &dyn std::error::Error) -> Failure {
    Failure::Usage(format!("{variable} is unusable: {}", chain(error)))
}

/// Takes a port. Refuses an address that other machines reach while nobody needs a token.
pub(super) fn bind(place: (IpAddr, u16), access: &Access) -> Result<TcpListener, Failure> {
    let address = SocketAddr::from(place);
    ciq_http::check_binding(address, access)
        .map_err(|error| Failure::Usage(format!("cannot listen: {error}")))?;
    let doing = format!("listen at {address} (choose another port with --port or PORT)");
    TcpListener::bind(address).map_err(|source| Failure::System { doing, source })
}

/// Serves brands on a port that was taken, until a signal says to stop. What was asked before is
/// committed first.
pub(super) fn serve(
    voice: Voice,
    brands: &Arc<Brands>,
    serving: Serving,
    listener: TcpListener,
    stage: Stage,
) -> Result<Exit, Failure> {
    ciq_http::install_metrics();
    let served = stage.serve(|stop| run_services(voice, brands, serving, listener, stop));
    brands.close();
    tracing::info!("stopped");
    served?;
    voice.note("stopped; everything that was taken in is stored");
    Ok(Exit::Done)
}

async fn run_services(
    voice: Voice,
    brands: &Arc<Brands>,
    serving: Serving,
    listener: TcpListener,
    stop: Stop,
) -> Result<(), Failure> {
    let Serving { options, nats, outreach, every } = serving;
    listener.set_nonblocking(true).map_err(system("use the port"))?;
    let address = listener.local_addr().map_err(system("use the port"))?;
    let listener = tokio::net::TcpListener::from_std(listener).map_err(system("use the port"))?;
    let url = voice.paint(Style::Bold, format_args!("http://{address}"));
    voice.note(format_args!("customeriq is at {url} (stop with Ctrl-C)"));
    voice.note(outreach::sentence(&outreach));
    tracing::info!(net.port = address.port(), "started to serve");
    let clocks = Arc::new(Clocks::new(Arc::clone(brands), Outreach::new(outreach)));
    let (stopping, stopped) = watch::channel(false);
    let (services, readiness) = Services::start(brands, &clocks, (nats, every), &stopped);
    let state = AppState::new(Arc::clone(brands), Arc::new(SystemClock), options)
        .with_clocks(clocks)
        .with_readiness(readiness);
    let app = ciq_http::router_with(state.clone(), ciq_dashboard::router(state));
    let told = stopping.clone();
    let stop = async move {
        stop.await;
        told.send_replace(true);
    };
    let served = ciq_http::serve(listener, app, stop).await.map_err(Failure::Serve);
    // Serving may have ended by itself.
    stopping.send_replace(true);
    let finished = services.finish().await;
    served.and(finished)
}

impl Services {
    /// Starts what runs beside the API, and returns what `/readyz` asks of it.
    fn start(
        brands: &Arc<Brands>,
        clocks: &Arc<Clocks>,
        (nats, every): (Option<NatsWork>, Every),
        stopped: &watch::Receiver<bool>,
    ) -> (Self, Vec<Readiness>) {
        let nats = nats.map(|nats| NatsService::start(nats, brands, stopped.clone()));
        let (nats, readiness) = nats.unzip();
        let clockwork = ClockworkService::start(every, clocks, stopped.clone());
        (Self { nats, clockwork }, readiness.into_iter().collect())
    }

    /// Waits until all of it has ended. The brands are open until then.
    async fn finish(self) -> Result<(), Failure> {
        let Self { nats, clockwork } = self;
        if let Some(clockwork) = clockwork {
            clockwork.finish().await;
        }
        match nats {
            Some(nats) => nats.finish().await,
            None => Ok(()),
        }
    }
}
