//! What the API answers beside the views of [`ciq_store`].

mod insight;
mod monitor;

use ciq_store::{
    AccountView, BillingView, CampaignView, DeadLetter, EventView, ExecutionView, InsightView,
    InterventionView, KnowledgeView, MergeView, ProfileDetail, PurchaseView, ReviewView, SearchHit,
    StoreVisitView, WorkOrderView,
};
use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use insight::{
    AutomationAnswer, AutomationList, CampaignPage, EvaluatedAnswer, ExecutionPage, FeaturesAnswer,
    IntentsAnswer, JourneyAnswer, ModelList, PredictedAnswer, PredictionAnswer, TaskPage,
    TrainedAnswer,
};
pub(crate) use monitor::{CheckedAnswer, RulesAnswer};

/// What became of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EventStatus {
    /// It is stored.
    Stored,
    /// It was stored before, or its customer was erased.
    Duplicate,
    /// It is no event; `field` and `reason` say why. It is kept as a dead letter.
    Rejected,
}

/// What became of one event of a body.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EventResult {
    /// Which record of the body, counted from 0. A record may tell of two events.
    pub(crate) index: usize,
    /// What became of it.
    pub(crate) status: EventStatus,
    /// The event.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) event_id: Option<String>,
    /// Whose it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) customer_id: Option<String>,
    /// The field at fault.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<String>,
    /// What is wrong with it, and what would be right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
}

/// What became of a body of events.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct EventsAnswer {
    /// Per event, in the body's order.
    pub(crate) results: Vec<EventResult>,
    /// Events stored.
    pub(crate) stored: u64,
    /// Events that were stored before.
    pub(crate) duplicates: u64,
    /// Events refused.
    pub(crate) rejected: u64,
}

/// What became of a webhook.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct WebhookAnswer {
    /// `stored`, or `duplicate` where all of it was stored before; `rejected` for an event of
    /// Stripe that is about no customer.
    pub(crate) status: EventStatus,
    /// Its events: two where a till tells of a visit and a purchase.
    pub(crate) event_ids: Vec<String>,
    /// Whose they are; `null` for a duplicate.
    pub(crate) customer_id: Option<String>,
}

/// A page of profiles.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ProfilePage {
    /// The profiles.
    pub(crate) data: Vec<ProfileDetail>,
    /// The cursor of the next page; `null` on the last.
    pub(crate) next_cursor: Option<String>,
}

/// A customer from all sides.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct Customer360 {
    /// Who it is.
    pub(crate) profile: ProfileDetail,
    /// The latest 50 events, the latest first.
    pub(crate) timeline: Vec<EventView>,
    /// Orders, the latest first.
    pub(crate) purchases: Vec<PurchaseView>,
    /// Work orders, the latest first.
    pub(crate) work_orders: Vec<WorkOrderView>,
    /// What is worth remembering, the latest first.
    pub(crate) knowledge: Vec<KnowledgeView>,
    /// Visits to stores, the latest first.
    pub(crate) store_visits: Vec<StoreVisitView>,
    /// What all of it means; `null` until it is computed.
    pub(crate) insight: Option<InsightView>,
    /// Its account; `null` where no event told of one.
    pub(crate) account: Option<AccountView>,
    /// What it subscribes to, and how it pays.
    pub(crate) billing: BillingView,
    /// What a person should do about it, the most severe first: what is not resolved.
    pub(crate) interventions: Vec<InterventionView>,
    /// The latest 20 automations that were triggered, the latest first.
    pub(crate) executions: Vec<ExecutionView>,
    /// The latest 20 messages and other actions of automations, the latest first.
    pub(crate) campaigns: Vec<CampaignView>,
}

/// What a search found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct SearchAnswer {
    /// Exact identifiers first, then customers, notes and events.
    pub(crate) data: Vec<SearchHit>,
}

/// A page of dead letters.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct DeadLetterPage {
    /// The dead letters, the latest first.
    pub(crate) data: Vec<DeadLetter>,
    /// The cursor of the next page; `null` on the last.
    pub(crate) next_cursor: Option<String>,
}

/// What came of trying a dead letter again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct RetriedAnswer {
    /// Messages stored.
    pub(crate) stored: u64,
    /// Messages that were stored before.
    pub(crate) duplicates: u64,
    /// Messages refused again; they stay dead letters.
    pub(crate) rejected: u64,
}

/// What came of dropping a dead letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DroppedAnswer {
    /// Dead letters that are gone.
    pub(crate) dropped: u64,
}

/// A page of merges.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct MergePage {
    /// The merges, the latest first.
    pub(crate) data: Vec<MergeView>,
    /// The cursor of the next page; `null` on the last.
    pub(crate) next_cursor: Option<String>,
}

/// Reviews.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct ReviewList {
    /// The reviews, the latest first.
    pub(crate) data: Vec<ReviewView>,
}

/// How a decision ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DecisionStatus {
    /// The customers are one.
    Merged,
    /// The merge is taken apart.
    Undone,
    /// The customers are different.
    Rejected,
    /// The customer is gone.
    Erased,
}

/// What came of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct DecisionAnswer {
    /// How it ended.
    pub(crate) status: DecisionStatus,
    /// The merge, for a merge; `null` where the customers were one already.
    pub(crate) merge_id: Option<String>,
    /// The customers that there are now: the survivor of a merge, the parts of an undone one.
    pub(crate) customer_ids: Vec<String>,
}

/// A word about the service's health.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Health {
    /// `ok`.
    #[schema(example = "ok")]
    pub(crate) status: &'static str,
}
