//! The service that takes events from NATS, beside the API.

use std::sync::Arc;

use ciq_event::Brand;
use ciq_http::Readiness;
use ciq_ingest::{Brands, NatsIngest, NatsSettings, SystemClock};
use ciq_nats::NatsError;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::environment::Environment;
use crate::exit::Failure;
use crate::nats::NatsArgs;

/// Where Linux says which boot of which machine this is: the same in every container on it.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// The service, running.
#[derive(Debug)]
pub(crate) struct NatsService {
    task: JoinHandle<Result<(), NatsError>>,
}

/// Returns what the service is to do, as flags and variables say it.
pub(crate) fn settings(
    args: &NatsArgs,
    environment: &Environment,
    brand: &Brand,
) -> Result<NatsSettings, Failure> {
    let host = host();
    Ok(NatsSettings {
        nats: args.nats_options(environment)?,
        source: args.source_options()?,
        default_brand: brand.clone(),
        is_publishing: args.is_publishing(),
        instance: format!("process {} on {host}", std::process::id()),
        host,
    })
}

fn host() -> String {
    let boot_id = std::fs::read_to_string(BOOT_ID).map(|text| text.trim().to_owned());
    boot_id.unwrap_or_else(|_| "this machine".to_owned())
}

impl NatsService {
    /// Starts the service on the runtime that is entered. `stop` turns true when it is to end.
    pub(crate) fn start(
        settings: NatsSettings,
        brands: &Arc<Brands>,
        stop: watch::Receiver<bool>,
    ) -> (Self, Readiness) {
        let clock = Arc::new(SystemClock);
        let (service, state) = NatsIngest::new(settings, Arc::clone(brands), clock, stop);
        let task = tokio::spawn(service.run());
        (Self { task }, Readiness { name: "NATS", state })
    }

    /// Waits until everything that was taken is stored and settled.
    pub(crate) async fn finish(self) -> Result<(), Failure> {
        // A task that panicked has said so.
        self.task.await.unwrap_or(Ok(())).map_err(Failure::from)
    }
}
