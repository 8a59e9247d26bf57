//! `twin`: a Stripe of one's own at a port, until told to stop.

use std::net::{Ipv4Addr, SocketAddr};

use ciq_stripe_twin::{Counters, Twin, TwinSettings};
use serde::Serialize;
use tokio::net::TcpListener;

use super::Surroundings;
use crate::cli::TwinArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::runtime;
use crate::settings::{port, twin_settings};

/// Where it listens, for programs that start it.
#[derive(Debug, Serialize)]
struct Listening {
    url: String,
}

/// Serves until told to stop.
pub(super) fn run(at: &Surroundings, args: &TwinArgs) -> Result<(), Failure> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port(args)?));
    let settings = twin_settings(args, &at.environment)?;
    runtime::start()?.block_on(serve(at.output, address, settings))
}

async fn serve(output: Output, address: SocketAddr, settings: TwinSettings) -> Result<(), Failure> {
    let doing = format!("listen at {address} (choose another port with --port)");
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| Failure::System { doing, source })?;
    let address = listener.local_addr().map_err(Failure::system("use the port"))?;
    let stop = runtime::stop_signal().map_err(Failure::system("listen for signals"))?;
    let twin = Twin::open(settings)?;
    let url = format!("http://{address}");
    output.note(format_args!("a twin of Stripe is at {url} (stop with Ctrl-C)"));
    output.note(format_args!(
        "use it with STRIPE_API_BASE={url} and any key that begins with sk_test_"
    ));
    if output.is_json() {
        Output::json(&Listening { url })?;
    }
    twin.serve(listener, stop).await?;
    let Counters { calls, executed_writes, faults, rate_limited, .. } = twin.counters();
    output.note(format_args!(
        "stopped; {calls} calls, {executed_writes} writes, {faults} faults, {rate_limited} beyond \
         the rate"
    ));
    Ok(())
}
