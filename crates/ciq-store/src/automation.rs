//! Automations: what people defined, what was triggered, and what is sent.

mod definitions;
mod delivery;
mod execution;
mod facts;
mod view;

pub use definitions::AutomationView;
pub use delivery::{Delivery, DeliveryChange, DueDelivery};
pub(crate) use execution::add_executions;
pub use execution::{NewDelivery, NewExecution};
pub use facts::{CustomerFacts, OpenIntervention, PastExecution, SentMessage};
pub use view::{CampaignView, ExecutionFilter, ExecutionView, TaskView};
