//! The fold: a working set and entries in, changes out, in reading order:
//!
//! - [`prepare`]: a message becomes an [`Entry`]: parsed and normalised, or rejected with a reason;
//! - [`Needs`]: what a batch of entries has to know, so that the store loads it in one pass;
//! - [`WorkingSet`]: what the store loaded; [`Customer`]: one customer with its [`State`];
//! - [`fold`]: walks the entries over the working set and returns [`Changes`] and an
//!   [`EntryOutcome`] each; [`fold_settled`] leaves each event where it was;
//! - [`decide_on`]: carries out a person's [`Decision`]: merge, undo, approve, reject, split, erase.
//!
//! Pure: the same input gives the same changes, whatever the clock says (I-4).

mod account;
mod changes;
mod customer;
mod decision;
mod entry;
mod fields;
mod fold;
mod judge;
mod merge;
mod needs;
mod rows;
mod settled;
mod snapshot;
mod state;
mod subscription;
mod summary;
mod working_set;

pub use changes::{
    Changes, Counters, CustomerRow, DeadLetterRow, DecisionRow, Erasure, EventRow, IdentifierRow,
    KnowledgeRow, MergeRow, MessageRow, PurchaseRow, QueueRow, QueueStatus, StoreVisitRow,
    WorkOrderRow,
};
pub use customer::Customer;
pub use decision::{Action, ActionError, Decision, ReviewId};
pub use entry::{Entry, EntryOutcome, EventOutcome, Prepared, PreparedEvent, Settings, prepare};
pub use fields::{Fields, FieldsError};
pub use fold::{fold, fold_settled};
pub use judge::{DecisionError, DecisionOutcome, decide_on};
pub use needs::Needs;
pub use settled::Settled;
pub use state::{FirstEvent, State};
pub use summary::summarise;
pub use working_set::{HistoryItem, LoadedMerge, LoadedReview, WorkingSet};
