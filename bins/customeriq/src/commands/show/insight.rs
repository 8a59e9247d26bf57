//! What a customer's history means.

use ciq_store::{InsightView, IntentView, JourneyView, PredictionView};
use jiff::Timestamp;

use crate::exit::Failure;
use crate::output::{Output, visible};
use crate::table::{Align, Table, day, minute, or_nothing};

/// Wishes that are shown.
const INTENTS_SHOWN: usize = 10;

/// Writes what a customer's history means.
pub(super) fn write(output: &mut Output, insight: &InsightView) -> Result<(), Failure> {
    let InsightView { as_of, prediction, journey, intents, .. } = insight;
    write_prediction(output, prediction)?;
    write_journey(output, journey)?;
    let offers = prediction.recommendations.join(", ");
    line(output, "offer", &or_nothing(Some(&offers)))?;
    let model = format!("{}, as of {} UTC", prediction.model_version, minute(as_of.as_deref()));
    line(output, "said by", &model)?;
    write_intents(output, intents)
}

fn line(output: &mut Output, name: &str, value: &str) -> Result<(), Failure> {
    output.line(visible(&format!("{name:<12}  {value}")))
}

fn write_prediction(output: &mut Output, prediction: &PredictionView) -> Result<(), Failure> {
    let PredictionView { churn_score, predicted_ltv, currency, segment, .. } = prediction;
    let (before, since) = (&prediction.previous_segment, &prediction.segment_since);
    line(output, "segment", &state(segment, before.as_deref(), since.as_deref()))?;
    line(output, "churn", &format!("{churn_score:.2}"))?;
    let value = format!("{} {currency} expected, another year included", predicted_ltv.0);
    line(output, "lifetime", &value)
}

fn write_journey(output: &mut Output, journey: &JourneyView) -> Result<(), Failure> {
    let (before, since) = (&journey.previous_stage, &journey.stage_since);
    line(output, "stage", &state(&journey.stage, before.as_deref(), since.as_deref()))?;
    let score = match journey.previous_score {
        Some(previous) => format!("{} of 100, {previous} before", journey.score),
        None => format!("{} of 100", journey.score),
    };
    line(output, "score", &score)?;
    line(output, "next action", &journey.next_best_action)
}

fn state(name: &str, before: Option<&str>, since: Option<&str>) -> String {
    let mut text = format!("{name} since {}", day(since));
    if let Some(before) = before {
        text.push_str(", before that ");
        text.push_str(before);
    }
    text
}

fn write_intents(output: &mut Output, intents: &[IntentView]) -> Result<(), Failure> {
    if intents.is_empty() {
        return Ok(());
    }
    output.line("")?;
    let mut table = Table::new(&[
        ("wish", Align::Left),
        ("category", Align::Left),
        ("score", Align::Right),
        ("status", Align::Left),
        ("first", Align::Left),
        ("last", Align::Left),
    ]);
    for intent in intents.iter().take(INTENTS_SHOWN) {
        let day_of = |second: i64| {
            let time = Timestamp::from_second(second).ok().map(|time| time.to_string());
            day(time.as_deref())
        };
        table.row([
            intent.product.clone(),
            or_nothing(intent.category.as_deref()),
            intent.score.to_string(),
            intent.status.clone(),
            day_of(intent.first_at),
            day_of(intent.last_at),
        ]);
    }
    table.write(output)
}
