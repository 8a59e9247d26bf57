//! `automations evaluate`: a moment played, messages and all.

use ciq_clockwork::Evaluated;
use ciq_ingest::{Clock as _, SystemClock};
use jiff::Timestamp;
use serde::Serialize;
use tokio::runtime::Builder;

use crate::commands::waiting::waiting;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::outreach;
use crate::session::Session;
use crate::table::{count, minute};

/// What came of a moment.
#[derive(Debug, Serialize)]
struct Report {
    as_of: String,
    #[serde(flatten)]
    evaluated: Evaluated,
}

/// Computes everyone as of a time, and sends what is due then.
pub(super) fn evaluate(session: &mut Session, as_of: Option<Timestamp>) -> Result<Exit, Failure> {
    let settings = session.outreach()?;
    let told = outreach::sentence(&settings);
    let clock = session.clock(settings)?;
    session.output.note(told);
    let as_of = as_of.unwrap_or_else(|| SystemClock.now());
    let doing = "start the threads that send".to_owned();
    let threads = Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = threads.map_err(|source| Failure::System { doing, source })?;
    let work = || runtime.block_on(clock.evaluate(as_of));
    let evaluated = waiting(session.output.voice(), "computing and sending ...", work)?;
    let report = Report { as_of: as_of.to_string(), evaluated };
    if session.output.is_json() {
        session.output.json(&report)?;
    } else {
        report.write(&mut session.output)?;
    }
    Ok(Exit::Done)
}

impl Report {
    fn write(&self, output: &mut Output) -> Result<(), Failure> {
        let Evaluated { pass, delivery } = &self.evaluated;
        output.line(format_args!("as of {} UTC", minute(Some(&self.as_of))))?;
        for (name, figure) in [
            ("customers computed", pass.customer_count),
            ("automations triggered", pass.triggered_count),
            ("sent or done", delivery.sent_count),
            ("not wanted any more", delivery.suppressed_count),
            ("failed", delivery.failed_count),
            ("waiting", delivery.waiting_count),
        ] {
            output.line(format_args!("  {name:<24} {:>12}", count(figure)))?;
        }
        Ok(())
    }
}
