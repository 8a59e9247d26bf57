//! One SQLite file per brand. The only crate with SQL. In reading order:
//!
//! - [`Writer`]: the one connection that writes: [`Writer::load`] brings a working set,
//!   [`Writer::commit`] writes a fold's changes in one transaction;
//! - [`Readers`]: a small pool of read-only connections; [`Reader`] has the named queries;
//! - [`FeedPage`]: what changed, in order, for those who follow;
//! - [`rebuild`]: folds the log of one file into another, empty one.
//!
//! The stored layout is compact; the tables and columns that people query are views on top of it
//! (`sql/migrate_0001.sql`).

mod automation;
mod codec;
mod commit;
mod error;
mod insight;
mod load;
mod log;
mod open;
mod query;
mod reader;
mod rebuild;

pub use automation::{
    AutomationView, CampaignView, CustomerFacts, Delivery, DeliveryChange, DueDelivery,
    ExecutionFilter, ExecutionView, NewDelivery, NewExecution, PastExecution, SentMessage,
    TaskView,
};
pub use error::StoreError;
pub use insight::{
    FeatureView, InsightFilter, InsightPage, InsightRow, InsightView, IntentView, JourneyView,
    ModelView, PassChanges, PredictionView, Products, StoredModel, Touched,
};
pub use log::LogEntry;
pub use open::{SCHEMA_VERSION, Writer};
pub use query::{
    Check, CustomerDetail, CustomerPage, CustomerSort, CustomerSummary, DeadLetter,
    DeadLetterDetail, EventPage, EventView, Explanation, FeedItem, FeedKind, FeedPage,
    FeedPosition, FeedPositionError, IdentifierView, KnowledgeView, MergeView, MergedBy,
    PageRequest, ProfileDetail, PurchaseView, ReviewView, SearchHit, SearchHitKind, Stats,
    StoreVisitView, TakeRow, WorkOrderView,
};
pub use reader::{Reader, Readers};
pub use rebuild::{RebuildReport, rebuild};
