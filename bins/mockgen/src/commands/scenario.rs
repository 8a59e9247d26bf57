//! `scenario`: stories told to customeriq on their own dates, each with the end that it should
//! come to.
//!
//! In reading order: `play` is what a story has at hand, `check` what is expected and what is
//! there, `client` the way to the service; then one module per story.

mod check;
mod churn_risk;
mod client;
mod high_value;
mod manual_merge;
mod omnichannel;
mod play;

use std::time::Instant;

use serde::Serialize;

use crate::cli::{ScenarioArgs, Story};
use crate::exit::Failure;
use crate::output::Output;

use check::Check;
use client::Client;
use play::Play;

/// What the brands of stories begin with.
const BRAND_BEGIN: &str = "scenario";

/// A time before every story.
const BEGINNING: &str = "2023-01-01T00:00:00Z";

/// A story with its end.
struct Tale {
    name: &'static str,
    play: fn(&mut Play<'_>) -> Result<(), Failure>,
}

const OMNICHANNEL: Tale = Tale { name: "omnichannel", play: omnichannel::play };
const HIGH_VALUE: Tale = Tale { name: "high-value", play: high_value::play };
const CHURN_RISK: Tale = Tale { name: "churn-risk", play: churn_risk::play };
const MANUAL_MERGE: Tale = Tale { name: "manual-merge", play: manual_merge::play };

/// What came of the stories.
#[derive(Debug, Serialize)]
struct Summary {
    passed: bool,
    scenarios: Vec<Played>,
    seconds: f64,
}

/// What came of a story.
#[derive(Debug, Serialize)]
struct Played {
    scenario: &'static str,
    brand: String,
    passed: bool,
    checks: Vec<Check>,
}

/// Plays stories and tells what came of them.
pub(super) fn run(output: Output, args: &ScenarioArgs) -> Result<(), Failure> {
    #[expect(clippy::disallowed_methods, reason = "the report tells how long it took")]
    let begun = Instant::now();
    let client = Client::new(&args.target, args.token.as_deref())?;
    let tales: Vec<(Tale, String)> = tales(args.story)
        .into_iter()
        .map(|tale| {
            let brand = brand_of(args, &tale);
            (tale, brand)
        })
        .collect();
    // All of them are looked at before anything is written.
    for (_, brand) in &tales {
        Play::new(&client, brand).expect_empty()?;
    }
    let mut summary = Summary { passed: true, scenarios: Vec::new(), seconds: 0.0 };
    let mut ended = Ok(());
    for (tale, brand) in tales {
        let mut play = Play::new(&client, &brand);
        // A service whose past is played keeps its own clock out of it.
        ended = play.evaluate(BEGINNING).and_then(|_| (tale.play)(&mut play));
        let checks = play.into_checks();
        let passed = ended.is_ok() && checks.iter().all(|check| check.passed);
        summary.passed &= passed;
        summary.scenarios.push(Played { scenario: tale.name, brand, passed, checks });
        if ended.is_err() {
            break;
        }
    }
    summary.seconds = begun.elapsed().as_secs_f64();
    tell(output, &summary)?;
    ended?;
    let checks = || summary.scenarios.iter().flat_map(|played| &played.checks);
    let count = checks().filter(|check| !check.passed).count();
    if count > 0 { Err(Failure::Differs { count, all: checks().count() }) } else { Ok(()) }
}

fn tales(story: Story) -> Vec<Tale> {
    match story {
        Story::Omnichannel => vec![OMNICHANNEL],
        Story::HighValue => vec![HIGH_VALUE],
        Story::ChurnRisk => vec![CHURN_RISK],
        Story::ManualMerge => vec![MANUAL_MERGE],
        Story::All => vec![OMNICHANNEL, HIGH_VALUE, CHURN_RISK, MANUAL_MERGE],
    }
}

/// Several stories in one brand would see each other's customers.
fn brand_of(args: &ScenarioArgs, tale: &Tale) -> String {
    match (&args.brand, args.story) {
        (Some(brand), Story::All) => format!("{brand}-{}", tale.name),
        (Some(brand), _) => brand.clone(),
        (None, _) => format!("{BRAND_BEGIN}-{}", tale.name),
    }
}

fn tell(output: Output, summary: &Summary) -> Result<(), Failure> {
    if output.is_json() {
        return Output::json(summary);
    }
    let part = |played: &Played| {
        let Played { scenario, brand, passed: _, checks } = played;
        format!("{scenario} (brand {brand})\n{}\n", check::table(checks))
    };
    let text: String = summary.scenarios.iter().map(part).collect();
    Output::raw(text.as_bytes())?;
    let checks = || summary.scenarios.iter().flat_map(|played| &played.checks);
    let held = checks().filter(|check| check.passed).count();
    let (all, seconds) = (checks().count(), summary.seconds);
    output.note(format_args!("{held} of {all} checks held, in {seconds:.1} s"));
    Ok(())
}
