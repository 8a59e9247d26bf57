//! Accounts, and what the monitor wants a person to do about them: who is to be checked, what a
//! check came to, and what people did since.

mod account;
mod changes;
mod list;
mod monitored;
mod rules;
mod step;
mod view;
mod write;

pub use account::{AccountFilter, AccountPage, AccountView, HealthView};
pub use changes::{
    ClosedRow, HealthRow, MonitorChanges, MonitorWritten, OpenedRow, UpdatedRow, WokenRow,
};
pub use list::{InterventionFilter, InterventionPage};
pub use monitored::{HeldIntervention, Monitored};
pub use rules::MonitorRuleView;
pub use step::InterventionStep;
pub use view::{EvidenceView, InterventionChangeView, InterventionDetail, InterventionView};

/// Who made a change that nobody made by hand.
const MONITOR: &str = "monitor";

/// The status of an intervention that nobody has to look at any more.
const RESOLVED: &str = "resolved";
