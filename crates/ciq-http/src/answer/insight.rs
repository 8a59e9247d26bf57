//! What the API answers about insights, automations and models.

use std::collections::BTreeMap;

use ciq_clockwork::{Evaluated, PassReport, Trained};
use ciq_insight::SCORECARD_VERSION;
use ciq_store::{
    AutomationView, CampaignView, ExecutionView, InsightView, IntentView, JourneyView, ModelView,
    PredictionView, TaskView,
};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// The figures that predictions follow from.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct FeaturesAnswer {
    /// The customer.
    customer_id: String,
    /// The time that they were computed for.
    as_of: Option<String>,
    /// The figures, by name.
    #[schema(value_type = Object)]
    features: BTreeMap<String, Value>,
}

/// What is expected of a customer.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct PredictionAnswer {
    /// The customer.
    customer_id: String,
    /// The time that it was computed for.
    as_of: Option<String>,
    /// What is expected.
    #[serde(flatten)]
    prediction: PredictionView,
}

/// Where a customer stands.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct JourneyAnswer {
    /// The customer.
    customer_id: String,
    /// The time that it was computed for.
    as_of: Option<String>,
    /// Where.
    #[serde(flatten)]
    journey: JourneyView,
}

/// What a customer wants, or wanted.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct IntentsAnswer {
    /// The customer.
    customer_id: String,
    /// The time that they were computed for.
    as_of: Option<String>,
    /// The intents.
    data: Vec<IntentView>,
}

impl From<InsightView> for FeaturesAnswer {
    fn from(insight: InsightView) -> Self {
        let named = |feature: ciq_store::FeatureView| (feature.name, feature.value);
        let features = insight.feature_list().into_iter().map(named).collect();
        Self { customer_id: insight.customer_id, as_of: insight.as_of, features }
    }
}

impl From<InsightView> for PredictionAnswer {
    fn from(insight: InsightView) -> Self {
        let InsightView { customer_id, as_of, prediction, .. } = insight;
        Self { customer_id, as_of, prediction }
    }
}

impl From<InsightView> for JourneyAnswer {
    fn from(insight: InsightView) -> Self {
        let InsightView { customer_id, as_of, journey, .. } = insight;
        Self { customer_id, as_of, journey }
    }
}

impl From<InsightView> for IntentsAnswer {
    fn from(insight: InsightView) -> Self {
        let InsightView { customer_id, as_of, intents, .. } = insight;
        Self { customer_id, as_of, data: intents }
    }
}

/// What came of computing everyone.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct PredictedAnswer {
    /// Customers computed.
    customer_count: u64,
    /// Automations triggered.
    triggered_count: u64,
}

impl From<PassReport> for PredictedAnswer {
    fn from(PassReport { customer_count, triggered_count }: PassReport) -> Self {
        Self { customer_count, triggered_count }
    }
}

/// What came of computing everyone, and of sending what was due.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct EvaluatedAnswer {
    /// Customers computed.
    customer_count: u64,
    /// Automations triggered.
    triggered_count: u64,
    /// Messages that went out, and other actions that were done.
    sent_count: u64,
    /// Actions that were not wanted any more.
    suppressed_count: u64,
    /// Actions that failed for good.
    failed_count: u64,
    /// Actions that wait for another time.
    waiting_count: u64,
}

impl From<Evaluated> for EvaluatedAnswer {
    fn from(Evaluated { pass, delivery }: Evaluated) -> Self {
        Self {
            customer_count: pass.customer_count,
            triggered_count: pass.triggered_count,
            sent_count: delivery.sent_count,
            suppressed_count: delivery.suppressed_count,
            failed_count: delivery.failed_count,
            waiting_count: delivery.waiting_count,
        }
    }
}

/// Automations.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct AutomationList {
    /// The automations, by id.
    pub(crate) data: Vec<AutomationView>,
}

/// What was defined: one automation for a JSON body, a list for a TOML one.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum AutomationAnswer {
    /// One.
    One(AutomationView),
    /// Several.
    Several(AutomationList),
}

/// A page of executions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ExecutionPage {
    /// The executions, the latest first.
    pub(crate) data: Vec<ExecutionView>,
    /// The cursor of the next page; `null` on the last.
    pub(crate) next_cursor: Option<String>,
}

/// A page of messages and other actions.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct CampaignPage {
    /// Messages and other actions, the latest first.
    pub(crate) data: Vec<CampaignView>,
    /// The cursor of the next page; `null` on the last.
    pub(crate) next_cursor: Option<String>,
}

/// A page of tasks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TaskPage {
    /// The tasks, the latest first.
    pub(crate) data: Vec<TaskView>,
    /// The cursor of the next page; `null` on the last.
    pub(crate) next_cursor: Option<String>,
}

/// The models of a brand.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ModelList {
    /// Which model predicts: a trained one, or the scorecard that needs no training.
    in_use: String,
    /// The trained models, the latest first.
    data: Vec<ModelView>,
}

impl From<Vec<ModelView>> for ModelList {
    fn from(data: Vec<ModelView>) -> Self {
        let in_use = data.iter().find(|model| model.is_in_use);
        let in_use = in_use.map_or(SCORECARD_VERSION, |model| &model.version).to_owned();
        Self { in_use, data }
    }
}

/// A model that was trained and is in use from now on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct TrainedAnswer {
    /// Its name.
    model_version: String,
    /// What was until then was known, what came after was the answer.
    cut: String,
    /// What training saw, and how well the model does.
    #[schema(value_type = Object)]
    report: Value,
}

impl From<Trained> for TrainedAnswer {
    fn from(Trained { model_version, cut, report }: Trained) -> Self {
        let report = serde_json::to_value(report).unwrap_or_default();
        Self { model_version, cut, report }
    }
}
