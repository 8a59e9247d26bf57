//! `replay`: events again, out of a stream or out of the log.

mod log;
mod stream;

use crate::cli::{ReplayArgs, ReplayCommand};
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Reads events again.
pub(super) fn run(session: &mut Session, args: &ReplayArgs) -> Result<Exit, Failure> {
    match &args.command {
        ReplayCommand::Stream(args) => stream::run(session, args),
        ReplayCommand::Log(args) => log::run(session, args),
    }
}
