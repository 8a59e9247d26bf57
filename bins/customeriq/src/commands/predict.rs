//! `predict`: what everyone's history means, and how many are in which segment.

use std::collections::BTreeMap;

use ciq_clockwork::{PassReport, Scope};
use ciq_ingest::{Clock as _, SystemClock};
use ciq_insight::Segment;
use ciq_outreach::OutreachSettings;
use ciq_store::{InsightFilter, PageRequest, Reader, StoreError};
use serde::Serialize;

use super::waiting::waiting;
use crate::cli::PredictArgs;
use crate::exit::{Exit, Failure};
use crate::output::Output;
use crate::session::Session;
use crate::table::{Align, Table, count, counted, minute};

/// Customers read at once.
const PAGE: u32 = 1_000;

/// What came of computing everyone.
#[derive(Debug, Serialize)]
struct Report {
    as_of: String,
    #[serde(flatten)]
    pass: PassReport,
    segments: Vec<Share>,
}

/// The customers of one segment.
#[derive(Debug, Clone, Default, Serialize)]
struct Share {
    segment: String,
    customer_count: u64,
    mean_churn: f64,
    at_risk_count: u64,
}

/// From which chance of leaving on a customer counts as endangered.
const AT_RISK_MIN: f64 = 0.5;

/// Computes everyone.
pub(super) fn run(session: &mut Session, args: &PredictArgs) -> Result<Exit, Failure> {
    let clock = session.clock(OutreachSettings::default())?;
    let (as_of, voice) = (args.as_of.unwrap_or_else(|| SystemClock.now()), session.output.voice());
    let pass = waiting(voice, "computing everyone ...", || clock.pass(Scope::All, as_of))?;
    drop(clock);
    let segments = shares(&session.reader()?)?;
    let report = Report { as_of: as_of.to_string(), pass, segments };
    if session.output.is_json() {
        session.output.json(&report)?;
    } else {
        report.write(&mut session.output)?;
    }
    if pass.triggered_count > 0 {
        session.output.note(
            "nothing was sent: `customeriq serve`, or `customeriq automations evaluate`, sends what \
             is due",
        );
    }
    Ok(Exit::Done)
}

/// Counts the customers of each segment.
fn shares(reader: &Reader) -> Result<Vec<Share>, StoreError> {
    let mut by_segment: BTreeMap<String, (u64, f64, u64)> = BTreeMap::new();
    let mut request = PageRequest { cursor: None, limit: Some(PAGE) };
    loop {
        let page = reader.insights(&InsightFilter::default(), &request)?;
        for insight in page.data {
            let churn = insight.prediction.churn_score;
            let of_segment = by_segment.entry(insight.prediction.segment).or_default();
            of_segment.0 += 1;
            of_segment.1 += churn;
            of_segment.2 += u64::from(churn >= AT_RISK_MIN);
        }
        request.cursor = page.next_cursor;
        if request.cursor.is_none() {
            break;
        }
    }
    let known = Segment::ALL.map(Segment::name);
    let shares = known.into_iter().filter_map(|segment| {
        let (customer_count, churn, at_risk_count) = by_segment.remove(segment)?;
        let mean_churn = churn / as_float(customer_count);
        Some(Share { segment: segment.to_owned(), customer_count, mean_churn, at_risk_count })
    });
    Ok(shares.collect())
}

#[expect(clippy::cast_precision_loss, reason = "a count of customers is far below 2^52")]
fn as_float(count: u64) -> f64 {
    count as f64
}

impl Report {
    fn write(&self, output: &mut Output) -> Result<(), Failure> {
        output.line(format_args!(
            "as of {} UTC: {} computed, {} triggered",
            minute(Some(&self.as_of)),
            counted(self.pass.customer_count, "customer"),
            counted(self.pass.triggered_count, "automation")
        ))?;
        if self.segments.is_empty() {
            return Ok(());
        }
        output.line("")?;
        let all: u64 = self.segments.iter().map(|share| share.customer_count).sum();
        let mut table = Table::new(&[
            ("segment", Align::Left),
            ("customers", Align::Right),
            ("share %", Align::Right),
            ("mean churn", Align::Right),
            ("likelier to leave", Align::Right),
        ]);
        for share in &self.segments {
            table.row([
                share.segment.clone(),
                count(share.customer_count),
                format!("{:.1}", 100.0 * as_float(share.customer_count) / as_float(all)),
                format!("{:.2}", share.mean_churn),
                count(share.at_risk_count),
            ]);
        }
        table.write(output)
    }
}
