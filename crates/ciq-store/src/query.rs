//! The named queries.

mod check;
mod customers;
mod dead_letters;
mod dump;
mod export;
mod feed;
mod log_pages;
mod merges;
mod profile;
mod search;
mod stats;
mod timeline;
mod view;

pub use check::Check;
pub use dead_letters::{DeadLetter, DeadLetterDetail};
pub use export::TakeRow;
pub(crate) use feed::save_cursor;
pub use feed::{FeedItem, FeedKind, FeedPage, FeedPosition, FeedPositionError};
pub use merges::{Explanation, MergeView, MergedBy, ReviewView};
pub use search::{SearchHit, SearchHitKind};
pub use stats::Stats;
pub(crate) use view::{Amount, amount, rfc3339};
pub use view::{
    CustomerDetail, CustomerPage, CustomerSort, CustomerSummary, EventPage, EventView,
    IdentifierView, KnowledgeView, PageRequest, ProfileDetail, PurchaseView, StoreVisitView,
    WorkOrderView,
};
