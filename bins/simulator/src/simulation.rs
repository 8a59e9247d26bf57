//! From what is known of the accounts to the last cycle.

use ciq_synth::activity::{Activity, ActivityEvent};
use jiff::Timestamp;
use tokio::time::{Interval, MissedTickBehavior};

use crate::exit::Failure;
use crate::output::Output;
use crate::pace::Pace;
use crate::report::Report;
use crate::runtime::{Stop, now};
use crate::settings::Settings;
use crate::tally::Tally;
use crate::target::{Known, Target};

/// Runs until the last cycle, or until told to stop.
pub(crate) async fn run(output: Output, settings: &Settings) -> Result<(), Failure> {
    let stop = Stop::listen()?;
    let target = Target::open(output, settings).await?;
    let mut run = Run {
        output,
        report: Report::new(output),
        activity: Activity::new(settings.seed),
        target,
        stop,
        last: now(),
        cycle_count: 0,
        start: Tally::default(),
        tally: Tally::default(),
    };
    let played = run.play(settings).await;
    // What was done is told also where it ended in trouble.
    let told = if played.is_ok() || run.tally.events > 0 {
        run.report.end((run.cycle_count, run.last), &run.start, &run.tally)
    } else {
        Ok(())
    };
    run.target.close().await;
    played?;
    told?;
    run.tally.result()
}

/// A run on its way.
#[derive(Debug)]
struct Run {
    output: Output,
    report: Report,
    activity: Activity,
    target: Target,
    stop: Stop,
    /// When the latest thing happened, as events tell it.
    last: Timestamp,
    /// Cycles that are over.
    cycle_count: u64,
    /// What was sent before the first cycle.
    start: Tally,
    /// What was sent in all.
    tally: Tally,
}

impl Run {
    async fn play(&mut self, settings: &Settings) -> Result<(), Failure> {
        let Some(known) = self.target.known(&mut self.stop).await? else { return Ok(()) };
        self.take_up(settings, known);
        let report = self.report;
        let events = self.activity.populate(settings.customer_count, self.last);
        report.begin(settings, self.activity.accounts().len(), self.last)?;
        self.start = self.deliver(&events).await?;
        report.changes(0, &events)?;
        let mut ticks = ticks(settings.pace);
        let mut has_caught_up = false;
        while settings.cycles.is_none_or(|cycles| self.cycle_count < cycles) {
            tokio::select! {
                biased;
                () = self.stop.asked() => break,
                _ = ticks.tick() => {}
            }
            let next = settings.pace.next(self.last, now());
            if !next.wait.is_zero() {
                self.tell_once(&mut has_caught_up);
                if self.stop.asked_within(next.wait).await {
                    break;
                }
            }
            self.cycle(next.at).await?;
        }
        Ok(())
    }

    /// Begins where the service is.
    fn take_up(&mut self, settings: &Settings, known: Known) {
        for account in known.accounts {
            self.activity.take_up(account);
        }
        self.last = settings.pace.begin(now(), settings.cycles, known.latest_at);
    }

    fn tell_once(&self, is_told: &mut bool) {
        if !*is_told {
            self.output.note("caught up with the clock: from here on, a cycle per interval");
        }
        *is_told = true;
    }

    async fn cycle(&mut self, at: Timestamp) -> Result<(), Failure> {
        let report = self.report;
        let cycle = self.activity.cycle(at);
        self.last = at;
        report.cycle_begins(cycle.number, at)?;
        let tally = self.deliver(&cycle.events).await?;
        self.cycle_count = cycle.number;
        report.changes(cycle.number, &cycle.events)?;
        report.cycle_ends((cycle.number, at), self.activity.accounts().len(), &tally)
    }

    /// Sends events and counts them.
    async fn deliver(&mut self, events: &[ActivityEvent]) -> Result<Tally, Failure> {
        let Some(sent) = self.target.send(events, &mut self.stop).await? else {
            return Err(Failure::Undelivered { count: events.len() });
        };
        if let Some(refusal) = &sent.refusal {
            Output::warn(format_args!("{} events were refused: {refusal}", sent.refused));
        }
        let tally = Tally::of(events, &sent);
        self.tally.add(&tally);
        Ok(tally)
    }
}

/// Ticks once per cycle. After a delay it goes on from there: nothing is made up for.
fn ticks(pace: Pace) -> Interval {
    let mut ticks = tokio::time::interval(pace.period());
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
