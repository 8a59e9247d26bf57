//! How a run ends: everything is read back and compared, and what came of it is told.

use ciq_stripe::mrr::{MonthRevenue, movements};
use ciq_stripe::plan::RunPlan;
use ciq_stripe::verify::{Difference, check};
use ciq_stripe::{MeterReading, RunError, RunFile, SnapshotRow, SubscriptionStatus, dollars};
use serde::Serialize;

use super::Surroundings;
use super::verify::listed;
use crate::exit::Failure;
use crate::output::Output;
use crate::server::{self, Session};

/// What came of a run.
#[derive(Debug, Serialize)]
struct Report {
    run: String,
    server: String,
    start: String,
    customers: usize,
    clocks: usize,
    months: Vec<Month>,
    differences: Vec<Difference>,
    calls: u64,
    retries: u64,
    rate_limited: u64,
    seconds: f64,
}

/// What came of a month.
#[derive(Debug, Serialize)]
struct Month {
    month: String,
    subscriptions: usize,
    mrr_cents: i64,
    past_due: usize,
}

/// Reads a run back, compares, reports, and ends the session.
pub(super) async fn end(
    at: &Surroundings,
    session: Session,
    plan: &RunPlan,
    ran: Result<RunFile, RunError>,
) -> Result<(), Failure> {
    let checked = match ran {
        Ok(run) => checked(at, &session, plan, &run).await,
        Err(error) => Err(error.into()),
    };
    let (calls, elapsed) = (session.meter.read(), session.board.elapsed());
    // The bar goes before anything is written.
    session.close().await?;
    let MeterReading { calls, retries, rate_limited } = calls;
    let seconds = elapsed.as_secs_f64();
    let report = Report { calls, retries, rate_limited, seconds, ..checked? };
    tell(at.output, &report)?;
    match report.differences.len() {
        0 => Ok(()),
        count => Err(Failure::Differs { count }),
    }
}

async fn checked(
    at: &Surroundings,
    session: &Session,
    plan: &RunPlan,
    run: &RunFile,
) -> Result<Report, Failure> {
    let found = session.runner.read_back(&run.run).await?;
    let rows = at.snapshots(run)?;
    let months = movements(&rows, &found.facts(run));
    Ok(Report {
        run: run.run.clone(),
        server: server::name(&run.server).to_owned(),
        start: run.start.to_string(),
        customers: run.customer_ids.len(),
        clocks: run.clock_ids.len(),
        months: months.iter().map(|month| Month::new(month, &rows)).collect(),
        differences: check(plan, run, &rows, &found),
        calls: 0,
        retries: 0,
        rate_limited: 0,
        seconds: 0.0,
    })
}

impl Month {
    fn new(revenue: &MonthRevenue, rows: &[SnapshotRow]) -> Self {
        let rows = || rows.iter().filter(|row| row.month == revenue.month);
        let is_past_due = |row: &&SnapshotRow| row.status == SubscriptionStatus::PastDue;
        Self {
            month: revenue.month.clone(),
            subscriptions: rows().filter(|row| row.status.counts()).count(),
            mrr_cents: revenue.closing_cents,
            past_due: rows().filter(is_past_due).count(),
        }
    }

    fn row(&self) -> String {
        let Self { month, subscriptions, mrr_cents, past_due } = self;
        let mrr = dollars(*mrr_cents);
        format!("{month:7}  {subscriptions:>13}  {past_due:>8}  {mrr:>12}\n")
    }
}

fn tell(output: Output, report: &Report) -> Result<(), Failure> {
    if output.is_json() {
        return Output::json(report);
    }
    Output::text(&text(report))?;
    let Report { calls, retries, rate_limited, seconds, .. } = report;
    let whole = f64::from(u32::try_from(*calls).unwrap_or(u32::MAX));
    let rate = whole / seconds.max(0.001);
    output.note(format_args!(
        "{calls} calls in {seconds:.1} s ({rate:.0} a second), {retries} of them again, \
         {rate_limited} because of a limit"
    ));
    if report.differences.is_empty() {
        output.note("next: stripe-seed mrr, stripe-seed events, stripe-seed cleanup");
    }
    Ok(())
}

fn text(report: &Report) -> String {
    let Report { run, server, customers, clocks, months, differences, .. } = report;
    let rows: String = months.iter().map(Month::row).collect();
    format!(
        "run {run} at {server}: {customers} customers on {clocks} clocks\n\n\
         month    subscriptions  past due           MRR\n{rows}\n{}",
        listed(differences)
    )
}
