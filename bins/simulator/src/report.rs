//! Changes, cycles and the end as lines: for people, or as JSON.

use ciq_event::UsageTrend;
use ciq_synth::activity::{Account, ActivityEvent, Change};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::{Value, json};

use crate::exit::Failure;
use crate::output::{Colour, Output, visible};
use crate::settings::Settings;
use crate::tally::Tally;

/// Writes down what happens.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report(Output);

/// A cycle, when it is over.
#[derive(Debug, Serialize)]
struct CycleLine<'a> {
    r#type: &'static str,
    cycle: u64,
    at: String,
    customers: usize,
    #[serde(flatten)]
    tally: &'a Tally,
}

/// The end.
#[derive(Debug, Serialize)]
struct SummaryLine<'a> {
    r#type: &'static str,
    cycles: u64,
    created_at_start: u64,
    #[serde(flatten)]
    tally: &'a Tally,
}

impl Report {
    pub(crate) fn new(output: Output) -> Self {
        Self(output)
    }

    /// Tells what is about to begin.
    pub(crate) fn begin(
        self,
        settings: &Settings,
        customer_count: usize,
        at: Timestamp,
    ) -> Result<(), Failure> {
        let Settings { pace, target, seed, .. } = settings;
        let (interval, speed, seed) = (pace.interval, pace.speed, seed.value());
        let speed = if pace.is_hurrying() { format!(", {speed}x") } else { String::new() };
        let text = format!(
            "🚀 Starting with {customer_count} customers: a cycle every {interval:#}{speed}, \
             events to {target} (seed {seed}, times in UTC)"
        );
        self.line(at, Colour::None, &text)
    }

    /// Tells that a cycle begins.
    pub(crate) fn cycle_begins(self, number: u64, at: Timestamp) -> Result<(), Failure> {
        self.line(at, Colour::Dim, &format!("🔄 Cycle {number}"))
    }

    /// Tells what changed in a cycle.
    pub(crate) fn changes(self, cycle: u64, events: &[ActivityEvent]) -> Result<(), Failure> {
        for event in events {
            if self.0.is_json() {
                Output::json(&change_line(cycle, event))?;
            } else {
                self.line(event.at, colour(&event.change), &event.line())?;
            }
        }
        Ok(())
    }

    /// Tells that a cycle is over.
    pub(crate) fn cycle_ends(
        self,
        (cycle, at): (u64, Timestamp),
        customers: usize,
        tally: &Tally,
    ) -> Result<(), Failure> {
        if self.0.is_json() {
            let at = at.to_string();
            return Output::json(&CycleLine { r#type: "cycle", cycle, at, customers, tally });
        }
        let refused = match tally.refused {
            0 => String::new(),
            count => format!(", {count} refused"),
        };
        let text = format!("✅ Cycle complete ({} events{refused})", tally.events);
        self.line(at, Colour::Green, &text)
    }

    /// Tells what came of it all. `start` counts what was sent before the first cycle, and is part
    /// of `tally`.
    pub(crate) fn end(
        self,
        (cycles, at): (u64, Timestamp),
        start: &Tally,
        tally: &Tally,
    ) -> Result<(), Failure> {
        let created_at_start = start.new_customers;
        let tally =
            &Tally { new_customers: tally.new_customers - created_at_start, ..tally.clone() };
        if self.0.is_json() {
            let line = SummaryLine { r#type: "summary", cycles, created_at_start, tally };
            return Output::json(&line);
        }
        let Tally { events, new_customers, api_calls, refused, .. } = tally;
        let text = format!(
            "🏁 Stopped. Cycles: {cycles}, events sent: {events} (refused: {refused}), new \
             customers: {new_customers} (made at the start: {created_at_start}), API calls: \
             {api_calls}"
        );
        self.line(at, Colour::None, &text)
    }

    fn line(self, at: Timestamp, colour: Colour, text: &str) -> Result<(), Failure> {
        if self.0.is_json() {
            return Ok(());
        }
        let head = at.strftime("%Y-%m-%d %H:%M:%S - INFO -").to_string();
        let head = self.0.painted(Colour::Dim, &head);
        Output::line(&format!("{head} {}", self.0.painted(colour, &visible(text))))
    }
}

fn colour(change: &Change) -> Colour {
    match change {
        Change::ErrorRate { .. } if change.is_spike() => Colour::Red,
        Change::ErrorRate { before, after } if after < before => Colour::Green,
        Change::UsageTrend { after: UsageTrend::Declining, .. } | Change::ErrorRate { .. } => {
            Colour::Yellow
        }
        Change::Created(_) | Change::Stage { .. } | Change::Tier { .. } => Colour::Green,
        Change::Calls { .. } | Change::UsageTrend { .. } => Colour::None,
    }
}

fn change_line(cycle: u64, event: &ActivityEvent) -> Value {
    let (before, after) = match &event.change {
        Change::Created(account) => (Value::Null, account_line(account)),
        Change::Stage { before, after } => (json!(before.name()), json!(after.name())),
        Change::Tier { before, after } => (json!(before.name()), json!(after.name())),
        Change::Calls { before, after, .. } => (json!(before), json!(after)),
        Change::ErrorRate { before, after } => {
            (json!(before.as_fraction()), json!(after.as_fraction()))
        }
        Change::UsageTrend { before, after } => (json!(before.name()), json!(after.name())),
    };
    json!({
        "type": "change",
        "cycle": cycle,
        "at": event.at.to_string(),
        "event_id": event.id,
        "event_type": event.event_type(),
        "customer_id": event.customer_id,
        "company": event.company,
        "change": event.change.name(),
        "before": before,
        "after": after,
    })
}

fn account_line(account: &Account) -> Value {
    json!({
        "stage": account.stage.name(),
        "tier": account.tier.name(),
        "total_api_calls": account.total_api_calls,
        "error_rate": account.error_rate.as_fraction(),
        "usage_trend": account.usage_trend.name(),
    })
}
