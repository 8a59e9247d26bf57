//! The named queries.

mod billing;
mod check;
mod customers;
mod dead_letters;
mod digest;
mod dump;
mod export;
mod feed;
mod figures;
mod filter;
mod headline;
mod listing;
mod log_pages;
mod merges;
mod profile;
mod reviews;
mod search;
mod stats;
mod texts;
mod timeline;
mod view;

pub use billing::{BillingView, SubscriptionView};
pub use check::Check;
pub use dead_letters::{DeadLetter, DeadLetterDetail};
pub use digest::DumpDigest;
pub use export::TakeRow;
pub(crate) use feed::save_cursor;
pub use feed::{FeedItem, FeedKind, FeedPage, FeedPosition, FeedPositionError};
pub use figures::{
    AutomationFigures, Cohort, Cohorts, CursorView, DeadLetterExcerpt, DeadLetterFilter,
    DeadLetterGroup, DeliveryView, Figures, FileFacts, HealthFigures, RfmGrid, RfmGrids,
    SegmentFigures,
};
pub use filter::CustomerFilter;
pub use headline::{Headline, LatestEvent};
pub use listing::{ListedCustomer, ListedPage};
pub use merges::{Explanation, MergeView, MergedBy};
pub use reviews::{ReviewEvidence, ReviewNeighbours, ReviewView};
pub use search::{SearchHit, SearchHitKind};
pub use stats::Stats;
pub use texts::NoteInShort;
pub(crate) use view::{Amount, amount, rfc3339};
pub use view::{
    CustomerDetail, CustomerPage, CustomerSort, CustomerSummary, EventPage, EventView,
    IdentifierView, KnowledgeView, PageRequest, ProfileDetail, PurchaseView, StoreVisitView,
    WorkOrderView,
};
