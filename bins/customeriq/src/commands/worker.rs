//! `worker`: a share of the events of NATS into the store, until told to stop.

use std::net::TcpListener;
use std::sync::Arc;

use ciq_http::{ApiOptions, AppState};
use ciq_ingest::{Brands, PartitionSettings, SystemClock};
use ciq_nats::{Nats, NatsError, PartitionReader};
use tokio::sync::watch;

use super::serve::{bind, options, stopped_early};
use super::stage::{Stage, Stop, system};
use crate::cli::WorkerArgs;
use crate::exit::{Exit, Failure};
use crate::nats_service::{self, NatsService, NatsWork};
use crate::output::Voice;
use crate::session::Session;

/// Where and to whom it tells how it is.
struct Health {
    options: ApiOptions,
    listener: Option<TcpListener>,
}

/// Works until told to stop. What was taken by then is stored, and the partitions are given up.
pub(super) fn run(session: &mut Session, args: &WorkerArgs) -> Result<Exit, Failure> {
    let mut stage = Stage::open()?;
    let voice = session.output.voice();
    let options = options(&session.environment, None)?;
    let place = args.port.map(|port| (args.listen, port));
    let listener = place.map(|place| bind(place, &options.access)).transpose()?;
    // A store that cannot be used is found now, not with the first event.
    let Some(opened) = stage.before_blocking(session.opening()) else {
        return Ok(stopped_early(voice, stage));
    };
    drop(opened?);
    let settings = nats_service::settings(&args.nats, &session.environment, &session.brand)?;
    let sharing = nats_service::sharing(args.partitions, args.name.as_deref());
    let work = NatsWork::new(settings, Some(sharing.clone()))?;
    let Some(checked) = stage.before(refuse_other_numbers(&work, &sharing)) else {
        return Ok(stopped_early(voice, stage));
    };
    checked?;
    ciq_http::install_metrics();
    voice.note(format_args!(
        "worker {} takes a share of {} partitions (stop with Ctrl-C)",
        sharing.worker, sharing.partitions
    ));
    let (brands, health) = (&session.brands, Health { options, listener });
    let worked = stage.serve(|stop| work_on(voice, brands, work, health, stop));
    brands.close();
    worked?;
    voice.note("stopped; everything that was taken in is stored");
    Ok(Exit::Done)
}

/// Refuses a number of partitions that is not the stream's, while somebody looks. A server that
/// does not answer is waited for later.
async fn refuse_other_numbers(work: &NatsWork, sharing: &PartitionSettings) -> Result<(), Failure> {
    let Ok(nats) = Nats::connect(&work.settings.nats).await else { return Ok(()) };
    let options = work.settings.source.clone().sorted(sharing.partitions)?;
    let checked = PartitionReader::check(&nats, &options, sharing.partitions).await;
    // It has told what it had to.
    drop(nats.close().await);
    match checked {
        Err(error @ NatsError::Unusable { .. }) => Err(error.into()),
        Ok(()) | Err(_) => Ok(()),
    }
}

async fn work_on(
    voice: Voice,
    brands: &Arc<Brands>,
    work: NatsWork,
    health: Health,
    stop: Stop,
) -> Result<(), Failure> {
    let (stopping, stopped) = watch::channel(false);
    let (service, readiness) = NatsService::start(work, brands, stopped);
    let told = stopping.clone();
    let stop = async move {
        stop.await;
        told.send_replace(true);
    };
    let Health { options, listener } = health;
    let served = match listener {
        None => {
            stop.await;
            Ok(())
        }
        Some(listener) => {
            listener.set_nonblocking(true).map_err(system("use the port"))?;
            let address = listener.local_addr().map_err(system("use the port"))?;
            voice.note(format_args!("it tells at http://{address} how it is"));
            let listener = tokio::net::TcpListener::from_std(listener);
            let listener = listener.map_err(system("use the port"))?;
            let state = AppState::new(Arc::clone(brands), Arc::new(SystemClock), options)
                .with_readiness(vec![readiness]);
            ciq_http::serve(listener, ciq_http::health_router(state), stop)
                .await
                .map_err(Failure::Serve)
        }
    };
    // Serving may have ended by itself.
    stopping.send_replace(true);
    let finished = service.finish().await;
    served.and(finished)
}
