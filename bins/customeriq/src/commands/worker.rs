//! `worker`: a share of the events of NATS into the store, until told to stop.

use std::net::TcpListener;
use std::sync::Arc;

use ciq_http::{ApiOptions, AppState};
use ciq_ingest::{Brands, PartitionSettings, SystemClock};
use ciq_nats::{Nats, NatsError, PartitionReader};
use tokio::sync::watch;

use super::serve::{bind, options, stop_signal, system};
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
    let options = options(&session.environment, None)?;
    let place = args.port.map(|port| (args.listen, port));
    let listener = place.map(|place| bind(place, &options.access)).transpose()?;
    // A store that cannot be used is found now, not with the first event.
    drop(session.handle()?);
    let settings = nats_service::settings(&args.nats, &session.environment, &session.brand)?;
    let sharing = nats_service::sharing(args.partitions, args.name.as_deref());
    let work = NatsWork::new(settings, Some(sharing.clone()))?;
    ciq_http::install_metrics();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(system("start the threads that work"))?;
    let (voice, brands) = (session.output.voice(), &session.brands);
    let worked = runtime.block_on(async {
        refuse_other_numbers(&work, &sharing).await?;
        voice.note(format_args!(
            "worker {} takes a share of {} partitions (stop with Ctrl-C)",
            sharing.worker, sharing.partitions
        ));
        work_on(voice, brands, work, Health { options, listener }).await
    });
    drop(runtime);
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
) -> Result<(), Failure> {
    let stop = stop_signal().map_err(system("listen for signals"))?;
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
