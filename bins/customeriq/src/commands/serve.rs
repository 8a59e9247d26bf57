//! `serve`: the API and the pages.

use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use ciq_ingest::Brands;

use crate::cli::ServeArgs;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Serves until told to stop.
pub(super) fn run(session: &mut Session, args: &ServeArgs) -> Result<Exit, Failure> {
    let listener = bind((args.at.listen, args.at.port).into())?;
    let brands = Arc::clone(&session.brands);
    serve(session, brands, listener, args.public_url.clone())
}

/// Takes a port.
pub(super) fn bind(address: SocketAddr) -> Result<TcpListener, Failure> {
    let doing = format!("listen at {address} (choose another port with --port or PORT)");
    TcpListener::bind(address).map_err(|source| Failure::System { doing, source })
}

/// Serves brands on a port that was taken.
pub(super) fn serve(
    _session: &Session,
    _brands: Arc<Brands>,
    _listener: TcpListener,
    _public_url: Option<String>,
) -> Result<Exit, Failure> {
    Err(Failure::Unsound("serving is not wired yet".to_owned()))
}
