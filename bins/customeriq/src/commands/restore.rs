//! `restore`: a backup put in the place of the brand's file.

use ciq_store::Reader;

use super::backup::{Copied, copy, file_of};
use crate::cli::RestoreArgs;
use crate::exit::{Exit, Failure};
use crate::file::{FileState, beside, inspect, remove, replace};
use crate::session::Session;

/// Copies the backup beside the file, checks it, and puts it in its place.
pub(super) fn run(session: &mut Session, args: &RestoreArgs) -> Result<Exit, Failure> {
    let path = file_of(session, "restore")?;
    if inspect(&args.from)? == FileState::Absent {
        return Err(Failure::NoDatabase(args.from.clone()));
    }
    let brand = Reader::open(&args.from)?.brand()?;
    if brand != session.brand {
        return Err(Failure::Usage(format!(
            "{} holds the brand {brand}: restore it with --brand {brand}",
            args.from.display()
        )));
    }
    // Whatever is there: a file may be restored because it cannot be read any more.
    let is_there = path.exists();
    if is_there && !args.replace {
        let advice = "--replace puts the backup in its place and keeps it as FILE.bak";
        return Err(Failure::Usage(format!("{} is there: {advice}", path.display())));
    }
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Failure::file("make", folder))?;
    }
    let new = beside(&path, ".restored");
    remove(&new)?;
    copy(&session.output, &args.from, &new)?;
    let kept = if is_there {
        // The last to close a file takes its log away: after a crash that is this one.
        drop(Reader::open(&path).and_then(|reader| reader.brand()));
        Some(replace(&path, &new).inspect_err(|_| drop(remove(&new)))?)
    } else {
        remove(&path)?;
        std::fs::rename(&new, &path).map_err(Failure::file("move", &new))?;
        None
    };
    // Brings an older backup up to date, too.
    drop(session.existing()?);
    Copied::look_at(&path)?.tell(&mut session.output, "restored", &path)?;
    if let Some(kept) = kept {
        session.output.note(format_args!("what was there is {}", kept.display()));
    }
    session.output.note("send again what came since: an event that is known is not stored twice");
    Ok(Exit::Done)
}
