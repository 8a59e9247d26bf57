//! The flags of `worker`.

use std::net::IpAddr;

use ciq_nats::Partitions;
use clap::Args;

use crate::nats::NatsArgs;
use crate::nats_service::worker_name;

/// `worker`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:
  customeriq worker                            one of any number, on this machine
  customeriq worker --name till-3 --port 3001  with /healthz, /readyz and /metrics
  customeriq publish --all --partitions 8      events for the workers")]
pub(crate) struct WorkerArgs {
    /// How many partitions there are: the same for all workers, and most of them that are of use.
    #[arg(long, env = "NATS_PARTITIONS", default_value = "8", value_name = "N")]
    pub(crate) partitions: Partitions,
    /// What this worker is called; else it is the machine's name and a number.
    #[arg(long, env = "NATS_WORKER", value_name = "NAME", value_parser = worker_name)]
    pub(crate) name: Option<String>,
    /// Tell at this port how it is: /healthz, /readyz and /metrics. Nothing is served without it.
    #[arg(long, value_name = "PORT")]
    pub(crate) port: Option<u16>,
    /// The address to listen at. Beyond this machine, tokens are needed (`CUSTOMERIQ_TOKENS`).
    #[arg(long, env = "CUSTOMERIQ_LISTEN", default_value = "127.0.0.1", value_name = "ADDRESS")]
    pub(crate) listen: IpAddr,
    #[command(flatten)]
    pub(crate) nats: NatsArgs,
}
