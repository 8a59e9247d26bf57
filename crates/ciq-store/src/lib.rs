//! One SQLite file per brand, or one schema of a PostgreSQL database. The only crate with SQL. In
//! reading order:
//!
//! - [`Database`], [`Location`]: where brands are kept;
//! - [`Writer`]: the one connection that writes: [`Writer::load`] brings a working set,
//!   [`Writer::commit`] writes a fold's changes in one transaction;
//! - [`Readers`]: a small pool of read-only connections; [`Reader`] has the named queries;
//! - [`MonitorChanges`]: what a check of the accounts came to, for [`Writer::write_monitor`];
//! - [`FeedPage`]: what changed, in order, for those who follow;
//! - [`Figures`]: what all insights, orders and events come to;
//! - [`rebuild`]: folds the log of one file into another, empty one;
//! - [`backup`]: copies a file as it is at one moment, while others write to it;
//! - [`migrate`]: carries a brand over from one kind of database to the other;
//! - [`exchange`]: puts one schema in the place of another;
//! - [`ServerFacts`]: what a PostgreSQL server is, and what it lets us do.
//!
//! The stored layout is compact; the tables and columns that people query are views on top of it
//! (`sql/migrate_0001.sql`).

mod automation;
mod backup;
mod codec;
mod commit;
mod error;
mod exchange;
mod insight;
mod leader;
mod load;
mod location;
mod log;
mod migrate;
mod monitor;
mod open;
mod query;
mod reader;
mod rebuild;
mod search_words;
mod server;
mod sql;

pub use automation::{
    AutomationView, CampaignView, CustomerFacts, Delivery, DeliveryChange, DueDelivery,
    ExecutionFilter, ExecutionView, NewDelivery, NewExecution, OpenIntervention, PastExecution,
    SentMessage, TaskView,
};
pub use backup::{CopyProgress, backup};
pub use error::StoreError;
pub use exchange::{ExchangeError, exchange};
pub use insight::{
    FeatureView, InsightFilter, InsightPage, InsightRow, InsightView, IntentView, JourneyView,
    ModelView, PassChanges, PredictionView, Products, StoredModel, Touched,
};
pub use leader::Leadership;
pub use location::{Database, Location, PostgresPlace, PostgresServer};
pub use log::LogEntry;
pub use migrate::{MigrateError, MigrateProgress, MigrateReport, MigrateStep, migrate};
pub use monitor::{
    AccountFilter, AccountPage, AccountView, ClosedRow, EvidenceView, HealthRow, HealthView,
    HeldIntervention, InterventionChangeView, InterventionDetail, InterventionFilter,
    InterventionPage, InterventionStep, InterventionView, MonitorChanges, MonitorRuleView,
    MonitorWritten, Monitored, OpenedRow, UpdatedRow, WokenRow,
};
pub use open::{SCHEMA_VERSION, Writer};
pub use query::{
    AutomationFigures, BillingView, Check, Cohort, Cohorts, CursorView, CustomerDetail,
    CustomerFilter, CustomerPage, CustomerSort, CustomerSummary, DeadLetter, DeadLetterDetail,
    DeadLetterExcerpt, DeadLetterFilter, DeadLetterGroup, DeliveryView, DumpDigest, EventPage,
    EventView, Explanation, FeedItem, FeedKind, FeedPage, FeedPosition, FeedPositionError, Figures,
    FileFacts, Headline, HealthFigures, IdentifierView, KnowledgeView, LatestEvent, ListedCustomer,
    ListedPage, MergeView, MergedBy, NoteInShort, PageRequest, ProfileDetail, PurchaseView,
    ReviewEvidence, ReviewNeighbours, ReviewView, RfmGrid, RfmGrids, SearchHit, SearchHitKind,
    SegmentFigures, Stats, StoreVisitView, SubscriptionView, TakeRow, WorkOrderView,
};
pub use reader::{Reader, Readers};
pub use rebuild::{RebuildReport, rebuild};
pub use server::ServerFacts;
pub use sql::Error as DatabaseError;
