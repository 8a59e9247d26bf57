//! `plan`, and `generate --dry-run`: what a run would do.

use ciq_stripe::calendar::month_name;
use ciq_stripe::plan::{RunPlan, RunSettings};

use super::Surroundings;
use crate::cli::PlanArgs;
use crate::exit::Failure;
use crate::output::Output;
use crate::runtime::now;
use crate::settings::{AskedRun, RATE_DEFAULT, number};

/// Shows what a run would do.
pub(super) fn run(at: &Surroundings, args: &PlanArgs) -> Result<(), Failure> {
    let asked = AskedRun::read(&args.run)?;
    let rate = number("--rate", &args.rate)?;
    show(at.output, &asked, Some(rate).filter(|rate| *rate > 0))
}

/// Shows the plan of a run that was asked for, and how long it takes at a rate.
pub(super) fn show(output: Output, asked: &AskedRun, rate: Option<u32>) -> Result<(), Failure> {
    let plan = made(&asked.settings)?;
    if output.is_json() {
        return Output::text(&plan.to_json());
    }
    Output::text(&plan.summary())?;
    let start = asked.start(now());
    let months = plan.settings.months;
    let (first, last) = (month_name(start, 0), month_name(start, months));
    output.note(format_args!("month 0 is {first}, month {months} is {last}"));
    // The summary itself tells of Stripe's own rate.
    if let Some(rate) = rate.filter(|rate| *rate != RATE_DEFAULT) {
        let seconds = plan.call_count().seconds_at(rate);
        output.note(format_args!("about {seconds} s at {rate} calls a second"));
    }
    Ok(())
}

/// Makes the plan of a run.
pub(super) fn made(settings: &RunSettings) -> Result<RunPlan, Failure> {
    RunPlan::new(settings).map_err(Failure::Plan)
}
