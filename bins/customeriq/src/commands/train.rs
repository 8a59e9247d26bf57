//! `train`: a model of the brand's own history, in use from then on.

use ciq_clockwork::Trained;
use ciq_ingest::{Clock as _, SystemClock};
use ciq_outreach::OutreachSettings;

use super::waiting::waiting;
use crate::cli::LessonArgs;
use crate::exit::{Exit, Failure};
use crate::output::{Output, Style, visible};
use crate::session::Session;
use crate::table::{Align, Table, count, counted, minute};

/// Weights that are shown, the largest first; `--json` has them all.
const WEIGHTS_SHOWN: usize = 12;

/// Trains a model.
pub(super) fn run(session: &mut Session, args: &LessonArgs) -> Result<Exit, Failure> {
    let clock = session.clock(OutreachSettings::default())?;
    let (options, voice) = (args.options(), session.output.voice());
    let trained = waiting(voice, "learning ...", || clock.train(&options, SystemClock.now()))?;
    if session.output.is_json() {
        session.output.json(&trained)?;
        return Ok(Exit::Done);
    }
    write(&mut session.output, &trained)?;
    session.output.note(
        "it predicts from the next pass on: `customeriq predict` makes one; `customeriq models use \
         scorecard` goes back",
    );
    Ok(Exit::Done)
}

fn write(output: &mut Output, trained: &Trained) -> Result<(), Failure> {
    let report = &trained.report;
    let version = output.paint(Style::Bold, visible(&trained.model_version));
    output.line(format_args!(
        "{version}: learned from {}, {} of whom left after {} UTC",
        counted(report.customer_count, "customer"),
        count(report.churn_count),
        minute(Some(&trained.cut))
    ))?;
    output.line(format_args!(
        "by customers that it had not seen: AUC {:.4}, Brier {:.4}",
        report.auc, report.brier
    ))?;
    if let Some(problem) = &report.buying_problem {
        output.line(visible(&format!("orders could not be foreseen: {problem}")))?;
    }
    output.line("")?;
    let mut table = Table::new(&[("what it looks at", Align::Left), ("weight", Align::Right)]);
    for (name, weight) in report.weights.iter().take(WEIGHTS_SHOWN) {
        table.row([name.clone(), format!("{weight:+.3}")]);
    }
    table.write(output)
}
