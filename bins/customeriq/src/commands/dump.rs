//! `dump`: the whole meaning of the tables as sorted text.

use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Writes the dump to standard output.
pub(super) fn run(session: &mut Session) -> Result<Exit, Failure> {
    let reader = session.reader()?;
    reader.dump(session.output.raw())?.map_err(Failure::Output)?;
    Ok(Exit::Done)
}
