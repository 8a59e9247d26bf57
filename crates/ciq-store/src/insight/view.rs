//! Insights as the API, the command line and the pages show them.

use ciq_event::CustomerId;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::query::{Amount, amount, rfc3339};
use crate::sql::{OptionalExtension, Row};
use crate::{PageRequest, Reader, StoreError, sql};

/// What a customer's history means.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InsightView {
    /// The customer.
    pub customer_id: String,
    /// The customer's name, or the best that stands for one.
    pub name: String,
    /// The time that all of this was computed for.
    pub as_of: Option<String>,
    /// The figures that the rest follows from, by name.
    #[schema(value_type = Object)]
    pub features: Box<RawValue>,
    /// What is expected of the customer.
    pub prediction: PredictionView,
    /// Where the customer stands.
    pub journey: JourneyView,
    /// What the customer wants, or wanted.
    pub intents: Vec<IntentView>,
}

/// A figure that predictions follow from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FeatureView {
    /// Its name, such as `rfm_recency_days`.
    pub name: String,
    /// Its value.
    #[schema(value_type = Object)]
    pub value: serde_json::Value,
}

/// What is expected of a customer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PredictionView {
    /// The probability that the customer leaves, 0 to 1.
    pub churn_score: f64,
    /// What the customer has spent and is expected to spend within a year, in `currency`.
    #[schema(value_type = f64)]
    pub predicted_ltv: Amount,
    /// The currency of `predicted_ltv`.
    pub currency: String,
    /// Which segment.
    pub segment: String,
    /// The segment before the last change.
    pub previous_segment: Option<String>,
    /// Since when.
    pub segment_since: Option<String>,
    /// Products to offer, the best first.
    #[schema(value_type = Vec<String>)]
    pub recommendations: Vec<String>,
    /// Which model said so.
    pub model_version: String,
}

/// Where a customer stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct JourneyView {
    /// The stage.
    pub stage: String,
    /// The stage before the last change.
    pub previous_stage: Option<String>,
    /// Since when.
    pub stage_since: Option<String>,
    /// How well it goes, 0 to 100.
    pub score: u8,
    /// The score before the last change of stage.
    pub previous_score: Option<u8>,
    /// What to do.
    pub next_best_action: String,
}

/// What a customer wants, or wanted.
#[derive(Debug, Clone, Serialize, serde::Deserialize, ToSchema)]
pub struct IntentView {
    /// The product.
    pub product: String,
    /// Its category.
    pub category: Option<String>,
    /// How much, 0 to 100.
    pub score: u8,
    /// `active`, `converted` or `expired`.
    pub status: String,
    /// When it began, in seconds since 1970.
    pub first_at: i64,
    /// When it was last seen, in seconds since 1970.
    pub last_at: i64,
}

/// Which customers to list.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InsightFilter {
    /// Of this segment only.
    pub segment: Option<String>,
    /// At this stage only.
    pub stage: Option<String>,
    /// With at least this probability of leaving.
    pub min_churn: Option<f64>,
}

/// A page of insights, those most likely to leave first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InsightPage {
    /// The insights.
    pub data: Vec<InsightView>,
    /// The cursor of the next page; `null` on the last.
    pub next_cursor: Option<String>,
}

const SELECT: &str = "SELECT r.id,
        coalesce(json_extract(a.fields, '$.name[0]'), json_extract(a.fields, '$.company[0]'),
            r.email, r.phone, r.id),
        n.as_of, n.features, n.churn, n.lifetime_value_minor, n.currency, n.segment,
        n.previous_segment, n.segment_since, n.recommendations, n.model_version, n.stage,
        n.previous_stage, n.stage_since, n.journey_score, n.previous_journey_score,
        n.next_best_action, n.intents
    FROM insight AS n JOIN customer AS r ON r.key = n.customer_key AND r.root_key = r.key
    JOIN activity AS a ON a.key = r.key";

impl Reader {
    /// Returns what a customer's history means, by any id that ever named it; `None` before the
    /// first pass.
    pub fn insight(&self, id: &CustomerId) -> Result<Option<InsightView>, StoreError> {
        let Some(key) = self.key_of(id)? else { return Ok(None) };
        let doing = StoreError::doing("read an insight");
        let sql = format!("{SELECT} WHERE n.customer_key = ?1");
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        statement.query_row([key.0], view_of).optional().map_err(&doing)
    }

    /// Returns a page of insights, those most likely to leave first.
    pub fn insights(
        &self,
        filter: &InsightFilter,
        page: &PageRequest,
    ) -> Result<InsightPage, StoreError> {
        let doing = StoreError::doing("list insights");
        let sql = format!(
            "{SELECT} WHERE (?1 IS NULL OR n.segment = ?1) AND (?2 IS NULL OR n.stage = ?2)
                AND n.churn >= ?3 AND (?4 IS NULL OR (n.churn, n.customer_key) <
                    ((SELECT churn FROM insight WHERE customer_key = ?4), ?4))
            ORDER BY n.churn DESC, n.customer_key DESC LIMIT ?5"
        );
        let after = match &page.cursor {
            Some(cursor) => self.key_of(&CustomerId::from_raw(cursor.as_str()))?.map(|key| key.0),
            None => None,
        };
        let InsightFilter { segment, stage, min_churn } = filter;
        let size = page.size();
        let mut statement = self.connection.prepare_cached(&sql).map_err(&doing)?;
        let given = (segment, stage, min_churn.unwrap_or(0.0), after, size + 1);
        let rows = statement.query_map(given, view_of).map_err(&doing)?;
        let mut data: Vec<InsightView> = rows.collect::<Result<_, _>>().map_err(&doing)?;
        let next_cursor = page.cut(&mut data, |last| &last.customer_id);
        Ok(InsightPage { data, next_cursor })
    }
}

impl InsightView {
    /// Returns the features one by one.
    #[must_use]
    pub fn feature_list(&self) -> Vec<FeatureView> {
        let by_name: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(self.features.get()).unwrap_or_default();
        by_name.into_iter().map(|(name, value)| FeatureView { name, value }).collect()
    }
}

fn view_of(row: &Row<'_>) -> sql::Result<InsightView> {
    let (features, currency): (String, String) = (row.get(3)?, row.get(6)?);
    let (recommendations, intents): (String, String) = (row.get(10)?, row.get(18)?);
    Ok(InsightView {
        customer_id: row.get(0)?,
        name: row.get(1)?,
        as_of: rfc3339(row.get(2)?),
        features: RawValue::from_string(features).unwrap_or_default(),
        prediction: PredictionView {
            churn_score: row.get(4)?,
            predicted_ltv: amount(row.get(5)?, &currency),
            currency,
            segment: row.get(7)?,
            previous_segment: row.get(8)?,
            segment_since: rfc3339(row.get(9)?),
            recommendations: serde_json::from_str(&recommendations).unwrap_or_default(),
            model_version: row.get(11)?,
        },
        journey: JourneyView {
            stage: row.get(12)?,
            previous_stage: row.get(13)?,
            stage_since: rfc3339(row.get(14)?),
            score: row.get(15)?,
            previous_score: row.get(16)?,
            next_best_action: row.get(17)?,
        },
        intents: serde_json::from_str(&intents).unwrap_or_default(),
    })
}
