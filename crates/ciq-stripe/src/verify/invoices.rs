//! Invoices: whole, paid where they can be, and to the cent what the snapshots say.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::case::{Case, Findings, cents};
use crate::calendar::{clock_time, month_start};
use crate::{InvoiceLine, InvoiceRow, SnapshotRow, SubscriptionStatus};

/// Compares the invoices with the snapshots and with themselves.
pub(super) fn check(case: &Case<'_>, findings: &mut Findings) {
    for invoice in &case.found.invoices {
        check_whole(case, findings, invoice);
        check_state(case, findings, invoice);
    }
    check_payments(case, findings);
    check_renewals(case, findings);
}

/// An invoice is the sum of its lines, and belongs to somebody.
fn check_whole(case: &Case<'_>, findings: &mut Findings, invoice: &InvoiceRow) {
    let place = format!("invoice {}", invoice.invoice_id);
    let sum: i64 = invoice.lines.iter().map(|line| line.amount_cents).sum();
    let cause = "its lines were not all read, or it has a tax or a discount";
    findings.compare(&place, cents(sum), cents(invoice.total_cents), cause);
    if !case.customers.contains_key(invoice.customer_id.as_str()) {
        findings.add(&place, "none", &invoice.customer_id, "of an unknown customer");
    }
    let Some(id) = &invoice.subscription_id else { return };
    let known = case.found.subscriptions.iter().find(|it| it.id == *id);
    let owner = known.map_or("none", |it| it.customer_id.as_str());
    let cause = "of an unknown subscription, or of another customer's";
    findings.compare(&place, invoice.customer_id.as_str(), owner, cause);
}

/// An invoice is paid, unless the plan says that its customer is past due.
fn check_state(case: &Case<'_>, findings: &mut Findings, invoice: &InvoiceRow) {
    let place =
        format!("invoice {} of {}", invoice.invoice_id, case.customer(&invoice.customer_id));
    let may_fail =
        fails_from(case, &invoice.customer_id).is_some_and(|at| invoice.created_at >= at);
    let cause = match invoice.status.as_str() {
        "draft" => {
            "left a draft: the clock stands less than an hour past the boundary of the period"
        }
        "void" => "somebody voided it, or its subscription ended with it",
        "paid" => "the failing card came too late",
        _ => "its payment failed, and not by the plan",
    };
    let is_as_planned = match invoice.status.as_str() {
        "paid" => !may_fail || invoice.total_cents <= 0,
        "open" | "uncollectible" => may_fail,
        _ => false,
    };
    if !is_as_planned {
        let expected = if may_fail { "open" } else { "paid" };
        findings.add(place, expected, &invoice.status, cause);
    }
}

/// Returns from when on a customer's renewals fail by the plan.
fn fails_from(case: &Case<'_>, customer_id: &str) -> Option<Timestamp> {
    let customer = case.customers.get(customer_id)?;
    let fails = case.plan.phases.iter().zip(1..).find(|(it, _)| it.past_due.contains(customer));
    fails.map(|(_, month)| month_start(case.run.start, month))
}

/// What was paid is what was to be paid, less what the customer had to its credit: a downgrade can
/// leave some.
fn check_payments(case: &Case<'_>, findings: &mut Findings) {
    let mut by_customer: BTreeMap<&str, Vec<&InvoiceRow>> = BTreeMap::new();
    for invoice in case.found.invoices.iter().filter(|it| it.status != "draft") {
        by_customer.entry(&invoice.customer_id).or_default().push(invoice);
    }
    for invoices in by_customer.values_mut() {
        invoices.sort_by_key(|invoice| (invoice.created_at, invoice.total_cents));
        let mut credit_cents = 0;
        for invoice in invoices {
            let taken = invoice.total_cents.min(credit_cents);
            credit_cents -= taken;
            let due = if invoice.status == "paid" { invoice.total_cents - taken } else { 0 };
            let place = format!("payment of invoice {}", invoice.invoice_id);
            let cause = "paid in part, or by other means than the card and the credit";
            findings.compare(place, cents(due), cents(invoice.amount_paid_cents), cause);
        }
    }
}

/// What is charged for a period of a subscription: by `sub_…` and the period's beginning.
type Charges<'a> = BTreeMap<(&'a str, Timestamp), Vec<(&'a InvoiceRow, &'a InvoiceLine)>>;

/// Every period is charged once, at what the snapshot before it says.
fn check_renewals(case: &Case<'_>, findings: &mut Findings) {
    let mut charges = charges(case);
    for month in 0..case.run.months_done {
        // The first period is charged as it begins; every other as the month before left it.
        for row in case.rows_of(month.saturating_sub(1)) {
            let begins_at = month_start(case.run.start, month);
            let key = (row.subscription_id.as_str(), begins_at);
            let place = format!(
                "{}, charge of {}",
                case.month_name(month),
                case.customer(&row.customer_id)
            );
            match charges.remove(&key).as_deref() {
                None => {
                    let cause = match row.status {
                        SubscriptionStatus::PastDue => "ended by dunning before the period began",
                        _ => "no invoice for the period: it was not renewed, or not read",
                    };
                    findings.add(place, cents(row.mrr_cents), "nothing", cause);
                }
                Some([(invoice, line)]) => check_charge(findings, &place, row, (invoice, line)),
                Some(lines) => {
                    let found = format!("{} lines", lines.len());
                    findings.add(place, "one line", found, "charged more than once");
                }
            }
        }
    }
    for ((subscription, at), lines) in charges {
        let sum: i64 = lines.iter().map(|(_, line)| line.amount_cents).sum();
        let place = format!("charge of subscription {subscription} from {at}");
        findings.add(place, "none", cents(sum), "no snapshot explains it");
    }
}

fn check_charge(
    findings: &mut Findings,
    place: &str,
    row: &SnapshotRow,
    (invoice, line): (&InvoiceRow, &InvoiceLine),
) {
    let place = format!("{place} (invoice {})", invoice.invoice_id);
    let cause = "the invoice and the snapshot before it disagree: changed between the two";
    findings.compare(&place, cents(row.mrr_cents), cents(line.amount_cents), cause);
    let quantity = line.quantity.unwrap_or(row.screens);
    findings.compare(
        &place,
        format!("{} screens", row.screens),
        format!("{quantity} screens"),
        cause,
    );
    let price = line.price_id.as_deref().unwrap_or(&row.price_id);
    findings.compare(&place, row.price_id.as_str(), price, cause);
}

fn charges<'a>(case: &Case<'a>) -> Charges<'a> {
    let mut charges = Charges::new();
    let end = case.last_month().map(|month| clock_time(case.run.start, month));
    for invoice in &case.found.invoices {
        let Some(subscription) = invoice.subscription_id.as_deref() else { continue };
        let lines = invoice.lines.iter().filter(|line| !line.is_proration);
        // What somebody charged after the run is told where its clock is.
        let lines = lines.filter(|line| end.is_some_and(|end| line.period_start <= end));
        for line in lines {
            charges.entry((subscription, line.period_start)).or_default().push((invoice, line));
        }
    }
    charges
}
