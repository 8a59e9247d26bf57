//! What the API answers about accounts, interventions and the monitor.

use ciq_clockwork::MonitorReport;
use ciq_monitor::{Rule, Rules};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

/// What a check came to.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub(crate) struct CheckedAnswer {
    /// Accounts checked.
    checked_count: u64,
    /// Interventions that were opened.
    opened_count: u64,
    /// Interventions whose condition had gone, and which are resolved.
    closed_count: u64,
    /// Interventions that were put off until then, and are open again.
    woken_count: u64,
    /// Interventions whose severity or figures changed.
    updated_count: u64,
}

impl From<MonitorReport> for CheckedAnswer {
    fn from(report: MonitorReport) -> Self {
        Self {
            checked_count: report.checked_count,
            opened_count: report.opened_count,
            closed_count: report.closed_count,
            woken_count: report.woken_count,
            updated_count: report.updated_count,
        }
    }
}

/// The rules of the monitor.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub(crate) struct RulesAnswer {
    /// The rules, in their order.
    #[schema(value_type = Vec<Object>)]
    data: Vec<Value>,
}

impl From<&Rules> for RulesAnswer {
    fn from(rules: &Rules) -> Self {
        Self { data: rules.rules().iter().map(Rule::to_json).collect() }
    }
}
