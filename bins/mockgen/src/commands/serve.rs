//! `serve`: the service, until told to stop.

use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use ciq_mock::{Audience, Service, ServiceOptions};
use ciq_sink::{Sink, SinkReport, SinkSettings};
use jiff::Timestamp;

use crate::cli::ServeArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::{runtime, settings};

/// How long the sink may take at the end to deliver what waits.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until told to stop.
pub(super) fn run(output: Output, args: &ServeArgs) -> Result<(), Failure> {
    let address = settings::address(args)?;
    let defaults = settings::defaults(args)?;
    let sink = settings::sink(&args.sink)?;
    let options = ServiceOptions { defaults, sink_name: sink.to_string(), clock: now };
    let doing = format!("listen at {address} (choose another port with --port or PORT)");
    let listener = TcpListener::bind(address);
    let listener = listener.map_err(|source| Failure::System { doing, source })?;
    runtime::start()?.block_on(serve(output, listener, sink, options))
}

#[expect(clippy::disallowed_methods, reason = "the edge, where the clock is read")]
fn now() -> Timestamp {
    Timestamp::now()
}

async fn serve(
    output: Output,
    listener: TcpListener,
    sink: SinkSettings,
    options: ServiceOptions,
) -> Result<(), Failure> {
    listener.set_nonblocking(true).map_err(Failure::system("use the port"))?;
    let address = listener.local_addr().map_err(Failure::system("use the port"))?;
    let listener =
        tokio::net::TcpListener::from_std(listener).map_err(Failure::system("use the port"))?;
    let stop = runtime::stop_signal().map_err(Failure::system("listen for signals"))?;
    let name = options.sink_name.clone();
    let service = Service::new(Sink::open(sink).await?, options);
    output.note(format_args!(
        "mockgen is at http://{address} (stop with Ctrl-C); events go to {name}"
    ));
    let app = ciq_mock::router(service.clone(), audience(address));
    let served = ciq_mock::serve(listener, app, stop).await;
    let report = service.close(DRAIN).await;
    served?;
    tell_end(output, &report);
    Ok(())
}

/// Without a word about it, only this machine is served.
fn audience(address: SocketAddr) -> Audience {
    if address.ip().to_canonical().is_loopback() {
        return Audience::ThisMachine;
    }
    Output::warn(format_args!("anyone who reaches {address} may do everything"));
    Audience::Anyone
}

fn tell_end(output: Output, report: &SinkReport) {
    let SinkReport { delivered, refused, dropped, undelivered, last_error } = report;
    output.note(format_args!(
        "stopped; {delivered} events delivered, {refused} refused, {dropped} dropped"
    ));
    if *undelivered > 0 {
        let why = last_error.as_deref().unwrap_or("the sink was too slow");
        Output::warn(format_args!("{undelivered} events were not delivered: {why}"));
    }
}
