//! A run plan as text: JSON for programs, a table for people.

use std::fmt::Write;

use serde::{Serialize, Serializer};

use super::{Change, ChangeKind, Holding, PlannedCall, PlannedCustomer, RunPlan};
use crate::PricePlan;

/// The version of the layout of the JSON text.
const VERSION: u32 = 1;

/// Stripe's limit for test mode, in calls a second.
const STRIPE_RATE: u32 = 25;

impl RunPlan {
    /// Returns the whole plan as JSON: the same bytes for the same settings. One line for each
    /// customer, change and call, so that two plans can be compared line by line.
    #[must_use]
    pub fn to_json(&self) -> String {
        let count = self.call_count();
        let mut text = String::from("{\n");
        put(&mut text, format_args!("  \"version\": {VERSION},\n"));
        put(&mut text, format_args!("  \"settings\": {},\n", line(&self.settings)));
        put(&mut text, format_args!("  \"clock_count\": {},\n", self.clock_count()));
        put(
            &mut text,
            format_args!(
                "  \"call_count\": {{\"writes\":{},\"reads\":{},\"polls\":{}}},\n",
                count.writes, count.reads, count.polls
            ),
        );
        put_rows(&mut text, "  ", "customers", self.customers.iter().map(CustomerLine::new));
        text.push_str(",\n  \"months\": [\n");
        for month in self.calls() {
            let is_last = month.month == self.settings.months;
            self.put_month(&mut text, month.month, &month.calls);
            text.push_str(if is_last { "\n" } else { ",\n" });
        }
        text.push_str("  ]\n}\n");
        text
    }

    fn put_month(&self, text: &mut String, month: u32, calls: &[PlannedCall]) {
        let empty = super::Phase::default();
        let place = month.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let phase = place.and_then(|place| self.phases.get(place)).unwrap_or(&empty);
        put(text, format_args!("    {{\n      \"month\": {month},\n"));
        put_rows(text, "      ", "changes", phase.changes.iter().map(ChangeLine::new));
        put(text, format_args!(",\n      \"past_due\": {},\n", line(&phase.past_due)));
        put(text, format_args!("      \"row_count\": {},\n", self.expected_rows(month).len()));
        put(text, format_args!("      \"mrr_cents\": {},\n", self.expected_mrr(month)));
        put_rows(text, "      ", "calls", calls.iter().map(CallLine::new));
        text.push_str("\n    }");
    }

    /// Returns the plan in a few lines for people: what a run makes, month by month, and how long
    /// its calls take.
    #[must_use]
    pub fn summary(&self) -> String {
        let count = self.call_count();
        let mut text = String::new();
        let customers = PricePlan::ALL.iter().zip(self.settings.customers);
        let shares: Vec<_> = customers.map(|(plan, count)| format!("{count} {plan}")).collect();
        put(
            &mut text,
            format_args!(
                "seed {}: {} on {}, {}\n{}\n\n",
                self.settings.seed,
                counted(self.customers.len(), "customer"),
                counted(self.clock_count(), "clock"),
                counted(self.settings.months, "month"),
                shares.join(", "),
            ),
        );
        text.push_str("month  upgrades  downgrades  cancellations  past due  rows           MRR\n");
        for month in 0..=self.settings.months {
            self.put_summary_row(&mut text, month);
        }
        put(
            &mut text,
            format_args!(
                "\n{} calls: {} writes, {} reads, about {} to wait for clocks\n\
                 about {} s at {STRIPE_RATE} calls a second, and the clocks' own time\n",
                count.total(),
                count.writes,
                count.reads,
                count.polls,
                count.seconds_at(STRIPE_RATE),
            ),
        );
        text
    }

    fn put_summary_row(&self, text: &mut String, month: u32) {
        let place = month.checked_sub(1).and_then(|place| usize::try_from(place).ok());
        let counts = place.and_then(|place| self.settings.phases.get(place)).copied();
        let counts = counts.unwrap_or_default();
        put(
            text,
            format_args!(
                "{month:>5}  {:>8}  {:>10}  {:>13}  {:>8}  {:>4}  {:>12}\n",
                counts.upgrades,
                counts.downgrades,
                counts.cancellations,
                counts.past_due,
                self.expected_rows(month).len(),
                crate::money::dollars(self.expected_mrr(month)),
            ),
        );
    }
}

fn counted(count: impl TryInto<u64>, noun: &str) -> String {
    let count = count.try_into().unwrap_or(u64::MAX);
    let ending = if count == 1 { "" } else { "s" };
    format!("{count} {noun}{ending}")
}

fn put(text: &mut String, what: std::fmt::Arguments<'_>) {
    let written = text.write_fmt(what);
    debug_assert!(written.is_ok(), "a string takes everything");
}

/// Writes a list, a line by row.
fn put_rows<T: Serialize>(
    text: &mut String,
    margin: &str,
    name: &str,
    rows: impl Iterator<Item = T>,
) {
    let rows: Vec<_> = rows.map(|row| format!("{margin}  {}", line(&row))).collect();
    if rows.is_empty() {
        put(text, format_args!("{margin}\"{name}\": []"));
    } else {
        put(text, format_args!("{margin}\"{name}\": [\n{}\n{margin}]", rows.join(",\n")));
    }
}

/// Returns one line of JSON. Text and numbers always have one.
fn line(value: &impl Serialize) -> String {
    let written = serde_json::to_string(value);
    debug_assert!(written.is_ok(), "{written:?}");
    written.unwrap_or_default()
}

#[derive(Serialize)]
struct CustomerLine<'a> {
    index: u32,
    clock: u32,
    name: &'a str,
    email: &'a str,
    plan: &'static str,
    screens: u64,
}

impl<'a> CustomerLine<'a> {
    fn new(customer: &'a PlannedCustomer) -> Self {
        let PlannedCustomer { index, clock, name, email, holding } = customer;
        let Holding { plan, screens } = *holding;
        Self { index: *index, clock: *clock, name, email, plan: plan.name(), screens }
    }
}

#[derive(Serialize)]
struct HoldingLine {
    plan: &'static str,
    screens: u64,
}

impl HoldingLine {
    const fn new(holding: Holding) -> Self {
        Self { plan: holding.plan.name(), screens: holding.screens }
    }
}

#[derive(Serialize)]
struct ChangeLine {
    customer: u32,
    kind: &'static str,
    from: HoldingLine,
    #[serde(skip_serializing_if = "Option::is_none")]
    to: Option<HoldingLine>,
}

impl ChangeLine {
    fn new(change: &Change) -> Self {
        let kind = match change.kind {
            ChangeKind::Upgrade(_) => "upgrade",
            ChangeKind::Downgrade(_) => "downgrade",
            ChangeKind::Cancellation => "cancellation",
        };
        Self {
            customer: change.customer,
            kind,
            from: HoldingLine::new(change.from),
            to: change.kind.holding().map(HoldingLine::new),
        }
    }
}

#[derive(Serialize)]
struct CallLine<'a> {
    step: &'a str,
    method: &'static str,
    path: &'a str,
    params: Fields<'a>,
}

impl<'a> CallLine<'a> {
    fn new(call: &'a PlannedCall) -> Self {
        let PlannedCall { step, method, path, params } = call;
        Self { step, method: method.name(), path, params: Fields(params) }
    }
}

/// Fields as an object, in their own order.
struct Fields<'a>(&'a [(String, String)]);

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(key, value)| (key, value)))
    }
}
