//! The service that takes events from NATS, beside the API.

use std::sync::Arc;

use ciq_event::Brand;
use ciq_http::Readiness;
use ciq_ingest::{Brands, NatsIngest, NatsSettings, PartitionSettings, SystemClock};
use ciq_nats::{NatsError, Partitions};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::environment::Environment;
use crate::exit::Failure;
use crate::nats::NatsArgs;

/// Where Linux says which boot of which machine this is: the same in every container on it.
const BOOT_ID: &str = "/proc/sys/kernel/random/boot_id";

/// Where Linux says what the machine is called.
const HOST_NAME: &str = "/proc/sys/kernel/hostname";

/// Most signs of a worker's name: it stands in a subject.
const WORKER_LENGTH_MAX: usize = 64;

/// What the service is to do.
#[derive(Debug, Clone)]
pub(crate) struct NatsWork {
    /// How.
    pub(crate) settings: NatsSettings,
    /// The partitions of which it takes a share, instead of reading subjects.
    pub(crate) partitions: Option<PartitionSettings>,
}

impl NatsWork {
    /// Makes it, where partitions and the rest go together.
    pub(crate) fn new(
        settings: NatsSettings,
        partitions: Option<PartitionSettings>,
    ) -> Result<Self, Failure> {
        if let Some(PartitionSettings { partitions, .. }) = &partitions {
            drop(settings.source.clone().sorted(*partitions)?);
        }
        Ok(Self { settings, partitions })
    }
}

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

/// Returns which partitions there are, and what this process is called among their workers.
pub(crate) fn sharing(partitions: Partitions, name: Option<&str>) -> PartitionSettings {
    let worker = name.map_or_else(own_name, str::to_owned);
    PartitionSettings { partitions, worker }
}

/// Checks the name of a worker.
pub(crate) fn worker_name(text: &str) -> Result<String, &'static str> {
    let is_fine = (1..=WORKER_LENGTH_MAX).contains(&text.len()) && text.chars().all(is_plain);
    let advice = "the name of a worker is 1 to 64 of letters, digits, - and _";
    if is_fine { Ok(text.to_owned()) } else { Err(advice) }
}

/// The machine and the process, so that one finds it.
fn own_name() -> String {
    let host = std::fs::read_to_string(HOST_NAME).unwrap_or_default();
    let host: String = host.trim().chars().filter(|sign| is_plain(*sign)).take(40).collect();
    let host = if host.is_empty() { "worker" } else { &host };
    format!("{host}-{}", std::process::id())
}

fn is_plain(sign: char) -> bool {
    sign.is_ascii_alphanumeric() || "-_".contains(sign)
}

fn host() -> String {
    let boot_id = std::fs::read_to_string(BOOT_ID).map(|text| text.trim().to_owned());
    boot_id.unwrap_or_else(|_| "this machine".to_owned())
}

impl NatsService {
    /// Starts the service on the runtime that is entered. `stop` turns true when it is to end.
    pub(crate) fn start(
        work: NatsWork,
        brands: &Arc<Brands>,
        stop: watch::Receiver<bool>,
    ) -> (Self, Readiness) {
        let NatsWork { settings, partitions } = work;
        let clock = Arc::new(SystemClock);
        let (service, state) = NatsIngest::new(settings, Arc::clone(brands), clock, stop);
        let task = tokio::spawn(service.with_partitions(partitions).run());
        (Self { task }, Readiness { name: "NATS", state })
    }

    /// Waits until everything that was taken is stored and settled.
    pub(crate) async fn finish(self) -> Result<(), Failure> {
        // A task that panicked has said so.
        self.task.await.unwrap_or(Ok(())).map_err(Failure::from)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_has_a_name_that_can_stand_in_a_subject() {
        assert_eq!(worker_name(&own_name()), Ok(own_name()));
        assert_eq!(worker_name("till_3-b"), Ok("till_3-b".to_owned()));
        for odd in ["", "a.b", "a b", "*", &"x".repeat(65)] {
            assert!(worker_name(odd).is_err(), "{odd}");
        }
    }
}
