//! Reads and writes triggers.

use ciq_event::{Currency, Money, Severity};
use jiff::SignedDuration;
use serde_json::{Map, Value, json};

use super::Trigger;
use crate::definition::{DefinitionError, Reader, nearest};
use crate::segment::segment;
use crate::span;

const TYPES: [&str; 8] = [
    "churn_risk",
    "ltv_milestone",
    "cart_abandonment",
    "product_intent",
    "re_engagement",
    "store_visit",
    "segment_entered",
    "intervention",
];

const THRESHOLD_DEFAULT: f64 = 0.7;
const CART_AFTER_DEFAULT: SignedDuration = SignedDuration::from_hours(2);
const CART_WITHIN_DEFAULT: SignedDuration = SignedDuration::from_hours(7 * 24);
const VISIT_WITHIN_DEFAULT: SignedDuration = SignedDuration::from_hours(24);
const SEGMENT_WITHIN_DEFAULT: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A minute to a year.
const SPAN: (SignedDuration, SignedDuration) =
    (SignedDuration::from_mins(1), SignedDuration::from_hours(366 * 24));
const INACTIVE_DAYS_MAX: i64 = 3_650;

impl Trigger {
    pub(crate) fn read(value: &Value, path: &str) -> Result<Self, DefinitionError> {
        let mut reader = Reader::new(value, path)?;
        let kind = reader.required_text("type", &format!("one of {}", TYPES.join(", ")))?;
        let trigger = match kind {
            "churn_risk" => Self::ChurnRisk { threshold: threshold(&mut reader)? },
            "ltv_milestone" => milestone(&mut reader)?,
            "cart_abandonment" => cart(&mut reader)?,
            "product_intent" => intent(&mut reader)?,
            "re_engagement" => Self::ReEngagement { inactive_days: inactive_days(&mut reader)? },
            "store_visit" => Self::StoreVisit {
                store: reader.text("store")?.map(str::to_owned),
                within: reader.span("within", SPAN)?.unwrap_or(VISIT_WITHIN_DEFAULT),
            },
            "segment_entered" => segment_entered(&mut reader)?,
            "intervention" => intervention(&mut reader)?,
            other => {
                let hint = nearest(other, TYPES.into_iter());
                let text =
                    format!("{other:?} does not exist{hint}; there are {}", TYPES.join(", "));
                return Err(reader.problem("type", text));
            }
        };
        reader.finish()?;
        Ok(trigger)
    }

    pub(crate) fn to_json(&self) -> Value {
        let mut object = Map::new();
        object.insert("type".into(), json!(self.name()));
        let mut put = |key: &str, value: Value| {
            if !value.is_null() {
                object.insert(key.into(), value);
            }
        };
        match self {
            Self::ChurnRisk { threshold } => put("threshold", json!(threshold)),
            Self::LtvMilestone { amount_e4, currency } => {
                put("amount", json!(amount_text(*amount_e4)));
                put("currency", json!(currency));
            }
            Self::CartAbandonment { after, within } => {
                put("after", json!(span::format(*after)));
                put("within", json!(span::format(*within)));
            }
            Self::ProductIntent { min_score, product, category } => {
                put("min_score", json!(min_score));
                put("product", json!(product));
                put("category", json!(category));
            }
            Self::ReEngagement { inactive_days } => put("inactive_days", json!(inactive_days)),
            Self::StoreVisit { store, within } => {
                put("store", json!(store));
                put("within", json!(span::format(*within)));
            }
            Self::SegmentEntered { segment, within } => {
                put("segment", json!(segment));
                put("within", json!(span::format(*within)));
            }
            Self::Intervention { kind, min_severity } => {
                put("kind", json!(kind));
                put("min_severity", json!(min_severity.map(Severity::name)));
            }
        }
        Value::Object(object)
    }
}

