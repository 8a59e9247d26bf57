//! `evaluate`: all models judged on the brand's own history.

use std::path::Path;

use ciq_ingest::{Clock as _, SystemClock};
use ciq_outreach::OutreachSettings;

use super::waiting::waiting;
use crate::cli::EvaluateArgs;
use crate::exit::{Exit, Failure};
use crate::session::Session;

/// Judges all models.
pub(super) fn run(session: &mut Session, args: &EvaluateArgs) -> Result<Exit, Failure> {
    let clock = session.clock(OutreachSettings::default())?;
    let (options, voice) = (args.lesson.options(), session.output.voice());
    let report =
        waiting(voice, "judging ...", || clock.evaluate_models(&options, SystemClock.now()))?;
    if session.output.is_json() {
        session.output.json(&report)?;
    } else {
        session.output.line(report.to_text().trim_end())?;
    }
    if let Some(file) = &args.svg {
        draw(session, file, &report.to_svg())?;
    }
    if let Some(file) = &args.gain_svg {
        draw(session, file, &report.to_gain_svg())?;
    }
    Ok(Exit::Done)
}

fn draw(session: &mut Session, file: &Path, picture: &str) -> Result<(), Failure> {
    std::fs::write(file, picture).map_err(Failure::file("write", file))?;
    session.output.note(format_args!("drawn in {}", file.display()));
    Ok(())
}
