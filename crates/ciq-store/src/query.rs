//! The named queries.

mod check;
mod customers;
mod dump;
mod export;
mod merges;
mod profile;
mod search;
mod stats;
mod timeline;
mod view;

pub use check::Check;
pub use export::TakeRow;
pub use merges::{Explanation, MergeView, MergedBy, ReviewView};
pub use search::{SearchHit, SearchHitKind};
pub use stats::{DeadLetter, Stats};
pub use view::{
    CustomerDetail, CustomerPage, CustomerSort, CustomerSummary, EventPage, EventView,
    IdentifierView, KnowledgeView, PageRequest, ProfileDetail, PurchaseView, StoreVisitView,
    WorkOrderView,
};
