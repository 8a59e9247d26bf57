//! Lines that settle a change in the middle of a period: there where the plan has a change, and
//! about as much as it cost.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::case::{Case, Findings, cents};
use crate::calendar::month_start;
use crate::plan::{Change, Proration};

/// By how much a settlement may differ from the full difference of a month, in thousandths:
/// changes are made hours, not days, after a month's beginning.
const TOLERANCE_PER_MILLE: i64 = 20;

/// By how much the lines of a settlement may differ together by rounding, in cents.
const ROUNDING_CENTS: i64 = 2;

/// Compares the settlements with the changes of the plan.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    let mut settled = settled(case);
    for (month, phase) in (1..case.run.months_done).zip(&case.plan.phases) {
        for change in &phase.changes {
            check_change(case, findings, (month, change), &mut settled);
        }
    }
    for ((customer, month), sum) in settled {
        let place =
            format!("{}, settlement of {}", case.month_name(month), case.customer(customer));
        findings.add(place, "none", cents(sum), "a change that is not in the plan, settled");
    }
}

/// The sum of the lines that settle changes, by customer and by month of the change.
type Settled<'a> = BTreeMap<(&'a str, u32), i64>;

fn settled<'a>(case: &Case<'a>) -> Settled<'a> {
    let months = case.plan.settings.months;
    let starts: Vec<Timestamp> =
        (1..=months).map(|month| month_start(case.run.start, month)).collect();
    let mut settled = Settled::new();
    for invoice in &case.found.invoices {
        for line in invoice.lines.iter().filter(|line| line.is_proration) {
            let month = starts.partition_point(|start| *start <= line.period_start);
            let month = u32::try_from(month).unwrap_or(months);
            *settled.entry((invoice.customer_id.as_str(), month)).or_default() += line.amount_cents;
        }
    }
    settled
}

fn check_change<'a>(
    case: &Case<'a>,
    findings: &mut Findings,
    (month, change): (u32, &Change),
    settled: &mut Settled<'a>,
) {
    let Some(to) = change.kind.holding() else { return };
    let place = usize::try_from(change.customer).unwrap_or(usize::MAX);
    let Some(id) = case.run.customer_ids.get(place) else { return };
    let found = settled.remove(&(id.as_str(), month));
    let full = to.mrr_cents() - change.from.mrr_cents();
    let place = format!("{}, settlement of {}", case.month_name(month), case.customer(id));
    // The next invoice carries it, so that the last month's changes have none yet.
    let is_due = match case.plan.settings.proration {
        Proration::CreateProrations => Some(month) != case.last_month(),
        Proration::AlwaysInvoice => true,
        Proration::None => false,
    };
    match found {
        None if is_due => {
            findings.add(place, about(full), "nothing", "the proration is missing");
        }
        Some(sum) if !is_due => {
            let cause = case.cause_of_ahead("a proration that was not asked for");
            findings.add(place, "none", cents(sum), cause);
        }
        Some(sum) if !is_plausible(sum, full) => {
            let cause = "the proration is not about the difference of a month";
            findings.add(place, about(full), cents(sum), cause);
        }
        None | Some(_) => {}
    }
}

fn is_plausible(sum: i64, full: i64) -> bool {
    let tolerance = full.abs() * TOLERANCE_PER_MILLE / 1_000 + ROUNDING_CENTS;
    (sum - full).abs() <= tolerance
}

fn about(full: i64) -> String {
    format!("about {}", cents(full))
}