/// Writes ten-thousandths as a decimal number without needless zeros.
pub(super) fn amount_text(amount_e4: i64) -> String {
    let text = format!("{}.{:04}", amount_e4 / 10_000, amount_e4 % 10_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn threshold(reader: &mut Reader<'_>) -> Result<f64, DefinitionError> {
    let Some(value) = reader.take("threshold") else { return Ok(THRESHOLD_DEFAULT) };
    value.as_f64().filter(|number| *number > 0.0 && *number <= 1.0).ok_or_else(|| {
        let text = format!("must be a probability above 0 and up to 1, such as 0.7, not {value}");
        reader.problem("threshold", text)
    })
}

fn milestone(reader: &mut Reader<'_>) -> Result<Trigger, DefinitionError> {
    let value = reader.required("amount", "an amount such as \"500\" or \"499.90\"")?;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let currency = reader.text("currency")?.map(Currency::parse).transpose();
    let currency = currency.map_err(|error| reader.problem("currency", error.to_string()))?;
    // No currency has more decimals than this one: four.
    let amount = Currency::parse("CLF").and_then(|finest| Money::parse(&text, finest));
    let amount = amount.ok().filter(|amount| amount.minor > 0).ok_or_else(|| {
        let text = format!("must be an amount above 0 such as \"500\" or \"499.90\", not {value}");
        reader.problem("amount", text)
    })?;
    let currency = currency.map(|currency| currency.as_str().to_owned());
    Ok(Trigger::LtvMilestone { amount_e4: amount.minor, currency })
}

fn cart(reader: &mut Reader<'_>) -> Result<Trigger, DefinitionError> {
    let after = reader.span("after", SPAN)?.unwrap_or(CART_AFTER_DEFAULT);
    let within = reader.span("within", SPAN)?.unwrap_or(CART_WITHIN_DEFAULT);
    if within <= after {
        return Err(reader.problem(
            "within",
            format!("must be longer than after ({}), or it never fires", span::format(after)),
        ));
    }
    Ok(Trigger::CartAbandonment { after, within })
}

fn intent(reader: &mut Reader<'_>) -> Result<Trigger, DefinitionError> {
    let min_score = reader.whole("min_score", (0, 100))?;
    Ok(Trigger::ProductIntent {
        min_score: min_score.and_then(|score| u8::try_from(score).ok()).ok_or_else(|| {
            reader.problem("min_score", "is missing: a score from 0 to 100, such as 80")
        })?,
        product: reader.text("product")?.map(str::to_owned),
        category: reader.text("category")?.map(str::to_owned),
    })
}

fn segment_entered(reader: &mut Reader<'_>) -> Result<Trigger, DefinitionError> {
    let name = reader.required_text("segment", "which segment, such as \"champion\"")?;
    let segment = segment(name).map_err(|text| reader.problem("segment", text))?;
    let within = reader.span("within", SPAN)?.unwrap_or(SEGMENT_WITHIN_DEFAULT);
    Ok(Trigger::SegmentEntered { segment, within })
}

fn inactive_days(reader: &mut Reader<'_>) -> Result<u32, DefinitionError> {
    let days = reader.whole("inactive_days", (1, INACTIVE_DAYS_MAX))?;
    days.and_then(|days| u32::try_from(days).ok())
        .ok_or_else(|| reader.problem("inactive_days", "is missing: a number of days, such as 30"))
}

fn intervention(reader: &mut Reader<'_>) -> Result<Trigger, DefinitionError> {
    let kind = reader.text("kind")?.map(str::to_owned);
    let min_severity = match reader.text("min_severity")? {
        None => None,
        Some(name) => Some(Severity::parse(name).ok_or_else(|| {
            let all = Severity::ALL.iter().map(|one| one.name()).collect::<Vec<_>>().join(", ");
            reader.problem("min_severity", format!("{name:?} does not exist; there are {all}"))
        })?),
    };
    Ok(Trigger::Intervention { kind, min_severity })
}
